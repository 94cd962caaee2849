r"""A derivation as an HTML page: Unicode formulas, each line a fold with LaTeX in ``\[ \]`` and source.

No script, no request to anywhere: a page that loads KaTeX or MathJax sets the LaTeX, any other shows Unicode.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from matcalc.expr.errors import visible
from matcalc.expr.nodes import size_text
from matcalc.notation.meaning.meanings import extent
from matcalc.notation.write.render import TEXT
from matcalc.printers import words
from matcalc.printers.legend import HEAD, Entry, legend
from matcalc.printers.setting import left_side
from matcalc.printers.setting import write as write_latex
from matcalc.printers.story import Derivation, Line, Story, tell, write
from matcalc.printers.text import note_text, title_text

if TYPE_CHECKING:
    from matcalc.printers.pictures.captions import Picture

STYLE = """
.matcalc { max-width: 56rem; margin: 1.5rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; }
.matcalc h1 { font-size: 1.35rem; } .matcalc h2 { font-size: 1.05rem; margin: 1.4rem 0 .4rem; }
.matcalc .formula { font-family: "STIX Two Math", "Cambria Math", "Latin Modern Math", Cambria, serif; }
.matcalc ol { list-style: none; margin: 0; padding: 0; } .matcalc .apart { margin-top: .7rem; }
.matcalc summary { display: flex; flex-wrap: wrap; gap: 0 1.5rem; cursor: pointer; padding: .1rem 0; }
.matcalc summary .formula { flex: 1 1 20rem; } .matcalc .size { flex: 0 1 13rem; opacity: .75; }
.matcalc .rule { flex: 0 1 12rem; font-style: italic; }
.matcalc .more { margin: .2rem 0 .6rem 1.2rem; font-size: .9rem; }
.matcalc .note { margin: .1rem 0 .4rem 1.2rem; font-size: .9rem; opacity: .85; }
.matcalc .results { border: 1px solid currentColor; border-radius: .3rem; padding: .5rem .8rem; }
.matcalc .verdict { margin-top: 1rem; }
.matcalc .passed::before { content: "\\2713\\a0"; color: #15803d; }
"""


def to_html(d: Derivation, detail: str = "normal", document: bool = True, picture: Picture | None = None) -> str:
    """A standalone page, or without ``document`` the part that goes into another one; with the picture of its graph."""
    story = tell(d, detail, lawful=True)
    title = title_text(story)
    parts = "\n".join(_parts(story, title)) + ("" if picture is None else f"\n{_figure(picture)}")
    inner = f'<article class="matcalc">\n<style>{STYLE}</style>\n{parts}\n</article>\n'
    if not document:
        return inner
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape_latex(title)}</title>\n</head>\n<body>\n{inner}</body>\n</html>\n"
    )


def _figure(picture: Picture) -> str:
    """The graph as an image in the page: nothing of the page reads what stands in it."""
    from base64 import b64encode

    from matcalc.printers.pictures.svg import to_svg

    data = b64encode(to_svg(picture).encode()).decode()
    name = html.escape(visible(picture.title.text))
    return f'<figure><img style="max-width:100%" alt="{name}" src="data:image/svg+xml;base64,{data}"></figure>'


def _parts(story: Story, title: str) -> Iterator[str]:
    yield f"<h1>{escape(title)}</h1>"
    items = [f"{write(f)} {size_text(f.type)}" + (f" {what}" if what else "") for f, what in story.given]
    items += [f"{write(head)} means {write(formula)} ({extent(arguments)})" for head, formula, arguments in story.meanings]
    style = story.output.lettering.style(TEXT)
    items += [f"{f} acts on each entry, {f}′ is its derivative" for f in (style.name(name) for name, _ in story.functions)]
    for value, slope in story.carried:
        items.append(f"{write(value)} {size_text(value.type)} is unspecified, {write(slope)} is its derivative")
    yield f"<p><strong>Given</strong> {', '.join(map(formula_span, items))}</p>"
    new = set(story.laws)  # what no line has linked to yet
    for section in story.sections:
        yield f"<section>\n<h2>{escape(section.title)}</h2>\n<ol>"
        for group in section.groups:
            for i, line in enumerate(group):
                yield _step(line, story, new, apart=not i and group is not section.groups[0])
                new.difference_update(line.laws)
        yield "</ol>\n</section>"
    if story.results:
        head = "Result" if len(story.results) == 1 else "Results"
        yield f'<section>\n<h2>{head}</h2>\n<ol class="results">'
        yield from (_step(line, story, new, apart=False) for line in story.results)
        yield "</ol>\n</section>"
    if found := legend(story):
        yield f'<p class="note">{HEAD} {"; ".join(_explained(entry) for entry in found)}.</p>'
    passed = " passed" if story.passed else ""
    yield f'<p class="verdict{passed}">{escape(words.sentence(story.verdict))}</p>'
    yield f'<p class="note">{escape(words.LAYOUTS[story.layout].replace("`", ""))}</p>'
    for warning in story.warnings:
        yield f'<p class="note">Warning: {escape(warning)}</p>'


def _explained(entry: Entry) -> str:
    """A sign and its meaning; what is written in Unicode stands as a formula."""
    if entry.equation is not None:
        return formula_span(write(entry.equation))
    sign = formula_span(entry.text) if entry.latex else escape(entry.text)
    return f"{sign}{entry.colon} {escape(entry.meaning)}"


def _step(line: Line, story: Story, new: Collection[str], apart: bool) -> str:
    text = " = ".join(line.texts)
    laws = [story.laws[name] for name in line.laws if line.rule and name in story.laws]
    title = html.escape(visible("; ".join(f"{law.words}: {law.text}" for law in laws)))
    shown = f' title="{title}"' if laws else ""
    rule = f'<span class="rule"{shown}>{escape(line.rule)}</span>' if line.rule else ""
    note = f'\n<p class="note">{escape(_sentence(line))}</p>' if line.note else ""
    more = [rf"<div>\[ {escape_latex(chain_latex(line))} \]</div>"]
    if line.reference:
        more.append(f"<div>Source: {escape(words.sentence(story.references[line.reference - 1]))}</div>")
    more += [f'<div>Rule: <a href="{words.page(law.group, law.name)}">{law.name}</a></div>' for law in laws if law.name in new]
    if len(line.rules) > 1:
        more.append(f"<div>Rules: {escape(', '.join(line.rules))}.</div>")
    if line.check is not None:
        error = words.number(line.check.max_relative_error)
        points = line.check.points
        more.append(f"<div>Checked at {points} random points, largest relative error {error}.</div>")
    item = '<li class="apart">' if apart else "<li>"
    size = f'<span class="size">{escape(line.sizes(size_text))}</span>'
    summary = f"<summary>{formula_span(text)}{size}{rule}</summary>"
    return f'{item}<details>{summary}\n<div class="more">{"".join(more)}</div></details>{note}</li>'


def _sentence(line: Line) -> str:
    """The note of a line; a formula at its beginning keeps its letters."""
    text = note_text(line)
    return words.sentence(text) if not line.note.startswith("{") else f"{text}."


def chain_latex(line: Line) -> str:
    left, members = left_side(line._replace(continued=False))
    return " = ".join([left, *map(write_latex, members)])


def formula_span(text: str) -> str:
    return f'<span class="formula">{escape(text)}</span>'


def escape(text: str) -> str:
    r"""Words and Unicode formulas as HTML text. The marks ``$`` and ``\`` are set apart, so that a program that looks for
    LaTeX in the page finds none but ours."""
    return re.sub(r"[$\\]", r"\g<0><span></span>", escape_latex(text))


def escape_latex(text: str) -> str:
    """Our LaTeX, in which names are escaped as LaTeX, as HTML text."""
    return html.escape(visible(text), quote=False)
