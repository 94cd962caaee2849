"""Calls whose arguments are sizes, subscripts or shapes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc
from tests.meanings import require_refused, require_same, require_value


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("inner(A, B)", "sum(A .* B)"),
    ],
)
def test_readings(text: str, other: str) -> None:
    require_same(text, other)


VALUES: list[tuple[str, Callable[..., Any]]] = [
    ("sum(ones(3)*s)", lambda s: 3 * s),
    ("A + eye(n)", lambda A: A + np.eye(3)),
    ("A - s*eye", lambda A, s: A - s * np.eye(3)),
    ("einsum('ij,ij->i', W, V)", lambda W, V: (W * V).sum(1)),
    ("einsum('i,j->ij', x, b)", lambda x, b: np.outer(x, b)),
    ("unvec(vec(W), 2, 3)", lambda W: W),
    ("commutation(2, 3)*vec(W)", lambda W: W.T.ravel(order="F")),
    ("svdvals(A)", lambda A: np.linalg.svd(A, compute_uv=False)),
    ("corr(x, b)", lambda x, b: np.correlate(x, b, "valid")),
    ("convmatrix(b, n)*x", lambda b, x: np.convolve(b, x)),
    ("hankel(x, m)*b", lambda x, b: np.correlate(x, b, "valid")),
    ("inner(A, B)", lambda A, B: (A * B).sum()),
    ("fill(s, x)", lambda s, x: np.full(3, s)),
]


@pytest.mark.parametrize(("text", "value"), VALUES, ids=[text for text, _ in VALUES])
def test_values(text: str, value: Callable[..., Any]) -> None:
    require_value(text, value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("einsum('ij,j', W, x)", "einsum"),
        ("einsum('ij->i', W, x)", "einsum"),
        ("einsum('ij,k->i', W, b) + einsum('ijk->i', W)", "W"),
        ("unvec(x, 2, 2)", "x"),
    ],
)
def test_refusals(text: str, words: str) -> None:
    require_refused(text, words)


@pytest.mark.parametrize("like", [("m", "n"), (3, 1), (3,)])
def test_unvec_wants_as_many_entries_as_there_are(like: Any) -> None:
    with pytest.raises(matcalc.ShapeError, match="unvec"):
        matcalc.parse("unvec(x, A)", {"x": (1,) if like[0] == 3 else ("m",), "A": like})


@pytest.mark.parametrize(("text", "error"), [("fill(a)", matcalc.ParseError), ("fill(x, x)", matcalc.ShapeError)])
def test_fill_wants_a_scalar_and_something_of_the_size(text: str, error: type[Exception]) -> None:
    with pytest.raises(error, match="fill"):
        matcalc.parse(text, {"a": ()} if "a" in text else {"x": ("n",)})
