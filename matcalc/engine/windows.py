"""The blocks of a gradient: what comes back to a concatenation goes to its blocks, one line a block.

For x_window = [x₁; …; x₅] the product with the Jacobian ∂x_window/∂x₃ = [0; I; 0] says no more than its outcome: the rows of
δ_window that belong to x₃. So the lines of these variables stand together, one a block, and after them the whole gradient as
its blocks (CS224n, the window classifier: ∇_x J = Wᵀδ = δ_window = [∇_x_museums; ∇_x_in; …]).
"""

from __future__ import annotations

from functools import reduce
from typing import NamedTuple

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.rule import Book
from matcalc.engine.derivation import Formula, Step, Trace
from matcalc.engine.waypoints import blocks
from matcalc.expr.nodes import Expr, make, transpose


class Told(NamedTuple):
    """The lines of one concatenation: at which of the old ones they stand, and which of these they replace."""

    first: int
    gone: frozenset[int]
    lines: tuple[Step, ...]


def in_blocks(trace: Trace, book: Book, n: Normalizer) -> Trace:
    """The trace with the lines of the blocks of each concatenated vector put together."""
    defined = [s for s in trace.steps if s.kind == "definition" and s.rhs.expr.op == "vcat" and s.lhs.type[0] == "c"]
    told = [t for t in (_told(trace.steps, s.lhs.expr, blocks(s.rhs.expr), book, n) for s in defined) if t is not None]
    gone = {i for t in told for i in t.gone}
    new = {t.first: t.lines for t in told}
    steps = [line for i, s in enumerate(trace.steps) for line in (*new.get(i, ()), *(() if i in gone else (s,)))]
    return trace._replace(steps=tuple(steps))


def _told(steps: tuple[Step, ...], z: Expr, parts: list[Expr], book: Book, n: Normalizer) -> Told | None:
    """The lines of the variables that enter z alone, once; None where these are not several."""
    mine = [(i, s) for i, s in enumerate(steps) if s.node in parts and parts.count(s.node) == 1]
    rows = {s.node: s for _, s in mine if s.kind == "chain" and s.through == (z,)}
    columns = {s.node: s for _, s in mine if s.kind == "shape" and s.node in rows}
    sources = {s.node: s.rule for _, s in mine if s.kind == "local" and s.node in columns}
    if len(sources) < 2:
        return None
    gone = frozenset(i for i, s in mine if s.node in sources)
    lines = []
    for q in (q for q in parts if q in sources):
        rule, row = book.rows()[sources[q]], rows[q]
        names = tuple([name for name in row.rules if name != "chain"])
        line = columns[q]._replace(kind="block", rule=rule.name, source=book.source(rule), rules=names, through=(z,))
        lines.append(line._replace(note="", about=()))
    if len(sources) == len(parts):
        row = next(s for s in steps if s.kind == "chain" and s.node is z)
        lines.append(_whole(row, lines, next(iter(columns.values())).note, book, n))
    return Told(min(gone), gone, tuple(lines))


def _whole(row: Step, lines: list[Step], note: str, book: Book, n: Normalizer) -> Step:
    """∂s/∂z = δᵀ = Wᵀ … = [∂s/∂x₁; ∂s/∂x₂; …]"""
    z, names = row.node, row.rhs.names
    assert z is not None
    rule = book.rows()["shape-convention"]
    column = make("partial", row.lhs.expr.args, lines[0].lhs.expr.attr, z.type)
    stacked = reduce(lambda above, below: make("vcat", (above, below)), [s.lhs.expr for s in lines])
    via = Formula(n.normal(transpose(row.rhs.expr)), names)
    about = (Formula(z), Formula(row.lhs.expr))
    lhs, rhs = Formula(column, names), Formula(stacked, names)
    return Step("shape", rule.name, book.source(rule), lhs, rhs, via, (), z, (row.lhs.expr,), note, about)
