"""What stands for an unspecified function of a vector, or of a number with arrays as values: fixed smooth functions with exact
derivatives, of which a carrier (the array that is drawn for the name) chooses one.

Of a vector: r(x) = sin(W x + v + 2/5) with fixed weights W, and its Jacobian. Of a number: K(t) = D(t) (V + I/4) E(t) with diagonal
D and E, equal where K is square: then K(t) is symmetric or definite where the carrier V is. Nothing that is not asked for holds of
them: they are not linear in the carrier, nor 0 where it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from matcalc.expr.groups import OF_NUMBERS, OF_VECTORS
from matcalc.numeric.entrywise_functions import Array, Unary

GOLDEN = (math.sqrt(5) - 1) / 2
PHASE = np.asarray(0.4)


def _spread(count: int, by: float) -> Array:
    """Numbers between 0 and 1 that have no pattern in common with others (multiples of an irrational number)."""
    return (np.arange(1, count + 1) * by) % 1.0


def _weights(rows: int, cols: int) -> Array:
    return 1.6 * _spread(rows * cols, GOLDEN).reshape(rows, cols) - 0.8


def of_vector(v: Array, x: Array, sin: Unary = np.sin, exact: Unary = np.asarray) -> Array:
    return np.asarray(sin(exact(_weights(v.shape[-2], x.shape[-2])) @ x + v + exact(PHASE)))


def jacobian(v: Array, x: Array, sin: Unary = np.sin, exact: Unary = np.asarray) -> Array:
    w = exact(_weights(v.shape[-2], x.shape[-2]))
    half = sin((w @ x + v + exact(PHASE)) / 2)
    return np.asarray((1 - 2 * half * half) * w)  # the cosine times w


def of_number(order: int) -> Callable[..., Array]:
    """The derivative of that order: by Leibniz' rule, of the two factors beside the carrier."""

    def value(v: Array, t: Array, sin: Unary = np.sin, exact: Unary = np.asarray) -> Array:
        rows, cols = v.shape[-2:]
        carrier, total = v + exact(np.eye(rows, cols) / 4), 0 * t
        for k in range(order + 1):
            left, right = (_factor(n, j, t, sin, exact) for n, j in ((rows, k), (cols, order - k)))
            total = total + math.comb(order, k) * left * carrier * np.swapaxes(right, -1, -2)
        return np.asarray(total)

    return value


def _factor(count: int, order: int, t: Array, sin: Unary, exact: Unary) -> Array:
    """The diagonal of D(t), or of its derivative: 3/2 + sin(w t + p)/2, and (w^k/2) sin(w t + p + k π/2)."""
    w = exact(0.6 + 0.8 * _spread(count, GOLDEN)).reshape(count, 1)
    phase = exact(6 * _spread(count, math.sqrt(2))).reshape(count, 1)
    angle = w * t + phase
    quarter = order % 4
    wave = sin(angle) if quarter % 2 == 0 else 1 - 2 * sin(angle / 2) ** 2  # the cosine
    value = w**order * (wave if quarter < 2 else -wave) / 2
    return np.asarray(value + (exact(np.asarray(1.5)) if order == 0 else 0))


KERNELS: dict[str, Callable[..., Array]] = dict(zip(OF_VECTORS, (of_vector, jacobian), strict=True))
KERNELS |= {name: of_number(order) for order, name in enumerate(OF_NUMBERS)}
