"""Learning rates by time, as plain functions. A training script contains the one that it uses, word for word.

``epoch`` and ``step`` (a batch) count from 0.
"""

from __future__ import annotations

import numpy as np


def constant(rate: float, epoch: int, step: int) -> float:
    """rate"""
    return rate


def halving(rate: float, epoch: int, step: int, every: int) -> float:
    """Half of it after every so many epochs."""
    return rate * 0.5 ** (epoch // every)


def exponential(rate: float, epoch: int, step: int, decay: float) -> float:
    """rate·e^(−decay·epoch)"""
    return float(rate * np.exp(-decay * epoch))


def cyclical(rate: float, epoch: int, step: int, top: float, half: int) -> float:
    """From rate up to top in ``half`` steps, and back in as many, again and again."""
    place = step % (2 * half) / half
    return rate + (top - rate) * min(place, 2 - place)
