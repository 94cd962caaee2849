"""How far two values are apart, relative to what rounding errors are relative to."""

from __future__ import annotations

import math

import numpy as np

from matcalc.check.points import Point
from matcalc.expr.nodes import Expr, is_zero
from matcalc.numeric.evaluation import Array
from matcalc.numeric.magnitudes import largest

SAME = 1e-8  # relative to the derivative itself
CLOSE = 1e-9  # relative to the values: what is closer needs no excuse
LEFT = 1e-5
HOLD = 1e4  # times the usual error is what is excused in them
NOISE = 1e-13  # of the largest value on the way: without more digits, what is below may be rounding that moves
LEAST = 1e-300  # below this, nothing is a number of its own


def relative(got: Array, want: Array, scale: float = 0.0) -> float:
    """Largest difference, relative to the size of the values."""
    got, want = np.asarray(got), np.asarray(want)
    if got.dtype == object or want.dtype == object:
        got, want = got.astype(object), want.astype(object)
        if not all(np.isfinite(x.astype(float)).all() for x in (got, want)):
            return float("inf")
    top, apart = largest(want), largest(got - want)
    if not (math.isfinite(top) and math.isfinite(apart)):
        return float("inf")
    return apart / max(scale, top, LEAST) if apart < CLOSE * top else apart / max(scale, top, largest(got), LEAST)


def relative_at(point: Point, got: Array, want: Array, *of: Expr, least: float = 0.0) -> float:
    """The difference between two values of the same; where it is not small, relative to ``least`` and to the values on the way to
    what they are ``of``, for terms that cancel leave rounding errors."""
    error = relative(got, want)
    return error if error < CLOSE else relative(got, want, max([least, *(magnitude(point, e) for e in of)]))


def magnitude(point: Point, e: Expr) -> float:
    """What rounding errors are relative to: a small part of the largest value on the way to ``e``. However small a value is
    beside that, some digits of it hold, if it is no rounding error: it moves with the point, or more digits are to be had."""
    excused = point.rounding * point.largest_below(e)
    if point.precise:  # a line may name a derivative that is 0: what differences leave of it is relative to the output
        return max(excused, LEFT * point.rounding * point.largest_below(point.output))
    top = largest(point.value(e))
    if point.excused and (top <= NOISE * point.largest_below(e) or not point.is_steady(e)):
        return excused
    return min(HOLD * top, excused)


def floor(point: Point, y: Expr, derivative: Expr) -> float:
    """What the rounding errors of a derivative that is zero are relative to: the size of what is differentiated."""
    return 1e-3 * max(largest(point.value(y)), 1.0) if is_zero(derivative) else 0.0


def zero_or(point: Point, output: Expr, e: Expr, got: Array, want: Array, error: float) -> float:
    """The error, unless the derivative vanishes. A zero that the ring laws have proved is accepted up to rounding; where
    all that is seen are rounding errors, which could hide a mistake, the derivative is noted as hidden, for many digits.
    What is small, the same on both ways and hardly moves with the point is no rounding error: the gradients of a deep network."""
    size = max(largest(point.value(output)), point.largest_below(e), 1e-3)
    top = largest(want)
    if is_zero(e):
        return top / size
    if top and top >= 1e-4 * point.rounding * size:
        return error
    if top and not point.precise and largest(np.subtract(got, want)) < SAME * top and point.is_steady(e):
        return error
    point.vanished.add(e)
    if point.precise or top == 0.0:
        return error
    point.hidden.add(e)
    return 0.0
