r"""Words in LaTeX: what stands between formulas, and words inside them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from matcalc.expr.errors import visible
from matcalc.notation.lex.lexer_plain import GREEK
from matcalc.notation.write.lettering import COMBINING, GREEK_LETTERS
from matcalc.notation.write.styles import LATEX

_SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_SPECIAL |= {c: "\\" + c for c in "{}&%#$_"} | {"<": r"\(<\)", ">": r"\(>\)", "|": r"\(|\)"}
_SPOKEN = {escaped: c for c, escaped in _SPECIAL.items()}
_ESCAPED = re.compile(r"\\text[a-z]+\{\}|\\[{}&%#$_]|\{\}")  # {} keeps brackets from being a link
_CODE_POINT = re.compile(r"\\text\{U\+([0-9A-F]{4,6})\}")
_SIGNS = {"∂": r"\partial", "×": r"\times", "·": r"\cdot", "∘": r"\odot", "⊘": r"\oslash", "⊗": r"\otimes"}
_SIGNS |= {"′": "'", "∈": r"\in", "≠": r"\neq", "≥": r"\geq", "≤": r"\leq", "‖": r"\Vert", "√": r"\surd"}
_SIGNS |= {"…": r"\ldots", "−": "-"}
_SIGNS |= {"𝟏": r"\mathbf{1}"} | {letter: "\\" + name for name, letter in GREEK_LETTERS.items() if name != "omicron"}
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-") | {ord("ᵀ"): r"\top "}
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖ", "0123456789ijk")
_ACCENTS = {mark: accent for accent, mark in COMBINING.items()}
_ACCENTED = rf"[A-Za-zα-ωΑ-Ω][{''.join(_ACCENTS)}]+(?:_[a-z]{{1,3}}\b)?"
_FORMULA = re.compile(rf"({_ACCENTED}|" r"∂\w+/∂\w+|`\w`|×10⁻\d+|\b[^\W_]+_(?:[a-z]{1,3}|\d+)\b|[⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵀ]+|[₀₁₂₃₄₅₆₇₈₉ᵢⱼₖ]+)")


def inline(latex: str) -> str:
    return rf"\({latex}\)"


@lru_cache(maxsize=2048)
def text_latex(words: str) -> str:
    r"""Prose with formulas, to stand in a formula: ``only \(z_{i}\)`` as ``\text{only }z_{i}``, fractions small."""
    parts = re.split(r"\\\((.*?)\\\)", words)
    return "".join(p.replace(r"\frac", r"\tfrac") if i % 2 else rf"\text{{{_spaced(p)}}}" if p else "" for i, p in enumerate(parts))


def _spaced(words: str) -> str:
    """With a blank at the end that stays behind a wide letter, too."""
    return words[:-1] + r"\ " if words[-1] == " " and is_wide(words[-2:-1]) else words


def write_name(name: str) -> str:
    return LATEX.name(name)


@lru_cache(maxsize=2048)
def prose(text: str) -> str:
    """Words in LaTeX: special characters escaped, mathematical signs set as such."""
    text = re.sub(r"(\d)e-(\d+)", "\\1×10⁻\\2", visible(text))
    text = "".join([unicodedata.normalize("NFD", c) if c > "ÿ" and c not in _SIGNS else c for c in text])
    pieces = _FORMULA.split(text)
    latex = joined(_formula(p) if i % 2 else joined(map(_letter, p)) for i, p in enumerate(pieces))
    return latex.replace("](", "]{}(").replace("://", ":{}//")  # no link, where the LaTeX stands in Markdown


def joined(parts: Iterable[str]) -> str:
    """The parts in a row; formulas that touch become one."""
    return "".join(parts).replace(r"\)\(", " ")


def _formula(text: str) -> str:
    if text[1:2] in _ACCENTS:
        name, _, label = text.partition("_")
        return inline(write_name("_".join([GREEK.get(name[0], name[0]), *map(_ACCENTS.__getitem__, name[1:]), *label.split()])))
    if text[0] == "×":
        return inline(r"\times 10^{-" + text[4:] + "}")
    for table, sign in ((_RAISED, "^"), (_LOWERED, "_")):
        if ord(text[0]) in table:
            return inline(f"{sign}{{{text.translate(table).strip()}}}")
    base, _, letters = text.strip("`").partition("_")
    if letters and "∂" not in text:
        name = _named(base)
        return inline(f"{{{name}}}_{{{letters}}}" if "_" in name else f"{name}_{{{letters}}}")
    named = re.sub(r"[^\W\d_]\w*", lambda m: _named(m[0]), text.strip("`"))
    return inline(named.replace("∂", r"\partial "))


def _named(name: str) -> str:
    """A name as formulas have it, its number lowered: ``W₂`` is W_2."""
    return write_name(re.sub(r"[₀-₉]+", lambda m: "_" + m[0].translate(_LOWERED), name))


def _letter(c: str) -> str:
    if c in _SPECIAL:
        return _SPECIAL[c]
    if c in _SIGNS:
        return inline(_SIGNS[c])
    return c if c.isascii() or "\xc0" <= c <= "\xff" or is_wide(c) else _code(c)


def _code(c: str) -> str:
    return rf"\text{{U+{ord(c):04X}}}"  # as in names: pdflatex lacks it


def is_wide(c: str) -> bool:
    """Whether it is a letter of Chinese, or a mark, as wide as two others."""
    return len(c) == 1 and not c.isascii() and unicodedata.east_asian_width(c) in "WF"


def coded(latex: str) -> str:
    """With the code points of wide letters, which pdflatex lacks."""
    return latex if latex.isascii() else "".join([_code(c) if is_wide(c) else c for c in latex])


def parts(latex: str) -> Iterator[tuple[str, bool]]:
    r"""Prose in LaTeX as words, unescaped, and formulas, which were in ``\(…\)``; whether it is one stands beside each."""
    for i, part in enumerate(re.split(r"\\\((.*?)\\\)", latex)):
        if part:
            yield (part, True) if i % 2 else (spoken(part), False)


def spoken(latex: str) -> str:
    """Words that were escaped for LaTeX, as they were."""
    return unicodedata.normalize("NFC", _ESCAPED.sub(lambda m: _SPOKEN.get(m[0], ""), lettered(latex, "{}")))


def lettered(latex: str, form: str = r"\text{{{}}}") -> str:
    """With every letter as it is, which only some engines can set."""
    return _CODE_POINT.sub(lambda m: form.format(visible(chr(int(m[1], 16)))), latex)
