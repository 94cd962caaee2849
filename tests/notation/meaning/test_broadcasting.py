"""Signs between arrays as NumPy means them: the same text, run by NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.expr.errors import AmbiguityError, MatcalcError
from tests.pythons import value

A, B = np.arange(1.0, 10).reshape(3, 3), np.eye(3) + 0.5
W, x, y = np.arange(1.0, 7).reshape(2, 3), np.array([0.5, -1.0, 2.0]), np.array([1.0, 3.0, -2.0])
CODES = [
    "np.sum(np.multiply(W, x))", "W @ x", "x @ y", "np.sum(A @ B)", "np.sum(x[:, None] * y)",
    "np.sum((x - y) ** 2)", "np.sum(np.exp(W - x))",
    "np.sum(W / x)", "x @ A @ y", "np.sum(np.multiply(A, B))", "np.sum(x * y)", "np.sum(A - np.mean(A, axis=0))",
    "np.sum(np.maximum(W, x))",
    "np.sum(A - np.mean(A, axis=1, keepdims=True))",
]  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_the_value_is_that_of_numpy(code: str) -> None:
    arrays = {name: array for name, array in {"A": A, "B": B, "W": W, "x": x, "y": y}.items() if name in code.replace("np.", "")}
    assert np.allclose(value(code, **arrays), eval(code, {"np": np, **arrays}))


def test_an_asterisk_that_fits_twice_is_asked_about() -> None:
    with pytest.raises(AmbiguityError):
        value("np.exp(A * B)", A=A, B=B)


@pytest.mark.parametrize("code", ["np.sum(W * np.ones(2))", "np.sum(W + W.T)", "W @ W"])
def test_what_numpy_refuses_is_refused(code: str) -> None:
    with pytest.raises(MatcalcError):
        value(code, W=W)
