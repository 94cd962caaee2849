r"""A derivation as LaTeX: a fragment for any document that loads amsmath and amssymb, or a complete one.

Only macros that pdflatex, KaTeX and MathJax share; formulas stand in ``alignat*``, sizes and rules beside
them in columns.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from string import Formatter
from typing import TYPE_CHECKING

from matcalc.engine.derivation import Formula
from matcalc.expr.errors import UsageError, visible
from matcalc.expr.nodes import Expr, postorder
from matcalc.notation.write.render import LATEX
from matcalc.notation.write.styles import axis_latex
from matcalc.printers import words
from matcalc.printers.breaking import broken, em
from matcalc.printers.formats import ALL, ENGINES, WIDE_ENGINE, Shown
from matcalc.printers.in_text import write as write_text
from matcalc.printers.languages import ENGLISH, said, sentence
from matcalc.printers.legend import HEAD, Entry, legend
from matcalc.printers.prose import coded, inline, joined, lettered, prose, text_latex, write_name
from matcalc.printers.setting import Row, align, among_words, write
from matcalc.printers.shown import pruned
from matcalc.printers.story import Derivation, Line, Story, tell

if TYPE_CHECKING:
    from matcalc.printers.pictures.captions import Picture

FRAGMENT = {1: 34.0, 2: 22.3}  # em in one and two columns of an article at 10 pt
PAGE = {1: 46.5, 2: 22.0}  # and of ours
TITLE = 29.0  # em of a formula in the title
BLOCK = 24  # rows in one box
ALIGNED = 3.0  # em between the columns of aligned
PREAMBLE = r"""\documentclass[%s]{article}
\usepackage[hmargin=20mm,vmargin=18mm,footskip=9mm]{geometry}
\usepackage{amsmath,amssymb}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\setlength{\mathindent}{%s}
\setlength{\jot}{4pt}
\allowdisplaybreaks
\raggedright
"""
# For letters that pdflatex lacks: Chinese by ctex, others by the first font here that is there. What no font has is an error.
CHINESE = "\\usepackage[scheme=plain]{ctex}\n\\tracinglostchars=3\n"
OTHERS = "\\IfFontExistsTF{CMU Serif}{\\setmainfont{CMU Serif}}{\\IfFontExistsTF{DejaVu Serif}{\\setmainfont{DejaVu Serif}}{}}\n"
CLASSES = {1: ("a4paper,fleqn", "1.5em"), 2: ("a4paper,fleqn,twocolumn", "0pt")}


def to_latex(
    d: Derivation,
    document: bool = False,
    detail: str = "normal",
    picture: Picture | None = None,
    columns: int = 1,
    shown: Shown = ALL,
    engine: str | None = None,
) -> str:
    """The derivation as a fragment, or with ``document`` as a file that ``engine`` compiles, with the picture of its graph.

    It fits an article of one or two columns. For xelatex letters of every script stand as they are; other languages than English
    need that. Raises ``UsageError`` for another engine there.
    """
    engine = engine or (ENGINES[0] if shown.lang == ENGLISH else WIDE_ENGINE)
    if engine != WIDE_ENGINE and shown.lang != ENGLISH:
        raise UsageError(
            f"{engine} does not set the letters of lang '{shown.lang}'", hint=f"--engine {WIDE_ENGINE}, or leave it out"
        )
    return _written(d, document, detail, picture, columns, shown, engine)


def _written(d: Derivation, document: bool, detail: str, picture: Picture | None, columns: int, shown: Shown, engine: str) -> str:
    story = pruned(tell(d, detail, lang=shown.lang), shown)
    width = (PAGE if document else FRAGMENT)[columns]
    body = "\n\n".join(_body(story, detail, width, document))
    put = lettered if engine == WIDE_ENGINE else coded
    note = "% matcalc derive: " + visible(" ".join(d.source.split()))[:2000]
    if not document:
        return f"{note}\n{put(body)}\n"
    title = rf"{{\Large\bfseries\boldmath {title_latex(story, width / 1.6)}\par}}" + _below_title(story, width)
    title = f"{title}\n\n" if story.whole else ""
    tikz, drawn = ("", "") if picture is None else ("\\usepackage{tikz}\n", _drawn(picture))
    body = put(f"{title}{body}\n{drawn}")
    preamble = PREAMBLE % CLASSES[columns] + (_fonts(body) if engine == WIDE_ENGINE else "")
    return f"{note}\n{preamble}{tikz}\\begin{{document}}\n{body}\\end{{document}}\n"


def _fonts(text: str) -> str:
    others = any(c > "ÿ" and unicodedata.east_asian_width(c) not in "WF" for c in text)
    return CHINESE + OTHERS * others


def _drawn(picture: Picture) -> str:
    """The graph below the derivation, on a page of its own where it needs one, never wider than the page."""
    from matcalc.printers.pictures.tikz import tikzpicture

    box = r"\resizebox{\ifdim\wd0>\linewidth\linewidth\else\wd0\fi}{!}{\usebox0}"
    head = sentence(said("Graph", picture.lang), picture.lang)
    return f"\n\\paragraph{{{head}}}\n\n\\setbox0\\hbox{{{tikzpicture(picture)}}}\n\\noindent{box}\n"


def _body(story: Story, detail: str, width: float, document: bool) -> Iterator[str]:
    head = "\\paragraph{{{}}}\n".format if story.whole else "".format
    if story.whole:
        yield rf"\paragraph{{{heading(story, 'Given')}}} " + given(story)
    for section in story.sections:
        groups = _cited(section.groups) if detail == "full" and story.whole else section.groups
        yield head(heading(story, section.title)) + "\n".join(blocks(groups, width, story))
    if story.results:
        *shown, last = blocks([story.results], width, story) if story.labels else boxes(story.results, width)
        last = f"{{\\postdisplaypenalty=10000\n{last}}}" if document and story.whole else last  # what is below is not alone
        yield head(heading(story, story.results_title)) + "\n".join([*shown, last])
    yield from _last(story, detail, document) if story.whole else ()


def heading(story: Story, title: str) -> str:
    """A title with what ends it."""
    return prose(story.sentence(story.say(title)))


def _cited(groups: Sequence[Sequence[Line]]) -> Sequence[Sequence[Line]]:
    """A rule followed by the number of its source and the error of its line."""
    return [[_with_source(g) if g.reference else g for g in group] for group in groups]


def _with_source(line: Line) -> Line:
    error = f" {words.number(line.check.max_relative_error)}" if line.check else ""
    cited = f" [{line.reference}]{error}"
    return line._replace(rule=line.rule + cited, reason=line.reason and line.reason + cited)


def _last(story: Story, detail: str, document: bool) -> Iterator[str]:
    """Notation, layout, verdict and sources, in small print."""
    together = r"\interlinepenalty=10000\relax" if document else ""
    small: list[str] = []
    for told in filter(None, (meant(story), signs(story))):
        small += [told, r"\par\nobreak" if document else ""]
    small.append(prose(story.sentence(story.verdict)))
    if document or detail == "full":
        small.append(prose(story.say(words.LAYOUTS[story.layout])))
    if detail == "full" and any(line.check for line in story.lines):
        small.append(prose(story.say(words.ERRORS)))
    yield f"{{\\footnotesize{together} " + "\n".join(small) + "\\par}"
    if detail == "full" and story.references:
        items = [rf"[{i}]~{prose(source)}.\par" for i, source in enumerate(story.references, 1)]
        yield "{\\footnotesize\n" + "\n".join(items) + "}"


def title_latex(story: Story, room: float = TITLE) -> str:
    r"""``Gradients of \(s = …\)``, or of s alone where the formula is wider than ``room``."""
    output, expression = write(story.output), write(story.expression)
    whole = f"{output} = {expression}"
    shown = inline(whole if output != expression and em(whole) <= room else output)
    return story.title(shown, ", ".join(inline(write(v)) for v in story.variables))


def below_title(story: Story, room: float = TITLE) -> tuple[str, str] | None:
    """The sides of the formula that is too wide for the title."""
    output, expression = write(story.output), write(story.expression)
    return None if output == expression or em(f"{output} = {expression}") <= room else (output, expression)


def _below_title(story: Story, width: float) -> str:
    found = below_title(story, width / 1.6)
    if found is None:
        return ""
    output, expression = found
    rows = broken(f"= {expression}", width - em(output))
    return f"\n\\begin{{align*}}\n{output} &" + " \\\\\n &".join(rows) + "\n\\end{align*}"


def given(story: Story) -> str:
    r"""``\(W \in \mathbb{R}^{n \times m}\), …; \(f\) acts on each entry``."""
    say, items = story.say, [inline(member(f)) + (f" ({prose(story.say(what))})" if what else "") for f, what in story.given]
    told = [", ".join(items) if items else say("no variables")]
    for name, what in story.functions:
        f = story.output.lettering.style(LATEX).name(name)
        told.append(say(words.ACTS, inline(f), inline(f + "'")) + (say(words.CHECKED_AS, prose(what)) if what else ""))
    told += [say(words.UNSPECIFIED, *(inline(member(x)) for x in pair)) for pair in story.carried]
    for head, formula, arguments in story.meanings:
        what = say("for {}", ", ".join(inline(member(a)) for a in arguments)) if arguments else say("entry by entry")
        told.append(say(words.MEANS, inline(head.latex), inline(write(formula))) + f", {what}")
    return " ".join(text + story.stop for text in told)


def member(f: Formula | Expr) -> str:
    r"""``x \in \mathbb{R}^{n}``."""
    axes = r" \times ".join(map(axis_latex, f.shape))
    shown = write(f) if isinstance(f, Formula) else write_name(str(f.attr))
    return rf"{shown} \in \mathbb{{R}}" + (f"^{{{axes}}}" if axes else "")


def meant(story: Story) -> str:
    r"""``What it means: \(\frac{∂s}{∂W}\): each entry is …``, or nothing."""
    return story.meant(among_words)


def signs(story: Story) -> str:
    r"""``Signs: \(\odot\) elementwise product; …``, or nothing."""
    found = [_explained(entry) for entry in legend(story)]
    return story.sentence(f"{story.say(HEAD)} {'; '.join(found)}") if found else ""


def _explained(entry: Entry) -> str:
    if entry.equation is not None:
        return inline(write(entry.equation))
    sign = inline(entry.latex) if entry.latex else prose(entry.text)
    return f"{sign}{entry.colon} {prose(entry.meaning)}"


def blocks(groups: Sequence[Sequence[Line]], width: float, story: Story) -> Iterator[str]:
    """The groups in a block that may go on on the next page, a little space between groups; ``aligned`` may not, and has a block
    for each group."""
    if story.environment == "aligned":
        for group in groups:
            rows = lines_latex(group, width - ALIGNED, story)
            yield from (_aligned(rows[i : i + BLOCK // 2]) for i in range(0, len(rows), BLOCK // 2))
        return
    loose = any(len(group) > 1 for group in groups)
    apart = [loose and not i for group in groups for i, _ in enumerate(group)]
    text = before = ""
    for line, new in zip(lines_latex([line for group in groups for line in group], width, story), apart, strict=True):
        skip = "[6pt]" if new else "[3pt]" if "\n" in before else ""
        text = (f"{text} \\\\{skip}\n" if text else "") + line.replace(" \\\\\n", " \\\\*\n")  # kept on one page
        before = line
    name = story.environment + "*" * (not story.labels)
    count = "{3}" if story.environment == "alignat" else ""
    yield f"{{\\allowdisplaybreaks\n\\begin{{{name}}}{count}\n{text}\n\\end{{{name}}}}}"


def _aligned(rows: Sequence[str]) -> str:
    return "\\[\n\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}\n\\]"


def lines_latex(lines: Sequence[Line], width: float, story: Story) -> list[str]:
    """The rows of each line, its note below them."""
    names = called(story) if any([line.note for line in lines]) else {}
    notes = [story.sentence(note_text(line, names)) if line.note else "" for line in lines]
    lines = _referring(lines, story) if story.labels else lines
    out = []
    for line, rows in zip(lines, align(lines, width, notes), strict=True):
        name = label(line, story.labels) if story.labels else ""
        marks = [rf" \label{{{name}}}" if name else r" \notag", *[r" \notag"] * len(rows)] if story.labels else [""] * len(rows)
        shown = [row_latex(row, story.environment) + mark for row, mark in zip(rows, marks, strict=False)]
        out.append(" \\\\\n".join(shown))
    return out


def _referring(lines: Sequence[Line], story: Story) -> list[Line]:
    """The lines with the numbers of what their reasons put in: ``δ (1) put in``."""
    known = {write(line.chain[0]): name for line in story.lines if line.kind != "box" and (name := label(line, story.labels))}
    return [line._replace(labels=tuple(known.get(write(f), "") for f in line.of)) for line in lines]


def label(line: Line, prefix: str) -> str:
    """The label of a result, ``PREFIX:W``, and of a named derivative, ``PREFIX:delta``; other lines have none."""
    first = line.chain[0]
    if line.kind == "box":
        found = [node for node in postorder((first.expr,)) if node.op == "sym"]
        name = str(found[-1].attr) + ("-entries" if first.entries else "")
    elif line.labelled and first.expr.op == "partial" and first.expr in first.names:
        name = first.names[first.expr]
    else:
        return ""
    return f"{prefix}:{re.sub('[^A-Za-z0-9_-]', '', name)}"


def row_latex(row: Row, environment: str = "alignat") -> str:
    cells = [f" {row.sizes}", " " + text_latex(row.rule) if row.rule else ""]
    while cells and not cells[-1].strip():
        cells.pop()
    if environment == "gather":
        return r" \quad".join([f"{row.left} {row.right}".strip(), *cells])
    between = "&&" if environment == "align" else r"&\quad&"
    return " ".join([f"{row.left} &{row.right}", *(between + cell for cell in cells)])


def boxes(lines: Sequence[Line], width: float) -> Iterator[str]:
    """The results, framed; one that is longer than a page is not."""
    start = 0
    while start < len(lines):
        chunk = align(lines[start : start + BLOCK], width - ALIGNED)
        taken = next((i for i in range(1, len(chunk)) if sum(map(len, chunk[: i + 1])) > BLOCK), len(chunk))
        rows = [row_latex(row) for rows in chunk[:taken] for row in rows]
        inner = " \\\\\n".join(rows)
        if len(rows) > BLOCK:
            yield "\\begin{alignat*}{3}\n" + inner + "\n\\end{alignat*}"
        else:
            yield "\\[ \\boxed{\\begin{aligned}\n" + inner + "\n\\end{aligned}} \\]"
        start += taken


def called(story: Story) -> dict[str, str]:
    """What variables are called in words, and in formulas; not those that are words themselves."""
    names = {write_text(f): write(f) for f, _ in story.given}
    return {name: latex for name, latex in names.items() if name not in ("a", "A", "I")}


def note_text(line: Line, names: Mapping[str, str]) -> str:
    """The note of a line, formulas and ``names`` of variables in it set as such."""
    if not line.about:
        return _words(line.note, names)
    parts, count = [], 0
    for text, field, _, _ in Formatter().parse(line.note):
        parts.append(_words(text, names))
        if field is not None:
            parts.append(inline(write(line.about[int(field) if field else count])))
            count += 1
    return joined(parts)


_WORD = re.compile(r"((?<![\w∂/])[A-Za-zα-ωΑ-Ω][A-Za-z0-9]*(?![\w(/]))")


def _words(text: str, names: Mapping[str, str]) -> str:
    """Words, names of variables among them set as such."""
    parts = _WORD.split(text)
    return joined([inline(names[w]) if w in names else prose(w) for w in parts])
