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
    ("norm2((A + 2*(C + x*u')')*y)^2", "y", lambda A, C, x, u, y: ((A @ y + 2 * (C.T @ y + u * (x @ y))) ** 2).sum(), [], []),
    ("norm2((A + A*P)*y)^2", "y", lambda A, P, y: ((A @ y + A @ (P @ y)) ** 2).sum(), [], []),
    ("norm2(S*x)*norm2(S*y)", "S", lambda S, x, y: np.linalg.norm(S @ x) * np.linalg.norm(S @ y), [], []),
]


@pytest.mark.parametrize(("text", "wrt", "value", "has", "lacks"), CASES, ids=[c[0] for c in CASES])
def test_code(text: str, wrt: str, value: Callable[..., Any], has: Sequence[str], lacks: Sequence[str]) -> None:
    require_code(text, wrt, value, has, lacks)


# A sum of matrices times a vector is spread over its terms, turned or not: no outer product, no spread number is made.
SPREAD: list[tuple[str, str, Callable[..., Any], Sequence[str]]] = [
    ("norm2((A + u*x')*y)^2", "y", lambda A, u, x, y: ((A @ y + u * (x @ y)) ** 2).sum(), ["y @ x"]),
    ("norm2((A + u*x')'*b)^2", "b", lambda A, u, x, b: ((A.T @ b + x * (u @ b)) ** 2).sum(), ["b @ u"]),
    ("norm2((A - 2*c*u*x'/a)*y)^2", "y", lambda A, c, a, u, x, y: ((A @ y - 2 * c / a * u * (x @ y)) ** 2).sum(), ["y @ x"]),
    ("norm2((A - 3*ones(m, n))*y)^2", "y", lambda A, y: ((A @ y - 3 * y.sum()) ** 2).sum(), ["y.sum()"]),
    ("norm2((A - 3*ones(m, n))'*b)^2", "b", lambda A, b: ((A.T @ b - 3 * b.sum()) ** 2).sum(), ["b.sum()"]),
    ("norm2((A + u*ones(n)')*y)^2", "y", lambda A, u, y: ((A @ y + u * y.sum()) ** 2).sum(), ["y.sum()"]),
    ("norm2((A + ones(m)*x')*y)^2", "y", lambda A, x, y: ((A @ y + x @ y) ** 2).sum(), ["y @ x"]),
    ("norm2((A + u*ones(n)')'*b)^2", "b", lambda A, u, b: ((A.T @ b + u @ b) ** 2).sum(), ["b @ u"]),
    ("norm2((A + ones(m)*x')'*b)^2", "b", lambda A, x, b: ((A.T @ b + x * b.sum()) ** 2).sum(), ["b.sum()"]),
    ("norm2((S + 5*eye(n) - diag(x))*y)^2", "y", lambda S, x, y: ((S @ y + 5 * y - x * y) ** 2).sum(), ["x * y"]),
]


@pytest.mark.sample(2)
@pytest.mark.parametrize(("text", "wrt", "value", "has"), SPREAD, ids=[c[0] for c in SPREAD])
def test_a_sum_times_a_vector(text: str, wrt: str, value: Callable[..., Any], has: Sequence[str]) -> None:
    require_code(text, wrt, value, has, ["np.outer(", "np.ones(", "np.diag(", "np.eye("])


@pytest.mark.parametrize(
    ("text", "work"), [("norm2(A*x - b)^2", "A @ x"), ("sum(tanh(A*x))^3", "np.tanh("), ("x'*S*P*y + tr(S*P)", "S @ P")]
)
def test_nothing_twice(text: str, work: str) -> None:
    assert body(text).count(work) <= 1


def test_scalars_meet_the_smallest_array() -> None:
    """2 (A'r): the number multiplies n entries and not m × n."""
    assert "2 * A" not in body("norm2(A*x - b)^2", wrt="x").replace("2 * A.T @", "")
