"""Rows about products and sums: found among other factors, in any order and to any power, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.algebra.book import book
from matcalc.algebra.rule import Rule, make_book
from matcalc.codegen.lower import product_rows
from matcalc.codegen.lower.product_rows import row_of
from matcalc.expr.errors import UsageError
from matcalc.rules.row import R
from tests.codes import ran

FAR = np.array([-40.0, -1.5, 0.3, 2.0, 40.0])
SIGMOID = 1 / (1 + np.exp(-FAR))


@pytest.mark.sample(2)
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


# The order of a difference counts, step(-x) is not step(x).
ROWS = ["X .* step(X) = relu(X)", "1 - sigmoid(X) = sigmoid(-X)"]
TEXTS = ["sum(exp(x) - 1)", "sum(1 - exp(x))", "sum(1 - cosh(x))", "sum(sinh(x) - 1)", "sum(1 - cos(x))",
         "sum(x .* step(-x))"]  # fmt: skip


@pytest.mark.parametrize("one_row", ROWS, indirect=True, ids=ROWS)
@pytest.mark.parametrize("text", TEXTS)
def test_code_by_a_row_computes_what_the_text_says(one_row: None, text: str) -> None:
    d = matcalc.derive(text, wrt="x")
    value, gradient = d.function()(x=X)
    assert value == pytest.approx(float(d.value.evaluate({"x": X})))
    assert gradient == pytest.approx(d.result.evaluate({"x": X}))


# The order of a difference counts; a difference of two functions is no "1 - f"; a right side is one function; a sum of two
# functions is no "1 + f"; nothing is looked for in sums, or of two variables.
NEVER_FOUND = ["exp(X) - 1 = expm1(X)", "cosh(X) - sinh(X) = exp(-X)", "1 - cos(X) = 2*sin(X/2).^2", "cosh(X) + sinh(X) = exp(X)",
               "1 ./ (cosh(X) + sinh(X)) = exp(-X)", "exp(X) .* exp(Y) = exp(X + Y)", "X .* step(Y) = relu(X)"]  # fmt: skip


def rule(equation: str) -> Rule:
    (found,) = make_book({"stable": (R("test-row", equation, "X[m,n] Y[m,n]", "calculus:table"),)}, book().sources).groups["stable"]
    return found


@pytest.mark.parametrize("equation", NEVER_FOUND)
def test_a_stable_row_that_would_never_be_found_is_said_to_be_so(equation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    never = rule(equation)
    assert row_of(never) is None
    monkeypatch.setattr(product_rows, "stable_rows", lambda head, names: (never,))
    for head in product_rows.SIGN_OF_SECOND:
        with pytest.raises(UsageError, match="rule test-row: code never finds") as caught:
            product_rows._rows.__wrapped__(head, frozenset())
    assert "1 - f(X)" in str(caught.value.hint)


def test_every_stable_row_is_found() -> None:
    """By its function, or as a product."""
    for row in book().groups["stable"]:
        assert len(row.sides[0].args) == 1 or row_of(row) is not None, row
