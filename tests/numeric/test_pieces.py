"""What hangs together, and what is divided: by roots, logarithms, angles, singular values, and where an array has few variables."""

from __future__ import annotations

import pytest

from matcalc.numeric.pieces import is_of_one_piece
from tests.nodes import read

ONE = [
    *("A*x - B*x", "exp(x'*A*x)/(x'*x)", "inv(A)*x", "sqrt(x)", "log(x - 3*y)", "log(1 + exp(x))", "sqrt(x'*x + 1)", "log(x'*x)"),
    *("asin(y)", "acosh(x)", "norm2(x - A*y)", "norm2(A)", "eigvals(A)", "eigmax(A + B*B)", "normspec(A')", "sqrtm(A)", "chol(A)"),
    *("atan(x)", "alpha^3", "alpha^(-2)", "alpha^(1/2)", "(1 + alpha^2)^(1/3)", "log(norm2(x))", "softmax(A*x)", "f(x)"),
]  # fmt: skip
DIVIDED = [
    *("sqrt((alpha-9)^2)", "log((alpha-9)^2)", "((alpha-9)^2)^(1/2)", "acosh(cosh(x))", "asin(sin(x))", "atan(tan(x))"),
    *("atan(1/alpha)", "abs(x)", "max(x)", "relu(sum(ones(1000)))", "norm2((alpha-9)*eye(n))", "eigmax(alpha*A)", "normnuc(A)"),
    *("svdvals(A)", "logdet(A)", "eigvecs(A)", "norm2(x + A*x)", "sqrtm(A*A)", "logm(expm(A))", "chol(A*A')", "log(A*x)"),
]  # fmt: skip


@pytest.mark.parametrize("text", ONE)
def test_of_one_piece(text: str) -> None:
    assert is_of_one_piece([read(text)], {})


@pytest.mark.parametrize("text", DIVIDED)
def test_divided(text: str) -> None:
    assert not is_of_one_piece([read(text)], {})


def test_what_ties_entries_leaves_fewer_points() -> None:
    assert is_of_one_piece([read("eigvals(A)")], {"A": frozenset({"symmetric"})})
    assert not is_of_one_piece([read("eigvals(A)")], {"A": frozenset({"diagonal"})})
