"""Operands that a word starts: functions without brackets, fractions, roots, environments."""

from __future__ import annotations

import pytest

from tests.meanings import require_refused, require_same


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("\\frac{s}{t}", "s/t"),
        ("\\sqrt{s}", "sqrt(s)"),
        ("\\sqrt[3]{s}", "s^(1/3)"),
        ("\\log s", "log(s)"),
        ("\\sin^2 s", "sin(s)^2"),
        ("\\det A", "det(A)"),
        ("\\log\\det A", "logdet(A)"),
        ("\\mathrm{tr} A B", "tr(A*B)"),
        ("\\begin{bmatrix} A \\\\ B \\end{bmatrix}", "[A; B]"),
        ("\\exp(s)", "exp(s)"),
        ("\\tanh x", "tanh(x)"),
    ],
)
def test_readings(text: str, other: str) -> None:
    require_same(text, other)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\\frac{s}", "frac"),
        ("\\sin^{-1} s", "arcsin"),
        ("\\sqrt", "sqrt"),
        ("\\begin{bmatrix} A & B \\\\ A \\end{bmatrix}", ""),
    ],
)
def test_refusals(text: str, words: str) -> None:
    require_refused(text, words)
