"""The plan: the fewest passes over arrays, and nothing computed twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from tests.codes import body, require_code

CASES: list[tuple[str, str, Callable[..., Any], Sequence[str], Sequence[str]]] = [
    ("norm2(A*x - b)^2", "x", lambda A, x, b: ((A @ x - b) ** 2).sum(), ["A @ x - b"], []),
    ("sum(exp(A*x))", "A", lambda A, x: np.exp(A @ x).sum(), ["np.outer("], []),
    ("sum((A - u*x').^2)", "A", lambda A, u, x: ((A - np.outer(u, x)) ** 2).sum(), ["np.outer(u, x)"], []),
    ("x'*S*x + y'*S*y", "S", lambda x, S, y: x @ S @ x + y @ S @ y, ["np.outer(x, x)", "np.outer(y, y)"], []),
    ("a*sum(x)/c", "a", lambda a, x, c: a * x.sum() / c, ["x.sum()"], []),
    ("norm2(S*x)*norm2(S*y)", "S", lambda S, x, y: np.linalg.norm(S @ x) * np.linalg.norm(S @ y), [], []),
]


@pytest.mark.parametrize(("text", "wrt", "value", "has", "lacks"), CASES, ids=[c[0] for c in CASES])
def test_code(text: str, wrt: str, value: Callable[..., Any], has: Sequence[str], lacks: Sequence[str]) -> None:
    require_code(text, wrt, value, has, lacks)


@pytest.mark.parametrize(
    ("text", "work"), [("norm2(A*x - b)^2", "A @ x"), ("sum(tanh(A*x))^3", "np.tanh("), ("x'*S*P*y + tr(S*P)", "S @ P")]
)
def test_nothing_twice(text: str, work: str) -> None:
    assert body(text).count(work) <= 1


def test_scalars_meet_the_smallest_array() -> None:
    """2 (A'r): the number multiplies n entries and not m × n."""
    assert "2 * A" not in body("norm2(A*x - b)^2", wrt="x").replace("2 * A.T @", "")
