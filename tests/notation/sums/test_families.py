"""Sums over an index, vectorised as they are read: values of loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.meanings import require_refused, require_value

VALUES: list[tuple[str, Callable[..., Any]]] = [
    ("\\sum_i (x_i - y_i)^2", lambda x, y: sum((x[i] - y[i]) ** 2 for i in range(3))),
    ("\\sum_i \\log(x_i)", lambda x: sum(np.log(v) for v in x)),
    ("\\sum_i \\max(x_i, y_i)", lambda x, y: sum(max(a, b) for a, b in zip(x, y, strict=True))),
    ("\\sum_i |x_i - y_i|", lambda x, y: np.abs(x - y).sum()),
    ("\\sum_i x_i / y_i", lambda x, y: (x / y).sum()),
    ("\\sum_i x_i^{y_i}", lambda x, y: (x**y).sum()),
    ("\\sum_{i,j} (x_i - y_j)^2", lambda x, y: sum((a - b) ** 2 for a in x for b in y)),
    ("\\log \\sum_i e^{x_i}", lambda x: np.log(np.exp(x).sum())),
    ("\\sum_i \\left(\\sum_j A_{ij} x_j\\right)^2", lambda A, x: sum((A[i] @ x) ** 2 for i in range(3))),
    ("\\prod_i (1 + x_i)", lambda x: np.prod(1 + x)),
    ("\\max_i (x_i - y_i)", lambda x, y: (x - y).max()),
    ("\\sum_i s x_i - t", lambda s, x, t: s * x.sum() - t),
]


@pytest.mark.parametrize(("text", "value"), VALUES, ids=[text for text, _ in VALUES])
def test_values(text: str, value: Callable[..., Any]) -> None:
    require_value(text, value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\\sum_i \\det(x_i A)", ""),
        ("\\max_{i < j} x_i x_j", ""),
    ],
)
def test_refusals(text: str, words: str) -> None:
    require_refused(text, words)
