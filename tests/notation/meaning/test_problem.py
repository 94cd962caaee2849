"""The problem that the reader hands over: frozen, and whole."""

from __future__ import annotations

import pytest

from tests.meanings import problem


def test_nothing_changes_it() -> None:
    p = problem("q = x'*h; h = A*x")
    with pytest.raises(AttributeError):
        p.output = p.symbols["x"]  # type: ignore[misc]
    assert p._replace(output_name="r").output_name == "r" and p.output_name == "q"


def test_the_same_text_is_the_same_problem() -> None:
    one, other = (problem("q = x'*h; h = A*x") for _ in range(2))
    assert one.output is other.output and one.definitions == other.definitions and dict(one.dims) == dict(other.dims)


def test_what_it_holds() -> None:
    p = problem(r"\sum_{i=1}^n x_i y_i")
    assert p.source == r"\sum_{i=1}^n x_i y_i" and len(p.lifts) == 1 and p.lifts[0].expr is p.output
    assert set(p.symbols) == {"x", "y"} and p.functions == () and p.scalars == {}


def test_a_matrix_of_one_column_is_a_matrix_where_nobody_declared_it() -> None:
    """For x, y of n, (P ⊗ I) [x y] has the rows of P twice at least: P has one column; a declared n×1 is a column."""
    p = problem(r"(P \otimes I_n) \begin{bmatrix} x & y \end{bmatrix}", dims={"x": ("n",), "y": ("n",)})
    assert p.dims["P"][1] == 1 and p.types["P"].kind == "m" and p.types["x"].kind == "c"
    assert problem("v", dims={"v": ("n", 1)}).types["v"].kind == "c"
