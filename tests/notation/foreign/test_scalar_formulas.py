"""Scalars to SymPy and back: the same values, written like people write."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings

import matcalc
from matcalc.algebra.slopes import slope
from matcalc.expr.nodes import Expr
from matcalc.notation.foreign import derivative, from_sympy, to_sympy
from matcalc.notation.write.render import render
from matcalc.numeric import evaluation
from tests.notation.foreign.test_matrix_exchange import POINTS, SMOOTH, X, scalars, values


@pytest.mark.slow
@settings(deadline=None)
@given(scalars((*SMOOTH, "abs", "relu"), ("add", "sub", "scale", "max2", "min2")))
def test_scalars_keep_their_values(e: Expr) -> None:
    want = values(e)
    good = np.abs(want) < 1e6
    np.testing.assert_allclose(values(from_sympy(to_sympy(e)))[good], want[good], rtol=1e-8, atol=1e-9)


@pytest.mark.slow
@settings(deadline=None)
@given(scalars(SMOOTH, ("add", "sub", "scale")))
def test_derivatives_are_right(e: Expr) -> None:
    (slopes,) = evaluation.directional([e], {X: POINTS[:, None, None]}, {X: np.ones((3, 1, 1))}, {})
    want = np.broadcast_to(slopes, (3, 1, 1))[:, 0, 0]
    good = (np.abs(want) < 1e6) & (np.abs(values(e)) < 1e6)
    np.testing.assert_allclose(values(derivative(e, X, slope))[good], want[good], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("given_", "plain"),
    [
        (lambda x: 1 / (1 + sympy.exp(-x)), "1/(1 + exp(-x))"),
        (lambda x: -x / (2 * sympy.sqrt(1 - x**2)), "-x/(2*sqrt(1 - x^2))"),
        (lambda x: 3 * x**2 - 2 * x + 1, "3*x^2 - 2*x + 1"),
        (lambda x: -x * (x - 1), "x*(1 - x)"),
        (lambda x: sympy.Rational(1, 3) * x ** sympy.Rational(5, 2), "x^(5/2)/3"),
        (lambda x: sympy.log(x, 2), "log(x)/log(2)"),
        (lambda x: sympy.asinh(x), "arcsinh(x)"),
        (lambda x: sympy.Max(x, 0) + sympy.pi, "max(0, x) + pi"),
        (lambda x: sympy.coth(x), "1/tanh(x)"),
        (lambda x: sympy.Float("0.25") * x, "x/4"),
    ],
)
def test_from_sympy_writes_like_people(given_: Any, plain: str) -> None:
    e = given_(sympy.Symbol("x", real=True))
    assert render(from_sympy(e)) == plain


@pytest.mark.parametrize(
    "e",
    [sympy.I, sympy.oo, sympy.nan, sympy.Function("f")(1), sympy.Symbol("x") < 1, sympy.zoo,
     sympy.gamma(sympy.Symbol("x")), sympy.Integral(sympy.Symbol("x")), sympy.Matrix([1]), sympy.airyai(1),
     sympy.Piecewise((1, sympy.Symbol("x") > 0))],
)  # fmt: skip
def test_from_sympy_refuses_what_it_does_not_know(e: Any) -> None:
    with pytest.raises(matcalc.MatcalcError):
        from_sympy(e)


@pytest.mark.parametrize("text", ["9^(10^9/7)*alpha", "(2/3)^(99*99*99)*alpha"])
def test_giant_numbers_are_refused(text: str) -> None:
    with pytest.raises(matcalc.LimitError):
        to_sympy(matcalc.parse(text).node)
