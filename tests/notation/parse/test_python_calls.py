"""Calls as Python writes them: the same text, run by NumPy."""

from __future__ import annotations

import re

import numpy as np
import pytest

from matcalc.expr.errors import MatcalcError
from tests.pythons import value

A = np.array([[2.0, 1.0, 0.0], [0.5, 3.0, 1.0], [0.0, -1.0, 2.5]])
x, y = np.array([0.3, -0.4, 0.8]), np.array([1.0, 2.0, -1.0])
CODES = [
    "A.T @ x @ y", "x.sum()", "A.mean(axis=0) @ x", "np.linalg.solve(A, x) @ y", "np.linalg.inv(A) @ x @ y",
    "np.linalg.slogdet(A)[1]",
    "np.outer(x, y) @ x @ y", "A.reshape(-1).sum()",
    "x.reshape(-1, 1) @ y.reshape(1, -1) @ x @ y",
    "np.dot(A, x) @ y", "x.T @ A @ x", "np.sum(x**2) ** 0.5", "(A @ x).max()", "np.log(np.exp(x).sum())",
    "np.einsum('ij,i,j', A, x, y)",
    "np.diag(A).sum()", "np.clip(x, 0, 1).sum()", "-np.mean(y * np.log(np.exp(x)))",
]  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_the_value_is_that_of_numpy(code: str) -> None:
    arrays = {name: array for name, array in {"A": A, "x": x, "y": y}.items() if re.search(rf"(?<![a-z]){name}(?![a-z])", code)}
    assert np.allclose(value(code, **arrays), eval(code, {"np": np, **arrays}))


@pytest.mark.parametrize(
    "code", ["x.sum(1, 2)", "np.dot(x)", "np.eye(x)", "x.reshape(2, 3, 4)", "np.linalg.slogdet(A)[2]", "x.nothing"]
)
def test_calls_that_are_not_read(code: str) -> None:
    with pytest.raises(MatcalcError):
        value(code, **{name: array for name, array in {"A": A, "x": x}.items() if name in code})
