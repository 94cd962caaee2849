"""Rows in square brackets with blanks between their entries, and lists of lists."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import AmbiguityError, ParseError

X = np.array([0.5, -2.0])
VALUES = {
    "x'*[2 1; 1 3]*x": X @ np.array([[2, 1], [1, 3]]) @ X,  # was x'*[2*1; 1*3]*x
    "A = [2 1; 1 3]; x'*A*x": X @ np.array([[2, 1], [1, 3]]) @ X,
    "[1 -1]*x": X[0] - X[1],  # was 0
    "[1 - 1; 2]'*x": 2 * X[1],
    "[3 4]*x": 3 * X[0] + 4 * X[1],
    "[3, 4]*x": 3 * X[0] + 4 * X[1],
    "x'*[1 2]'": X[0] + 2 * X[1],
    "exp[1 - x]'*x": np.exp(1 - X) @ X,
}


@pytest.mark.parametrize("text", VALUES)
def test_a_number_behind_a_blank_is_an_entry_of_its_own(text: str) -> None:
    found = matcalc.parse(text, dims={"x": (2,)}).evaluate({"x": X})
    assert np.allclose(np.ravel(found), VALUES[text])


def test_a_rotation_is_a_matrix() -> None:
    d = matcalc.derive("A = [cos(t) -sin(t); sin(t) cos(t)]; s = u'*A*v", "t", dims={"t": (), "u": (2,), "v": (2,)}, output="s")
    u, v, t = np.array([1.0, 2.0]), np.array([0.3, -1.0]), 0.7
    slope = np.array([[-np.sin(t), -np.cos(t)], [np.cos(t), -np.sin(t)]])
    assert np.allclose(d.result.evaluate({"t": t, "u": u, "v": v}), u @ slope @ v)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("[A x; B y]'*z", {"[A, x; B, y]'*z", "[A*x; B*y]'*z"}),
        ("[[A, B], [C, D]]*x", {"[A, B; C, D]*x", "[A, B, C, D]*x"}),
    ],
)
def test_what_may_be_a_product_or_columns_is_asked_about(text: str, plain: set[str]) -> None:
    with pytest.raises(AmbiguityError) as caught:
        matcalc.parse(text)
    assert {matcalc.parse(text, **r.kwargs).plain for r in caught.value.readings} == plain


@pytest.mark.parametrize("text", ["[A x - b; y]'*z", "[A*x; B*y]'*z", "norm([A b])^2"])
def test_rows_of_different_lengths_are_products(text: str) -> None:
    assert "," not in matcalc.parse(text).plain


def test_what_stands_beside_a_number_is_one_and_that_is_said() -> None:
    """The y of ``max([0, 1 - y (w'x)])`` was a vector, of one entry."""
    d = matcalc.derive("np.max([0, 1 - y * (w @ x)])", "w")
    assert d.dims["y"] == () and any("'y' is read as a scalar" in w for w in d.warnings)


@pytest.mark.parametrize(
    ("text", "plain"),
    [("∥Ax−b∥²", "norm2(A*x - b)^2"), (r"\frac12 ∥x∥^2", "1/2*norm2(x)^2"), (r"(A'*A)\(A'*b)", "inv(A'*A)*(A'*b)")],
)
def test_parallel_bars_and_a_solution_in_brackets(text: str, plain: str) -> None:
    assert matcalc.parse(text).plain == plain


ARRAYS = {
    "x.T @ np.array([[2,1],[1,3]]) @ x": "x'*[2, 1; 1, 3]*x",
    "sym.Matrix([[1,2],[3,4]])*x": "[1, 2; 3, 4]*x",
    "sp.Matrix([1, 2]).T*x": "[1; 2]'*x",
    "sp.Matrix([[1, 2]])*x": "[1, 2]*x",
    "np.array([1., -2.]) @ x": "[1; -2]'*x",
    "np.array([[1], [2]]).T @ x": "[1; 2]'*x",
    "np.sum((np.array([[1], [2]]) - x)**2)": "sum(([1; 2]*ones(n)' - ones(2)*x').^2)",  # broadcasting
    "torch.tensor([[2., 0.], [0., 3.]], requires_grad=True) @ x": "[2, 0; 0, 3]*x",
}


@pytest.mark.parametrize(("text", "plain"), ARRAYS.items(), ids=list(ARRAYS))
def test_arrays_of_numbers_are_read(text: str, plain: str) -> None:
    assert matcalc.parse(text).node is matcalc.parse(plain, dims={"x": ("n",)} if "ones(n)" in plain else {}).node


def test_arrays_of_other_things_are_refused() -> None:
    """``np.array([a, b])`` of numbers is a vector, of vectors a matrix of rows."""
    with pytest.raises(ParseError, match=r"array.* is read of lists of numbers"):
        matcalc.parse("np.array([a, b]) @ x")


def test_a_matrix_of_numbers_is_printed_as_it_is_typed() -> None:
    """Also in the answer, where the entries went through the normal form."""
    assert str(matcalc.derive("x'*[2, 1/2; -1, 3]*x").result) == "([2, 1/2; -1, 3] + [2, 1/2; -1, 3]ᵀ) x"
