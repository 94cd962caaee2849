"""Gradients of which few rows are not zero, as pairs: which rows, and what they are. Nothing of the size of the matrix is made.

What was looked up in a matrix by integers comes back as rows that are added at these integers (``addat`` in a plan). What is a
sum of such, and of nothing else, is written down as the integers and the rows; integers that occur twice stay so, and add up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from matcalc.codegen.ir.graph import Node, Shape
from matcalc.codegen.plan.kernel_nodes import Kernels
from matcalc.expr.dims import Dim, add

Rows = list[tuple[Node, Node]]  # integers, and a row for each; one integer without axes has one row


def sparse(k: Kernels, node: Node) -> tuple[Node, Node] | None:
    """The integers as a vector, and an array with a row for each; None where any row may be there."""
    found = _rows(k, node)
    if not found:
        return None
    at, rows = zip(*found, strict=True)
    if len(found) == 1 and at[0].shape:
        return at[0], rows[0]
    count: Dim = 0
    for i in at:
        count = add(count, i.shape[0] if i.shape else 1)
    rest = node.shape[1:]
    kinds = "".join("c" if i.shape else "s" for i in at)
    parts = rows if rest else tuple([k.expand(r, (1,)) if not r.shape else r for r in rows])
    return k.make("places", at, kinds, (count,)), k.make("vcat", parts, ("m" if rest else "c") * len(rows), (count, *rest))


def _rows(k: Kernels, node: Node) -> Rows | None:
    handler = _HANDLERS.get(node.op)
    return handler(k, node) if handler else None


def _added_at(k: Kernels, node: Node) -> Rows | None:
    at, rows = node.args
    return [(at, k.expand(rows, (*at.shape, *node.shape[1:])))]


def _put_at(k: Kernels, node: Node) -> Rows | None:
    """One entry of a vector; of a matrix, one entry in each row, so that all rows are there."""
    return _added_at(k, node) if len(node.shape) == 1 else None


def _one_row(k: Kernels, node: Node) -> Rows | None:
    """A row with zeros above and below: how many are above is where it stands."""
    above, _ = node.attr[0]
    at = k.number(above) if isinstance(above, int) else k.make("dim", (), above)
    return [(at, k.expand(node.args[0], node.shape[1:]))]


def _plus_at(k: Kernels, node: Node) -> Rows | None:
    """A sparse vector with one entry more."""
    base, at, value = node.args
    found = _rows(k, base) if len(node.shape) == 1 else None
    return found and [*found, (at, value)]


def _sum(k: Kernels, node: Node) -> Rows | None:
    out: Rows = []
    for a, c in zip(node.args, node.attr, strict=True):
        found = _spread(k, a, node.shape)
        if found is None:
            return None
        out += [(at, k.prod([rows], (1,), c)) for at, rows in found]
    return out


def _spread(k: Kernels, x: Node, shape: Shape) -> Rows | None:
    """Of what broadcasts to the shape: a column does, row by row."""
    found = _rows(k, x) if len(x.shape) == len(shape) else None
    return found and [(at, k.expand(rows, (*at.shape, *shape[1:]))) for at, rows in found]


def _expanded(k: Kernels, node: Node) -> Rows | None:
    return _spread(k, node.args[0], node.shape)


def _column(k: Kernels, node: Node) -> Rows | None:
    found = _rows(k, node.args[0])
    return found and [(at, k.column(values) if values.shape else k.expand(values, (1,))) for at, values in found]


def _product(k: Kernels, node: Node) -> Rows | None:
    """Numbers times what is sparse."""
    coef, signs = node.attr
    arrays = [i for i, a in enumerate(node.args) if a.shape]
    if len(arrays) != 1 or signs[arrays[0]] < 0 or node.args[arrays[0]].shape != node.shape:
        return None
    found = _rows(k, node.args[arrays[0]])
    numbers = [(a, s) for a, s in zip(node.args, signs, strict=True) if not a.shape]
    return None if found is None else [(at, _scaled(k, rows, numbers, coef)) for at, rows in found]


def _scaled(k: Kernels, rows: Node, numbers: Sequence[tuple[Node, int]], coef: Fraction) -> Node:
    return k.prod([*(a for a, _ in numbers), rows], [*(s for _, s in numbers), 1], coef)


def _outer(k: Kernels, node: Node) -> Rows | None:
    left, right = node.args
    found = _rows(k, left)
    if found is None:
        return None

    def row(values: Node) -> Node:
        if not values.shape:
            return k.prod((values, right), (1, 1))
        return k.make("outer", (values, right), None, (*values.shape, *right.shape))

    return [(at, row(values)) for at, values in found]


def _matrix_product(k: Kernels, node: Node) -> Rows | None:
    """(Yᵀ V) B: the rows of V B at the same integers."""
    left, right = node.args
    found = None if node.attr[0] or len(node.shape) != 2 else _rows(k, left)
    if found is None:
        return None
    turned, width = bool(node.attr[1]), node.shape[1:]

    def times(rows: Node) -> Node:
        if len(rows.shape) == 1:
            return k.make("mm", (right, rows), (not turned, False), width)
        shape: Shape = (*rows.shape[:1], *width)
        return k.make("mm", (rows, right), (False, turned), shape)

    return [(at, times(rows)) for at, rows in found]


_HANDLERS: dict[str, Callable[[Kernels, Node], Rows | None]] = {
    "addat": _added_at, "scattered": _put_at, "plusat": _plus_at, "lin": _sum, "prod": _product, "outer": _outer,
    "mm": _matrix_product, "expand": _expanded, "col": _column, "padrow": _one_row,
}  # fmt: skip

__all__ = ["sparse"]
