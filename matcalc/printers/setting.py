"""Lines of a derivation as rows of an aligned LaTeX block: formula, sizes, rule, on the width of a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from string import Formatter
from typing import NamedTuple

from matcalc.engine.derivation import Equation, Formula
from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.table import Type
from matcalc.notation.write.render import LATEX
from matcalc.printers.breaking import broken, em
from matcalc.printers.prose import inline, prose, text_latex
from matcalc.printers.story import Line, reasons

LONG_SIZES, GAP, NARROWEST, LETTER = 17.0, 1.8, 8.0, 0.45


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
    return re.sub(r"((?:^|[^A-Za-z\\])[A-Za-z0-9]|[})]) (?=\\mathrm\{[A-Za-z]+\}(?:\\left)?\()", r"\1 \\, ", text)  # U diag(z)


def write(formula: Formula | Equation) -> str:
    return tidy(formula.latex)


@lru_cache(maxsize=4096)
def size(t: Type) -> str:
    axes: tuple[Dim, ...] = t.rows if t.kind == "t" else (t.rows, t.cols)
    return "[" + r" \times ".join(axis(d) for d in axes) + "]"


def axis(d: Dim) -> str:
    r"""A dimension: ``n``, ``n_{1}``, ``m n``, ``2 n + 1``."""
    return re.sub(r"[A-Za-z]\w*", lambda m: LATEX.name(m[0]), dims.text(d, " ").replace("*", " ")).replace("+", " + ")


def left_side(line: Line) -> tuple[str, tuple[Formula, ...]]:
    """What stands left of the alignment, and the other members; ``δ = ∂s/∂z`` stands on the left."""
    first, second = line.chain[0], line.chain[1:2]
    if line.continued:
        return "", line.chain[1:]
    if len(line.chain) > 2 and first.expr in first.names and second[0].expr is first.expr:
        return f"{write(first)} = {write(second[0])}", line.chain[2:]
    return write(first), line.chain[1:]


def right_rows(members: Sequence[Formula], room: float) -> list[str]:
    """``= b = c …`` in rows at most ``room`` em wide where they can be broken."""
    rows: list[str] = []
    for member in members:
        text = "= " + write(member)
        if rows and em(rows[-1]) + em(text) <= room:
            rows[-1] += " " + text
        else:
            rows.extend(broken(text, room))
    return rows


def rule_latex(line: Line) -> list[str]:
    """The reasons of a line as prose in LaTeX, the formulas in them set as such."""
    if not line.of:
        return [prose(part) for part in reasons(line.rule)]
    formulas = map(inline, map(write, line.of))
    texts = ([(text, field is not None) for text, field, _, _ in Formatter().parse(part)] for part in reasons(line.reason))
    return ["".join(prose(text) + (next(formulas) if field else "") for text, field in parts) for parts in texts]


def align(lines: Sequence[Line], width: float) -> list[list[Row]]:
    """The rows of each line in one aligned block, at most ``width`` em wide with sizes and rules.

    A rule stands right of the sizes, or below them where there is no room for that.
    """
    lefts = [left_side(line) for line in lines]
    natural = max([em(right_rows(members, 1e9)[0]) for _, members in lefts], default=0.0)
    room = width - max([em(left) for left, _ in lefts], default=0.0)
    rule = max([LETTER * len(part) + GAP for line in lines for part in reasons(line.rule)], default=0.0)
    widths = [em(line.sizes(size)) for line in lines]
    longest = max(widths, default=0.0)
    if natural + longest + GAP + rule > room:
        longest = max([w for w in widths if w <= LONG_SIZES], default=0.0)
    beside = longest + GAP
    stacked = room - beside - rule < min(NARROWEST, natural)
    room = max(room - (max(beside, rule) if stacked else beside + rule), NARROWEST)
    out: list[list[Row]] = []
    for line, (left, members) in zip(lines, lefts, strict=True):
        rows = [Row(left if not i else "", right) for i, right in enumerate(right_rows(members, room))]
        out.append(_annotated(rows, line, stacked, longest, room))
    return out


def _annotated(rows: list[Row], line: Line, stacked: bool, longest: float, room: float) -> list[Row]:
    """Sizes and rule at the last row; long sizes in a row of their own, or without the factors."""
    shown, below = line.sizes(size), []
    if em(shown) > longest and line.left is not None:
        apart = r"\qquad \scriptstyle " + shown
        below = [Row("", apart)] if em(apart) <= room else []
        shown = "" if below else size(line.left)
    first, *more = rule_latex(line) or [""]
    if not stacked or not first:
        rows[-1] = rows[-1]._replace(sizes=shown, rule=first)
        return rows + below + [Row("", "", rule=part) for part in more]
    if len(rows) == 1 and shown:
        rows.append(Row("", ""))
    if shown:
        rows[-2] = rows[-2]._replace(sizes=shown)
    rows[-1] = rows[-1]._replace(sizes=text_latex(first))
    return rows + below + [Row("", "", text_latex(part)) for part in more]
