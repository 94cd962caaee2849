"""Sums of matrices that are only multiplied on are not formed where that is cheaper, and the numbers stay the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc

DIMS = {
    "U": ("n", "k"),
    "V": ("m", "k"),
    "A": ("n", "k"),
    "B": ("k", "n"),
    "C": ("n", "n"),
    "D": ("n", "k"),
    "E": ("n", "k"),
    "x": "n",
}
APART = [  # (text, variables): the residual, or the sum, is never there
    ("norm2(T - U*V')^2", ["U"]),
    ("norm2(U*V' - T)^2", ["U", "V"]),
    ("norm2(T - U*V')^2 + c*norm2(U)^2", ["U", "V"]),
    ("norm2(R)^2; R = T - U*V'", ["V"]),
    ("tr(D'*(C - A*B)*E) + 2*tr(D'*E)", ["D", "E"]),
    ("tr(D'*(A*B + diag(x))*E)", ["D"]),
    ("tr(D'*(A*B + 2*eye)*E)", ["D"]),
    ("tr(D'*(A*B + sum(x)*eye)*E)", ["D"]),
]
FORMED = [  # the same by other sizes, or something else looks at it
    ("norm2(X*W - Y)^2", {"X": ("N", "d"), "W": ("d", "p")}, ["W"]),
    ("norm2(T - U*V')^2", {"U": (40, 300), "V": (30, 300)}, ["U"]),
    ("norm2(abs(T - U*V'))^2", DIMS, ["U"]),
]
SIZES = {"n": 4, "m": 5, "k": 2, "N": 6, "d": 3, "p": 2}


def point(d: Any) -> dict[str, Any]:
    rng = np.random.default_rng(4)
    return {name: rng.normal(size=[SIZES.get(s, s) for s in shape]) for name, shape in d.dims.items()}


def body_of(source: str) -> str:
    return source.split('"""')[-1]


@pytest.mark.parametrize(("text", "wrt"), APART)
def test_the_terms_are_multiplied_where_that_is_cheaper(text: str, wrt: list[str]) -> None:
    names = {n: s for n, s in DIMS.items() if n in text}
    d = matcalc.derive(text, wrt=wrt, dims={**names, "c": ()} if "c*" in text else names, check=False)
    code = body_of(d.to_code(value=False))
    assert not [w for w in ("U @ V.T", "A @ B", "T - ", "- T\n") if w in code]
    alone, (_, both) = d.function(value=False)(**point(d)), d.function()(**point(d))
    for a, b in zip(alone if len(wrt) > 1 else (alone,), both if len(wrt) > 1 else (both,), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("text", "dims", "wrt"), FORMED)
def test_a_sum_is_formed_where_it_is_cheaper_or_wanted(text: str, dims: dict[str, Any], wrt: list[str]) -> None:
    d = matcalc.derive(text, wrt=wrt, dims={n: s for n, s in dims.items() if n in text}, check=False)
    code = body_of(d.to_code(value=False))
    assert "X @ W - Y" in code or "T - U @ V.T" in code or "U @ V.T - T" in code


def test_with_the_value_the_residual_is_there_once() -> None:
    d = matcalc.derive("norm2(T - U*V')^2", wrt=["U", "V"], dims={"U": ("n", "k"), "V": ("m", "k")}, check=False)
    assert body_of(d.to_code()).count("T - U @ V.T") == 1
