"""Sums of products of entries are products of matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.meanings import read, require_refused, require_same, require_value


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("\\sum_{i,j} x_i A_{ij} y_j", "x'*(A*y)"),
        ("\\sum_i A_{ii}", "sum(diag(A))"),
    ],
)
def test_readings(text: str, other: str) -> None:
    require_same(text, other)


VALUES: list[tuple[str, Callable[..., Any]]] = [
    ("\\sum_{i,j} x_i A_{ij} y_j", lambda x, A, y: x @ A @ y),
    ("\\sum_{i,j} W_{ij} V_{ij}", lambda W, V: (W * V).sum()),
    ("\\sum_{i,j,k} A_{ij} B_{jk}", lambda A, B: (A @ B).sum()),
    ("\\sum_{i,j} A_{ij} B_{ji}", lambda A, B: np.trace(A @ B)),
    ("\\sum_{i,j,k} A_{ij} B_{jk} A_{ki}", lambda A, B: np.trace(A @ B @ A)),
    ("\\sum_{i,j} b_i W_{ij} x_j", lambda b, W, x: b @ W @ x),
    ("\\sum_i x_i^2 y_i", lambda x, y: (x**2 * y).sum()),
]


@pytest.mark.parametrize(("text", "value"), VALUES, ids=[text for text, _ in VALUES])
def test_values(text: str, value: Callable[..., Any]) -> None:
    require_value(text, value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\\sum_{i,j} x_i W_{ij} y_j", ""),
    ],
)
def test_refusals(text: str, words: str) -> None:
    require_refused(text, words)


def test_the_answer_has_no_einsum_where_matrices_do() -> None:
    for text in (r"\sum_{i,j} x_i A_{ij} y_j", r"\sum_{i,j} A_{ij} B_{ji}", r"\sum_{i,j} b_i W_{ij} x_j"):
        assert "einsum" not in repr(read(text))
