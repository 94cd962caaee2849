"""Logarithms lose no digits where their argument under- or overflows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.codes import body, ran


@pytest.mark.parametrize(
    ("text", "x", "value", "slope"),
    [
        ("log(sigmoid(a))", -800.0, -800.0, 1.0),
        ("log(1 + exp(a))", 800.0, 800.0, 1.0),
        ("log(1 + exp(a))", -800.0, 0.0, 0.0),
        ("log(1 + a)", 1e-20, 1e-20, 1.0),
    ],
)
def test_scalars(text: str, x: float, value: float, slope: float) -> None:
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        found = ran(text, {"a": x})
    assert np.allclose(found, (value, slope), rtol=1e-15, atol=0)


@pytest.mark.parametrize("shift", [0.0, 1000.0, -1000.0])
def test_sums_of_exponentials(shift: float) -> None:
    x = np.array([1.0, 2.0, 0.5]) + shift
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        value, gradient = ran("log(sum(exp(x)))", {"x": x})
    weights = np.exp(x - x.max()) / np.exp(x - x.max()).sum()
    assert np.isclose(value, x.max() + np.log(np.exp(x - x.max()).sum()), rtol=1e-15) and np.allclose(gradient, weights, rtol=1e-14)


def test_the_logarithm_of_a_softmax_is_no_logarithm_of_zero() -> None:
    found: Any = ran("-y'*log(softmax(x))", {"x": np.array([0.0, 2000.0]), "y": np.array([1.0, 0.0])}, wrt="x")
    assert np.allclose(found[0], 2000.0) and np.allclose(found[1], [-1.0, 1.0])


def test_the_logarithm_of_a_determinant_takes_none() -> None:
    code = body("log(det(S))")
    assert "np.linalg.det" not in code
    small = ran("log(det(S))", {"S": 1e-200 * np.eye(3)})
    assert np.isclose(small[0], -600 * np.log(10)) and np.allclose(small[1], 1e200 * np.eye(3))


def test_a_hyperbolic_cosine_does_not_overflow() -> None:
    x = np.array([-800.0, 0.0, 800.0])
    with np.errstate(over="raise", invalid="raise"):
        value, gradient = ran("sum(log(cosh(x)))", {"x": x})
    assert np.isclose(value, 1600 - 2 * np.log(2), rtol=1e-15) and np.array_equal(gradient, [-1.0, 0.0, 1.0])
