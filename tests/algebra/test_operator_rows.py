"""Rows that define operators: which they are, and what is refused."""

from __future__ import annotations

import pytest

from matcalc.algebra.operator_rows import defines, operators
from matcalc.expr.errors import UsageError
from matcalc.rules.row import R


def row(equation: str, where: str) -> R:
    return R("a", equation, where, "mine:1")


def test_which_rows_define_an_operator() -> None:
    assert defines(row("comm(A, B) = A*B - B*A", "A[n,n] B[n,n]")) == "comm"
    for known in ("log(exp(X)) = X", "d(comm(A, B)) = d(A)*B", "vec(X) = X", "f(X) = X", "<G, L> = <G, L>", "ReLU(X) = X",
                  "layernorm(x) = x", "A*comm(A, A) = A", "inv(X) = X", "comm(A, B) == A"):  # fmt: skip
        assert not defines(row(known, ""))


def test_several_of_one_name_and_one_made_of_another() -> None:
    rows = [row("half(x) = x/2", "x[n]"), row("half(X) = X/2", "X[m,n]"), row("quarter(x) = half(half(x))", "x[n]"),
            row("d(half(x)) = d(x)/2", "x[n]")]  # fmt: skip
    found = operators(rows)
    assert [op.shape for op in found["half"]] == ["c(n) -> c(n)", "m(m,n) -> m(m,n)"]
    assert [op.shape for op in found["quarter"]] == ["c(n) -> c(n)"] and list(found) == ["half", "quarter"]


@pytest.mark.parametrize(
    ("equation", "where", "said"),
    [
        ("comm(A, B) = A*B - B*C", "A[n,n] B[n,n]", "'C' is nothing that comm takes"),
        ("comm(A, B) = A*B", "A[n,n]", "where is about A, and comm has A, B"),
        ("comm(A) = A*B", "A[n,n] B[n,n]", "where is about A, B, and comm has A"),
        ("comm(A, A) = A*A", "A[n,n]", "where is about A, and comm has A, A"),
        ("comm(A) = A", "A[2,2]", "the sizes of what comm takes are names"),
        ("comm(A) = A", "A[n+1,n]", "the sizes of what comm takes are names"),
        ("my_op(A) = A", "A[n,n]", "'my_op' cannot be the name of an operator"),
        ("comm(A, B) = A*B", "A[m,n] B[m,n]", "the sizes"),
        ("comm(A) = comm(A)", "A[n,n]", "comm"),
        ("comm(A) = other(A)", "A[n,n]", "other"),
    ],
)
def test_what_is_refused(equation: str, where: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        operators([row(equation, where)])
