"""What a derivative must be, by differences of the computation itself: first and second order, along random directions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from matcalc.expr.nodes import Expr, make, postorder
from matcalc.numeric import evaluation
from matcalc.numeric.evaluation import Array
from matcalc.numeric.stand_ins import Exact

if TYPE_CHECKING:
    from matcalc.check.points import Point

# Eighth-order central differences: the inner derivative is a complex step, the outer these.
STENCIL = ((1, 4, 5), (2, -1, 5), (3, 4, 105), (4, -1, 280))  # whole numbers: with many digits, 4/5 has as many
STEP = 5e-5


def outer(function: Callable[[float], Array], step: float = STEP) -> Array:
    total: Array | float = 0.0
    for k, above, below in STENCIL:
        total = total + above * (np.asarray(function(k * step)) - np.asarray(function(-k * step))) / below
    return np.asarray(total / step)


def first(point: Point, y: Expr, moves: dict[Expr, Array]) -> Array:
    """Derivative of y when every key of ``moves`` moves along its array (internal form)."""
    (slope,) = evaluation.directional([y], point.env, moves, point.sizes, point.functions)
    return slope


def second(point: Point, y: Expr, a: Expr, da: Array, b: Expr, db: Array) -> Array:
    """The second derivative of y along ``da`` of a and ``db`` of b."""
    base = point.env[b]
    db = point.functions.array(db) if isinstance(point.functions, Exact) else db
    known = {**point.env, **_unmoved(point, y, {a, b})}
    inside = evaluation.order([y], {**known, a: da})

    def slope(t: float) -> Array:
        env = {**known, b: base + t * db}
        moves = {a: da}
        (value,) = evaluation.directional([y], env, moves, point.sizes, point.functions, inside)
        return value

    return outer(slope, point.functions.outer_step if isinstance(point.functions, Exact) else STEP)


def _unmoved(point: Point, y: Expr, moved: set[Expr]) -> dict[Expr, Array]:
    """The values next to what moves that stay what they are: found once for the point, and not again at every step."""
    moving, found = set(moved), {}
    for node in postorder((y,)):
        if not moving.isdisjoint(node.args):
            moving.add(node)
            found.update({e: point.value(e) for e in node.args if e.args and e not in moving and e not in point.env})
    return found


def contraction(point: Point, e: Expr, *directions: tuple[Expr, Array]) -> Array:
    """The value of ``e`` contracted with directions over its last axes, the axes of the output first."""
    value = evaluation.to_public(point.value(e), e.type)
    for x, d in reversed(directions):
        public = evaluation.to_public(d, x.type)
        value = np.tensordot(value, public, axes=public.ndim) if public.ndim else value * public
    return np.asarray(value)


def wanted(slope: Array, y: Expr) -> Array:
    return np.asarray(evaluation.to_public(slope, y.type))


def differential_of(e: Expr) -> Expr:
    return make("d", (e,))
