"""A derivation as Unicode text for a terminal: formulas left, sizes and rules right, wrapped to the width.

Three layouts: formula, sizes and rule in columns; sizes above the rule in one; both below the formula.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from matcalc.expr.errors import visible
from matcalc.expr.nodes import size_text
from matcalc.notation.meaning.meanings import extent
from matcalc.notation.write.render import TEXT
from matcalc.printers import words
from matcalc.printers.formats import ALL, Shown
from matcalc.printers.in_text import write
from matcalc.printers.languages import tokens
from matcalc.printers.legend import HEAD, legend
from matcalc.printers.shown import pruned
from matcalc.printers.story import Derivation, Line, Story, reasons, tell
from matcalc.printers.words import ACTS, CHECKED_AS, MEANS, UNSPECIFIED

WIDTH = 80
INDENT, GAP = 2, 2
LONG_SIZES = 20  # wider sizes do not set the width of their column
WIDEST, NARROWEST = 30, 24  # of the formula column, in the first and second layout


class Row(NamedTuple):
    """One row of output; ``style`` is title, head, line, right, note, result or verdict."""

    style: str
    text: str
    split: int = 0  # where sizes and rule begin


class Columns(NamedTuple):
    """Widths of the columns; a layout without a column has 0 for it."""

    formula: int
    sizes: int
    rule: int


def to_text(d: Derivation, detail: str = "normal", width: int | None = None, shown: Shown = ALL) -> str:
    """The derivation in at most ``width`` columns (80 when not given)."""
    return "\n".join(row.text for row in rows(d, detail, width, shown))


def rows(d: Derivation, detail: str = "normal", width: int | None = None, shown: Shown = ALL) -> list[Row]:
    """The rows of :func:`to_text`, each with what it is, for colours."""
    story = pruned(tell(d, detail, lang=shown.lang), shown)
    setter = Setter(story, detail, max(20, width or WIDTH))
    return [row._replace(text=visible(row.text.rstrip())) for row in setter.all()]


class Setter:
    def __init__(self, story: Story, detail: str, width: int) -> None:
        self.story = story
        self.full = detail == "full" and story.whole
        self.laws = dict(story.laws) if self.full else {}
        self.width = width
        self.formulas = {id(line): _members(line) for line in story.lines}
        self.columns = self._columns()

    def _columns(self) -> Columns:
        lines = self.story.lines
        ruled = [columns(text) for line in lines if line.rule and (text := line.sizes(size_text))]
        longest = max(LONG_SIZES, min(ruled, default=0))
        sized = any(line.sizes(size_text) for line in lines)
        sizes = max([w for w in ruled if w <= longest], default=LONG_SIZES if sized else 0)
        rule = max([columns(part) for line in lines for part in reasons(self._rule(line))], default=0)
        widest = max([columns(" = ".join(self.formulas[id(line)])) for line in lines], default=0)
        room = self.width - INDENT
        three = room - sizes - rule - 2 * GAP
        if sized and three >= min(widest, WIDEST):
            return Columns(min(widest, three), sizes, rule)
        stacked = max(sizes, rule)
        two = room - stacked - GAP
        if two >= min(widest, NARROWEST):
            return Columns(min(widest, two), stacked, 0)
        return Columns(room, 0, 0)

    def _columns_of_results(self) -> Columns:
        """Those of the lines before, wider where a result needs it and no rule stands beside."""
        lines = self.story.results
        widest = max([columns(" = ".join(self.formulas[id(line)])) for line in lines])
        sizes = max([columns(line.sizes(size_text)) for line in lines])
        if widest <= self.columns.formula or any(self._rule(line) for line in lines) or not self.columns.sizes:
            return self.columns
        return Columns(max(self.columns.formula, min(widest, self.width - INDENT - sizes - GAP)), sizes, 0)

    def all(self) -> Iterator[Row]:
        whole = self.story.whole
        yield from self._head() if whole else ()
        for at, section in enumerate(self.story.sections):
            yield from self._heading(section.title, at)
            loose = any(len(group) > 1 for group in section.groups)
            for i, group in enumerate(section.groups):
                if i and loose:
                    yield Row("", "")
                for line in group:
                    yield from self.line(line)
        if self.story.results:
            yield from self._heading(self.story.results_title, len(self.story.sections))
            self.columns = self._columns_of_results()
            for line in self.story.results:
                yield from self.line(line, "result")
        yield from self._last() if whole else ()

    def _heading(self, title: str, before: int) -> Iterator[Row]:
        """A blank row and a title; parts that stand by themselves have no titles."""
        if self.story.whole or before:
            yield Row("", "")
        if self.story.whole:
            yield Row("head", self.story.say(title))

    def _last(self) -> Iterator[Row]:
        if told := self.story.meant(write):
            yield Row("", "")
            yield from self.wrapped(told, "note", 0, 2)
        yield from self._legend()
        yield Row("", "")
        yield from self.wrapped(("✓ " if self.story.passed else "") + self.story.verdict, "verdict", 0, 2)
        if self.full:
            yield from self._foot()

    def _head(self) -> Iterator[Row]:
        s = self.story
        yield from self.wrapped(title_text(s, self.width), "title", 0, 4)
        yield Row("", "")
        items = [f"{write(f)} {size_text(f.type)}" + (f" {s.say(what)}" if what else "") for f, what in s.given]
        title = s.say("Given")
        beside = columns(title) + GAP
        if items:
            yield from self._items(title, items)
        for name, checked in s.functions:
            f = s.output.lettering.style(TEXT).name(name)
            acts = s.say(ACTS, f, f"{f}′") + (s.say(CHECKED_AS, checked) if checked else "")
            yield from self.wrapped(acts, "note", beside, beside)
        for pair in s.carried:
            yield from self.wrapped(s.say(UNSPECIFIED, *(f"{write(x)} {size_text(x.type)}" for x in pair)), "note", beside, beside)
        for head, formula, arguments in s.meanings:
            means = s.say(MEANS, write(head), write(formula))
            yield from self.wrapped(f"{means}, {s.say(extent(arguments))}", "note", beside, beside + 2)

    def _items(self, head: str, items: Sequence[str]) -> Iterator[Row]:
        """``head  item, item, …`` with breaks between items only."""
        text = f"{head}  "
        for i, item in enumerate(items):
            item += "," if i + 1 < len(items) else ""
            if columns(text) + columns(item) > self.width and text.strip() and i:
                yield Row("given", text.rstrip())
                text = " " * (columns(head) + 2)
            text += item + " "
        yield Row("given", text.rstrip())

    def _rule(self, line: Line) -> str:
        if not self.full or not line.rule:
            return line.rule
        mark = f" [{line.reference}]" if line.reference else ""
        return line.rule + mark + (f" {words.number(line.check.max_relative_error)}" if line.check else "")

    def line(self, line: Line, style: str = "line") -> Iterator[Row]:
        """One line of the derivation: its formula in one row or more, sizes and rule to the right."""
        bar = "┃ " if style == "result" else "  "
        right = self._right(line)
        left = self._left(line, len(right))
        below: list[str] = []
        if right and (not self.columns.sizes or columns(right[0]) > self._room()):
            right, below = [], right if self.columns.sizes else [", ".join(right)]
        start = max(0, len(left) - len(right))
        if any(columns(formula) > self.columns.formula for formula in left[start:]):
            start = len(left)
        for i in range(max(len(left), start + len(right))):
            formula = left[i] if i < len(left) else ""
            tail = right[i - start] if i >= start and i - start < len(right) else ""
            text = bar + (pad(formula, self.columns.formula + GAP) + tail if tail else formula)
            yield Row(style, text, len(bar) + self.columns.formula + GAP if tail else 0)
        for text in below:
            yield from self.wrapped(text, "right", INDENT + 4, INDENT + 4)
        yield from self._notes(line)

    def _left(self, line: Line, beside: int) -> list[str]:
        """The formula in its column; where that breaks one inside and it costs no row, over the columns beside it."""
        members = self.formulas[id(line)]
        left = list(chain_rows(members, self.columns.formula))
        if all(row.lstrip().startswith("=") for row in left[1:]):
            return left
        over = list(chain_rows(members, self.width - INDENT))
        return over if len(over) + beside <= max(len(left), beside) else left

    def _room(self) -> int:
        return self.width - INDENT - self.columns.formula - GAP

    def _right(self, line: Line) -> list[str]:
        sizes, rule = line.sizes(size_text), reasons(self._rule(line))
        if not self.columns.sizes or not self.columns.rule:
            return [t for t in (sizes, *rule) if t]
        if not rule:
            return [sizes] if sizes else []
        told = ["", *rule] if columns(sizes) > self.columns.sizes else rule
        beside = [sizes, *[""] * (len(told) - 1)]
        return [pad(size, self.columns.sizes + GAP) + part if part else size for size, part in zip(beside, told, strict=True)]

    def _notes(self, line: Line) -> Iterator[Row]:
        if line.note:
            yield from self.wrapped(f"({note_text(line)})", "note", INDENT + 4, INDENT + 5)
        for name in line.laws if line.rule else ():
            law = self.laws.pop(name, None)  # where its label stands first
            if law is not None:
                yield from self.wrapped(f"{law.words}: {law.text}", "note", INDENT + 4, INDENT + 4)
        if self.full and len(line.rules) > 1:
            yield from self.wrapped(self.story.say("by {0}", ", ".join(line.rules)), "note", INDENT + 4, INDENT + 4)

    def _legend(self) -> Iterator[Row]:
        found = legend(self.story)
        if found:
            yield Row("", "")
            parts = [f"{entry.sentence};" for entry in found[:-1]] + [found[-1].sentence]
            head = self.story.say(HEAD)
            indent = columns(head) + 1
            whole = [entry.equation and columns(part) <= self.width - indent for entry, part in zip(found, parts, strict=True)]
            kept = [[f" {part}"] if one else tokens(f" {part}") for one, part in zip(whole, parts, strict=True)]
            yield from self._packed([head, *chain.from_iterable(kept)], "note", 0, indent)

    def _foot(self) -> Iterator[Row]:
        yield Row("", "")
        if any(line.check and line.rule for line in self.story.lines):
            yield from self.wrapped(self.story.say(words.ERRORS), "note", 0, 0)
        yield from self.wrapped(self.story.say(words.LAYOUTS[self.story.layout]).replace("`", ""), "note", 0, 0)
        if self.story.references:
            yield Row("", "")
            yield Row("head", self.story.say("Sources"))
        for i, source in enumerate(self.story.references, 1):
            yield from self.wrapped(f"[{i}] {source}", "note", INDENT, INDENT + len(f"[{i}] "))

    def wrapped(self, text: str, style: str, first: int, rest: int) -> Iterator[Row]:
        """Prose, broken at blanks, and between letters that are words."""
        return self._packed(tokens(visible(text)), style, first, rest)

    def _packed(self, words: Iterable[str], style: str, first: int, rest: int) -> Iterator[Row]:
        """Words, with the blanks before them, on rows as long as they may be."""
        line = " " * first
        empty = True
        for word in words:
            if not empty and columns(line) + columns(word) > self.width:
                yield Row(style, line)
                line, empty = " " * rest, True
            line += word.lstrip() if empty else word
            empty = False
        yield Row(style, line)


def _members(line: Line) -> list[str]:
    """The members of the line; one that goes on from the line before has a blank left side."""
    first, *rest = line.texts
    return [" " * columns(first) if line.continued else first, *rest]


def title_text(story: Story, longest: int = 120) -> str:
    """``Gradients of s = uᵀ f(W x + b)``"""
    output, expression = write(story.output), write(story.expression)
    shown = f"{output} = {expression}" if expression != output and columns(expression) <= longest else output
    return story.title(shown, ", ".join(map(write, story.variables)))


def note_text(line: Line) -> str:
    return line.note.format(*map(write, line.about)) if line.about else line.note


def columns(text: str) -> int:
    """Columns that the text takes in a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(_column, text))


