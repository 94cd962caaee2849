"""The differential style: d of each value, put together, and the derivative read off."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc

RNG = np.random.default_rng(2)
A, B, x = RNG.normal(size=(3, 3)), RNG.normal(size=(3, 3)), RNG.normal(size=3)
DIMS = {"A": ("n", "n"), "B": ("n", "n"), "X": ("n", "n"), "x": ("n",)}


def test_read_off() -> None:
    """ds = tr(Gᵀ dX) means ∂s/∂X = G (Magnus and Neudecker)."""
    d = matcalc.derive("tr(A*X*B)", wrt="X", dims=DIMS, style="differential")
    assert np.allclose(d.result.evaluate({"A": A, "B": B}), A.T @ B.T)
    assert any(s.kind == "differential" for s in d.steps) and d.steps[-1].kind in ("result", "shape", "chain")


def test_hessians_are_symmetric_and_right() -> None:
    d = matcalc.derive("x'*A*x + exp(x'*x)", wrt="x", dims=DIMS, kind="hessian")
    e = np.exp(x @ x)
    want = A + A.T + 2 * e * np.eye(3) + 4 * e * np.outer(x, x)
    assert np.allclose(d.result.evaluate({"A": A, "x": x}), want, rtol=1e-10)


def test_a_mixed_derivative_has_the_axes_of_the_first_then_the_second() -> None:
    d = matcalc.derive("x'*A*y", wrt=["x", "y"], kind="mixed", dims={"A": ("m", "n")})
    M = RNG.normal(size=(2, 3))
    assert d.result.shape == ("m", "n") and np.allclose(d.result.evaluate({"A": M}), M)


def test_a_product_with_a_direction() -> None:
    d = matcalc.derive("x'*A*x", wrt="x", kind="hvp", direction="v", dims=DIMS)
    v = RNG.normal(size=3)
    assert np.allclose(d.result.evaluate({"A": A, "v": v}), (A + A.T) @ v)


def test_the_differential_itself() -> None:
    d = matcalc.derive("x'*A*x", kind="differential", dims=DIMS)
    dx, dA = RNG.normal(size=3), RNG.normal(size=(3, 3))
    want = dx @ (A + A.T) @ x + x @ dA @ x
    assert np.isclose(d.result.evaluate({"A": A, "x": x, "dx": dx, "dA": dA}), want)


@pytest.mark.parametrize("layout", ["shape", "numerator", "denominator"])
def test_a_jacobian_by_a_matrix_has_all_its_axes(layout: str) -> None:
    d = matcalc.derive("X*x", wrt="X", dims=DIMS, kind="jacobian", layout=layout)
    want = np.einsum("ij,k->ijk", np.eye(3), x)
    assert np.allclose(d.result.evaluate({"x": x}), want) and d.result.shape == ("n", "n", "n")
