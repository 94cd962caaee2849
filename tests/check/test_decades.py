"""How far apart values lie."""

from __future__ import annotations

import numpy as np

from matcalc.check.decades import apart
from matcalc.expr.nodes import num, sym
from matcalc.expr.table import SCALAR


def test_decades_are_counted_from_one_in_both_directions() -> None:
    a, b = sym("a", SCALAR), num(3)
    assert apart([{a: np.array([[2e5, -3e-9]])}]) == 6
    assert apart([{a: np.array([[1e5]])}, {a: np.array([[-1e-4]]), b: np.zeros((1, 1))}]) == 9
    assert apart([]) == apart([{a: np.array([[np.inf]])}]) == 0
