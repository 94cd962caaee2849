"""Hessians by their factors: together they are what the code without them gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import matcalc
from matcalc.cli import main

Arrays = Mapping[str, Any]
SIZES = {"n": 4, "k": 3, "m": 5, "p": 2}
RNG = np.random.default_rng(0)
DIMS = {
    "T": ("n", "m"),
    "U": ("n", "k"),
    "V": ("m", "k"),
    "X": ("n", "k"),
    "w": ("k",),
    "A": ("m", "n"),
    "B": ("k", "p"),
    "C": ("m", "p"),
}


def at(text: str) -> dict[str, Any]:
    return {name: RNG.standard_normal([SIZES[s] for s in shape]) for name, shape in DIMS.items() if name in text}


@pytest.mark.parametrize(("text", "wrt", "said", "whole"), [
    ("norm2(T - U*V')^2", "U", ["V'*V; the Hessian is 2*einsum('jl,ik->ijkl', hess_U, eye(n))"],
     lambda a, h: 2 * np.einsum("jl,ik->ijkl", h, np.eye(len(a["U"])))),
    ("norm2(A*X*B - C)^2", "X", ["B*B'; the Hessian is 2*einsum('jl,ik->ijkl', hess_X_1, hess_X_2)", "A'*A"],
     lambda a, h: 2 * np.einsum("jl,ik->ijkl", h[0], h[1])),
    ("sum(log(1 + exp(X*w)))", "w", ["the Hessian is X'*diag(hess_w)*X"], lambda a, h: (a["X"].T * h) @ a["X"]),
])  # fmt: skip
def test_they_make_the_hessian(text: str, wrt: str, said: list[str], whole: Callable[[Arrays, Any], Any]) -> None:
    given = at(text)
    d = matcalc.derive(text, wrt=wrt, dims={n: DIMS[n] for n in given}, kind="hessian")
    value, found = d.function(factors=True)(**given)
    dense = d.function(value=False)(**given)
    assert np.isclose(value, d.function()(**given)[0]) and np.size(dense) > sum(
        map(np.size, found if isinstance(found, tuple) else [found])
    )
    np.testing.assert_allclose(whole(given, found), dense, rtol=1e-12)
    source = d.to_code(factors=True, value=False)
    assert all(words in source for words in said) and "_on_diagonal" not in source
    assert "jnp" in d.to_code("jax", factors=True) and "torch" in d.to_code("torch", factors=True)


@pytest.mark.parametrize(("text", "wrt", "kind", "words"), [
    ("tr(A*X*B*X')", "X", "hessian", "is no product"), ("norm2(A*x - b)^2/2", "x", "hessian", "made of the arguments alone"),
    ("norm2(A*x - b)^2/2", "x", "gradient", "factors are those of a Hessian"),
])  # fmt: skip
def test_what_has_none_is_refused(text: str, wrt: str, kind: str, words: str) -> None:
    with pytest.raises(matcalc.MatcalcError, match=words):
        matcalc.derive(text, wrt=wrt, kind=kind, check=False).to_code(factors=True)


def test_forms_beyond_functions_refuse_them() -> None:
    with pytest.raises(matcalc.MatcalcError, match="linear-operator form has no factors"):
        matcalc.derive("sum(exp(X*w))", wrt="w", kind="hessian", check=False).to_code("linear-operator", factors=True)


def test_on_the_command_line() -> None:
    words = ["norm2(T - U*V')^2", "--wrt", "U", "--kind", "hessian", "--factors", "--no-check"]
    done = CliRunner().invoke(main, ["derive", *words, "--code", "numpy", "--no-value"])
    assert done.exit_code == 0 and "hess_U = V.T @ V" in done.output
    assert CliRunner().invoke(main, ["derive", *words]).exit_code == 2
