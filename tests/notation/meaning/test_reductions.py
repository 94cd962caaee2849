"""Reductions along an axis, as NumPy calls them: the same text, run by NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.expr.errors import MatcalcError
from tests.pythons import value

W = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.5]])
x = np.array([0.3, -0.4, 0.8])
CODES = [
    "np.sum(W)", "np.sum(W, axis=0) @ x",
    "np.mean(W, axis=1).sum()", "np.max(W, axis=1).sum()", "np.min(W)", "np.var(W, axis=0).sum()",
    "np.std(x)", "np.linalg.norm(x)", "np.linalg.norm(W)", "np.linalg.norm(x, 1)", "np.linalg.norm(x, np.inf)", "np.prod(x)",
    "np.sum(W / np.sum(np.abs(W), axis=1, keepdims=True))", "W.shape[0] * x.sum()", "x.mean() * W.size", "len(x) * x.sum()",
    "np.sum(W, axis=-1).sum()", "np.linalg.norm(W, axis=1).sum()", "np.var(x, ddof=0)", "x.reshape(-1).sum()", "W.ravel().sum()",
]  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_the_value_is_that_of_numpy(code: str) -> None:
    arrays = {name: array for name, array in {"W": W, "x": x}.items() if name in code.replace("np.", "").replace("max", "")}
    assert np.allclose(value(code, **arrays), eval(code, {"np": np, **arrays}))


@pytest.mark.parametrize(
    "code", ["np.sum(W, axis=2)", "np.var(x, ddof=1)*0 + np.sum(x, axis=5)", "np.sum(W, axes=0)", "np.sum(x, axis='a')"]
)
def test_what_is_no_axis_or_option(code: str) -> None:
    with pytest.raises(MatcalcError):
        value(code, **{name: array for name, array in {"W": W, "x": x}.items() if name in code})
