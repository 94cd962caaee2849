"""Derivatives by SymPy: the shortest form, the right value, and stopped when its time is up."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.expr.errors import LimitError
from matcalc.expr.nodes import Expr
from matcalc.notation.foreign.calculus import derivative, limited, shortest, size
from matcalc.numeric.evaluation import directional
from tests.nodes import evaluated, read

T = read("t")
AT = np.array([0.4, 1.7, -0.6])


def slope(e: Expr) -> Expr:
    raise AssertionError("no function that SymPy lacks")


@pytest.mark.parametrize(
    "text", ["t^3", "sin(t)*exp(t)", "1/(1 + t^2)", "tanh(t)^2", "log(1 + exp(t))", "sqrt(1 + t^2)", "t*exp(-t^2)"]
)
def test_the_derivative_by_complex_step(text: str) -> None:
    body = read(text)
    found = derivative(body, T, slope)
    for at in AT:
        (want,) = directional([body], {T: np.array([[at]])}, {T: np.array([[1.0]])}, {})
        assert np.isclose(evaluated(found, {"t": at}), want.item(), rtol=1e-9)


def test_the_shortest_form() -> None:
    assert size(shortest(read("sin(t)^2 + cos(t)^2"))) == 1 and size(read("t + 1")) == 3
    assert size(shortest(read("(t^2 - 1)/(t - 1)"))) <= size(read("(t^2 - 1)/(t - 1)"))


def test_what_takes_too_long_is_stopped() -> None:
    def forever() -> None:
        while True:
            pass

    with pytest.raises(LimitError):
        limited(forever, seconds=0.2)
    assert limited(lambda: 3) == 3


def test_an_error_inside_comes_out() -> None:
    with pytest.raises(ZeroDivisionError):
        limited(lambda: 1 // 0)
