"""Powers: of a number, of each entry, of a square matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.meanings import require_refused, require_same, require_value


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("A^1", "A"),
        ("x.^1", "x.^1"),
    ],
)
def test_readings(text: str, other: str) -> None:
    require_same(text, other)


VALUES: list[tuple[str, Callable[..., Any]]] = [
    ("s^2", lambda s: s**2),
    ("s^t", lambda s, t: s**t),
    ("2^s", lambda s: 2**s),
    ("x.^2", lambda x: x**2),
    ("x.^s", lambda x, s: x**s),
    ("2.^x", lambda x: 2**x),
    ("x.^y", lambda x, y: x**y),
    ("A^3", lambda A: A @ A @ A),
    ("A^(-1)", lambda A: np.linalg.inv(A)),
    ("A^(-2)", lambda A: np.linalg.inv(A @ A)),
    ("A^0", lambda A: np.eye(3)),
    ("A.^2", lambda A: A**2),
    ("s^(1/2)", lambda s: np.sqrt(s)),
    ("s^-2", lambda s: s**-2.0),
    ("norm2(x)^2", lambda x: x @ x),
    ("x.^(-1)", lambda x: 1 / x),
]


@pytest.mark.parametrize(("text", "value"), VALUES, ids=[text for text, _ in VALUES])
def test_values(text: str, value: Callable[..., Any]) -> None:
    require_value(text, value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x^2", "x.^2"),
        ("W^2", "square"),
        ("A^x", "A"),
        ("A^(10^13)", "limit"),
        ("W.^A", "W"),
    ],
)
def test_refusals(text: str, words: str) -> None:
    require_refused(text, words)
