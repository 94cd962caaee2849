"""evaluate(): arrays in, the value out, as NumPy finds it; sizes, names and functions that do not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import MatcalcError, ShapeError, UsageError

A, x = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.5, -1.0])


def test_shapes_are_those_of_numpy() -> None:
    e = matcalc.parse("A*x", {"A": ("m", "n")})
    assert np.allclose(e.evaluate({"A": A, "x": x}), A @ x)
    assert np.shape(matcalc.parse("x'*x", {"x": ("n",)}).evaluate({"x": x})) == ()
    assert np.allclose(matcalc.parse("x'", {"x": ("n",)}).evaluate({"x": [1, 2]}), [1.0, 2.0])


def test_functions_are_those_that_are_given() -> None:
    e = matcalc.parse("sum(f(x))", {"x": ("n",)})
    assert np.isclose(e.evaluate({"x": x}, functions={"f": np.tanh}), np.tanh(x).sum())
    d = matcalc.derive("sum(f(x))", wrt="x", dims={"x": ("n",)})
    assert np.allclose(d.result.evaluate({"x": x}, functions={"f": "tanh"}), 1 - np.tanh(x) ** 2)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [({"A": A}, "x"), ({"A": A, "x": np.ones(3)}, "3"), ({"A": A, "x": A}, "x"), ({"A": A, "x": ["a", "b"]}, "x")],
)
def test_arrays_that_do_not_fit(arrays: dict[str, Any], words: str) -> None:
    with pytest.raises((UsageError, ShapeError)) as caught:
        matcalc.parse("A*x", {"A": ("m", "n")}).evaluate(arrays)
    assert words in caught.value.message


def test_a_derivative_at_a_root_that_is_zero() -> None:
    """0/0 counts as 0: 0 is in the subdifferential of the norm."""
    d = matcalc.derive("norm2(x)", wrt="x", dims={"x": ("n",)})
    assert np.array_equal(d.result.evaluate({"x": np.zeros(3)}), np.zeros(3))


def test_what_has_no_value_is_said() -> None:
    with pytest.raises(MatcalcError):
        matcalc.parse("inv(A)", {"A": ("n", "n")}).evaluate({"A": np.zeros((2, 2))})
