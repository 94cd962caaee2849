"""A derivation in Typst: a fragment for any document, or a complete one. Formulas break where a line ends, as Typst has them.

What is no sign, digit or single letter stands in a string, and in words every mark is escaped: nothing of the input is markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from matcalc.expr.errors import visible
from matcalc.notation.write.styles import size_latex
from matcalc.printers import words
from matcalc.printers.breaking import em
from matcalc.printers.formats import ALL, Shown
from matcalc.printers.latex import below_title, called, given, heading, meant, note_text, signs, title_latex
from matcalc.printers.prose import parts, prose
from matcalc.printers.setting import left_side, rule_latex, tidy, write
from matcalc.printers.shown import pruned
from matcalc.printers.story import Derivation, Line, Story, tell
from matcalc.printers.tex_tree import LIMITS, STILL, Tree, folded, tree
from matcalc.printers.text import title_text

if TYPE_CHECKING:
    from matcalc.printers.pictures.captions import Picture

LONG = 16.0  # em of a left side, or of sizes, that get a row of their own
PREAMBLE = """#set document(title: %s)
#set page(margin: 2cm)
#set text(font: "New Computer Modern", size: 10pt)
#set par(spacing: 1em)
#show heading: set block(below: 1em)
"""
GRID = """#[
#set text(top-edge: "bounds", bottom-edge: "bounds")
#let strut = box(width: 0pt, hide($\\($))
#grid(columns: (auto, 1fr, auto, auto), column-gutter: (.4em, 1.2em, 1.2em), row-gutter: .7em,
  align: (right + horizon, left + horizon, left + horizon, left + horizon),
