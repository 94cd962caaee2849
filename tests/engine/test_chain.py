"""Jacobians by the chain rule: products of local Jacobians, each a matrix."""

from __future__ import annotations

import numpy as np

import matcalc

RNG = np.random.default_rng(3)
W, V, x = RNG.normal(size=(4, 3)), RNG.normal(size=(2, 4)), RNG.normal(size=3)
TEXT = "y = V*tanh(W*x)"


def test_the_product_of_the_jacobians() -> None:
    d = matcalc.derive(TEXT, wrt="x", kind="jacobian", dims={"W": ("m", "n"), "V": ("k", "m")})
    want = V @ np.diag(1 - np.tanh(W @ x) ** 2) @ W
    assert np.allclose(d.result.evaluate({"W": W, "V": V, "x": x}), want, rtol=1e-12) and d.result.shape == ("k", "n")


def test_local_jacobians_have_lines() -> None:
    d = matcalc.derive(TEXT, wrt="x", kind="jacobian", dims={"W": ("m", "n"), "V": ("k", "m")})
    assert sum(s.kind in ("local", "chain") for s in d.steps) >= 3


def test_denominator_layout_is_the_transpose() -> None:
    options = {"wrt": "x", "kind": "jacobian", "dims": {"W": ("m", "n"), "V": ("k", "m")}}
    one, other = (matcalc.derive(TEXT, layout=layout, **options) for layout in ("numerator", "denominator"))
    at = {"W": W, "V": V, "x": x}
    assert np.allclose(one.result.evaluate(at), other.result.evaluate(at).T)


def test_a_scalar_on_the_way_and_as_variable() -> None:
    d = matcalc.derive("exp(a*x)", wrt=["x", "a"], kind="jacobian", dims={"x": ("n",), "a": ()})
    by = {r.wrt: r.evaluate({"x": x, "a": 0.7}) for r in d.results}
    assert np.allclose(by["x"], 0.7 * np.diag(np.exp(0.7 * x))) and np.allclose(by["a"], x * np.exp(0.7 * x))


def test_a_matrix_on_the_way_goes_another_way() -> None:
    """No local Jacobian is a matrix: the differential route answers."""
    d = matcalc.derive("(x*x')*x", wrt="x", kind="jacobian", dims={"x": ("n",)})
    assert np.allclose(d.result.evaluate({"x": x}), x @ x * np.eye(3) + 2 * np.outer(x, x))
