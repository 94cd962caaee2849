"""The order of products: from the vector on, smallest first, and what is there already is used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from tests.codes import require_code

CASES: list[tuple[str, str, Callable[..., Any], Sequence[str], Sequence[str]]] = [
    ("u'*A*B*z", "u", lambda u, A, B, z: u @ A @ B @ z, ["A @ (B @ z)"], ["A @ B"]),
    ("norm2(A*B*z)^2", "z", lambda A, B, z: ((A @ B @ z) ** 2).sum(), ["A @ (B @ z)"], ["(A @ B)"]),
    ("tr(S*P*x*y')", "x", lambda S, P, x, y: y @ S @ P @ x, ["S.T @ y"], ["S @ P"]),
    ("u'*diag(u)*A*x", "x", lambda u, A, x: (u * u) @ A @ x, [], ["np.diag("]),
    ("sum((diag(u)*A).^2)", "A", lambda u, A: ((u[:, None] * A) ** 2).sum(), ["[:, None] * A"], ["np.diag("]),
    ("x'*inv(S)*y", "y", lambda x, S, y: x @ np.linalg.solve(S, y), ["solve(S"], ["np.linalg.inv"]),
    ("sum(S*ones(n)*ones(n)'*P)", "S", lambda S, P: (S @ np.ones((4, 4)) @ P).sum(), [".sum("], ["np.ones", "@"]),
    ("norm2(x*y' - S)^2", "S", lambda x, y, S: ((np.outer(x, y) - S) ** 2).sum(), ["np.outer(x, y)"], ["@"]),
    ("3*u'*A*x*a/c", "x", lambda u, A, x, a, c: 3 * u @ A @ x * a / c, [], []),
]


@pytest.mark.parametrize(("text", "wrt", "value", "has", "lacks"), CASES, ids=[c[0] for c in CASES])
def test_code(text: str, wrt: str, value: Callable[..., Any], has: Sequence[str], lacks: Sequence[str]) -> None:
    require_code(text, wrt, value, has, lacks)
