"""Which branches an operator takes at some arguments."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.expr.table import TABLE
from matcalc.numeric.branches import ALL, count, taken

MIXED, UP, DOWN, AT = np.array([-1.0, 2.0]), np.array([1.0, 2.0]), np.array([-1.0, -2.0]), np.array([0.0])


@pytest.mark.parametrize("op", ["abs", "sign", "relu", "step", "norm1", "elu", "softsign", "cbrt"])
def test_two_sides_of_zero(op: str) -> None:
    assert count(op) == 2 == len(taken(op, [MIXED]))
    up, down = taken(op, [UP]), taken(op, [DOWN])
    assert len(up) == len(down) == 1 and up != down
    assert taken(op, [AT]) == frozenset()  # at the kink itself neither is taken


def test_three_pieces_have_four_sides() -> None:
    left, middle, right = (taken("hardtanh", [np.array([v])]) for v in (-2.0, 0.0, 2.0))
    assert len({left, middle, right}) == 3 and len(left | middle | right) == count("hardtanh") == 4
    y = np.array([1.0])
    assert taken("huber2", [np.array([0.0]), y]) != taken("huber2", [np.array([3.0]), y]) != taken("huber2", [np.array([-3.0]), y])


@pytest.mark.parametrize("op", ["max2", "min2"])
def test_the_larger_of_two_is_decided_entry_by_entry(op: str) -> None:
    assert len(taken(op, [np.array([1.0, 5.0]), np.array([2.0, 3.0])])) == 2
    assert taken(op, [np.array([1.0, 2.0]), np.array([2.0, 3.0])]) != taken(op, [np.array([2.0, 3.0]), np.array([1.0, 2.0])])


def test_the_place_of_the_entry_that_counts() -> None:
    x = np.array([[3.0, 1.0, 2.0]])
    assert taken("max", [x]) == {0} and taken("min", [x]) == {1} and taken("argmax1", [x]) == {0}
    assert taken("rowmax", [np.array([[3.0, 1.0], [0.0, 5.0], [4.0, 2.0]])]) == {0, 1}
    assert count("max") == 2


def test_the_operators_are_those_of_the_table() -> None:
    assert TABLE.keys() >= ALL
