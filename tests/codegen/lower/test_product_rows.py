"""Rows about products and sums: found among other factors, in any order and to any power, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.algebra.book import book
from matcalc.algebra.rule import make_book
from matcalc.codegen.lower import product_rows
from matcalc.rules.row import R
from tests.codes import ran

FAR = np.array([-40.0, -1.5, 0.3, 2.0, 40.0])
SIGMOID = 1 / (1 + np.exp(-FAR))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sum(y .* exp(x) .* sigmoid(-x))", lambda y: y * SIGMOID),
        ("sum(sigmoid(-x) .* y .* exp(x))", lambda y: y * SIGMOID),
        ("sum(y .* sinh(x) ./ cosh(x))", lambda y: y * np.tanh(FAR)),
        ("sum(y .* (1 - sigmoid(x)))", lambda y: y * np.exp(-FAR) * SIGMOID),
        ("sum(y .* (1 - tanh(x).^2))", lambda y: y / np.cosh(FAR) ** 2),
    ],
)
def test_values_keep_their_digits(text: str, value: Any) -> None:
    """At x = 40 each of these is about 1e-17 or 1 ± 1e-17: entry by entry, by the weights y."""
    for k in range(len(FAR)):
        y = np.eye(len(FAR))[k]
        found = ran(text, {"x": FAR, "y": y}, wrt="y")[0]
        assert np.isclose(found, value(y).sum(), rtol=1e-9, atol=1e-25), (k, found)


def test_far_out_nothing_overflows() -> None:
    x = np.array([-800.0, 800.0])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        value, gradient = ran("sum(exp(x) .* sigmoid(-x))", {"x": x})
    assert np.isclose(value, 1.0) and np.allclose(gradient, 0)


def test_the_sign_of_the_argument_is_taken_out() -> None:
    one, other = (ran(f"sum(sigmoid({t}))", {"x": FAR})[0] for t in ("-x", "(-1)*x"))
    assert one == other and np.isclose(one, (1 - SIGMOID).sum())


X = np.array([0.3, -1.2, 2.0])


@pytest.fixture
def one_row(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    """One row in place of those that there are."""
    row = R("test-row", request.param, "X[m,n]", "calculus:table")
    (rule,) = make_book({"stable": (row,)}, book().sources).groups["stable"]
    product_rows._rows.cache_clear()
    monkeypatch.setattr(product_rows, "stable_rows", lambda head, names: (rule,) if rule.sides[0].op == head else ())
    yield
    product_rows._rows.cache_clear()


# The order of a difference counts; a difference of two functions is no "1 - f"; a right side is one function.
# A sum of two functions is no "1 + f", and step(-x) is not step(x).
ROWS = ["exp(X) - 1 = expm1(X)", "cosh(X) - sinh(X) = exp(-X)", "1 - cos(X) = 2*sin(X/2).^2", "X .* step(X) = relu(X)",
        "1 ./ (cosh(X) + sinh(X)) = exp(-X)"]  # fmt: skip
TEXTS = ["sum(exp(x) - 1)", "sum(1 - exp(x))", "sum(1 - cosh(x))", "sum(sinh(x) - 1)", "sum(1 - cos(x))", "sum(1 ./ (1 + sinh(x)))",
         "sum(x .* step(-x))"]  # fmt: skip


@pytest.mark.parametrize("one_row", ROWS, indirect=True, ids=ROWS)
@pytest.mark.parametrize("text", TEXTS)
def test_code_by_a_row_computes_what_the_text_says(one_row: None, text: str) -> None:
    d = matcalc.derive(text, wrt="x")
    value, gradient = d.function()(x=X)
    assert value == pytest.approx(float(d.value.evaluate({"x": X})))
    assert gradient == pytest.approx(d.result.evaluate({"x": X}))
