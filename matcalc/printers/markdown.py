"""A derivation as Markdown with ``$$`` blocks, as GitHub, Jupyter and pandoc set it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from matcalc.expr.errors import visible
from matcalc.printers import words
from matcalc.printers.formats import ALL, Shown
from matcalc.printers.latex import given as given_latex
from matcalc.printers.latex import heading, lines_latex, meant, signs, title_latex
from matcalc.printers.prose import parts
from matcalc.printers.shown import pruned
from matcalc.printers.story import Derivation, Line, Story, tell

if TYPE_CHECKING:
    from matcalc.printers.pictures.captions import Picture

WIDTH = 44.0  # em


def to_markdown(d: Derivation, detail: str = "normal", picture: Picture | None = None, shown: Shown = ALL) -> str:
    """The derivation as Markdown, with the picture of its graph in Mermaid."""
    return (
        "\n\n".join((*_parts(pruned(tell(d, detail, lang=shown.lang), shown._replace(labels="")), detail), *_drawn(picture))) + "\n"
    )


def _drawn(picture: Picture | None) -> Iterator[str]:
    from matcalc.printers.pictures.mermaid import to_mermaid

    if picture is not None:
        yield f"```mermaid\n{to_mermaid(picture)}```"


def _parts(story: Story, detail: str) -> Iterator[str]:
    heads = story.whole
    if heads:
        yield "### " + marked(title_latex(story))
        yield f"**{heading(story, 'Given')}** " + marked(given_latex(story))
    for section in story.sections:
        yield from [f"**{heading(story, section.title)}**"] if heads else []
        for group in section.groups if len(section.lines) > 12 else [section.lines]:
            yield block(group, story)
    if story.results:
        yield from [f"**{heading(story, story.results_title)}**"] if heads else []
        yield block(story.results, story, r"\boxed{", "}")
    yield from _last(story, detail) if heads else ()


def _last(story: Story, detail: str) -> Iterator[str]:
    yield from map(marked, filter(None, (meant(story), signs(story))))
    yield ("✓ " if story.passed else "") + escape(story.sentence(story.verdict))
    if detail == "full":
        yield escape(story.say(words.LAYOUTS[story.layout]).replace("`", ""))
        laws = [f"[{escape(law.words)}]({words.page(law.group, law.name)}): ${math(law.latex)}$" for law in story.laws.values()]
        if laws:
            yield "\n".join(f"- {law}" for law in laws)
        if story.references:
            yield "\n".join(f"{i}. {escape(source)}" for i, source in enumerate(story.references, 1))


def block(lines: Sequence[Line], story: Story, before: str = "", after: str = "") -> str:
    rows = " \\\\\n".join(lines_latex(lines, WIDTH, story))
    return f"$$\n{before}\\begin{{aligned}}\n{math(rows)}\n\\end{{aligned}}{after}\n$$"


def math(latex: str) -> str:
    r"""LaTeX from which Markdown takes nothing: GitHub reads formulas as Markdown first. There a backslash before a mark goes, but
    for \\ at the end of a line, and what begins with a blank and _ opens emphasis that nothing closes."""
    return _TAKEN.sub(lambda m: m[0] if m[0][-1] == "\n" else _INSTEAD.get(m[0][:2].rstrip(), m[0]), latex)


_TAKEN = re.compile(r"\\\\\n|\\\\\[\w+\]|\\[,;{}] ?|\\.|[<>] ?|[*_]")
_INSTEAD = {"\\\\": r"\cr", r"\,": r"\thinspace ", r"\;": r"\thickspace ", r"\{": r"\lbrace ", r"\}": r"\rbrace "}
_INSTEAD |= {"<": r"\lt ", ">": r"\gt ", "*": "∗", "_": " _", r"\_": r"\underline{\enspace}"}


def marked(latex: str) -> str:
    r"""Prose in LaTeX: formulas between dollars, in them what touches them: next to a letter or a digit a dollar is one."""
    latex = re.sub(r"(?<=[\u3000-\u9fff\uff00-\uffef])\\\(", r" \\(", latex)  # a letter that is a word has a blank behind it
    latex = re.sub(r"\\\)(?=[\u3005-\u9fff])", r"\\) ", latex)
    latex = re.sub(r"([^\s()]+)\\\(", r"\\(\\text{\1}", latex)
    latex = re.sub(r"\\\)(-?[^\W_]+)", r"\\text{\1}\\)", latex)
    return "".join(f"${math(part)}$" if formula else escape(part) for part, formula in parts(latex))


def escape(text: str) -> str:
    """Words that Markdown leaves alone."""
    return re.sub(r"([\\`*_<>$|\[\]#~])", r"\\\1", visible(text))
