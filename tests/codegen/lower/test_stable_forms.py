"""Functions in their stable forms before they become code, and rows about products wherever these stand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.special
import scipy.stats

import matcalc
from matcalc.codegen.lower.stable_forms import stable_forms
from matcalc.notation.write.render import render
from tests.codes import body, ran

DIMS = {"a": (), "x": ("n",), "y": ("n",), "S": ("n", "n")}
FORMS = [
    ("log(2*sum(exp(x)))", "logsumexp(x) + log(2)"),
    ("log(sum(exp(x))/n)", "logsumexp(x) - log(n)"),
    ("log(3*a)", "log(3*a)"),  # no digits would be won
    ("log(1/(1 + exp(-a)))", "-softplus(-a)"),
    ("log(ones(n) - x)", "log1p(-x)"),
    ("sum(log(x + 1) .* silu(y))", "sum(log1p(x) .* (y .* sigmoid(y)))"),
    ("log(2*det(S))", "log(det(S)) + log(2)"),  # its sign is looked at when it is lowered
]


@pytest.mark.parametrize(("text", "wanted"), FORMS, ids=[t for t, _ in FORMS])
def test_forms(text: str, wanted: str) -> None:
    (found,) = stable_forms([matcalc.parse(text, DIMS).node], {})
    assert render(found) == wanted


FAR = [1000.0, -1000.0]
PRODUCTS: list[tuple[str, dict[str, Any], float, Any]] = [
    ("sum(sinh(x).^3 ./ cosh(x).^3 .* y)", {"x": FAR, "y": [2.0, 1.0]}, 1.0, [0.0, 0.0]),
    ("sinh(a)/cosh(a)", {"a": 1000.0}, 1.0, 0.0),
    ("sum(y .* exp(2*x) ./ (1 + exp(2*x)).^2)", {"x": FAR, "y": [2.0, 1.0]}, 0.0, [0.0, 0.0]),
    ("sum(y .* exp(x).^2 ./ (exp(x) + 1).^2)", {"x": FAR, "y": [2.0, 1.0]}, 2.0, [0.0, 0.0]),
    ("exp(a)^3/(1 + exp(a))^3", {"a": 1000.0}, 1.0, 0.0),
    ("1/(1 + exp(a))^2", {"a": -1000.0}, 1.0, 0.0),
]


@pytest.mark.parametrize(("text", "at", "value", "slope"), PRODUCTS, ids=[t for t, *_ in PRODUCTS])
def test_products_do_not_overflow(text: str, at: dict[str, Any], value: float, slope: Any) -> None:
    d = matcalc.derive(text, wrt=next(iter(at)), dims=DIMS, check=False)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        got, found = d.function()(**at)
    assert got == pytest.approx(value, rel=1e-12)
    assert np.allclose(found, slope, atol=1e-300)


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


X = np.array([-800.0, -2.0, -0.3, 0.4, 3.0, 800.0])
REFERENCES: dict[str, Any] = {
    "silu": lambda x: x * scipy.special.expit(x),
    "gelu": lambda x: x * scipy.stats.norm.cdf(x),
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "normpdf": scipy.stats.norm.pdf,
    "hardtanh": lambda x: np.clip(x, -1, 1),
    "logsigmoid": scipy.special.log_expit,
}


@pytest.mark.parametrize("name", sorted(REFERENCES))
def test_functions_that_numpy_lacks(name: str) -> None:
    with np.errstate(over="raise", invalid="raise"):
        value, slope = ran(f"a*sum({name}(x))", {"x": X, "a": 2.0}, wrt="a")
    assert np.isclose(value, 2 * REFERENCES[name](X).sum(), rtol=1e-13) and np.isclose(slope, value / 2)
