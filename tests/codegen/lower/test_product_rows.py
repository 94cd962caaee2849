"""Rows about products and sums are used where they say so, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import matcalc
from matcalc.algebra.book import book
from matcalc.algebra.rule import make_book
from matcalc.codegen.lower import product_rows
from matcalc.rules.row import R

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
