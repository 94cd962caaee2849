"""Products that stay finite, at arguments where the formula as written overflows or divides by zero."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.codes import body, ran

FAR = np.array([-800.0, -30.0, 0.0, 30.0, 800.0])
S = 1 / (1 + np.exp(-np.clip(FAR, -700, 700)))


@pytest.mark.parametrize(
    ("text", "value", "gradient"),
    [
        ("sum(1 ./ (1 + exp(-x)))", S.sum(), S * (1 - S)),
        ("sum(exp(x) ./ (1 + exp(x)))", S.sum(), S * (1 - S)),
        ("sum(tanh(x))", np.tanh(FAR).sum(), 1 - np.tanh(FAR) ** 2),
        ("sum(log(1 + exp(x)))", np.logaddexp(0, FAR).sum(), S),
        ("sum(1 - sigmoid(x))", (1 - S).sum(), -S * (1 - S)),
    ],
)
def test_sigmoids(text: str, value: float, gradient: Any) -> None:
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        found = ran(text, {"x": FAR})
    assert np.isclose(found[0], value, rtol=1e-12) and np.allclose(found[1], gradient, rtol=1e-6, atol=1e-12)


def test_a_small_sigmoid_keeps_its_digits() -> None:
    """1 − σ(40) is e⁻⁴⁰ = 4.2e-18, which 1 minus a double near 1 does not have."""
    value, _ = ran("1 - sigmoid(a)", {"a": 40.0})
    assert np.isclose(value, np.exp(-40.0), rtol=1e-12)


def test_softmax_written_out() -> None:
    x = np.array([1000.0, 1001.0, 999.0])
    with np.errstate(over="raise", invalid="raise"):
        value, gradient = ran("y'*(exp(x)/sum(exp(x)))", {"x": x, "y": np.array([1.0, 2.0, 3.0])}, wrt="x")
    p = np.exp(x - 1001) / np.exp(x - 1001).sum()
    assert np.isclose(value, p @ [1, 2, 3]) and np.allclose(gradient, p * ([1, 2, 3] - p @ [1, 2, 3]), rtol=1e-10)


def softmaxes(x: Any, axis: int) -> Any:
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@pytest.mark.parametrize(
    "text", ["sum(exp(x) .* y .* c)/sum(exp(x))", "y'*diag(exp(x))*c/sum(exp(x))", "c'*(y .* exp(x))/sum(exp(x))"]
)
def test_softmax_is_seen_where_other_factors_stand_beside_it(text: str) -> None:
    x, y, c = np.array([1000.0, 1001.0, 999.0]), np.array([1.0, 2.0, 3.0]), np.array([0.5, -1.0, 4.0])
    p = softmaxes(x, 0)
    with np.errstate(over="raise", invalid="raise"):
        value, gradient = ran(text, {"x": x, "y": y, "c": c}, wrt="y", dims={name: "n" for name in "xyc"})
    assert np.isclose(value, p @ (y * c), rtol=1e-12) and np.allclose(gradient, p * c, rtol=1e-12)


@pytest.mark.parametrize(
    ("text", "axis"), [("sum(A .* exp(X) ./ (rowsum(exp(X))*ones(n)'))", 1), ("sum((A .* exp(X)) ./ (ones(m)*colsum(exp(X))'))", 0)]
)
def test_softmax_of_rows_or_columns_is_seen_among_the_factors_of_a_product(text: str, axis: int) -> None:
    X, A = np.array([[1000.0, 1001.0, 999.0], [-900.0, -901.0, -900.5]]), np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 2.0]])
    X = X if axis else X[:, [0, 2, 1]] * [[1], [-1]]
    with np.errstate(over="raise", invalid="raise"):
        value, gradient = ran(text, {"X": X, "A": A}, wrt="A")
    assert np.isclose(value, (A * softmaxes(X, axis)).sum(), rtol=1e-12) and np.allclose(gradient, softmaxes(X, axis), rtol=1e-12)


@pytest.mark.parametrize("text", ["norm2(x)", "sqrt(x'*x)", "sqrt(sum(x.^2))"])
def test_the_gradient_of_a_norm_at_zero_is_zero(text: str) -> None:
    with np.errstate(all="raise"):
        value, gradient = ran(text, {"x": np.zeros(3)})
    assert value == 0 and np.array_equal(gradient, np.zeros(3))
    big = ran(text, {"x": np.array([3e200, 4e200])})
    assert np.isclose(big[0], 5e200) and np.allclose(big[1], [0.6, 0.8])


def test_the_gradient_of_a_determinant_holds_where_it_is_zero() -> None:
    value, gradient = ran("det(S)", {"S": np.array([[1.0, 2.0], [2.0, 4.0]])})
    assert np.isclose(value, 0, atol=1e-12) and np.allclose(gradient, [[4.0, -2.0], [-2.0, 1.0]])


def test_signs_share_their_work() -> None:
    assert body("sum(sigmoid(x)) + sum(sigmoid(-x))", wrt="x").count("np.exp(") <= 1
