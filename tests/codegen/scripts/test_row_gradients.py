"""Rows that are named twice add up; a gradient of few rows stands in these."""

from __future__ import annotations

import numpy as np

from matcalc.codegen.scripts.row_gradients import collected, places


def test_each_row_once() -> None:
    at, rows = np.array([4, 0, 4, 2, 4]), np.arange(10.0).reshape(5, 2)
    once, total = collected(at, rows)
    dense = np.zeros((6, 2))
    for i, row in zip(at, rows, strict=True):
        dense[i] += row
    assert once.tolist() == [0, 2, 4] and (total == dense[once]).all()


def test_entries_of_a_vector() -> None:
    once, total = collected(np.array([1, 1]), np.array([2.0, 3.0]))
    assert once.tolist() == [1] and total.tolist() == [5.0]


def test_where_a_gradient_stands() -> None:
    parameter = np.arange(6.0).reshape(3, 2)
    for gradient in (parameter, (np.array([2, 0]), np.ones((2, 2)))):
        at, there = places(gradient)
        assert parameter[at].shape == there.shape
