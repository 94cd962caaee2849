"""Tokens with indices inside a sum: rows, entries and diagonals, against loops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from matcalc.api import read_problem
from matcalc.expr.errors import MatcalcError
from matcalc.numeric.evaluation import bind, evaluate

RNG = np.random.default_rng(0)
ARRAYS = {"X": RNG.normal(size=(4, 3)), "A": RNG.normal(size=(3, 3)), "w": RNG.normal(size=3)}
DIMS: dict[str, Any] = {"X": ("m", "n"), "A": ("n", "n"), "w": ("n",)}
X, A, w = ARRAYS.values()


@pytest.mark.parametrize(
    ("text", "index", "want"),
    [
        (r"\sum_i x_i^T w", {"x_i": "X[i,:]"}, sum(X[i] @ w for i in range(4))),
        (r"\sum_j c_j^T c_j", {"c_j": "X[:,j]"}, sum(X[:, j] @ X[:, j] for j in range(3))),
        (r"\sum_{i,j} a_{ij} w_i w_j", {"a_ij": "A[i,j]"}, w @ A @ w),
        (r"\sum_i A_{ii}", {}, np.trace(A)),
        (r"\sum_i A_{ii} w_i^2", {}, (np.diag(A) * w**2).sum()),
    ],
)
def test_values(text: str, index: dict[str, str], want: float) -> None:
    p = read_problem(text, DIMS, "latex", index=index)
    env, sizes = bind(p.symbols.values(), {name: ARRAYS[name] for name in p.symbols})
    assert np.isclose(evaluate([p.output], env, {**sizes, "m": 4, "n": 3})[0].item(), want)


@pytest.mark.parametrize("text", [r"\sum_{i,j} w_{ij}", r"\sum_i X_i", r"\sum_i X_{ii}"])
def test_more_or_fewer_indices_than_axes(text: str) -> None:
    with pytest.raises(MatcalcError):
        read_problem(text, DIMS, "latex")
