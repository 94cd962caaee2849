"""What of a derivation is shown: all, or one part of it, which stands without heading, sizes given, legend and verdict."""

from __future__ import annotations

from collections.abc import Iterator

from matcalc.engine.derivation import Formula, blank
from matcalc.expr.nodes import Expr, below
from matcalc.printers.formats import Shown
from matcalc.printers.in_text import write
from matcalc.printers.story import AGREEMENT, UNFOLDED, Line, Section, Story

FORWARD = "Forward"  # title of the section that defines the values
POSED = ("Rewritten", FORWARD)  # titles of the sections that an exercise gives


def pruned(story: Story, shown: Shown) -> Story:
    """The story with what is asked for. Results bring along the lines that say what is named in them."""
    if shown.exercise:
        story = _as_exercise(story)
    elif shown.only == "results":
        needed = _needed(story)
        kept = [
            Section(s.title, tuple(filter(None, (tuple(line for line in g if id(line) in needed) for g in s.groups))))
            for s in story.sections
        ]
        story = story._replace(sections=tuple(s for s in kept if s.groups))
    elif shown.only != "all":
        sections = tuple(s for s in story.sections if (s.title == FORWARD) == (shown.only == "forward"))
        story = story._replace(sections=sections, results=())
    sections = tuple(
        Section(s.title, tuple(tuple(_line(line, shown) for line in group) for group in s.groups)) for s in story.sections
    )
    results = tuple(_line(line, shown) for line in story.results)
    laws = story.laws if shown.reasons else {}
    story = story._replace(sections=sections, results=results, laws=laws, whole=shown.only == "all", labels=shown.labels)
    return story._replace(environment=shown.environment)


def _as_exercise(story: Story) -> Story:
    """With blanks for the right sides of what is to be derived, its lines behind, and then the results."""
    posed = tuple(s for s in story.sections if s.title in POSED)
    asked = tuple(s for s in story.sections if s.title not in (*POSED, UNFOLDED, AGREEMENT))
    blank = tuple(Section(s.title, tuple(tuple(map(_blank, group)) for group in s.groups)) for s in asked)
    told = tuple(group for s in story.sections if s.title not in POSED for group in s.groups)
    return story._replace(sections=(*posed, *blank, Section("Answers", told)), significance=())


def _blank(line: Line) -> Line:
    """The left side alone, with its name, and what the right side is like: its sizes and its rule."""
    left = tuple(f for f in line.chain[:-1] if f.expr is line.chain[0].expr)
    chain = (*left, blank(line.chain[-1]))
    return line._replace(chain=chain, texts=tuple(map(write, chain)), note="", about=(), check=None)


def _line(line: Line, shown: Shown) -> Line:
    line = line if line.sized == shown.sizes else line._replace(sized=shown.sizes)
    return line if shown.reasons else line._replace(rule="", reason="", of=(), note="", about=(), reference=0, rules=())


def _needed(story: Story) -> set[int]:
    """The lines that say what the results mention by name, and what these mention; not what was differentiated, and by what."""
    found: set[int] = set()
    lines = [line for section in story.sections if section.title != UNFOLDED for line in section.lines]
    todo = [f for line in story.results for f in line.chain[1:]]
    asked = {name for line in story.results for name in _mentioned(line.chain[0])}
    for formula in todo:  # which grows meanwhile
        mentioned = set(_mentioned(formula)) - asked
        for line in lines:
            if id(line) not in found and _called(line.chain[0].expr, line.chain[0]) in mentioned:
                found.add(id(line))
                todo += line.chain[1:]
    return found


def _mentioned(formula: Formula) -> Iterator[Expr | str]:
    """The names and derivatives in a formula."""
    yield from (_called(node, formula) for node in below((formula.written,), formula.names))


def _called(node: Expr, formula: Formula) -> Expr | str:
    """The name of what has one."""
    return formula.names.get(node) or (str(node.attr) if node.op == "sym" else node)
