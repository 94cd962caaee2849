"""Entries, slices, paddings and unit vectors as NumPy's slices: how they are lowered, and how they are written.

No matrix of zeros and ones is made: an outer product with a unit vector is a vector with zeros around it.
"""

from __future__ import annotations

from typing import cast

from matcalc.codegen.ir.graph import ONE, Factor, Node, Val
from matcalc.codegen.lower.lowered import Lowering
from matcalc.codegen.targets.printing import ATOM, Text, Writer, call, filled_with
from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.nodes import Expr

Span = tuple[Dim, Dim] | Dim | None  # from and to, counted from 0; one index; all


def entry(low: Lowering, e: Expr, v: Val) -> Val:
    """One entry of a vector, or of the matrix that the vector is a row or column of."""
    scalars, (node, _) = low.pure(v)
    i = _before(e.attr[0])
    places: tuple[Span, ...] = (i,)
    if node.op == "slice" and node.attr.count(None) == 1 and len(node.attr) == 2:
        places = tuple([i if p is None else p for p in node.attr])
        (node,) = node.args
    return low.algebra.times(scalars, low.made(e, "slice", (node,), places))


def column(low: Lowering, e: Expr, v: Val) -> Val:
    """A column of a matrix: a row of the array, if that is the transpose."""
    scalars, (node, flip) = low.pure(v)
    j = _before(e.attr[0])
    return low.algebra.times(scalars, low.made(e, "slice", (node,), (j, None) if flip else (None, j)))


def rows(low: Lowering, e: Expr, v: Val) -> Val:
    scalars, (node, flip) = low.pure(v)
    span = (_before(e.attr[0]), e.attr[1])
    places = (span,) if len(node.shape) == 1 else (None, span) if flip else (span, None)
    return low.algebra.times(scalars, low.made(e, "slice", (node,), places, flip and len(places) == 2))


def padrows(low: Lowering, e: Expr, v: Val) -> Val:
    scalars, (node, flip) = low.pure(v)
    first, total = e.attr
    around = _around(first, e.args[0].type.rows, total)
    places = (around,) if len(node.shape) == 1 else (None, around) if flip else (around, None)
    return low.algebra.times(scalars, low.made(e, "pad", (node,), places, flip and len(places) == 2))


def unit(low: Lowering, e: Expr) -> Val:
    return low.made(e, "unit", (), _before(e.attr[0]))


def placed(low: Lowering, e: Expr, a: Val, b: Val) -> Val | None:
    """A vector times a unit vector: it is one row or column of a matrix of zeros."""
    if e.op != "matmul" or len(a.chain) != 1 or len(b.chain) != 1 or (a.chain[0].role, b.chain[0].role) != ("c", "r"):
        return None
    m, n = e.type.rows, e.type.cols
    scalars = low.algebra.times(a._replace(chain=()), b._replace(chain=()))
    left, right = a.chain[0].node, b.chain[0].node
    if right.op == "unit":
        attr: tuple[Span, ...] = (None, _around(dims.add(right.attr, 1), 1, n))
        return low.algebra.times(scalars, _matrix(low, "padcol", left, attr, (m, n)))
    if left.op == "unit":
        attr = (_around(dims.add(left.attr, 1), 1, m), None)
        return low.algebra.times(scalars, _matrix(low, "padrow", right, attr, (m, n)))
    return None


def _matrix(low: Lowering, op: str, x: Node, attr: tuple[Span, ...], shape: tuple[Dim, Dim]) -> Val:
    return Val(ONE, chain=(Factor("M", low.graph.make(op, (x,), attr, shape)),))


def _before(i: Dim) -> Dim:
    return dims.sub(i, 1)


def _around(first: Dim, count: Dim, total: Dim) -> tuple[Dim, Dim]:
    """How many zeros stand before and after."""
    return _before(first), dims.sub(dims.add(total, 1), dims.add(first, count))


# ---------------------------------------------------------------- how they are written


def written_slice(w: Writer, node: Node) -> Text:
    (x,), shape = node.args, node.args[0].shape
    places = [_place(w, p, d) for p, d in zip(node.attr, shape, strict=True)]
    while len(places) > 1 and places[-1] == ":":
        places.pop()
    return Text(f"{w.text(x).at(ATOM)}[{', '.join(places)}]")


def _place(w: Writer, span: Span, d: Dim) -> str:
    if span is None:
        return ":"
    if not _is_pair(span):
        return w.size(cast(Dim, span))
    first, last = cast(tuple[Dim, Dim], span)
    return f"{'' if first == 0 else w.size(first)}:{'' if last == d else w.size(last)}"


def _is_pair(span: Span) -> bool:
    return type(span) is tuple


def written_pad(w: Writer, node: Node) -> Text:
    x = w.text(node.args[0])
    code = {"padrow": f"{x.at(ATOM)}[None, :]", "padcol": f"{x.at(ATOM)}[:, None]"}.get(node.op, x.code)
    pairs = ["(0, 0)" if p is None else f"({w.size(p[0])}, {w.size(p[1])})" for p in node.attr]
    return call("np.pad", code, pairs[0] if len(pairs) == 1 else f"({', '.join(pairs)})")


def written_unit(w: Writer, node: Node) -> Text:
    return Text(f"{filled_with(w, 'np.eye', '1', w.size(node.shape[0]), w.size(node.attr)).code}[0]")
