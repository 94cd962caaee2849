"""A derivation as an HTML page: formulas in MathML, each line a fold with its LaTeX, its rules, its source and its check.

No script, no request to anywhere. Sizes have colours; light and dark, wide and narrow are the browser's choice.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from matcalc.engine.derivation import Equation, Formula, Law
from matcalc.expr.errors import visible
from matcalc.expr.nodes import size_text
from matcalc.notation.meaning.meanings import extent
from matcalc.notation.write.render import LATEX
from matcalc.printers import words
from matcalc.printers.breaking import SUM, em, segments
from matcalc.printers.formats import ALL, Shown
from matcalc.printers.latex import below_title, called, meant, note_text, title_latex
from matcalc.printers.legend import HEAD, Entry, legend
from matcalc.printers.mathml import mathml
from matcalc.printers.prose import parts
from matcalc.printers.setting import rule_latex, tidy
from matcalc.printers.setting import write as write_latex
from matcalc.printers.shown import pruned
from matcalc.printers.story import Derivation, Line, Story, tell
from matcalc.printers.text import title_text

if TYPE_CHECKING:
    from matcalc.printers.pictures.captions import Picture

NARROW = 18.0  # em
SIZES = "Sizes {0}: the same letter has the same colour; [n×m] has n rows and m columns."
CHECKED = "Checked at {0} random points, largest relative error {1}."
EQUALS = "<math><mo>=</mo></math> "
LETTERS = re.compile(r"([^\W\d_]\w*)")  # in sizes
# Of sizes; further ones begin again.
LIGHT = ["#b91c1c", "#1d4ed8", "#15803d", "#a21caf", "#b45309", "#0e7490", "#6d28d9", "#4d7c0f"]
DARK = ["#fca5a5", "#93c5fd", "#86efac", "#f0abfc", "#fcd34d", "#67e8f9", "#c4b5fd", "#bef264"]
STYLE = """
.matcalc { color-scheme: light dark; color: #1f2937; background: #fff; max-width: 60rem; margin: 0 auto; padding: .5rem 1rem 1.5rem;
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
.matcalc h1 { font-size: 1.3rem; font-weight: 600; } .matcalc h2 { font-size: 1.05rem; margin: 1.4rem 0 .4rem; }
.matcalc math { font-size: 1.1em; } .matcalc p, .matcalc h1 { line-height: 1.8; overflow-x: auto; overflow-y: hidden; }
.matcalc ol, .matcalc ul { list-style: none; margin: 0; padding: 0; } .matcalc .apart { margin-top: .8rem; }
.matcalc summary { display: flex; flex-wrap: wrap; align-items: center; gap: 0 1.2rem; cursor: pointer; padding: .2rem .3rem;
  border-radius: .3rem; list-style: none; }
.matcalc summary::-webkit-details-marker { display: none; }
.matcalc summary:hover, .matcalc summary:focus-visible { background: #88888822; }
.matcalc summary::after { content: "\\25be"; opacity: .5; margin-left: auto; }
.matcalc details[open] > summary::after { content: "\\25b4"; }
.matcalc .formula { flex: 1 1 24rem; min-width: 0; display: flex; flex-wrap: wrap; align-items: center; gap: .2rem .35em; }
.matcalc .member { max-width: 100%; overflow-x: auto; overflow-y: hidden; padding: .1rem 0; }
.matcalc .member math { math-style: normal; }
.matcalc .on .formula { padding-left: 2.5rem; }
.matcalc .size { flex: 0 1 auto; min-width: 0; font-family: ui-monospace, monospace; font-size: .85rem; }
.matcalc .rule { flex: 0 1 13rem; font-style: italic; font-size: .92rem; }
.matcalc a { color: inherit; text-decoration: underline dotted; }
.matcalc .more { margin: .1rem 0 .5rem 1.2rem; font-size: .9rem; } .matcalc code { overflow-wrap: anywhere; }
.matcalc .note { margin: .1rem 0 .4rem 1.2rem; font-size: .9rem; opacity: .85; }
.matcalc .results { border: 1px solid currentColor; border-radius: .3rem; padding: .3rem .5rem; }
.matcalc .rules li { margin: .3rem 0; font-size: .9rem; overflow-x: auto; overflow-y: hidden; }
.matcalc .rules li:target { background: #88888833; }
.matcalc .verdict { margin-top: 1rem; }
.matcalc .passed::before { content: "\\2713\\a0"; color: #15803d; }
"""


def _colours() -> str:
    """The same colour for the same size, in light and in dark."""
    light, dark = ("".join(f".matcalc .d{i} {{ color: {c}; }} " for i, c in enumerate(colours)) for colours in (LIGHT, DARK))
    page = ".matcalc { color: #e5e7eb; background: #111827; } body:has(> .matcalc) { background: #111827; }"
    return f"{light}\n@media (prefers-color-scheme: dark) {{ {page} {dark}}}\n"


def to_html(d: Derivation, detail: str = "normal", document: bool = True, picture: Picture | None = None,
            shown: Shown = ALL) -> str:  # fmt: skip
    """A standalone page, or without ``document`` the part that goes into another one; with the picture of its graph."""
    story = pruned(tell(d, detail, lawful=True, lang=shown.lang), shown._replace(labels=""))
    body = "\n".join(_Page(story).parts()) + ("" if picture is None else f"\n{_figure(picture)}")
    inner = f'<article class="matcalc">\n<style>{STYLE}{_colours()}</style>\n{body}\n</article>\n'
    if not document:
        return inner
    return (
        '<!DOCTYPE html>\n<html lang="' + story.lang + '">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_escaped(title_text(story))}</title>\n</head>\n<body>\n{inner}</body>\n</html>\n"
    )


def _figure(picture: Picture) -> str:
    """The graph as an image in the page: nothing of the page reads what stands in it."""
    from base64 import b64encode

    from matcalc.printers.pictures.svg import to_svg

    data = b64encode(to_svg(picture).encode()).decode()
    name = html.escape(visible(picture.title.text))
    return f'<figure><img style="max-width:100%" alt="{name}" src="data:image/svg+xml;base64,{data}"></figure>'


class _Page:
    def __init__(self, story: Story) -> None:
        self.story = story
        sizes = [size_text(f.type) for f, _ in story.given] + [line.sizes(size_text) for line in story.lines]
        named = dict.fromkeys(name for text in sizes for name in LETTERS.findall(text))
        self.colours = {name: i % len(LIGHT) for i, name in enumerate(named)}

    def parts(self) -> Iterator[str]:
        story, say = self.story, self.story.say
        yield f"<h1>{fragments(title_latex(story))}</h1>"
        if (wide := below_title(story)) is not None:
            yield f"<p>{_members(wide)}</p>"
        yield from self.given()
        for section in story.sections:
            yield f"<section>\n<h2>{escape(say(section.title))}</h2>\n<ol>"
            for group in section.groups:
                for i, line in enumerate(group):
                    yield self.step(line, apart=not i and group is not section.groups[0])
            yield "</ol>\n</section>"
        if story.results:
            yield f'<section>\n<h2>{say(story.results_title)}</h2>\n<ol class="results">'
            yield from (self.step(line, apart=False) for line in story.results)
            yield "</ol>\n</section>"
        if told := meant(story):
            yield f'<p class="note">{fragments(told)}</p>'
        if found := legend(story):
            yield f'<p class="note">{say(HEAD)} {"; ".join(map(_explained, found))}{story.stop}</p>'
        passed = " passed" if story.passed else ""
        yield f'<p class="verdict{passed}">{escape(story.sentence(story.verdict))}</p>'
        yield f'<p class="note">{escape(say(words.LAYOUTS[story.layout]).replace("`", ""))}</p>'
        for warning in story.warnings:
            yield f'<p class="note">{say("Warning:")} {escape(say(warning))}</p>'
        if story.laws:
            rules = "\n".join(map(_rule, story.laws.values()))
            yield f'<section class="rules">\n<h2>{say("Rules")}</h2>\n<ul>\n{rules}\n</ul>\n</section>'

    def given(self) -> Iterator[str]:
        """Variables with their sizes, functions, and the legend of the sizes."""
        story, say = self.story, self.story.say
        items = [f"{math(f)} {self.size(size_text(f.type))}" + (f" {escape(say(what))}" if what else "") for f, what in story.given]
        for head, formula, arguments in story.meanings:
            items.append(f"{say(words.MEANS, math(head), math(formula))} ({escape(say(extent(arguments)))})")
        style = story.output.lettering.style(LATEX)
        for f in (style.name(name) for name, _ in story.functions):
            items.append(say(words.ACTS, mathml(f), mathml(f + "'")))
        for value, slope in story.carried:
            items.append(say(words.UNSPECIFIED, f"{math(value)} {self.size(size_text(value.type))}", math(slope)))
        yield f"<p><strong>{say('Given')}</strong> {', '.join(items)}</p>"
        if self.colours:
            shown = ", ".join(f'<span class="size d{i}">{escape(name)}</span>' for name, i in self.colours.items())
            yield f'<p class="note">{say(SIZES, shown)}</p>'

    def size(self, text: str) -> str:
        """Sizes in their colours."""
        coloured = [
            f'<span class="d{self.colours[p]}">{escape(p)}</span>' if p in self.colours else escape(p) for p in LETTERS.split(text)
        ]
        return f'<span class="size">{"".join(coloured)}</span>' if text else ""

    def step(self, line: Line, apart: bool) -> str:
        story, say = self.story, self.story.say
        more = [f"<div>LaTeX: <code>{_escaped(chain_latex(line))}</code></div>"]
        if line.reference:
            more.append(f"<div>{say('Source:')} {escape(story.sentence(story.references[line.reference - 1]))}</div>")
        laws = [story.laws[name] for name in line.laws if line.rule and name in story.laws]
        if laws:
            more.append(f"<div>{say('Rule:')} {', '.join(_to_rule(law, escape(law.words)) for law in laws)}</div>")
        if len(line.rules) > 1:
            more.append(f"<div>{say('Rules:')} {escape(', '.join(line.rules))}{story.stop}</div>")
        if line.check is not None:
            error = words.number(line.check.max_relative_error)
            more.append(f"<div>{say(CHECKED, line.check.points, error)}</div>")
        kinds = " ".join(["apart"] * apart + ["on"] * line.continued)
        item = f'<li class="{kinds}">' if kinds else "<li>"
        label = _label(line, laws)
        summary = f"<summary>{members(line)}{self.size(line.sizes(size_text))}{label}</summary>"
        note = f'\n<p class="note">{fragments(story.sentence(note_text(line, called(story))))}</p>' if line.note else ""
        return f'{item}<details>{summary}\n<div class="more">{"".join(more)}</div></details>{note}</li>'


def _label(line: Line, laws: Sequence[Law]) -> str:
    """The reasons of a line; where each is one rule, a link to what that says."""
    reasons = [*map(fragments, rule_latex(line))]
    if len(reasons) == len(laws):
        reasons = [_to_rule(law, reason) for law, reason in zip(laws, reasons, strict=True)]
    return f'<span class="rule">{"<br>".join(reasons)}</span>' if reasons else ""


def _to_rule(law: Law, label: str) -> str:
    return f'<a href="#rule-{html.escape(law.name)}">{label}</a>'


def _rule(law: Law) -> str:
    """What a rule says, and where its page is."""
    page = f'<a href="{html.escape(words.page(law.group, law.name))}">{escape(law.name)}</a>'
    return f'<li id="rule-{html.escape(law.name)}">{escape(law.words)} ({page}): {mathml(tidy(law.latex))}</li>'


def members(line: Line) -> str:
    """``a = b = c``, each member, and each term of a wide sum, a formula of its own, so that a narrow page breaks between them;
    a line that goes on from the one before has no left side."""
    return _members([*map(write_latex, line.chain)], line.continued)


def _members(chain: Sequence[str], continued: bool = False) -> str:
    shown = []
    for i, latex in enumerate(chain):
        terms = [*map(mathml, _terms(latex))]
        if i or not continued:
            shown += [EQUALS * (i > 0) + terms[0], *terms[1:]]
    return '<span class="formula">' + "".join(f'<span class="member">{f}</span>' for f in shown) + "</span>"


def _terms(latex: str) -> list[str]:
    """The formula, or the terms of its sum where it is wider than a narrow page."""
    if em(latex) <= NARROW:
        return [latex]
    terms: list[str] = []
    for part in segments(latex):
        if terms and part.rank != SUM:
            terms[-1] += part.text
        else:
            terms.append(part.text)
    return terms


def math(formula: Formula | Equation) -> str:
    return mathml(write_latex(formula))


def _explained(entry: Entry) -> str:
    """A sign and its meaning."""
    if entry.equation is not None:
        return math(entry.equation)
    sign = mathml(entry.latex) if entry.latex else escape(entry.text)
    return f"{sign}{entry.colon} {escape(entry.meaning)}"


def fragments(latex: str) -> str:
    r"""Prose in LaTeX with formulas in ``\(…\)``, as HTML."""
    return "".join(mathml(part) if formula else escape(part) for part, formula in parts(latex))


def chain_latex(line: Line) -> str:
    return " = ".join(map(write_latex, line.chain))


def escape(text: str) -> str:
    r"""Words as HTML text. The marks ``$`` and ``\`` are set apart, so that a program that looks for LaTeX in the page finds
    none; in ``code`` it does not look."""
    return re.sub(r"[$\\]", r"\g<0><span></span>", _escaped(text))


def _escaped(text: str) -> str:
    return html.escape(visible(text), quote=False)
