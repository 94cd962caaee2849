"""Gradients of which few rows are not 0, as (integers, rows). A training script contains these functions word for word."""

from __future__ import annotations

from typing import Any

import numpy as np


def collected(at: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each row once, in order: what is added to one row twice adds up."""
    order = np.argsort(at, kind="stable")
    once, first = np.unique(at[order], return_index=True)
    return once, np.add.reduceat(rows[order], first, axis=0)


def places(gradient: Any) -> tuple[Any, np.ndarray]:
    """Where a gradient stands in its parameter, and what stands there: in these rows, or everywhere."""
    return gradient if isinstance(gradient, tuple) else (..., gradient)
