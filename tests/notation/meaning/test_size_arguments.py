"""Sizes in the text: names, numbers, sums, differences and products of them."""

from __future__ import annotations

import pytest

from matcalc.expr.dims import Dim, add, mul, sub
from tests.meanings import read, require_refused, require_same


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("ones(n)", "ones(n)"),
        ("ones(2*n+1)", "ones(n + n + 1)"),
        ("zeros(m*n)", "zeros(n*m)"),
    ],
)
def test_readings(text: str, other: str) -> None:
    require_same(text, other)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ones(0)", "0"),
        ("ones(2.5)", "2.5"),
        ("ones(n/2)", "n"),
        ("zeros(-3)", "3"),
    ],
)
def test_refusals(text: str, words: str) -> None:
    require_refused(text, words)


@pytest.mark.parametrize(
    ("text", "size"),
    [("n", "n"), ("5", 5), ("n+1", add("n", 1)), ("2*n", mul(2, "n")), ("n-1", sub("n", 1)), ("m*n", mul("m", "n"))],
)
def test_sizes(text: str, size: Dim) -> None:
    assert read(f"ones({text})").type.rows == size
