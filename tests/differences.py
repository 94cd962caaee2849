"""Central differences of a value that NumPy computes: what gradients and Jacobians are held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

STEP = 1e-4


def slopes(value: Callable[[dict[str, Any]], Any], name: str, at: Mapping[str, Any]) -> Any:
    """By each entry of ``at[name]``; the axes of the value come first. Fourth order: Abramowitz and Stegun, table 25.2."""
    x = np.asarray(at[name], float)
    columns = []
    for i in np.ndindex(*x.shape):
        e = np.zeros(x.shape)
        e[i] = STEP

        def moved(k: int, e: Any = e) -> Any:
            return np.asarray(value({**at, name: x + k * e}), float)

        columns.append((8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * STEP))
    shape = np.shape(columns[0])
    return np.moveaxis(np.array(columns), 0, -1).reshape(shape + x.shape)
