r"""A derivation as LaTeX: a fragment for any document that loads amsmath and amssymb, or a complete one.

Only macros that pdflatex, KaTeX and MathJax share; formulas stand in ``alignat*``, rules in ``\tag*``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from matcalc.derivation import Formula
from matcalc.printers import words
from matcalc.printers.setting import Row, align, axis, em, tidy, write
from matcalc.printers.story import Derivation, Line, Story, tell
from matcalc.printers.story import write as write_text

FRAGMENT, PAGE = 34.0, 46.5  # widths in em: article's own text width, and ours
BLOCK = 24  # lines in one block; a longer one would not break over pages in time
PREAMBLE = r"""\documentclass[a4paper,fleqn]{article}
\usepackage[hmargin=20mm,vmargin=18mm,footskip=9mm]{geometry}
\usepackage{amsmath,amssymb}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\setlength{\mathindent}{1.5em}
\setlength{\jot}{4pt}
\allowdisplaybreaks
\raggedright
"""
_SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_SPECIAL |= {c: "\\" + c for c in "{}&%#$_"} | {"<": r"\(<\)", ">": r"\(>\)", "|": r"\(|\)"}
_SIGNS = {"∂": r"\partial", "ᵀ": r"^{\top}", "′": "'", "×": r"\times", "·": r"\cdot", "∘": r"\odot", "⊘": r"\oslash"}
_SIGNS |= {"⊗": r"\otimes", "δ": r"\delta", "λ": r"\lambda", "σ": r"\sigma", "Σ": r"\Sigma", "≠": r"\neq", "∈": r"\in"}
_SIGNS |= dict(zip("ᵢⱼₖ₀₁₂₃²", ("_i", "_j", "_k", "_0", "_1", "_2", "_3", "^2"), strict=True)) | {"↦": r"\mapsto"}


def to_latex(d: Derivation, document: bool = False, detail: str = "normal") -> str:
    """The derivation as a fragment, or with ``document`` as a file that pdflatex compiles."""
    story = tell(d, detail)
    width = PAGE if document else FRAGMENT
    body = "\n\n".join(_body(story, detail, width, document))
    note = "% matcalc derive: " + " ".join(words.visible(d.source).split())[:2000]
    if not document:
        return f"{note}\n{body}\n"
    return f"{note}\n{PREAMBLE}\\begin{{document}}\n{_title(story)}\n\n{body}\n\\end{{document}}\n"


def _body(story: Story, detail: str, width: float, document: bool) -> Iterator[str]:
    yield r"\paragraph{Given.} " + given(story)
    for section in story.sections:
        yield rf"\paragraph{{{section.title}.}}" + "\n" + "\n".join(blocks(_cited(section.groups, detail), width))
        notes = [note_text(line) for line in section.lines if line.note]
        if notes:
            yield "\n\n".join(words.sentence(n) for n in notes)
    if story.results:
        head = "Result" if len(story.results) == 1 else "Results"
        yield rf"\paragraph{{{head}.}}" + "\n" + "\n".join(boxes(story.results, width))
    yield from _last(story, detail, document)


def _cited(groups: Sequence[Sequence[Line]], detail: str) -> Sequence[Sequence[Line]]:
    """In full detail a rule is followed by the number of its source."""
    if detail != "full":
        return groups
    return [[g._replace(rule=f"{g.rule} [{g.reference}]") if g.reference else g for g in group] for group in groups]


def _last(story: Story, detail: str, document: bool) -> Iterator[str]:
    """Notation, layout, verdict and sources, in small print."""
    small: list[str] = [prose(words.sentence(story.verdict))]
    if document or detail == "full":
        small.append(prose(words.LAYOUTS[story.layout]))
        small += [f"{sign} {meaning}." for sign, meaning in signs(story)]
    yield "{\\footnotesize " + "\n".join(small) + "\\par}"
    if detail == "full" and story.references:
        items = "\n".join(rf"[{i}]~{prose(source)}.\\" for i, source in enumerate(story.references, 1))
        yield "{\\footnotesize " + items.removesuffix(r"\\") + "\\par}"


def _title(story: Story) -> str:
    head = f"{story.heading[:1].upper()}{story.heading[1:]} of "
    output, expression = write(story.output), write(story.expression)
    whole = f"{output} = {expression}"
    title = head + inline(whole if output != expression and em(whole) <= PAGE / 1.6 else output)
    if story.variables:
        title += " with respect to " + ", ".join(inline(write(v)) for v in story.variables)
    return rf"{{\Large\bfseries\boldmath {title}\par}}"


def given(story: Story) -> str:
    r"""``\(W \in \mathbb{R}^{n \times m}\), …; \(f\) acts on each entry``."""
    items = [inline(member(f)) + (f" ({prose(what)})" if what else "") for f, what in story.given]
    text = ", ".join(items) + "." if items else "no variables."
    for name, what in story.functions:
        f = write_name(name)
        checked = f" (checked as {prose(what)})" if what else ""
        text += f" {inline(f)} acts on each entry, {inline(f + chr(39))} is its derivative{checked}."
    return text


def write_name(name: str) -> str:
    from matcalc.notation.printer import LATEX

    return LATEX.name(name)


def member(f: Formula) -> str:
    r"""``x \in \mathbb{R}^{n}``."""
    axes = r" \times ".join(axis(d) for d in f.shape)
    return rf"{write(f)} \in \mathbb{{R}}" + (f"^{{{axes}}}" if axes else "")


def signs(story: Story) -> Iterator[tuple[str, str]]:
    """The signs in use that a reader may not know, and their meaning."""
    shown = "".join(write_text(f) for line in story.lines for f in line.chain)
    for sign, _, latex, meaning in words.SIGNS:
        if sign in shown:
            yield latex, meaning


def blocks(groups: Sequence[Sequence[Line]], width: float) -> Iterator[str]:
    """The groups as ``alignat*`` blocks, a little space between groups."""
    loose = any(len(group) > 1 for group in groups)
    lines = [(line, loose and not i) for group in groups for i, line in enumerate(group)]
    for start in range(0, len(lines), BLOCK):
        chunk = lines[start : start + BLOCK]
        text = ""
        for rows, (_, apart) in zip(align([line for line, _ in chunk], width), chunk, strict=True):
            text += (r" \\[6pt]" if apart else r" \\") + "\n" if text else ""
            text += " \\\\\n".join(map(row_latex, rows))
        yield "\\begin{alignat*}{2}\n" + text + "\n\\end{alignat*}"


def row_latex(row: Row) -> str:
    sizes = rf" &\qquad& {row.sizes}" if row.sizes else ""
    return f"{row.left} &{row.right}{sizes}" + (rf" \tag*{{{prose(row.rule)}}}" if row.rule else "")


def boxes(lines: Sequence[Line], width: float) -> Iterator[str]:
    """The results, framed."""
    for start in range(0, len(lines), BLOCK):
        rows = [row for rows in align(lines[start : start + BLOCK], width - 2) for row in rows]
        inner = " \\\\\n".join(map(row_latex, rows))
        yield "\\[ \\boxed{\\begin{aligned}\n" + inner + "\n\\end{aligned}} \\]"


def inline(latex: str) -> str:
    return rf"\({latex}\)"


def note_text(line: Line) -> str:
    """The note of a line, formulas in it set as such."""
    if line.about:
        return prose(line.note).replace(r"\{0\}", "{0}").replace("{0}", inline(write(line.about[0])))
    return prose(line.note)


def prose(text: str) -> str:
    """Words in LaTeX: special characters escaped, mathematical signs set as such."""
    text = words.visible(text)
    pieces = re.split(r"(∂\w+/∂\w+)", text)
    return "".join(_derivative(p) if i % 2 else "".join(map(_letter, p)) for i, p in enumerate(pieces))


def _derivative(text: str) -> str:
    return inline(re.sub("∂", lambda m: r"\partial ", text))


def _letter(c: str) -> str:
    if c in _SPECIAL:
        return _SPECIAL[c]
    if c.isascii() or "\xc0" <= c <= "\xff" and c not in _SIGNS:
        return c
    return inline(_SIGNS[c]) if c in _SIGNS else "?"
