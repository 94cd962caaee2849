"""Rows used as rewrites: the first that fits, and only where it has a meaning."""

from __future__ import annotations

from matcalc.algebra.rewriting import rewritten
from matcalc.algebra.rule import make_book
from matcalc.rules.row import R
from tests.nodes import read

ROWS = make_book(
    {
        "rewrite": [
            R("off", "log(exp(X)) = X + X", "X[m,n]", "s", "X = 1"),
            R("first", "log(exp(X)) = X", "X[m,n]", "s"),
            R("second", "log(exp(X)) = X .* X ./ X", "X[m,n]", "s"),
            R("determinant", "log(det(X)) = logdet(X)", "X[n,n] invertible", "s"),
        ]
    },
    {"s": "somewhere"},
).groups["rewrite"]


def test_the_first_row_that_fits() -> None:
    found = rewritten(ROWS, read("log(exp(A*x))"))
    assert found is not None
    assert found[0].name == "first" and found[1] is read("A*x")  # not the one that is switched off


def test_of_every_kind() -> None:
    for text in ("s", "x", "x'", "A"):
        found = rewritten(ROWS, read(f"log(exp({text}))"))
        assert found is not None and found[1] is read(text)


def test_what_no_row_is_about() -> None:
    assert rewritten(ROWS, read("exp(log(x))")) is None and rewritten(ROWS, read("log(x)")) is None
    assert rewritten((), read("log(exp(x))")) is None


def test_a_row_about_matrices_has_no_meaning_for_a_number() -> None:
    found = rewritten(ROWS, read("log(det(A))"))
    assert found is not None and found[1] is read("logdet(A)")
    from matcalc.expr.nodes import make

    scalar = make("log", (make("det", (read("s"),)),))
    assert rewritten(ROWS, scalar) is None