%s)]"""
ACCENTS = {"bar": "macron", "ddot": "dot.double", "check": "caron", "mathring": "circle", "vec": "arrow"}
FONTS = {
    "upright": "upright(%s)", "bold": "upright(bold(%s))", "bold-italic": "bold(%s)", "italic": "italic(%s)", "script": "cal(%s)",
    "sans-serif": "sans(%s)", "monospace": "mono(%s)", "fraktur": "frak(%s)", "double-struck": "bb(%s)",
}  # fmt: skip
SPACES = {"0.17": "thin", "1.0": "quad", "2.0": "wide"}
SIGNS = {"·": "dot.op", "…": "dots.h", " ": "", "+": "+", "=": "="}
_CELL = "\0"  # between the cells of a row until their table is written


def to_typst(
    d: Derivation, document: bool = False, detail: str = "normal", picture: Picture | None = None, shown: Shown = ALL
) -> str:
    """The derivation as a fragment, or with ``document`` as a file that Typst compiles, with the picture of its graph."""
    story = pruned(tell(d, detail, lang=shown.lang), shown._replace(labels=""))
    note = "// matcalc derive: " + visible(" ".join(d.source.split()))[:2000]
    body = "\n\n".join((*_parts(story, detail), *_drawn(picture)))
    if not document:
        return f"{note}\n{body}\n"
    title = f"= {markup(title_latex(story))}\n\n" if story.whole else ""
    if story.whole and (found := below_title(story)) is not None:
        title += f"{math(' = '.join(found))}\n\n"
    return f"{note}\n{PREAMBLE % string(title_text(story))}\n{title}{body}\n"


def _drawn(picture: Picture | None) -> Iterator[str]:
    from matcalc.printers.pictures.svg import to_svg

    if picture is not None:
        yield f'#image(bytes({string(to_svg(picture))}), format: "svg")'


def _parts(story: Story, detail: str) -> Iterator[str]:
    if story.whole:
        yield f"*{heading(story, 'Given')}* " + markup(given(story))
    for section in story.sections:
        head = f"*{heading(story, section.title)}*\n\n" if story.whole else ""
        yield head + grid(section.groups, story)
    if story.results:
        head = heading(story, story.results_title)
        box = f"#block(stroke: .5pt, inset: .8em, width: 100%, breakable: false)[\n{grid([story.results], story)}\n]"
        yield (f"#block(sticky: true)[*{head}*]\n\n" if story.whole else "") + box
    if story.whole:
        yield "#text(size: .85em)[\n" + "\n\n".join(_last(story, detail)) + "\n]"


def _last(story: Story, detail: str) -> Iterator[str]:
    yield from map(markup, filter(None, (meant(story), signs(story))))
    yield markup(prose(story.sentence(story.verdict)))
    if detail == "full":
        yield markup(prose(story.say(words.LAYOUTS[story.layout])))
        for law in story.laws.values():
            yield f"- {escaped(law.words)}: {math(tidy(law.latex))}"
        for i, source in enumerate(story.references, 1):
            yield rf"\[{i}\] {markup(prose(source))}"


def grid(groups: Sequence[Sequence[Line]], story: Story) -> str:
    """Lines in four columns: left sides, right sides, sizes, reasons; a little space between groups."""
    rows = ["".join(f"  {cell},\n" for line in group for cell in _cells(line, story)) for group in groups]
    return GRID % "  grid.cell(colspan: 4)[],\n".join(rows)


def _cells(line: Line, story: Story) -> Iterator[str]:
    """Remarks, and what is too long for its column, go over all of them."""
    left, members = left_side(line)
    shown = line.sizes(size_latex)
    if em(left) > LONG:
        yield f"grid.cell(colspan: 4, align: left)[{math(left)}]"
        left = ""
    yield f"[#strut{math(left)}]"
    yield f"[#strut{' '.join(math('= ' + write(member)) for member in members)}]"
    yield f"[#strut{math(shown if em(shown) <= LONG else '')}]"
    yield "[" + r" \ ".join(f"#emph[{markup(reason)}]" for reason in rule_latex(line)) + "]"
    if em(shown) > LONG:
        yield f"grid.cell(colspan: 4, align: right)[{math(shown)}]"
    if line.note:
        yield f"grid.cell(colspan: 4, align: left)[#h(1.5em) {markup(story.sentence(note_text(line, called(story))))}]"


def markup(latex: str) -> str:
    r"""Prose in LaTeX with formulas in ``\(…\)``."""
    return "".join(f"${formula(part)}$" if is_formula else escaped(part) for part, is_formula in parts(latex))


def escaped(text: str) -> str:
    """Words that mean nothing to Typst."""
    return re.sub(r"[\\`*_#$<>@~\[\]{}\"'/=+]|-(?!\w)|(?<!\w)-|(?<=\d)\.(?= )", r"\\\g<0>", visible(text))


def string(text: str) -> str:
    return '"' + visible(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def math(latex: str) -> str:
    """A formula as large as one in a row of its own, which may break."""
    return f"$display({formula(latex)})$" if latex else ""


def formula(latex: str) -> str:
    return folded(tree(latex), _written)


def _written(t: Tree, args: list[str]) -> str:
    if t.kind in ("id", "num", "op"):
        return _leaf(t)
    if t.kind == "text":
        return string(t.text)
    if t.kind == "space":
        return SPACES.get(t.text, f"#h({t.text}em)")
    if t.kind == "row":
        return " ".join(filter(None, args))
    if t.kind == "fence":
        inside = " ".join(filter(None, (_sign(t.text[0]), args[0], _sign(t.text[1]))))
        return inside if _loose(t) else f"lr({inside})"
    if t.kind == "cells":
        return _CELL.join(args)
    if t.kind == "table":
        if t.text == "cases":
            return f"cases({', '.join(args)})".replace(_CELL, " & ")
        return f'mat(delim: "[", {"; ".join(args)})'.replace(_CELL, ", ")
    if t.kind == "scripts":
        return _scripts(t, args)
    name = ACCENTS.get(t.text, t.text) if t.kind == "accent" else t.kind
    return f"{name}({', '.join(args)})"


def _loose(t: Tree) -> bool:
    """Whether the brackets stand by themselves: those that look alike on both sides have no sides then."""
    return t.font == STILL and t.text[0] != t.text[1]


def _leaf(t: Tree) -> str:
    if t.kind == "op":
        return _sign(t.text)
    plain = len(t.text) == 1 or t.kind == "num"
    if not plain and t.font in ("", "upright"):
        return f"op({string(t.text)})"
    shown = t.text if t.text.isalnum() and (t.text.isascii() or len(t.text) == 1) and plain else string(t.text)
    return FONTS[t.font] % shown if t.font else shown


def _sign(c: str) -> str:
    return SIGNS.get(c, f"\\{c}" if c.isascii() else c)


def _scripts(t: Tree, args: list[str]) -> str:
    """Primes directly behind the base; a base that is no single thing is held together by ``attach``."""
    base, _, above = t.args
    shown, under, over = args
    row = above.args if above.kind == "row" and above.args else (above,)
    primes = "'" * len(row[0].text) if row[0].text and not row[0].text.strip("′") else ""
    if primes:
        over = over.partition(" ")[2]
    if base.text in LIMITS and base.kind == "id" and under:
        shown = f"op({string(base.text)}, limits: #true)"
    if base.kind in ("scripts", "row"):
        marks = [f"t: {over}"] * bool(over) + [f"b: {under}"] * bool(under)
        return f"attach({', '.join((shown + primes or string(''), *marks))})"
    return shown + primes + f"_({under})" * bool(under) + f"^({over})" * bool(over)
