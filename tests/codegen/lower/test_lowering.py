"""Lowering: one value for each expression, by the rule of its operator; shared work once."""

from __future__ import annotations

import numpy as np

from matcalc.codegen.ir.entrywise_values import Algebra
from matcalc.codegen.lower.lowering import lowered
from matcalc.codegen.lower.operators import RULES
from tests.codes import body, require_code
from tests.nodes import read


def test_what_is_shared_is_computed_once() -> None:
    assert body("sum(exp(A*x))^2", wrt="x").count("np.exp(") == 1
    require_code("sum(exp(A*x))^2", "x", lambda A, x: np.exp(A @ x).sum() ** 2, ["np.exp("])


def test_a_function_of_a_repeated_vector_is_one_of_the_vector() -> None:
    """exp(x 1') has as many different entries as x."""
    code = body("sum(S .* exp(x*ones(n)'))", wrt="x")
    assert "np.exp(x)" in code


def test_a_sum_inside_a_sum_is_collected_with_it() -> None:
    e = read("x - (y + x)")
    low = lowered(Algebra(), RULES, [e], [])
    assert low.inner == {e.args[1]}
    v = low.vals[e]
    assert v.coef == -1 and v.chain[0].node.attr == "y"


def test_each_expression_has_a_value() -> None:
    e = read("x'*A*exp(y)")
    low = lowered(Algebra(), RULES, [e], [])
    assert e in low.vals and low.vals[e].chain == () and read("exp(y)") in low.vals


def test_a_named_value_that_no_result_needs_may_be_a_long_product() -> None:
    long = read("*".join(["(A*B)"] * 12))
    low = lowered(Algebra(), RULES, [read("x")], [long])
    assert long in low.vals
