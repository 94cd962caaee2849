"""To SymPy and back: the same values, and the same nodes where both have them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import strategies as st

import matcalc
from matcalc.expr.nodes import Expr, make, num, sym
from matcalc.expr.table import SCALAR
from matcalc.notation.foreign import from_sympy_matrix, to_sympy_matrix
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
