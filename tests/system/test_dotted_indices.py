"""Indices with a dot or a colon for a whole axis: X_{i·} is a row, X_{·j} a column."""

from __future__ import annotations

import pytest

import matcalc

DIMS = {"X": ("n", "m"), "v": ("n",), "x": ("n",)}
WHOLE_AXES = [
    (r"\sum_i \|X_{i\cdot}\|^2", r"\sum_i \|X_{i,:}\|^2"),
    (r"\sum_j (X_{\cdot j}^T v)^2", r"\sum_j (X_{:,j}^T v)^2"),
    (r"X_{\cdot 1}", r"X_{:,1}"),
]


@pytest.mark.parametrize(("dotted", "colon"), WHOLE_AXES)
def test_a_dot_is_a_whole_axis(dotted: str, colon: str) -> None:
    one, other = (matcalc.parse(text, DIMS, notation="latex") for text in (dotted, colon))
    assert one.plain == other.plain and one.shape == other.shape


def test_a_range_needs_both_ends() -> None:
    with pytest.raises(matcalc.ParseError, match="both ends"):
        matcalc.parse("x[2:]", DIMS)


def test_a_dot_between_factors_is_a_product_still() -> None:
    assert matcalc.parse(r"v \cdot x", DIMS, notation="latex").shape == ()
