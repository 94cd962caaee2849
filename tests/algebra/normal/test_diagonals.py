"""A diagonal matrix in a product with a vector is an entrywise product."""

from __future__ import annotations

import pytest

from tests.laws import form, require_law

LAWS = [
    ("diag(x)*y", "x .* y"),
    ("diag(x)*diag(y)", "diag(x .* y)"),
    ("y'*diag(x)", "(x .* y)'"),
    ("diag(x)*A*y", "x .* (A*y)"),
    ("A*diag(x)*y", "A*(x .* y)"),
    ("x'*A*diag(y)", "(y .* (A'*x))'"),
    ("diag(x)*A*diag(y)*z", "x .* (A*(y .* z))"),
]


@pytest.mark.parametrize(("text", "want"), LAWS, ids=[text for text, _ in LAWS])
def test_laws(text: str, want: str) -> None:
    require_law(text, want)


def test_between_matrices_it_stays() -> None:
    assert form("A*diag(x)*B") == "A*diag(x)*B" and form("diag(x)*A") == "diag(x)*A"