def wider(text: str, width: int) -> bool:
    """Whether the text takes more columns than that; of a long one the beginning tells."""
    return columns(text[: 2 * width]) > width or columns(text) > width


@lru_cache(maxsize=4096)
def _column(c: str) -> int:
    return 1 + (unicodedata.east_asian_width(c) in "WF") - (unicodedata.combining(c) > 0)


def pad(text: str, width: int) -> str:
    return text + " " * max(0, width - columns(text))


def chain_rows(members: Sequence[str], width: int) -> Iterator[str]:
    """``a = b = c`` on as few rows as fit, further rows aligned at the first equals sign."""
    head, *rest = members
    indent = columns(head) + 1
    if indent > width // 2:
        indent = 2
    row = head
    for i, member in enumerate(rest):
        joined = f"{row} = {member}"
        fits = not wider(joined, width)
        if not fits and (i or columns(head) > width // 3):
            yield row
            joined = " " * indent + "= " + member
        if wider(joined, width):
            *done, joined = broken(joined, width, indent + 2)
            yield from done
        row = joined
    yield row


def broken(text: str, width: int, indent: int) -> list[str]:
    """One formula on several rows, broken before signs, the outermost first."""
    out = []
    indent = min(indent, width // 2)
    while wider(text, width):
        at = _break(text, width, indent)
        if at is None:
            break
        out.append(text[:at].rstrip())
        text = " " * indent + text[at:].lstrip()
    return [*out, text]


def _break(text: str, width: int, indent: int) -> int | None:
    """Where to break: among the blanks in the second half of the row, one inside the fewest brackets."""
    depth = used = braces = 0
    best: tuple[int, int] | None = None
    for i, c in enumerate(text):
        used += _column(c)
        if used > width and best is not None:
            break
        depth += (c in "([⟨") - (c in ")]⟩")
        braces += (c == "{") - (c == "}")
        if c != " " or i <= indent + 2 or text[: i + 1].isspace() or text[i + 1 : i + 2] == "=":
            continue
        # a sign stays with what follows it; before + and - is better than elsewhere
        rank = 2 * depth + (text[i + 1 : i + 2] not in "+-") + (4 if i and text[i - 1] in "+-∘⊘=·" else 0)
        rank += 8 * (braces > 0 and text[i - 1] != ";")  # cases are kept together
        if best is None or rank <= best[0] or used < width // 2:
            best = (rank, i)
    return best[1] if best else None
