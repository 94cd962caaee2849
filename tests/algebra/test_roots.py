"""Roots of squares: what is one, and which may count as 1 where it is 0."""

from __future__ import annotations

import pytest

from matcalc.algebra.roots import Roots, roots_with
from tests.nodes import read

ROOTS = Roots()


@pytest.mark.parametrize(
    "text",
    [
        "norm2(x)",
        "sqrt(x'*x)",
        "sqrt(sum(x.^2))",
        "(x'*x)^(1/2)",
        "sqrt(norm2(x)^2/3)",
        "std(x)",
        "sqrt(x'*x + y'*y)",
        "sqrt(2*x'*W'*W*x)",
    ],
)
def test_roots(text: str) -> None:
    assert ROOTS.is_root(read(text))


@pytest.mark.parametrize(
    "text", ["sqrt(s)", "sqrt(x'*y)", "sqrt(sum(x))", "sqrt(x'*A*x)", "x'*x", "sqrt(sum(x.^3))", "sqrt(-(x'*x))"]
)
def test_no_roots(text: str) -> None:
    assert not ROOTS.is_root(read(text))


def test_a_form_with_a_definite_matrix_is_a_square() -> None:
    definite = roots_with({"A": frozenset({"spd"}), "B": frozenset({"symmetric"})})
    assert definite.is_root(read("sqrt(x'*A*x)")) and definite.is_root(read("sqrt(x'*inv(A)*x)"))
    assert not definite.is_root(read("sqrt(x'*B*x)"))


def test_below_the_line() -> None:
    root = read("norm2(x)")
    assert ROOTS.below([read("x/norm2(x)")]) == [root] and ROOTS.below([read("norm2(x)*x")]) == []
    assert ROOTS.others_below([read("x/norm2(x)^2")]) == [read("norm2(x)^2")]
    assert ROOTS.others_below([read("x/(s*norm2(x)^2)")]) == [read("norm2(x)^2")]


@pytest.mark.parametrize("divisor", ["exp(-norm2(x)^2)", "1 + norm2(x)^2", "exp(-norm2(x)^2/2) + exp(-norm2(y)^2/2)"])
def test_what_is_below_the_line_and_not_0_there_is_no_root_of_it(divisor: str) -> None:
    """A mixture of Gaussians has a gradient at each of its means."""
    assert ROOTS.others_below([read(f"x/({divisor})")]) == []


def test_what_an_expression_divides_by_is_a_pole() -> None:
    poles = ROOTS.poles(read("s/(norm2(x)*t)"))
    assert {read("norm2(x)"), read("t"), read("x")} <= poles and read("s") not in poles
    assert read("s") in ROOTS.poles(read("s^(-2)")) and ROOTS.poles(read("s*t")) == set()
    assert read("s") in ROOTS.undefined(read("log(s)")) and read("s") not in ROOTS.poles(read("log(s)"))


def test_a_root_is_free_where_the_expression_does_not_divide_by_it() -> None:
    root = read("norm2(x)")
    assert ROOTS.is_free(root, set()) and not ROOTS.is_free(root, ROOTS.poles(read("s/norm2(x)")))
    assert not ROOTS.is_free(root, ROOTS.poles(read("s/(x'*x)")))  # 0 where the root is
    assert not ROOTS.is_free(read("s"), set())


def test_a_free_root_below_the_line_is_taken_out() -> None:
    e, found = ROOTS.apart(read("x/norm2(x)"), set())
    ((stand_in, root),) = found.items()
    assert root is read("norm2(x)") and e.op == "div" and e.args == (read("x"), stand_in)
    assert ROOTS.apart(read("norm2(x)*x"), set())[0] is read("norm2(x)*x")
