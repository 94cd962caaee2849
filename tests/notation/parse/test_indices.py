"""Indices after an operand: entries, slices and the positive part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc
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


def test_a_row_before_a_vector_lies() -> None:
    r"""z_i = W_{i\cdot} x + b_i of the lecture: x was read as a number, or the text refused; before a number the row stands."""
    rng = np.random.default_rng(0)
    W, x, b, y = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=4), rng.normal(size=4)
    at = {"W": W, "x": x, "b": b, "y": y}
    for text, truth in (
        (r"z_i = W_{i\cdot} x + b_i", W @ x + b),
        (r"\sum_i (y_i - W_{i\cdot} x)^2", ((y - W @ x) ** 2).sum()),
        (r"\sum_i y_i \tanh(W_{i\cdot} x + b_i)", y @ np.tanh(W @ x + b)),
        (r"s = (W_{2\cdot} x)^2", (W[1] @ x) ** 2),
        (r"s = W_{2\cdot} \tanh(x)", W[1] @ np.tanh(x)),
        (r"\sum_i (y_i - W_{i\cdot}^T x)^2", ((y - W @ x) ** 2).sum()),
        (r"\sum_i W_{i\cdot} y_i", W.T @ y),
    ):
        d = matcalc.derive(text)
        assert np.allclose(d.value.evaluate({n: v for n, v in at.items() if n in d.problem.symbols}), truth), text
