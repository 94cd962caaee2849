"""Sums over neighbours and over a part of an axis, against loops over the entries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import MatcalcError, NoRuleError

X = np.array([1.0, 4.0, 2.0, -3.0, 0.5])
N = len(X)
A = np.array([[0.5, -1.0], [2.0, 0.3]])
ROWS = np.array([[1.0, -2.0], [0.5, 3.0], [-1.0, 0.2], [2.0, 1.0]])
W = np.array([0.3, -1.0, 2.0, 0.7])

# text, the variable, its value, what else has a value, and the sum as a loop: indices of Python are less by one
SUMS: list[tuple[str, str, Any, dict[str, Any], Callable[..., Any]]] = [
    (r"\sum_{i=1}^{n-1} (x_{i+1} - x_i)^2", "x", X, {}, lambda x: sum((x[i + 1] - x[i]) ** 2 for i in range(N - 1))),
    (r"\sum_i (x_{i+1} - x_i)^2", "x", X, {}, lambda x: sum((x[i + 1] - x[i]) ** 2 for i in range(N - 1))),
    (r"\sum_{i=2}^n (x_i - x_{i-1})^2", "x", X, {}, lambda x: sum((x[i] - x[i - 1]) ** 2 for i in range(1, N))),
    (r"\sum_{i=2}^{n-1} (x_{i-1} - 2x_i + x_{i+1})^2", "x", X, {},
     lambda x: sum((x[i - 1] - 2 * x[i] + x[i + 1]) ** 2 for i in range(1, N - 1))),
    (r"\sum_{i=1}^{n-1} w_i (x_{i+1} - x_i)^2", "x", X, {"w": W},
     lambda x: sum(W[i] * (x[i + 1] - x[i]) ** 2 for i in range(N - 1))),
    (r"\sum_{i=1}^{n-1} x_i x_{i+1}", "x", X, {}, lambda x: sum(x[i] * x[i + 1] for i in range(N - 1))),
    (r"\prod_{i=2}^n x_i", "x", X, {}, lambda x: np.prod(x[1:])),
    (r"\sum_{t=1}^{T-1} \|x_{t+1} - A x_t\|^2", "A", A, {"X": ROWS},
     lambda a: sum(np.sum((ROWS[t + 1] - a @ ROWS[t]) ** 2) for t in range(3))),
    (r"\sum_{i,j} (X_{i+1,j} - X_{i,j})^2", "X", ROWS, {},
     lambda x: sum((x[i + 1, j] - x[i, j]) ** 2 for i in range(3) for j in range(2))),
    (r"\sum_{t=2}^T (y_t - \phi y_{t-1})^2", r"\phi", np.array(0.4), {"y": X},
     lambda p: sum((X[t] - p * X[t - 1]) ** 2 for t in range(1, N))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wrt", "at", "others", "loop"), SUMS, ids=[s[0] for s in SUMS])
def test_neighbours_are_those_of_a_loop(text: str, wrt: str, at: Any, others: dict[str, Any], loop: Callable[..., Any]) -> None:
    d = matcalc.derive(text, wrt)
    name = {r"\phi": "phi"}.get(wrt, wrt)
    found = np.asarray(d.result.evaluate({name: at, **others}))
    h, expected = 1e-6, np.zeros(at.shape)
    for place in np.ndindex(at.shape):
        step = np.zeros(at.shape)
        step[place] = h
        expected[place] = (loop(at + step) - loop(at - step)) / (2 * h)
    assert found.shape == at.shape and np.allclose(found, expected, rtol=1e-6, atol=1e-7)


def test_where_nothing_says_how_far_the_sum_runs_it_is_said() -> None:
    d = matcalc.derive(r"\sum_i (x_{i+1} - x_i)^2", "x")
    assert "the sum over i runs from 1 as far as all that it adds up is there" in d.warnings


@pytest.mark.parametrize("text", [r"\sum_{i=1}^n x_{n-i} x_i", r"\sum_{i \ne j} (x_{i+1} - x_j)^2", r"\sum_i y_i x_{i+1}"])
def test_what_is_no_neighbour_is_refused(text: str) -> None:
    """An index that runs backwards, a restricted sum, and an array that may be shorter than the other."""
    with pytest.raises(NoRuleError):
        matcalc.derive(text, "x")


def test_what_is_outside_is_refused() -> None:
    for text in (r"\sum_{i=1}^n (x_{i+1} - x_i)^2", r"\sum_{i=0}^{n-1} (x_{i+1} - x_i)^2"):
        with pytest.raises(MatcalcError, match=r"outside|has n entries"):
            matcalc.derive(text, "x", dims={"x": ("n",)})
