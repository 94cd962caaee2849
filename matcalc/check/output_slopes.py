"""The slopes of the output along directions of its nodes, and a derivative contracted with a direction."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np

from matcalc.check.points import Point
from matcalc.expr.nodes import Expr, make, postorder, sym
from matcalc.numeric import evaluation
from matcalc.numeric.evaluation import Array
from matcalc.numeric.kernels import extent

BATCH = 256
ENTRIES = 1 << 23  # complex numbers that one batch may hold: 128 MB


def totals(point: Point, output: Expr, nodes: Mapping[Expr, Expr], moves: Mapping[Expr, Array]) -> dict[Expr, Array]:
    """d output along each move: ``nodes`` maps a symbol to the node that it names."""
    items = list(nodes.items())
    out: dict[Expr, Array] = {}
    inside = postorder((output,))
    whole = sum([math.prod(extent(node.type, point.sizes)) for node in inside])
    batch = max(1, min(BATCH, ENTRIES // whole))
    for start in range(0, len(items), batch):
        chunk = items[start : start + batch]
        shifts = {s: sym(f"~{s.attr}", s.type) for s, _ in chunk}
        shifted = shifted_by(output, {node: shifts[s] for s, node in chunk}, inside)
        at = dict(point.env)
        direction = {}
        for i, (s, _) in enumerate(chunk):
            move = np.zeros((len(chunk), *moves[s].shape))
            move[i] = moves[s]
            at[shifts[s]] = np.zeros(moves[s].shape)
            direction[shifts[s]] = move
        (slopes,) = evaluation.directional([shifted], at, direction, point.sizes, point.functions)
        slopes = np.broadcast_to(slopes, (len(chunk), *extent(output.type, point.sizes)))
        for i, (s, _) in enumerate(chunk):
            out[s] = slopes[i]
    return out


def shifted_by(output: Expr, shifts: Mapping[Expr, Expr], inside: Iterable[Expr] = ()) -> Expr:
    """The graph with a symbol added to each of the nodes; ``inside`` are all of it, where they are known."""
    done: dict[Expr, Expr] = {}
    for node in inside or postorder((output,)):
        args = tuple([done[a] for a in node.args])
        moved = node if args == node.args else make(node.op, args, node.attr, node.type)
        done[node] = make("add", (moved, shifts[node])) if node in shifts else moved
    return done[output]


def is_turned(lhs: Expr, q: Expr) -> bool:
    """Whether ∂s/∂q stands the other way round than q: a row for a column, or numerator layout."""
    return lhs.attr == "numerator" or (lhs.type[0] == "r" and q.type[0] == "c")


def contract(derivative: Array, kind: str, q: Expr, move: Array, turned: bool) -> Array:
    """⟨derivative, move⟩ for a derivative in the shape of q, or ``turned``, or a Jacobian; NaN for any other shape."""
    if kind == "jacobian":
        column = move.reshape(-1, 1) if q.type[0] == "r" else move
        return np.asarray(derivative @ column)
    flat = np.swapaxes(derivative, -1, -2) if turned else derivative
    if flat.shape[flat.ndim - move.ndim :] != move.shape:
        return np.full((1, 1), np.nan)
    return np.asarray((flat * move).sum(keepdims=True).reshape(1, 1))


def local_jacobian(point: Point, body: Expr, q: Expr) -> Array:
    """∂body/∂q with the other named values held fixed, as a matrix (out, in)."""
    full = evaluation.jacobian(body, q, point.env, point.sizes, point.functions)
    out = int(np.prod(full.shape[: full.ndim - len(q.shape)], dtype=int))
    return full.reshape(out, -1)
