"""Sums over indices with an identity matrix: what is put onto a diagonal, against the sum as it is written."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc

TEXTS = [
    ("norm2(T - U*V')^2", "U", {"U": ("n", "k"), "V": ("m", "k")}, 1),
    ("norm2(T - U*V')^2", "V", {"U": ("n", "k"), "V": ("m", "k")}, 1),
    ("norm2(A*X*B)^2/2", "X", {"A": ("n", "m"), "X": ("m", "k"), "B": ("k", "n")}, 0),
    ("norm2(X)^4", "X", {"X": ("n", "k")}, 1),
    ("sum(tanh(X*V'))", "X", {"X": ("n", "k"), "V": ("m", "k")}, 1),
    ("sum(tanh(V*X))", "X", {"X": ("k", "n"), "V": ("m", "k")}, 1),
]
SIZES = {"n": 3, "m": 4, "k": 2}


@pytest.mark.parametrize(("text", "x", "dims", "places"), TEXTS)
def test_hessians_by_matrices(text: str, x: str, dims: dict[str, tuple[str, ...]], places: int) -> None:
    d = matcalc.derive(text, wrt=x, kind="hessian", dims=dims, check=False)
    rng = np.random.default_rng(1)
    at = {n: rng.normal(size=[SIZES[str(s)] for s in shape]) for n, shape in d.dims.items()}
    first, step = matcalc.derive(text, wrt=x, dims=dims, check=False).function(), 1e-6
    got = d.function()(**at)[1]
    for i in np.ndindex(at[x].shape):
        e = np.zeros(at[x].shape)
        e[i] = step
        column = (first(**at | {x: at[x] + e})[1] - first(**at | {x: at[x] - e})[1]) / (2 * step)
        np.testing.assert_allclose(got[(..., *i)], column, rtol=1e-6, atol=1e-6)
    assert d.to_code().count("_on_diagonal(") == 2 * places
