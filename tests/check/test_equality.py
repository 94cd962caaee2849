"""Whether two expressions are the same: equal ones, different ones, and those that look equal."""

from __future__ import annotations

from typing import Any

import pytest

from matcalc.api import read_problem
from matcalc.check.equality import difference

SHAPES: dict[str, Any] = {"A": ("n", "n"), "B": ("n", "n"), "x": ("n",), "y": ("n",), "s": ()}


def apart(left: str, right: str, **assume: str) -> float:
    one, two = (read_problem(text, {k: v for k, v in SHAPES.items() if k in text}) for text in (left, right))
    return difference(one, two, {k: frozenset({v}) for k, v in assume.items()}, {}, 0)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("tr(A*B)", "tr(B*A)"), ("x'*A*x", "x'*A'*x"), ("det(A*B)", "det(A)*det(B)"), ("inv(A*B)", "inv(B)*inv(A)"),
        ("abs(x).^2", "x.^2"), ("relu(x) - relu(-x)", "x"), ("exp(s)^2", "exp(2*s)"), ("sum(softmax(x))", "1 + 0*sum(x)"),
    ],
)  # fmt: skip
def test_equal(left: str, right: str) -> None:
    assert apart(left, right) < 1e-9


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("A*B", "B*A"), ("x'*A*y", "y'*A*x"), ("abs(x)", "x"), ("arcsin(sin(s))", "s"), ("min(x, 50)", "x"),
        ("s", "s*(1 + 10^(-300))"), ("sin(s)", "sin(s + 10^(-40))"),
    ],
)  # fmt: skip
def test_different_also_where_few_points_or_digits_show_it(left: str, right: str) -> None:
    assert apart(left, right) > 1e-9


def test_declared_properties_are_used() -> None:
    assert apart("x'*A*y", "y'*A*x", A="symmetric") < 1e-9 and apart("abs(x)", "x", x="positive") < 1e-9
