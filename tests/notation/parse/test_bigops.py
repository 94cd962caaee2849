"""Big operators with their ranges: what they take, and what they bind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from matcalc.notation.parse.bigops import index_letters
from tests.meanings import require_refused, require_same, require_value


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("\\sum_{i=1}^n x_i y_i", "\\sum\\limits_{i=1}^{n} x_i y_i"),
        ("\\sum_i x_i + s", "sum(x) + s"),
        ("\\sum^n_{i=1} x_i", "\\sum_{i=1}^n x_i"),
    ],
)
def test_readings(text: str, other: str) -> None:
    require_same(text, other)


VALUES: list[tuple[str, Callable[..., Any]]] = [
    ("\\sum_{i=1}^n x_i y_i", lambda x, y: x @ y),
    ("\\prod_i x_i", lambda x: x.prod()),
    ("\\max_i x_i", lambda x: x.max()),
    ("\\min_i x_i", lambda x: x.min()),
    ("\\sum_{i,j} W_{ij}", lambda W: W.sum()),
    ("\\sum_i x_i^2 + s", lambda x, s: (x**2).sum() + s),
    ("\\sum_i (x_i + s)", lambda x, s: (x + s).sum()),
    ("\\sum_i \\sum_j W_{ij}^2", lambda W: (W**2).sum()),
]


@pytest.mark.parametrize(("text", "value"), VALUES, ids=[text for text, _ in VALUES])
def test_values(text: str, value: Callable[..., Any]) -> None:
    require_value(text, value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\\sum_{i=1}", "i"),
        ("\\sum_{i=1}^n", ""),
        ("\\sum_{} x_i", ""),
        ("\\sum_{(} x_i", "expected '}'"),
        ("\\sum_{(} fi", "something is missing"),
        ("\\sum_{2=1}^n x_i", "the range of an index is written"),
        ("\\sum_{1 \\le i}^n x_i", "the range of an index is written"),
    ],
)
def test_refusals(text: str, words: str) -> None:
    require_refused(text, words)


@pytest.mark.parametrize(("name", "letters"), [("x_ij", "ij"), ("x^(i)", "i"), ("x", ""), ("W_1", "")])
def test_letters_of_a_name(name: str, letters: str) -> None:
    assert index_letters(name) == letters
