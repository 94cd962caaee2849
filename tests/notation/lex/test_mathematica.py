"""Formulas as Mathematica has them mean what they mean there."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import MatcalcError
from matcalc.notation.lex.lexer_plain import tokenize_plain
from matcalc.notation.lex.mathematica import HEADS, is_mathematica

RNG = np.random.default_rng(5)
AT = {"x": RNG.normal(size=3), "A": RNG.normal(size=(3, 3)), "X": RNG.normal(size=(3, 3)), "b": RNG.normal(size=3)}
DIMS = {"x": ("n",), "A": ("n", "n"), "X": ("n", "n"), "b": ("n",)}
CASES = {
    "x.A.x": AT["x"] @ AT["A"] @ AT["x"],
    "Norm[A.x - b]^2": np.sum((AT["A"] @ AT["x"] - AT["b"]) ** 2),
    "Tr[A.X.Transpose[A]]": np.trace(AT["A"] @ AT["X"] @ AT["A"].T),
    "Log[Det[A.Transpose[A]]]": np.log(np.linalg.det(AT["A"] @ AT["A"].T)),
    "(A.x - b).(x + b)": (AT["A"] @ AT["x"] - AT["b"]) @ (AT["x"] + AT["b"]),
    "Total[Tanh[A.(x + b)]]": np.tanh(AT["A"] @ (AT["x"] + AT["b"])).sum(),
    "b.Inverse[A].x": AT["b"] @ np.linalg.inv(AT["A"]) @ AT["x"],
    "Norm[x] + Norm[b]*2": np.linalg.norm(AT["x"]) + 2 * np.linalg.norm(AT["b"]),
}


@pytest.mark.parametrize("text", CASES)
def test_values(text: str) -> None:
    e = matcalc.parse(text, {n: s for n, s in DIMS.items() if n in text})
    assert np.allclose(e.evaluate({n: v for n, v in AT.items() if n in text}), CASES[text])


@pytest.mark.parametrize("text", ["x.T @ A", "np.sum(x)", "X.dot(w)", "f.(x)", "x[1] + A[1,2]", "x.shape[0]", "A*x", "0.5*x"])
def test_other_notations_are_not_taken_for_it(text: str) -> None:
    assert not is_mathematica(tokenize_plain(text))


def test_a_norm_of_a_matrix_is_said_to_be_that_of_frobenius() -> None:
    assert "Frobenius" in str(matcalc.derive("Norm[X]", wrt="X", dims={"X": ("m", "n")}).warnings)


def test_an_unknown_head_is_refused() -> None:
    with pytest.raises(MatcalcError):
        matcalc.parse("Eigenvalues[A.A]")


def test_every_head_is_known_to_the_tool() -> None:
    from matcalc.expr.table import CALLS
    from matcalc.notation.lex.python_names import FUNCTIONS

    assert {f for f in HEADS.values() if f not in CALLS and f not in FUNCTIONS} == {"||"}
