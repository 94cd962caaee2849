"""Functions whose formulas are known are written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from matcalc.codegen.plan.inlining import inlined, operator_named
from matcalc.expr.nodes import make, num
from tests.codes import derived, ran
from tests.nodes import read


def test_a_function_that_is_given_by_name_is_its_operator() -> None:
    root, slope = read("f(x)"), make("fn", (read("x"),), ("f", 1))
    found = inlined((root, slope), {}, {"f": "tanh"})
    assert found[0] is read("tanh(x)") and "fn" not in repr(found[1])
    assert inlined((root,), {}, {}) == (root,) and inlined((root,), {}, {"f": np.tanh}) == (root,)


def test_derivatives_of_every_order_are_written_out_or_none() -> None:
    root, second, third = read("f(x)"), make("fn", (read("x"),), ("f", 2)), make("fn", (read("x"),), ("f", 3))
    assert inlined((root, second), {}, {"f": "softplus"})[1] is read("sigmoid(x) .* (1 - sigmoid(x))")
    assert inlined((root, second, third), {}, {"f": "lgamma"}) == (root, second, third)


def test_names_of_operators() -> None:
    assert operator_named("tanh") == "tanh" and operator_named("arctan") == "atan" and operator_named("logistic") == "sigmoid"
    assert operator_named("det") is None and operator_named("qq") is None and operator_named(np.tanh) is None


@pytest.mark.slow
def test_a_function_of_the_text_is_written_out_entry_by_entry() -> None:
    text = r"s = u^T g(A x), g(t) = t/(1 + t^2)"
    d = derived(text, wrt="x", notation="latex")
    assert "g(" not in d.to_code().split('"""')[-1]
    at: dict[str, Any] = {"u": np.array([1.0, 2.0]), "A": np.array([[1.0, 0.0], [2.0, 1.0]]), "x": np.array([0.5, -1.0])}
    z = at["A"] @ at["x"]
    value, gradient = ran(text, at, wrt="x", notation="latex")
    slope = (1 - z**2) / (1 + z**2) ** 2
    assert np.isclose(value, at["u"] @ (z / (1 + z**2))) and np.allclose(gradient, at["A"].T @ (at["u"] * slope))


def test_a_number_to_the_power_of_each_entry() -> None:
    value, gradient = ran("sum(g(x)); g(t) = 2^t", {"x": np.array([1.0, 3.0])})
    assert np.isclose(value, 10) and np.allclose(gradient, np.log(2) * np.array([2.0, 8.0])) and num(2).attr == 2
