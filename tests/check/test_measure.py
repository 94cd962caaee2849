"""How far two values are apart."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.check.measure import relative
from matcalc.numeric.magnitudes import largest


def test_relative_errors() -> None:
    assert (
        relative(np.array([1.0]), np.array([1.1])) == pytest.approx(0.1 / 1.1, rel=0.2) and relative(np.zeros(2), np.zeros(2)) == 0
    )
    assert not relative(np.array([np.nan]), np.array([1.0])) <= 1e-8 and largest(np.array([-3.0, 2.0])) == 3
