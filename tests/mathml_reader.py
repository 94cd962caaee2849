"""MathML as a browser takes it: which elements there are, how many children each has, and what it says, as LaTeX says it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

LEAVES = {"mi", "mn", "mo", "mtext"}
ROWS = {"math", "mrow", "msqrt", "mtd"}
CHILDREN = {"mfrac": 2, "msub": 2, "msup": 2, "mover": 2, "munder": 2, "msubsup": 3, "munderover": 3, "mspace": 0}
WITHIN = {"mtable": {"mtr"}, "mtr": {"mtd"}}
ATTRIBUTES = {("mo", "stretchy", "false"), ("mo", "form", "prefix"), ("mi", "mathvariant", "normal")}
SIGNS = {
    r"\odot": "⊙", r"\oslash": "⊘", r"\otimes": "⊗", r"\cdot": "·", r"\times": "×", r"\top": "⊤", r"\partial": "∂",
    r"\nabla": "∇", r"\in": "∈", r"\ne": "≠", r"\neq": "≠", r"\le": "≤", r"\ge": "≥", r"\sum": "∑", r"\prod": "∏",
    r"\star": "⋆", "-": "−", "'": "′", r"\prime": "′", r"\ldots": "…", r"\to": "→", r"\lVert": "‖", r"\rVert": "‖",
    r"\Vert": "‖", r"\lvert": "|", r"\rvert": "|", r"\vert": "|", r"\ulcorner": "⌜", r"\urcorner": "⌝", r"\backslash": "\\",
    r"\sim": "~", r"\infty": "∞", r"\ell": "ℓ", r"\colon": ":", r"\phi": "ϕ", r"\varphi": "φ", r"\epsilon": "ϵ",
    r"\varepsilon": "ε", r"\lambda": "λ", r"\Lambda": "Λ",
}  # fmt: skip
SILENT = re.compile(r"\\(?:left|right|,|;|quad|qquad|text|boldsymbol|math[a-z]+)(?![A-Za-z])\.?|\s")
MARKS = ((r"\begin{bmatrix}", "["), (r"\end{bmatrix}", "]"), (r"\begin{cases}", r"\{"), (r"\end{cases}", ""), (r"\hat{\ }", "⌃"),
         (r"\\[6pt]", ";"), (r"\\", ";"))  # fmt: skip
ACCENTS = {"^": "hat", "~": "tilde", "¯": "bar", "˙": "dot", "¨": "ddot", "ˇ": "check", "→": "vec", "_": "underline"}
WITH_ARGUMENT = {"^", "_", r"\frac", r"\sqrt", *("\\" + name for name in ACCENTS.values())}


def formulas(page: str) -> list[Element]:
    """The formulas of a page, each well-formed by itself."""
    return [ElementTree.fromstring(one) for one in re.findall(r"<math>.*?</math>", page, re.DOTALL)]


def faults(element: Element) -> Iterator[str]:
    """What MathML Core does not have, or has otherwise."""
    for node in element.iter():
        name, count = node.tag, len(node)
        if name in LEAVES:
            if count or not node.text:
                yield f"{name} with {count} children and the text {node.text!r}"
        elif name in ROWS | set(CHILDREN) | set(WITHIN):
            if (node.text or "").strip():
                yield f"text in {name}: {node.text!r}"
            if count != CHILDREN.get(name, count):
                yield f"{name} has {count} children"
            if name in WITHIN and {child.tag for child in node} - WITHIN[name]:
                yield f"{name} holds {[child.tag for child in node]}"
        else:
            yield f"no element {name}"
        if (node.tail or "").strip():
            yield f"text behind {name}: {node.tail!r}"
        width = re.fullmatch(r"[\d.]+em", node.get("width", "")) if name == "mspace" else None
        yield from (
            f"attribute {key} of {name}" for key, value in node.items() if (name, key, value) not in ATTRIBUTES and not width
        )


def said(node: Element) -> str:
    """What a formula says, without blanks: ``\frac{∂s}{∂z}=f^{′}(z)``."""
    parts = [said(child) for child in node]
    if node.tag == "mfrac":
        return rf"\frac{{{parts[0]}}}{{{parts[1]}}}"
    if node.tag == "msqrt":
        return rf"\sqrt{{{''.join(parts)}}}"
    if node.tag in ("mover", "munder") and node[1].get("stretchy") == "false":
        return rf"\{ACCENTS[node[1].text or '']}{{{parts[0]}}}"
    if node.tag in CHILDREN and parts:
        below = f"_{{{parts[1]}}}" if node.tag not in ("msup", "mover") else ""
        above = f"^{{{parts[-1]}}}" if node.tag not in ("msub", "munder") else ""
        return parts[0] + below + above
    if node.tag in LEAVES:
        return (
            "".join(map(_letter, node.text or "")).replace(" ", "").replace("^", "⌃").replace("-", "−")
        )  # which here is a character of a name
    return {"mtable": ";", "mtr": "&"}.get(node.tag, "").join(parts)


def _letter(c: str) -> str:
    """Without its font."""
    name = unicodedata.name(c, "")
    symbol = next((letter for word, letter in (("PHI SYMBOL", "ϕ"), ("EPSILON SYMBOL", "ϵ")) if name.endswith(word)), "")
    return symbol or (c if c in "ℓ…′" else unicodedata.normalize("NFKC", c))


def says(latex: str) -> str:
    """The same of LaTeX, read by its tokens: fonts, blanks and brackets that grow are not looked at."""
    out: list[str] = []
    kept: list[str] = []  # of open braces, what stands before those that are shown
    before = ""
    for mark, shown in MARKS:
        latex = latex.replace(mark, shown)
    for token in re.findall(r"\\[A-Za-z]+|\\.|\S", SILENT.sub(" ", latex)):
        if token == "{":
            kept.append(before if before in WITH_ARGUMENT else "")
            out.append("{" if kept[-1] else "")
            before = ""
        elif token == "}":
            opened = kept.pop()
            out.append("}" if opened else "")
            before = r"\sqrt" if opened == r"\frac" else ""  # the denominator
        else:
            shown = _sign(token)
            out.append(f"{{{shown}}}" if before in ("^", "_") else "^{′}" if shown == "′" else shown)
            before = token
    return ordered("".join(out))


def _sign(token: str) -> str:
    if token in SIGNS or token in WITH_ARGUMENT:
        return SIGNS.get(token, token)
    try:
        return unicodedata.lookup(f"GREEK {'SMALL' if token[1:2].islower() else 'CAPITAL'} LETTER {token[1:].upper()}")
    except KeyError:
        return token.removeprefix("\\")


def ordered(text: str) -> str:
    """Primes in one script, what is below before what is above."""
    text = text.replace("′}^{", "′")
    return re.sub(r"(\^\{[^{}]*\})(_\{[^{}]*\})", r"\2\1", text)
