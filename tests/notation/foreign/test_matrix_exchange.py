"""To SymPy and back: the same values, and the same nodes where both have them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import matcalc
from matcalc.algebra.slopes import slope
from matcalc.expr.nodes import Expr, make, num, sym
from matcalc.expr.table import SCALAR
from matcalc.notation.foreign import derivative, from_sympy, from_sympy_matrix, to_sympy, to_sympy_matrix
from matcalc.notation.write.render import render
from matcalc.numeric import evaluation

X = sym("x", SCALAR)
SMOOTH = ("exp", "sin", "cos", "tanh", "atan", "sinh", "sigmoid", "softplus", "erf", "logsigmoid")
POINTS = np.array([0.37, -0.61, 1.23])


def scalars(unary: tuple[str, ...], binary: tuple[str, ...]) -> st.SearchStrategy[Expr]:
    leaves = st.one_of(st.just(X), st.fractions(-3, 3, max_denominator=4).map(num))

    def grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        return st.one_of(
            st.tuples(st.sampled_from(unary), inner).map(lambda p: make(p[0], (p[1],))),
            st.tuples(st.sampled_from(binary), inner, inner).map(lambda p: make(p[0], (p[1], p[2]))),
            st.tuples(inner, st.integers(1, 3)).map(lambda p: make("pow", (p[0], num(p[1])))),
        )

    return st.recursive(leaves, grown, max_leaves=6)


def values(e: Expr) -> Any:
    (found,) = evaluation.evaluate([e], {X: POINTS[:, None, None]}, {})
    return np.broadcast_to(found, (len(POINTS), 1, 1))[:, 0, 0]


@settings(deadline=None)
@given(scalars((*SMOOTH, "abs", "relu"), ("add", "sub", "scale", "max2", "min2")))
def test_scalars_keep_their_values(e: Expr) -> None:
    want = values(e)
    good = np.abs(want) < 1e6
    np.testing.assert_allclose(values(from_sympy(to_sympy(e)))[good], want[good], rtol=1e-8, atol=1e-9)


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


@pytest.mark.parametrize(
    "text",
    ["A*x - b", "A'*B + S", "inv(A)*b", "A.*B", "kron(A, B)", "X^3*y", "2*A*x", "eye(n)", "ones(n)",
     "zeros(n, m)", "x'", "-A", "tr(A'*X*A)", "x'*A*y", "det(X)*x"],
)  # fmt: skip
def test_matrices_come_back(text: str) -> None:
    e = matcalc.parse(text)
    back = from_sympy_matrix(to_sympy_matrix(e.node))
    assert back.type == e.node.type
    assert matcalc.equal(render(back), text), render(back)


def test_matrices_mean_the_same_in_sympy() -> None:
    e = matcalc.parse("tr(A'*X) + x'*(A + 2*X)*y", dims={"A": (2, 3), "X": (2, 3)})
    rng = np.random.default_rng(0)
    arrays = {"A": rng.random((2, 3)), "X": rng.random((2, 3)), "x": rng.random(2), "y": rng.random(3)}
    found = to_sympy_matrix(e.node)
    for symbol in found.atoms(sympy.MatrixSymbol):
        found = found.subs(symbol, sympy.Matrix(arrays[symbol.name]))
    assert float(found.doit()) == pytest.approx(float(e.evaluate(arrays)))


def test_matrices_without_counterpart_are_refused() -> None:
    with pytest.raises(matcalc.NoRuleError):
        to_sympy_matrix(matcalc.parse("softmax(x)").node)
    with pytest.raises(matcalc.NoRuleError):
        from_sympy_matrix(sympy.MatrixSymbol("A", 2, 2)[0, 1])
