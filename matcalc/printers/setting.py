"""Lines of a derivation as rows of an aligned LaTeX block: formula, sizes, rule, on the width of a page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from string import Formatter
from typing import NamedTuple

from matcalc.engine.derivation import Equation, Formula
from matcalc.notation.write.styles import size_latex
from matcalc.printers.breaking import REMEMBERED, broken, em
from matcalc.printers.languages import tokens
from matcalc.printers.prose import inline, is_wide, prose, text_latex
from matcalc.printers.story import Line, reasons

LONG_SIZES, GAP, NARROWEST, LETTER = 17.0, 1.8, 8.0, 0.47
COMFORT = 16.0  # em, or half of the width, that a formula may ask for before sizes and reasons go below it
RULE = 14.0  # em of a reason beside a formula
LEFT = 0.4  # of the width, at most for left sides
FORMULA = r"\\\(.*?\\\)|\(\w, \w\)"  # in prose, which is not broken at its blanks
DIFFERENTIAL = re.compile(  # and a factor behind it
    r"(\\mathrm\{d\}(?:[A-Za-z]|\\[A-Za-z]+(?:\{[^{}]*\})?)(?:_\{[^{}]*\})?(?:\^\{\\top\})?)"
    r"(?= (?:[A-Za-z(]|\\(?!odot|oslash|otimes|times|cdot|right|rVert|rangle|bigr|text|in|quad|qquad|end)[A-Za-z]))"
)


class Row(NamedTuple):
    """One row of an aligned block: what stands left and right of the alignment, sizes, rule."""

    left: str
    right: str
    sizes: str = ""
    rule: str = ""


@lru_cache(maxsize=4096)
def tidy(latex: str) -> str:
    r"""Brackets that grow only where something tall stands in them: ``f(z)``, not ``f\left(z\right)``."""
    out: list[str] = []
    opened: list[int] = []
    for part in re.split(r"(\\left\(|\\right\))", latex):
        if part == r"\left(":
            opened.append(len(out))
        elif part == r"\right)" and opened:
            start = opened.pop()
            inside = "".join(out[start + 1 :])
            if not re.search(r"\\frac|\\sum|\\begin|\\left|\^\{(?!\\top\}|-1\}|-\\top\}|\d\})", inside):
                out[start], part = "(", ")"
        out.append(part)
    text = "".join(out).replace(r"} \frac", r"}\, \frac")
    text = DIFFERENTIAL.sub(r"(\1)", text)  # A (dX) B: dX B reads as d(X B)
    return re.sub(r"((?:^|[^A-Za-z\\])[A-Za-z0-9]|[})]) (?=\\mathrm\{[A-Za-z]+\}(?:\\left)?\()", r"\1 \\, ", text)  # U diag(z)


def write(formula: Formula | Equation) -> str:
    return tidy(formula.latex)


def among_words(formula: Formula) -> str:
    return inline(write(formula))


def left_side(line: Line) -> tuple[str, tuple[Formula, ...]]:
    """What stands left of the alignment, and the other members; ``δ = ∂s/∂z`` stands on the left."""
    first, second = line.chain[0], line.chain[1:2]
    if line.continued:
        return "", line.chain[1:]
    if len(line.chain) > 2 and first.expr in first.names and second[0].expr is first.expr:
        return f"{write(first)} = {write(second[0])}", line.chain[2:]
    return write(first), line.chain[1:]


def right_rows(members: Sequence[str], room: float) -> list[str]:
    """``= b = c …`` in rows at most ``room`` em wide where they can be broken."""
    rows: list[str] = []
    for member in members:
        text = "= " + member
        if rows and em(rows[-1]) + em(text) <= room:
            rows[-1] += " " + text
        else:
            rows.extend(broken(text, room))
    return rows


def rule_latex(line: Line) -> list[str]:
    """The reasons of a line as prose in LaTeX, the formulas in them set as such."""
    if not line.of:
        return [prose(part) for part in reasons(line.rule)]
    labels = line.labels or [""] * len(line.of)
    numbers = (rf"\ \text{{\eqref{{{label}}}}}" if label else "" for label in labels)
    formulas = (inline(write(f) + number) for f, number in zip(line.of, numbers, strict=True))
    texts = ([(text, field is not None) for text, field, _, _ in Formatter().parse(part)] for part in reasons(line.reason))
    return ["".join(prose(text) + (next(formulas) if field else "") for text, field in parts) for parts in texts]


def prose_em(words: str) -> float:
    """Estimated width of prose with formulas."""
    return _remembered(words) if len(words) <= REMEMBERED else _measured(words)


def _measured(words: str) -> float:
    parts = re.split(r"\\\((.*?)\\\)", words)
    letters = [c for part in parts[::2] for c in re.sub(r"\\[A-Za-z]+ ?|[{}]", "", part)]
    return sum([1.0 if is_wide(c) else LETTER for c in letters]) + sum(map(em, parts[1::2]))


_remembered = lru_cache(maxsize=16_384)(_measured)


def wrapped(words: str, room: float) -> list[str]:
    """Prose in rows at most ``room`` em wide, broken at blanks between words, and in formulas that are wider than that."""
    rows = [""]
    for word in tokens(words, FORMULA):
        pieces = [word]
        if prose_em(word) > room and word.lstrip().startswith(r"\("):
            formula, _, rest = word.lstrip()[2:].partition(r"\)")
            pieces = [f" {inline(part)}" for part in broken(formula, room)]
            pieces[-1] += rest
        for piece in pieces:
            longer = f"{rows[-1]}{piece}".lstrip()
            if rows[-1] and prose_em(longer) > room:
                rows.append(piece.lstrip())
            else:
                rows[-1] = longer
    return [row for row in rows if row]


class Plan(NamedTuple):
    """Where sizes and reasons stand: in two columns, in one, or below the formula; widths in em."""

    place: str
    room: float  # of formulas
    sizes: float  # longest that stand in their column


def align(lines: Sequence[Line], width: float, notes: Sequence[str] = ()) -> list[list[Row]]:
    """The rows of each line in one aligned block, at most ``width`` em wide with sizes, reasons, and notes below their lines.

    A left side that takes too much of the width stands in a row of its own.
    """
    notes = notes or [""] * len(lines)
    lefts = [(left, [write(member) for member in members]) for left, members in map(left_side, lines)]
    said = [rule_latex(line) for line in lines]
    rules = [[row for part in parts for row in wrapped(part, RULE)] for parts in said]
    left = max([w for w in (em(left) for left, _ in lefts) if w <= LEFT * width], default=0.0)
    plan = _plan(lines, lefts, rules, notes, width - left)
    out: list[list[Row]] = []
    for line, (left_latex, members), parts, rule, note in zip(lines, lefts, said, rules, notes, strict=True):
        hanging = em(left_latex) > LEFT * width
        rights = [*(broken(left_latex, plan.room) if hanging else ()), *right_rows(members, plan.room)]
        rows = [Row("" if i or hanging else left_latex, right) for i, right in enumerate(rights)]
        rows = list(_below(rows, line, parts, plan.room)) if plan.place == "below" else _annotated(rows, line, rule, plan)
        rows += [Row("", r"\quad " + text_latex(part)) for part in wrapped(note, plan.room - 1)]
        out.append(rows)
    return out


def _plan(
    lines: Sequence[Line],
    lefts: Sequence[tuple[str, Sequence[str]]],
    rules: Sequence[Sequence[str]],
    notes: Sequence[str],
    width: float,
) -> Plan:
    """The first place that leaves the formulas, and the notes, as much room as they need or can use."""
    natural = max([em("= " + member) for _, members in lefts for member in members], default=0.0)
    needed = min(max(COMFORT, width / 2), max(natural, min(COMFORT, max(map(prose_em, notes), default=0.0))))
    rule = max([prose_em(part) + GAP for parts in rules for part in parts], default=0.0)
    widths = [em(line.sizes(size_latex)) for line in lines]
    longest = max(widths, default=0.0)
    if natural + longest + GAP + rule > width:
        short = [em(size_latex(line.left)) if line.left is not None else 0.0 for line in lines]  # which may stand instead
        longest = max([w if w <= LONG_SIZES else least for w, least in zip(widths, short, strict=True)], default=0.0)
    beside = longest + GAP if longest else 0.0
    for place, taken in (("beside", beside + rule), ("stacked", max(beside, rule))):
        if width - taken >= needed:
            return Plan(place, width - taken, longest)
    return Plan("below", max(width, NARROWEST), longest)


def _below(rows: Sequence[Row], line: Line, said: Sequence[str], room: float) -> Iterator[Row]:
    """Sizes and reasons behind the formula where there is room, else in rows below."""
    shown = line.sizes(size_latex)
    if em(shown) > room - 1 and line.left is not None:
        shown = size_latex(line.left)
    yield from rows[:-1]
    row, text, used = rows[-1], rows[-1].right, em(rows[-1].right)
    told = [(text_latex(part), prose_em(part)) for reason in said for part in wrapped(reason, room - 1)]
    for part, width in [(shown, em(shown)), *told] if shown else told:
        if used + 1 + width <= room:
            text, used = rf"{text} \quad {part}", used + 1 + width
        else:
            yield row._replace(right=text)
            row, text, used = Row("", ""), rf"\quad {part}", 1 + width
    yield row._replace(right=text)


def _annotated(rows: list[Row], line: Line, rule: Sequence[str], plan: Plan) -> list[Row]:
    """Sizes and rule at the last row; long sizes in a row of their own, or without the factors."""
    shown, below = line.sizes(size_latex), []
    if em(shown) > plan.sizes and line.left is not None:
        apart = r"\qquad \scriptstyle " + shown
        below = [Row("", apart)] if em(apart) <= plan.room else []
        shown = "" if below else size_latex(line.left)
    first, *more = rule or [""]
    if plan.place == "beside" or not first:
        rows[-1] = rows[-1]._replace(sizes=shown, rule=first)
        return rows + below + [Row("", "", rule=part) for part in more]
    if len(rows) == 1 and shown:
        rows.append(Row("", ""))
    if shown:
        rows[-2] = rows[-2]._replace(sizes=shown)
    rows[-1] = rows[-1]._replace(sizes=text_latex(first))
    return rows + below + [Row("", "", text_latex(part)) for part in more]
