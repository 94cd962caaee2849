"""Indices after an operand: entries, slices and the positive part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from matcalc.notation.lex.lexer_latex import tokenize_latex
from matcalc.notation.lex.lexer_plain import tokenize_plain
from matcalc.notation.parse.indices import labelling
from tests.meanings import require_refused, require_same, require_value


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("x[2]", "x[1+1]"),
        ("A[:,1:n]", "(A'[1:n,:])'"),
        ("(x)_+", "relu(x)"),
    ],
)
def test_readings(text: str, other: str) -> None:
    require_same(text, other)


VALUES: list[tuple[str, Callable[..., Any]]] = [
    ("(A*x)[2]", lambda A, x: (A @ x)[1]),
    ("A[n,n]", lambda A: A[-1, -1]),
    ("x[n-1]", lambda x: x[-2]),
    ("A[2:n,:]", lambda A: A[1:]),
    ("(x - y)_+", lambda x, y: np.maximum(x - y, 0)),
    ("x[2:n-1]", lambda x: x[1:2]),
]


@pytest.mark.parametrize(("text", "value"), VALUES, ids=[text for text, _ in VALUES])
def test_values(text: str, value: Callable[..., Any]) -> None:
    require_value(text, value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x[", "x"),
        ("x[]", "x"),
        ("A[1,2,3]", "A"),
        ("x[1:]", "x"),
        ("A[:]", "A"),
    ],
)
def test_refusals(text: str, words: str) -> None:
    require_refused(text, words)


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("x'*A*x + norm2(x)^2", False),
        ("x_1 + y", True),
        ("W_1*x", False),
        ("X[1,:]*y", True),
        ("A^k", True),
        ("u .* v; s = 3", False),
    ],
)
def test_where_labels_may_stand(text: str, may: bool) -> None:
    assert labelling(tokenize_plain(text), ("W_1",)) == may


def test_where_labels_may_stand_in_latex() -> None:
    for text, may in (
        (r"\frac12\|Ax-b\|^2+\lambda\|x\|^{2}+x^TA", False),
        (r"W^{Q} x", True),
        (r"1\{y = k\}", True),
        ("x^{(i)}", True),
    ):
        assert labelling(tokenize_latex(text), ()) == may, text
