"""Signs between two values, for each pair of kinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.meanings import require_refused, require_same, require_value


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("s*x", "x*s"),
        ("x/s", "x/s"),
        ("-(-x)", "-(-x)"),
        ("s .* x", "s*x"),
        ("A ⊗ B", "kron(A, B)"),
    ],
)
def test_readings(text: str, other: str) -> None:
    require_same(text, other)


VALUES: list[tuple[str, Callable[..., Any]]] = [
    ("x + s", lambda x, s: x + s),
    ("s - W", lambda s, W: s - W),
    ("-x*s", lambda x, s: -x * s),
    ("x .* y", lambda x, y: x * y),
    ("x ./ y", lambda x, y: x / y),
    ("s ./ x", lambda s, x: s / x),
    ("A*x", lambda A, x: A @ x),
    ("x'*A", lambda x, A: x @ A),
    ("x*y'", lambda x, y: np.outer(x, y)),
    ("x'*y", lambda x, y: x @ y),
    ("kron(x, b)", lambda x, b: np.kron(x, b)),
    ("W/s", lambda W, s: W / s),
    ("A*inv(B)", lambda A, B: A @ np.linalg.inv(B)),
]


@pytest.mark.parametrize(("text", "value"), VALUES, ids=[text for text, _ in VALUES])
def test_values(text: str, value: Callable[..., Any]) -> None:
    require_value(text, value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x + b", "x"),
        ("A + W", "A"),
        ("x*y", "x"),
        ("W*W", "W"),
        ("x/y", "x"),
        ("A .* W", "A"),
        ("x + x'", "x"),
    ],
)
def test_refusals(text: str, words: str) -> None:
    require_refused(text, words)
