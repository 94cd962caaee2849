"""Blocks, entries and slices: counted from 1, both ends belong to a range."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import ShapeError
from tests.meanings import problem, require_refused, require_same, require_value


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("[A, A; B, B]", "vcat(hcat(A, A), hcat(B, B))"),
        ("[x; y; x]", "vcat(x, y, x)"),
        ("A[:,2:3]", "(A'[2:3,:])'"),
    ],
)
def test_readings(text: str, other: str) -> None:
    require_same(text, other)


VALUES: list[tuple[str, Callable[..., Any]]] = [
    ("[A; B]", lambda A, B: np.vstack([A, B])),
    ("[A, B]", lambda A, B: np.hstack([A, B])),
    ("[x'; A]", lambda x, A: np.vstack([x, A])),
    ("[A, x]", lambda A, x: np.column_stack([A, x])),
    ("x[2]", lambda x: x[1]),
    ("A[1,3]", lambda A: A[0, 2]),
    ("A[2,:]", lambda A: A[1]),
    ("A[:,2]", lambda A: A[:, 1]),
    ("x[2:3]", lambda x: x[1:3]),
    ("W[1:2,2:3]", lambda W: W[0:2, 1:3]),
    ("unit(n, 2)*s + x", lambda s, x: s * np.eye(3)[1] + x),
    ("padrows(x, 2, 5)", lambda x: np.pad(x, (1, 1))),
    ("padcols(W, 2, 5)", lambda W: np.pad(W, ((0, 0), (1, 1)))),
    ("[x; s; t]", lambda x, s, t: np.array([*x, s, t])),
]


@pytest.mark.parametrize(("text", "value"), VALUES, ids=[text for text, _ in VALUES])
def test_values(text: str, value: Callable[..., Any]) -> None:
    require_value(text, value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[A, b]", "A"),
        ("[x, W]", "W"),
        ("x[0]", "1"),
        ("x[1.5]", "x"),
        ("s[1]", "s"),
        ("x[3:1]", "x"),
        ("x[1,2]", "x"),
    ],
)
def test_refusals(text: str, words: str) -> None:
    require_refused(text, words)


def test_the_manner_of_counting_is_noted_once() -> None:
    notes = [w for w in problem("x[1]*x[2] + A[1,2]").warnings if "indices count from 1" in w]
    assert len(notes) == 1


def test_two_digits_below_a_matrix_that_is_no_name_are_its_row_and_column() -> None:
    A = np.array([[2.0, 1.0], [0.5, 3.0]])
    assert matcalc.parse(r"(A^{-1})_{12}").evaluate({"A": A}) == pytest.approx(np.linalg.inv(A)[0, 1])
    assert matcalc.parse(r"K(\phi)_{11}", dims={r"K(\phi)": ("n", "n")}).plain == "K(phi)[1,1]"
    with pytest.raises(ShapeError):
        matcalc.parse(r"(A^{-1})_{10}")


WINDOW = r"X_{w} = [X_{a} \quad X_{b}]"


def test_capitals_beside_their_siblings_are_what_the_text_wants() -> None:
    """The lecture's window: vectors below each other where a vector is wanted, else blocks beside each other."""
    rng = np.random.default_rng(0)
    u, W, b, one, two = (rng.standard_normal(shape) for shape in ((2,), (2, 7), (2,), (3,), (4,)))
    found = matcalc.derive(rf"s = u^T \tanh(W X_{{w}} + b), {WINDOW}").function()
    window = np.concatenate([one, two])
    value, gradients = found(u=u, W=W, b=b, X_a=one, X_b=two)
    assert value == pytest.approx(u @ np.tanh(W @ window + b))
    upstream = u * (1 - np.tanh(W @ window + b) ** 2)
    assert any(np.shape(g) == (4,) and np.allclose(g, (W.T @ upstream)[3:]) for g in gradients)
    beside = matcalc.parse(rf"s = \|X_{{w}} v - y\|^2, {WINDOW}")
    v, y, one, two = (rng.standard_normal(shape) for shape in ((7,), (2,), (2, 3), (2, 4)))
    values = {"v": v, "y": y, "X_a": one, "X_b": two}
    assert beside.evaluate(values) == pytest.approx(np.sum((np.hstack([one, two]) @ v - y) ** 2))


def test_columns_under_another_letter_stay_beside_each_other() -> None:
    rng = np.random.default_rng(0)
    one, two, w, y = rng.standard_normal(3), rng.standard_normal(3), rng.standard_normal(2), rng.standard_normal(3)
    found = matcalc.parse(r"X = [x_1 \quad x_2], s = \|X w - y\|^2").evaluate({"x_1": one, "x_2": two, "w": w, "y": y})
    assert found == pytest.approx(np.sum((np.column_stack([one, two]) @ w - y) ** 2))
