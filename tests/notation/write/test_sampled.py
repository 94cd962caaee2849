"""Sums in print: brackets where they are needed, none at the end of a formula."""

from __future__ import annotations

import pytest

from matcalc.expr.nodes import Expr, make, num, sym
from matcalc.expr.table import Type
from matcalc.notation.write.sampled import Samples, Slice, Total, sampled
from matcalc.notation.write.styles import LATEX, TEXT

COLUMN, SQUARE = Type("c", "m", 1), Type("m", "m", "m")
A, B, X = sym("A", SQUARE), sym("b", COLUMN), sym("X", Type("m", "n", "m"))
S, X_I = sym("Σ0", COLUMN), sym("x[i]", COLUMN)
HEAD = ("Σ_i", r"\sum_{i}")


@pytest.mark.parametrize(
    ("whole", "term", "text"),
    [
        (S, X_I, "Σ_i x_i"),
        (S, make("sub", (X_I, B)), "Σ_i (x_i - b)"),
        (make("matmul", (A, S)), X_I, "A Σ_i x_i"),
        (make("add", (S, B)), X_I, "(Σ_i x_i) + b"),
        (make("add", (B, S)), X_I, "b + Σ_i x_i"),
        (make("div", (S, num(2))), X_I, "(Σ_i x_i)/2"),
        (make("matmul", (make("T", (S,)), B)), X_I, "(Σ_i x_i)ᵀ b"),
    ],
)
def test_brackets(whole: Expr, term: Expr, text: str) -> None:
    s = Samples(whole, {S: Total(term, HEAD)}, {X_I: Slice(X, 0, ("x_i", "x_i"))})
    assert sampled(s, TEXT, {}) == text
    latex = sampled(s, LATEX, {})
    assert r"\sum_{i}" in latex and latex.count(r"\left(") == latex.count(r"\right)")
