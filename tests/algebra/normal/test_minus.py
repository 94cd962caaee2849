"""A minus sign in front of a product goes into a difference, wherever that stands; without a difference it stays in front."""

from __future__ import annotations

import pytest

from tests.laws import require_law

LAWS = [
    ("-A*(x - y)", "A*(y - x)"),
    ("-x .* (y - z)", "x .* (z - y)"),
    ("-(y - z) ./ x", "(z - y) ./ x"),
    ("-(s - t)*A*x", "(t - s)*A*x"),
    ("-A*(x + y)", "-A*(x + y)"),
    ("-(s - t)^2*x", "-(s - t)^2*x"),
]


@pytest.mark.parametrize(("text", "want"), LAWS, ids=[text for text, _ in LAWS])
def test_laws(text: str, want: str) -> None:
    require_law(text, want)
