"""Softmax and its relatives along axes, shifted by the maximum so that nothing overflows (Boyd and Vandenberghe, sec. 3.1.5).

Independent of rules/ on purpose: these values judge the rows of the softmax family.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from matcalc.numeric.entrywise_functions import Array

Map = Callable[[Array], Array]

ALL, ROW = (-2, -1), (-1,)  # the axes of a vector, and of each row


def _shifted(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    top = x.real.max(axes, keepdims=True)
    return top, np.asarray(np.exp(x - top))


def softmax(axes: tuple[int, ...]) -> Map:
    """exp(x_i)/Σ_j exp(x_j) along the axes; the array keeps its shape."""

    def along(x: Array) -> Array:
        e = _shifted(x, axes)[1]
        return np.asarray(e / e.sum(axes, keepdims=True))

    return along


def logsumexp(axes: tuple[int, ...]) -> Map:
    """log Σ_j exp(x_j), with 1 in place of each axis that is summed over."""

    def along(x: Array) -> Array:
        top, e = _shifted(x, axes)
        return np.asarray(top + np.log(e.sum(axes, keepdims=True)))

    return along


def logsoftmax(axes: tuple[int, ...]) -> Map:
    """x_i - log Σ_j exp(x_j); the array keeps its shape."""
    total = logsumexp(axes)
    return lambda x: np.asarray(x - total(x))
