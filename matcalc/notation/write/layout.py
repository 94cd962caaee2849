"""How blocks, entries and slices are written: ``[A, B; C, D]``, ``x[2]``, ``X[1,:]``, ``X[:,2:3]``.

The operators know columns and runs of rows only; what is done to a transpose is written as a row or
as a run of columns. What is written is read back as the same expression.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matcalc.expr.dims import Dim
from matcalc.expr.groups import JOINED
from matcalc.expr.nodes import Expr
from matcalc.notation.write.style import Style


class Cell(NamedTuple):
    """One block: its node, and whether its transpose is meant."""

    node: Expr
    turned: bool


Grid = list[list[Cell]]


def is_blocks(e: Expr) -> bool:
    """Whether the expression is written in brackets: blocks, or the transpose of blocks beside each other with a vector."""
    return e.op in JOINED or (e.op == "T" and e.args[0].op == "hcat" and _lies(e.args[0]))


def _lies(e: Expr) -> bool:
    """Whether the transpose of these blocks is read as blocks: columns become rows."""
    while e.op == "hcat":
        if e.args[1].type[0] == "c":
            return True
        e = e.args[0]
    return e.type[0] == "c"


def grid(e: Expr, names: object = ()) -> Grid:
    """Rows of cells. ``names`` are nodes that are written as names, so not opened."""
    if e.op == "T":
        return _rows(Cell(e.args[0], True), names)
    return _rows(Cell(e, False), names)


def _parts(cell: Cell, op: str, names: object) -> list[Cell]:
    """The blocks of a run of blocks that leans to the left."""
    last: list[Cell] = []
    node = cell.node
    while node.op == op and (node is cell.node or node not in names):  # type: ignore[operator]
        last.append(Cell(node.args[1], cell.turned))
        node = node.args[0]
    return [Cell(node, cell.turned), *reversed(last)]


def _opened(cell: Cell, names: object) -> Cell:
    """T(X) turned is X; what is written as blocks by itself stays."""
    while cell.node.op == "T" and cell.node not in names and (cell.turned or not is_blocks(cell.node)):  # type: ignore[operator]
        cell = Cell(cell.node.args[0], not cell.turned)
    return cell


def _is_run(cell: Cell, below: bool, names: object) -> bool:
    """Whether a cell is written as blocks below (beside) each other."""
    if cell.node in names or cell.node.op not in JOINED:  # type: ignore[operator]
        return False
    return (cell.node.op == "vcat") == (below is not cell.turned) and (not cell.turned or _lies(cell.node))


def _rows(cell: Cell, names: object) -> Grid:
    if not _is_run(cell, True, names):
        return [_row(cell, names)]
    rows = [_row(_opened(part, names), names) for part in _parts(cell, cell.node.op, names)]
    if len({len(r) for r in rows}) > 1:
        return [[_opened(part, names)] for part in _parts(cell, cell.node.op, names)]
    return rows


def _row(cell: Cell, names: object) -> list[Cell]:
    cell = _opened(cell, names)
    if not _is_run(cell, False, names):
        return [cell]
    return [_opened(part, names) for part in _parts(cell, cell.node.op, names)]


# ---------------------------------------------------------------- entries and slices


class Slice(NamedTuple):
    """``base[rows,cols]``; a place is () for all, (i,) for one index, (first, last) for a run; None where there is no axis."""

    base: Expr
    rows: tuple[Dim, ...] | None
    cols: tuple[Dim, ...] | None


def slice_of(e: Expr, names: object = ()) -> Slice | None:
    """The slice that an expression is; None for anything else."""

    def own(a: Expr) -> bool:
        return a not in names  # type: ignore[operator]

    if e.op == "entry":
        x = e.args[0]
        if x.op == "col" and own(x) and not (x.args[0].op == "T" and own(x.args[0])):
            return Slice(x.args[0], e.attr, x.attr)
        return Slice(x, e.attr, None)
    if e.op == "col":
        x = e.args[0]
        return Slice(x.args[0], e.attr, ()) if x.op == "T" and own(x) else Slice(x, (), e.attr)
    if e.op == "rows":
        x = e.args[0]
        if e.type[0] == "m":
            return None if turned_block(e, names) else Slice(x, e.attr, ())
        if x.op == "col" and own(x):
            inner = slice_of(x, names)
            assert inner is not None
            return Slice(inner.base, e.attr, inner.cols) if inner.rows == () else Slice(inner.base, inner.rows, e.attr)
        return Slice(x, e.attr, None)
    if e.op == "T" and e.args[0].op == "rows" and own(e.args[0]):
        run = e.args[0]
        x = run.args[0]
        if x.op == "T" and own(x) and x.type[0] == "m":
            inside = x.args[0]
            if inside.op == "rows" and own(inside):
                return Slice(inside.args[0], inside.attr, run.attr)
            return Slice(inside, (), run.attr)
    return None


def turned_block(e: Expr, names: object = ()) -> Slice | None:
    """The block of which an expression is the transpose: rows of the transpose of rows."""
    if e.op != "rows" or e.args[0].op != "T" or e.args[0] in names:  # type: ignore[operator]
        return None
    run = e.args[0].args[0]
    if run.op != "rows" or run in names:  # type: ignore[operator]
        return None
    return Slice(run.args[0], run.attr, e.attr)


def place_text(place: Sequence[Dim], style: Style) -> str:
    return ":".join(style.dim(d) for d in place) or ":"
