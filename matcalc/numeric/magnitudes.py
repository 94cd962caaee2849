"""How large an array is, and whether all its entries are numbers.

Checks ask it of every value, and most of these have few entries: to look at them one by one takes less than a reduction by NumPy.
"""

from __future__ import annotations

import math

import numpy as np

from matcalc.numeric.entrywise_functions import Array

FEW = 24


def largest(x: Array) -> float:
    """The largest entry without its sign; 0 of none, and NaN where one is no number."""
    x = np.asarray(x)  # entries that are no numbers of NumPy leave their array
    if x.dtype.char == "d" and x.size <= FEW:
        entries = x.ravel().tolist()
        if math.isfinite(sum(entries)):
            return max(max(entries), -min(entries)) + 0.0 if entries else 0.0  # no -0.0
    return float(np.maximum.reduce(np.abs(x), axis=None, initial=0.0))


def all_finite(x: Array) -> bool:
    if x.dtype.char == "d" and x.size <= FEW and math.isfinite(sum(x.ravel().tolist())):
        return True
    return bool(np.logical_and.reduce(np.isfinite(x), axis=None))


def repeats(x: Array) -> bool:
    """Whether two entries are equal."""
    entries = np.asarray(x).ravel().tolist()
    return len(set(entries)) < len(entries)
