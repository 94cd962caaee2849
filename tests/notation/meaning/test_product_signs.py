"""The sign of a product: of this notation, or of NumPy where the text is Python's."""

from __future__ import annotations

import pytest

from tests.meanings import require_refused, require_same


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("A*x", "A @ x"),
        ("np.sum(np.multiply(x, y))", "sum(x .* y)"),
        ("np.sum(A @ x)", "sum(A*x)"),
    ],
)
def test_readings(text: str, other: str) -> None:
    require_same(text, other)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x*y", "x .* y"),
        ("x @ b", "x"),
    ],
)
def test_refusals(text: str, words: str) -> None:
    require_refused(text, words)
