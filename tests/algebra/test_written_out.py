"""Formulas of functions of each entry, found in the rows of the rules."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.algebra.book import book
from matcalc.algebra.written_out import formula_of


@pytest.mark.parametrize(
    ("op", "formula"),
    [
        ("sigmoid", "1/(1 + exp(-z))"),  # a rewrite rule, whose right side is the function
        ("softplus", "log(1 + exp(z))"),
        ("silu", "z*sigmoid(z)"),  # a stable form, whose left side is
        ("exp", None),
    ],
)
def test_formula_of(op: str, formula: str | None) -> None:
    assert formula_of(book(), op) == formula


@pytest.mark.parametrize("op", ["sigmoid", "tanh", "softplus", "logsigmoid", "silu", "gelu", "elu", "softsign", "normpdf"])
def test_a_formula_is_the_function(op: str) -> None:
    formula = formula_of(book(), op, "t")
    assert formula is not None and matcalc.equal(f"{op}(t)", formula, {"t": ()})
