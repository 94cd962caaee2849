"""Entrywise products commute; exponents add up; quotients stand at the end."""

from __future__ import annotations

import pytest

from matcalc.algebra.normal.entrywise import is_ones
from tests.laws import form, read, require_law

LAWS = [
    ("y .* x", "x .* y"),
    ("x .* (y .* z)", "x .* y .* z"),
    ("x .* x", "x.^2"),
    ("x ./ x", "ones(n)"),
    ("x ./ y .* y", "x"),
    ("(x.^2).^3", "x.^6"),
    ("x.^2 .* x", "x.^3"),
    ("ones(n) .* x", "x"),
    ("x .* (y ./ x)", "y"),
    ("x ./ (y ./ z)", "x .* z ./ y"),
    ("x .* 2", "2*x"),
    ("x' .* y'", "(x .* y)'"),
    ("A .* B - B .* A", "zeros(n, n)"),
    ("exp(x) .* exp(x)", "exp(x).^2"),
]


@pytest.mark.parametrize(("text", "want"), LAWS, ids=[text for text, _ in LAWS])
def test_laws(text: str, want: str) -> None:
    require_law(text, want)


def test_one_hot_labels_pick_an_entry() -> None:
    assert form("y .* x", y="one-hot") == "(x'*y)*y" and form("y .* x") == "x .* y"


def test_ones_in_every_writing() -> None:
    assert all(is_ones(read(text)) for text in ("ones(n)", "ones(n)'", "ones(m)*ones(n)'"))
    assert not any(is_ones(read(text)) for text in ("2*ones(n)", "x", "eye(n)", "zeros(n)"))
