"""Whether two sides are the same: by ring laws, else exactly; and a plain difference is seen at once."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.api import read_problem
from matcalc.check.replay.judging import Judge
from matcalc.check.replay.outcome import DoesNotFollow, Stuck
from matcalc.expr.nodes import Expr

DIMS = {"A": ("n", "n"), "B": ("n", "n"), "x": ("n",), "y": ("n",)}
PROBLEM = read_problem("tr(A*B) + x'*y", DIMS)
JUDGE = Judge(PROBLEM, (), {}, {})


def read(text: str) -> Expr:
    return read_problem(text, DIMS).output


@pytest.mark.parametrize(
    ("one", "other"),
    [("A*(x + y)", "A*x + A*y"), ("tr(A*B)", "tr(B*A)"), ("det(A*B)", "det(A)*det(B)"), ("(A + B)^2", "A^2 + A*B + B*A + B^2")],
)
def test_the_same(one: str, other: str) -> None:
    assert JUDGE.is_same(read(one), read(other), {}) and not JUDGE.differ(read(one), read(other))
    JUDGE.require_same(read(one), read(other), "they differ", {})


@pytest.mark.parametrize(("one", "other"), [("A*B", "B*A"), ("x", "2*x"), ("x'*A*y", "y'*A*x"), ("A*x", "A*x + x/10^5")])
def test_not_the_same(one: str, other: str) -> None:
    assert not JUDGE.is_same(read(one), read(other), {}) and JUDGE.differ(read(one), read(other))
    with pytest.raises((DoesNotFollow, Stuck)):
        JUDGE.require_same(read(one), read(other), "they differ", {})


def test_declared_properties_count() -> None:
    assert JUDGE.is_same(read("A'*x"), read("A*x"), {"A": frozenset({"symmetric"})}) and not JUDGE.is_same(
        read("A'*x"), read("A*x"), {}
    )


def test_rounding_at_a_singular_matrix_is_no_difference() -> None:
    """X'X is singular where X is wide: both sides are rounding there,."""
    d = matcalc.derive("det(X'*X)", dims={"X": ("n", "m")}, style="differential", wrt="X", check=False)
    report = d.replay()
    assert not report.wrong and not report.gaps
