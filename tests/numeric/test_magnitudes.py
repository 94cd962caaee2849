"""Sizes of arrays: few entries are looked at one by one, and what is found is what a reduction finds."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from matcalc.numeric.magnitudes import FEW, all_finite, largest, repeats

ENTRIES = (1.5, -2.5, 0.0, -0.0, np.inf, -np.inf, np.nan, 1e308, -1e308, 5e-324)


@pytest.mark.parametrize("count", [0, 1, 2, 3, FEW, FEW + 1])
def test_few_entries_as_many(count: int) -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        x = rng.choice(ENTRIES, count)
        want = np.maximum.reduce(np.abs(x), initial=0.0)
        for shaped in (x, x.reshape(-1, 1), x.reshape(1, -1).T):
            assert np.array_equal(largest(shaped), want, equal_nan=True) and not np.signbit(largest(shaped))
            assert all_finite(shaped) == np.isfinite(x).all()


def test_numbers_of_other_kinds() -> None:
    assert largest(np.array([3 + 4j])) == 5 and largest(np.array([1, -2])) == 2 and largest(np.float64(-2)) == 2
    assert not all_finite(np.array([complex(0, np.nan)])) and all_finite(np.array([1j]))
    assert largest(mpmath.mpf(-3)) == largest(np.array([mpmath.mpf(-3)], object)) == 3


def test_equal_entries() -> None:
    assert repeats(np.eye(2)) and repeats(np.array([0.0, -0.0]))
    assert (
        not repeats(np.array([[1.0, 2.0], [3.0, np.nextafter(1, 2)]])) and not repeats(np.float64(1)) and not repeats(np.array([]))
    )
