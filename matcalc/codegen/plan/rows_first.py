"""Products with rows that were looked up: the rows first, so that no product has the size of the whole matrix.

(Yᵀ V)ᵀ L = Vᵀ (Y L), and Y (L a) = (Y L) a: the right sides touch as many rows as there are integers. Which side is cheaper
depends on sizes; the right one is for a matrix of many rows of which few are looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from matcalc.codegen.ir.graph import Node, Ref
from matcalc.codegen.plan.kernel_nodes import Kernels
from matcalc.expr.nodes import postorder


def rows_first(k: Kernels, kernels: Sequence[Ref], moved: Mapping[Node, Node]) -> tuple[list[Ref], dict[Node, Node]]:
    """The kernels with these products turned round, and what became of each node; ``moved`` is what became of it before."""
    done: dict[Node, Node] = {}
    for node in postorder([r.node for r in kernels]):
        args = tuple([done[a] for a in node.args])
        new = node if args == node.args else k.make(node.op, args, node.attr, node.shape)
        handler = _HANDLERS.get(new.op)
        done[node] = (handler(k, new) if handler else None) or new
    return [Ref(done[r.node], r.flip) for r in kernels], {**done, **{a: done.get(b, b) for a, b in moved.items()}}


def _added(x: Node, contracted: int) -> tuple[Node, Node] | None:
    """The integers and the rows of what is summed over its rows."""
    return (x.args[0], x.args[1]) if x.op == "addat" and contracted == 0 and x.args[0].shape else None


def _product(k: Kernels, node: Node) -> Node | None:
    (left, right), (turned, flipped) = node.args, node.attr
    if found := _added(left, 0 if turned or len(left.shape) == 1 else 1):
        at, rows = found
        other = _taken(k, right, at, 1 if flipped and len(right.shape) == 2 else 0)
        return k.make("mm", (_whole(k, rows, at, left), other), node.attr, node.shape)
    if found := _added(right, 1 if flipped and len(right.shape) == 2 else 0):
        at, rows = found
        other = _taken(k, left, at, 0 if turned or len(left.shape) == 1 else 1)
        return k.make("mm", (other, _whole(k, rows, at, right)), node.attr, node.shape)
    return None


def _whole(k: Kernels, rows: Node, at: Node, like: Node) -> Node:
    return k.expand(rows, (*at.shape, *like.shape[1:]))


def _taken(k: Kernels, x: Node, at: Node, axis: int) -> Node:
    shape = (*x.shape[:axis], *at.shape, *x.shape[axis + 1 :])
    return _take(k, k.make("take", (x, at), axis, shape)) or k.make("take", (x, at), axis, shape)


def _take(k: Kernels, node: Node) -> Node | None:
    """Rows of a product are those of its left factor times the right one, its columns the left one times those of the right;
    sums along rows are taken of these rows only."""
    x, at = node.args
    if not at.shape:
        return None
    if x.op == "mm" and len(x.args[node.attr].shape) == 2:
        factors, axis = list(x.args), int(node.attr != x.attr[node.attr])
        factors[node.attr] = _taken(k, factors[node.attr], at, axis)
        return k.make("mm", tuple(factors), x.attr, node.shape)
    if x.op == "sum" and x.attr == 1 and node.attr == 0:
        return k.make("sum", (_taken(k, x.args[0], at, 0),), 1, node.shape)
    return None


def _dot(k: Kernels, node: Node) -> Node | None:
    for x, other in (node.args, node.args[::-1]):
        if len(x.shape) == 1 and (found := _added(x, 0)):
            at, rows = found
            return k.dot(_whole(k, rows, at, x), _taken(k, other, at, 0))
    return None


_HANDLERS: dict[str, Callable[[Kernels, Node], Node | None]] = {"mm": _product, "take": _take, "dot": _dot}

__all__ = ["rows_first"]
