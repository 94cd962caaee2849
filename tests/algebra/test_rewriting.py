"""Rows used as rewrites: the first that fits, and only where it has a meaning."""

from __future__ import annotations

import matcalc
from matcalc.algebra.book import book
from matcalc.algebra.rewriting import Use, carried_out, rewritten, taken_inside
from matcalc.algebra.rule import make_book
from matcalc.expr.nodes import Expr
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


SAID = {"y": frozenset(("one-hot",))}
INWARD = book().groups["inward"]


def better(log: Expr) -> list[Use] | None:
    found = rewritten(book().groups["rewrite"], log)
    return None if found is None else [Use(found[0], log, found[1])]


def test_a_logarithm_is_taken_inside_where_it_is_better_there() -> None:
    for text, wanted in (("log(y'*softmax(x))", "y'*logsoftmax(x)"), ("log(softmax(x)[2])", "logsoftmax(x)[2]"),
                         ("log(softmax(A)[2,:]')", "logsoftmax(A)[2,:]'")):  # fmt: skip
        uses = taken_inside(INWARD, read(text), SAID, better)
        assert uses and carried_out(read(text), uses) is read(wanted)
    for text in ("log(y'*exp(x))", "log(x'*softmax(x))", "log(y'*x)"):
        assert taken_inside(INWARD, read(text), SAID, better) is None
    assert taken_inside(INWARD, read("log(y'*softmax(x))"), {}, better) is None


def test_one_letter_of_a_row_is_one_size() -> None:
    """A ⊗ B with A [2×3] and B [3×2] has a trace, and tr(A) is none."""
    rows = book().groups["rewrite"]
    for shapes, fits in ((((2, 2), (3, 3)), True), (((2, 3), (3, 2)), False)):
        dims = dict(zip("AB", shapes, strict=True))
        found = rewritten(rows, matcalc.parse("tr(kron(A, B))", dims).node)
        assert (found is not None and found[0].name == "trace-of-kronecker") == fits
