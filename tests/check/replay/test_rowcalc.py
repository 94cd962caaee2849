"""Differentiation by rows alone, against the kernels' complex step; and what no row goes on from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from matcalc.algebra.book import book
from matcalc.check.replay.outcome import Stuck
from matcalc.check.replay.rowcalc import Rows, added, differential_symbol, matrix_power, renamed, sum_terms, with_operand
from matcalc.expr.nodes import make, num, sym
from matcalc.numeric.evaluation import directional, evaluate
from matcalc.numeric.kernels import extent
from tests.nodes import read

ROWS = Rows(book())
SIZES = {"n": 3, "m": 2}
RNG = np.random.default_rng(13)
TEXTS = [
    "x'*A*x",
    "inv(A)*B",
    "tr(A*B*A)",
    "A^3",
    "tr(A^4)",
    "exp(x) .* x",
    "logdet(A)",
    "norm2(W*x)^2",
    "softmax(x)",
    "kron(A, W)",
    "exp(x)[2]",
    "x'*A[:,3]",
    "inv(A)[2,:]'*x",
    "A[2:3,:]*x",
]


def draw(names: list[Any]) -> dict[Any, Any]:
    at = {}
    for s in names:
        value = RNG.uniform(0.5, 1.5, extent(s.type, SIZES))
        at[s] = value + 2 * np.eye(3) if value.shape == (3, 3) else value
    return at


@pytest.mark.parametrize("text", TEXTS)
def test_the_differential(text: str) -> None:
    body = read(text)
    x = read("A") if "A" in text else read("x")
    at = draw([read(name) for name in "ABWxy"])
    move = RNG.normal(size=at[x].shape)
    used: set[str] = set()
    change = ROWS.differentiate(body, {x}, used)[body]
    (got,) = evaluate([change], {**at, differential_symbol(x): move}, SIZES)
    (want,) = directional([body], at, {x: move}, SIZES)
    assert np.allclose(got, want, rtol=1e-10) and used <= set(book().rows())


@pytest.mark.parametrize("text", ["x'*A*x", "tr(A*B*A)", "logdet(A)", "norm2(A*x)^2", "x'*inv(A)*y"])
def test_the_cotangent_is_its_adjoint(text: str) -> None:
    body, A = read(text), read("A")
    at = draw([read(name) for name in "ABxy"])
    used: set[str] = set()
    parts = ROWS.differentiate(body, {A}, used)
    d = differential_symbol(A)
    found = ROWS.carry(num(1), parts[body], set(parts.values()), d, used)
    assert found is not None and found.type == A.type
    (gradient,) = evaluate([found], at, SIZES)
    move = RNG.normal(size=(3, 3))
    (want,) = directional([body], at, {A: move}, SIZES)
    assert np.isclose((gradient * move).sum(), want.sum(), rtol=1e-10)


def test_what_does_not_move_has_no_cotangent() -> None:
    parts = ROWS.differentiate(read("x'*A*x"), {read("A")}, set())
    assert ROWS.carry(num(1), parts[read("x'*A*x")], set(parts.values()), differential_symbol(read("B")), set()) is None


def test_an_operator_without_a_row_is_stuck() -> None:
    with pytest.raises(Stuck, match="no differential rule for the operator 'eigvecs'"):
        ROWS.differentiate(make("eigvecs", (read("A"),)), {read("A")}, set())
    with pytest.raises(Stuck, match="too many terms"):
        ROWS.differentiate(make("mpow", (read("A"),), 65), {read("A")}, set())


def test_helpers() -> None:
    x, y, A = read("x"), read("y"), read("A")
    assert added([x, y, x]) is read("x + y + x") and sum_terms(read("x + y + x"), 3) == [x, y, x]
    assert sum_terms(read("(x + y) + x"), 2) == [read("x + y"), x]
    assert matrix_power(A, 1) is A and matrix_power(A, 3) is make("mpow", (A,), 3)
    row = make("fn", (sym("X", x.type),), ("f", 1))
    assert renamed(row, "g", 2) is make("fn", (sym("X", x.type),), ("g", 3))
    node = read("einsum('ij,j->i', A, x)")
    assert with_operand(node, 1, y) is read("einsum('ij,j->i', A, y)")
