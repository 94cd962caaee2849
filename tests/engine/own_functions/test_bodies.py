"""A defined function and its derivatives of every order, each held against complex steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from matcalc.api import read_problem
from matcalc.engine.own_functions.bodies import MAX_ORDER
from matcalc.engine.own_functions.numbers import value
from matcalc.expr.errors import MatcalcError
from matcalc.notation.write.program import plain


def scalars(text: str) -> Any:
    return read_problem(f"u'*g(x); {text}").scalars


T = np.array([0.4, -0.7, 1.3])


@pytest.mark.parametrize(
    ("body", "orders"),
    [
        ("t^3", [lambda t: t**3, lambda t: 3 * t**2, lambda t: 6 * t, lambda t: 6 + 0 * t]),
        ("exp(2*t)", [lambda t: np.exp(2 * t), lambda t: 2 * np.exp(2 * t), lambda t: 4 * np.exp(2 * t)]),
        ("sin(t)*t", [lambda t: t * np.sin(t), lambda t: np.sin(t) + t * np.cos(t), lambda t: 2 * np.cos(t) - t * np.sin(t)]),
        ("1/(1 + exp(-t))", [lambda t: 1 / (1 + np.exp(-t)), lambda t: np.exp(-t) / (1 + np.exp(-t)) ** 2]),
    ],
)
def test_derivatives(body: str, orders: list[Any]) -> None:
    table = scalars(f"g(t) = {body}")
    function = table["g"]
    for k, want in enumerate(orders):
        assert np.allclose(value(function.bodies[k], function.parameter, table, T), want(T), rtol=1e-9)


def test_a_derivative_in_terms_of_the_function_itself() -> None:
    """σ′ = σ (1 − σ)."""
    function = scalars("g(t) = 1/(1 + exp(-t))")["g"]
    assert "g(" in plain(function.bodies[1]) and "exp" not in plain(function.bodies[1])


def test_derivatives_are_made_when_asked_for_and_kept() -> None:
    bodies = scalars("g(t) = t^4")["g"].bodies
    assert bodies[3] is bodies[3] is not bodies[2]
    assert plain(bodies.applied(2)).startswith("g''(")


def test_there_is_a_last_order() -> None:
    bodies = scalars("g(t) = exp(t^2)")["g"].bodies
    with pytest.raises((MatcalcError, IndexError)):
        bodies[MAX_ORDER + 1]
