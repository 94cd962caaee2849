"""Formulas at numbers: values, where they are finite, and whether two agree."""

from __future__ import annotations

import numpy as np

from matcalc.engine.own_functions.numbers import POINTS, constant_is_small, difference, disagreement, finite, value
from matcalc.expr.nodes import Expr
from tests.nodes import read

T = read("t")


def f(text: str) -> Expr:
    return read(text)


def test_values() -> None:
    x = np.array([0.5, 2.0])
    assert np.allclose(value(f("t^2 + sin(t)"), T, {}, x), x**2 + np.sin(x)) and np.allclose(value(f("3 + 0*t"), T, {}, x), [3, 3])


def test_points_at_which_formulas_are_finite() -> None:
    points, (found,) = finite([f("log(t)")], T, {})
    assert (np.asarray(points) > 0).all() and np.allclose(found, np.log(points))
    assert len(finite([f("t^2")], T, {})[0]) == len(POINTS)
    assert len(finite([f("log(-t^2)")], T, {})[0]) == 0


def test_two_formulas_agree_or_a_point_tells_them_apart() -> None:
    assert difference(f("(t + 1)^2"), f("t^2 + 2*t + 1"), T, {}) is None
    found = difference(f("t^2"), f("t^2 + t/1000"), T, {})
    assert found is not None
    at, one, other = found
    assert np.isclose(one, at**2) and np.isclose(other, at**2 + at / 1000)


def test_a_derivative_against_complex_steps() -> None:
    assert disagreement(f("t^3"), f("3*t^2"), T, {}) < 1e-9
    assert disagreement(f("t^3"), f("3*t^2 + t/10^5"), T, {}) > 1e-7


def test_constants() -> None:
    assert constant_is_small(f("2^10"), T, {}) and not constant_is_small(f("10^150"), T, {})
