"""Edits of NumPy functions that undo one slip."""

from __future__ import annotations

import ast

import pytest

from matcalc.check.work.code_slips import edits, with_factors
from matcalc.check.work.programs import program


@pytest.mark.parametrize(
    ("wrong", "right", "verdict"),
    [
        ("X.sum(axis=1)", "X.sum(axis=0)", "wrong-axis"),
        ("np.mean(X, axis=0)", "np.mean(X, axis=1, keepdims=True)", "wrong-axis"),
        ("X * y", "X @ y", "elementwise-for-matrix"),
        ("X @ y", "X.T @ y", "transpose"),
        ("y - X", "y + X", "sign"),
        ("X @ y", "y @ X", "wrong-order"),
    ],
)
def test_one_edit_undoes_the_slip(wrong: str, right: str, verdict: str) -> None:
    wanted = ast.unparse(ast.parse(f"def grad(X, y):\n    return {right}"))
    found = {e.verdict for e in edits(program(f"def grad(X, y):\n    return {wrong}")) if ast.unparse(e.program.function) == wanted}
    assert found == {verdict}


def test_a_factor_that_was_left_out() -> None:
    found = {ast.unparse(e.program.function) for e in with_factors(program("def grad(X, y):\n    return X"), ["y"])}
    assert "def grad(X, y):\n    return X @ y" in found
