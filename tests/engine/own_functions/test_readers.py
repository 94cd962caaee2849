"""From text to functions with one meaning: two readers that must agree, known names, and limits."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.api import read_problem
from matcalc.engine.own_functions.readers import MAX_CHAIN, told_apart
from matcalc.expr.errors import MatcalcError


def test_a_name_that_is_known_keeps_its_meaning() -> None:
    same = read_problem(r"u^T \sigma(x); \sigma(z) = \frac{1}{1 + e^{-z}}", notation="latex")
    assert "sigma" in same.scalars or "sigmoid" in repr(same.output)


@pytest.mark.parametrize("body", ["log(-1 - t^2)", "t + ", "g(t) + 1", "1/(t - t)"])
def test_bodies_without_one_meaning(body: str) -> None:
    with pytest.raises(MatcalcError):
        matcalc.derive(f"u'*g(x); g(t) = {body}", wrt="x")


def test_chains_of_definitions_have_a_limit() -> None:
    def text(n: int) -> str:
        links = [f"g{i}(t) = g{i + 1}(t) + 1" for i in range(n)]
        return "; ".join(["u'*g0(x)", *links, f"g{n}(t) = t^2"])

    assert len(read_problem(text(5)).scalars) == 6
    with pytest.raises(MatcalcError):
        read_problem(text(MAX_CHAIN + 5))


def test_two_problems_with_one_name_for_two_functions_are_told_apart() -> None:
    left, right = (read_problem(f"sum(g(x)); g(t) = {body}") for body in ("t^2", "t^3"))
    other, values = told_apart(left, right)
    assert other.output is not right.output and len(values) == 2
    assert not matcalc.equal("sum(g(x)); g(t) = t^2", "sum(g(x)); g(t) = t^3")
    assert matcalc.equal("sum(g(x)); g(t) = t^2", "sum(g(x)); g(t) = t*t")
