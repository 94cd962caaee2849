"""Formulas of functions of each entry, found in the rows of the rules."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.algebra.book import book
from matcalc.algebra.written_out import formula_of, written_out


@pytest.mark.parametrize(
    ("op", "formula"),
    [
        ("sigmoid", "1/(1 + exp(-z))"),  # a rewrite rule, whose right side is the function
        ("softplus", "log(1 + exp(z))"),
        ("silu", "z*sigmoid(z)"),  # a stable form, whose left side is
        ("tanh", "(exp(2*z) - 1)/(exp(2*z) + 1)"),  # an identity, before the stable form sinh/cosh
        ("exp", None),
    ],
)
def test_formula_of(op: str, formula: str | None) -> None:
    assert formula_of(book(), op) == formula


def test_rows_are_turned_so_that_the_function_stands_on_the_left() -> None:
    found = written_out(book())
    assert [row.equation for row in found["tanh"]][1] == "tanh(X) = sinh(X) ./ cosh(X)"
    assert all(row.sides[0].op == op for op, rows in found.items() for row in rows)


@pytest.mark.parametrize("op", ["sigmoid", "tanh", "softplus", "logsigmoid", "silu", "gelu", "elu", "softsign", "normpdf"])
def test_a_formula_is_the_function(op: str) -> None:
    formula = formula_of(book(), op, "t")
    assert formula is not None and matcalc.equal(f"{op}(t)", formula, {"t": ()})
