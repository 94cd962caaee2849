"""Sums, products, powers, traces and norms: what is computed, and what is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import matcalc
from tests.codes import require_code

CASES: list[tuple[str, str, Callable[..., Any], Sequence[str], Sequence[str]]] = [
    ("tr(A*C)", "A", lambda A, C: np.trace(A @ C), ['np.einsum("ij,ji->", '], ["A @ C"]),
    ("tr(A*x*u')", "A", lambda A, x, u: u @ A @ x, ["np.outer(u, x)"], ["np.trace"]),
    ("sum(A*x)", "x", lambda A, x: (A @ x).sum(), [".sum(axis=0)"], []),
    ("norm2(A)^2", "A", lambda A: (A * A).sum(), ["np.vdot(A, A)"], ["np.linalg.norm"]),
    ("norm2(A*x - b)^2", "x", lambda A, x, b: ((A @ x - b) ** 2).sum(), [], ["np.sqrt"]),
    ("norm1(x)", "x", lambda x: np.abs(x).sum(), ["np.abs(x)"], []),
    ("x'*diag(y)*x", "y", lambda x, y: (x * y * x).sum(), [], ["np.diag("]),
    ("sum(diag(A*C))", "A", lambda A, C: np.trace(A @ C), [], ["np.diag"]),
    ("y'*diag(C*A)", "C", lambda y, C, A: y @ np.diag(C @ A), ['np.einsum("ij,ji->i", '], []),
    ("sum(rowsum(A).^2)", "A", lambda A: (A.sum(1) ** 2).sum(), [".sum(axis=1)"], []),
    ("sum(colsum(A).^2)", "A", lambda A: (A.sum(0) ** 2).sum(), [".sum(axis=0)"], []),
    ("tr(S^5)", "S", lambda S: np.trace(np.linalg.matrix_power(S, 5)), [], ["np.linalg.matrix_power(S, 5) @"]),
    ("a^3*sum(x.^4)", "x", lambda a, x: a**3 * (x**4).sum(), [], []),
    ("sum(x.^a)", "a", lambda x, a: (x**a).sum(), ["np.log(x)"], []),
    ("x'*S^3*y", "x", lambda x, S, y: x @ np.linalg.matrix_power(S, 3) @ y, ["S @ (S @ "], ["matrix_power"]),
    ("sum(diag(x) .* S)", "x", lambda x, S: (x * np.diag(S)).sum(), ["np.diagonal(S)"], ["np.diag("]),
]


@pytest.mark.parametrize(("text", "wrt", "value", "has", "lacks"), CASES, ids=[c[0] for c in CASES])
def test_code(text: str, wrt: str, value: Callable[..., Any], has: Sequence[str], lacks: Sequence[str]) -> None:
    require_code(text, wrt, value, has, lacks)


def test_many_outer_products_are_one_matrix_product() -> None:
    """One weight in many layers: no array of its size for each of them."""
    layers = 12
    text = "; ".join(["h1 = tanh(W*x)", *(f"h{k} = tanh(W*h{k - 1})" for k in range(2, layers + 1)), f"s = u'*h{layers} - u'*W*u"])
    derivation = matcalc.derive(text, wrt="W", output="s")
    assert derivation.to_code().count("np.outer") <= 1
    rng = np.random.default_rng(0)
    W, x, u = rng.standard_normal((3, 3)), rng.standard_normal(3), rng.standard_normal(3)

    def value(W: Any) -> Any:
        h = x
        for _ in range(layers):
            h = np.tanh(W @ h)
        return u @ h - u @ W @ u

    found, gradient = derivation.function()(W=W, x=x, u=u)
    assert found == pytest.approx(value(W))
    for i, j in np.ndindex(3, 3):
        step = np.zeros((3, 3))
        step[i, j] = 1e-5
        assert gradient[i, j] == pytest.approx((value(W + step) - value(W - step)) / 2e-5, rel=1e-6, abs=1e-8)
