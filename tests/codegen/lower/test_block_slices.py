"""Entries, slices and paddings are NumPy's slices; no matrix of zeros and ones is multiplied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from tests.codes import body, require_code

CASES: list[tuple[str, str, Callable[..., Any], Sequence[str]]] = [
    ("x[2]*y[3]", "x", lambda x, y: x[1] * y[2], ["x[1]", "y[2]"]),
    ("x[n]^2", "x", lambda x: x[-1] ** 2, []),
    ("sum(exp(x[2:3]))", "x", lambda x: np.exp(x[1:3]).sum(), ["x[1:3]"]),
    ("norm2(S[:,2])^2", "S", lambda S: (S[:, 1] ** 2).sum(), ["S[:, 1]"]),
    ("y'*S[2,:]", "S", lambda y, S: y @ S[1], ["S[1]"]),
    ("A[2,3]^2", "A", lambda A: A[1, 2] ** 2, ["A[1, 2]"]),
    ("sum(A[1:2,2:3].^2)", "A", lambda A: (A[:2, 1:3] ** 2).sum(), []),
    ("sum(exp(padrows(x, 2, n+2)))", "x", lambda x: np.exp(np.pad(x, 1)).sum(), ["np.pad(x"]),
    ("sum(exp([x; b]))", "x", lambda x, b: np.exp(np.concatenate([x, b])).sum(), ["np.hstack((x, b))"]),
    ("u'*[A, b]*[x; 1]", "A", lambda u, A, b, x: u @ (A @ x + b), []),
]


@pytest.mark.parametrize(("text", "wrt", "value", "has"), CASES, ids=[c[0] for c in CASES])
def test_code(text: str, wrt: str, value: Callable[..., Any], has: Sequence[str]) -> None:
    require_code(text, wrt, value, has, ["np.eye(n)", "np.zeros"])


def test_the_derivative_of_an_entry_is_one_entry_of_zeros() -> None:
    code = body("A[2,3]*a", wrt="A")
    assert "@" not in code and "np.outer" not in code
