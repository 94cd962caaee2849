"""Indices have letters that are no names of sizes or variables of the problem."""

from __future__ import annotations

import re
from typing import Any

import pytest

import matcalc
from matcalc.engine.derivation import Formula
from matcalc.expr.errors import UsageError
from matcalc.expr.nodes import make, sym
from matcalc.expr.table import SCALAR, Type
from matcalc.printers import story

ASKED: list[tuple[str, str, dict[str, Any], str]] = [
    ("vec(kron(X, eye(2)))", "X", {"X": ("n", "m")}, "backprop"),
    ("sum((A*x).^2)", "A", {"A": ("k", "i"), "x": ("i",)}, "elementwise"),
    ("j'*tanh(W*k + l)", "W", {"W": ("p", "i"), "k": ("i",), "l": ("p",), "j": ("p",)}, "elementwise"),
    ("A*X*B", "X", {"A": ("i", "j"), "X": ("j", "k"), "B": ("k", "l")}, "backprop"),
    ("k'*inv(X)*l", "X", {"X": ("i", "i"), "k": ("i",), "l": ("i",)}, "elementwise"),
    ("X*X", "X", {"X": ("l", "l")}, "elementwise"),
]


def letters_below(text: str) -> set[str]:
    """Those of x_ij, {…}_(ij)k, Σ_k,l and [i = j]."""
    found = re.findall(r"_((?:[a-z,]|\([a-z]+\))+)|\[([a-z]) = ([a-z])\]", text)
    return {c for groups in found for c in "".join(groups) if c.isalpha()}


@pytest.mark.parametrize(("plain", "wrt", "dims", "style"), ASKED, ids=[a[0] for a in ASKED])
def test_an_index_is_no_size_and_no_variable(plain: str, wrt: str, dims: dict[str, Any], style: str) -> None:
    d = matcalc.derive(plain, wrt=wrt, dims=dims, style=style)
    names = {*dims, *(str(size) for shape in dims.values() for size in shape)}
    found = letters_below(re.sub(r"\[[^\]=]*\]", "", d.to_text()))  # without the sizes
    assert found and not found & names
    text = re.sub(r"(I|\\mathbf\{1\})_\{\w+\}", "", d.to_latex())  # these have sizes below
    latex = {c for below in re.findall(r"_\{([a-z,()]+)\}", text) for c in below if c.isalpha()}
    assert latex and not latex & names


def test_a_difference_that_is_taken_away_keeps_its_brackets() -> None:
    z, W = sym("z", Type("c", "n", 1)), sym("W", Type("m", "n", "n"))
    row = make("partial", (sym("s", SCALAR), z), None, Type("r", 1, "n"))
    product = make("matmul", (row, W))
    inside = make("sub", (product, make("T", (z,))))
    shown = story.write(Formula(make("sub", (product, inside))))
    assert shown == "∂s/∂z · W - (∂s/∂z · W - zᵀ)"


@pytest.mark.parametrize(("plain", "said"), [("sum(g(x))", False), ("sum(f(x))", True)])
def test_a_remark_takes_no_letter_of_a_function(plain: str, said: bool) -> None:
    shown = matcalc.derive(plain, wrt="x", dims={"x": ("n",)}, style="differential").to_text()
    assert ("means ∇_x s = g" in shown) is said


def test_a_power_stands_in_brackets_before_its_indices() -> None:
    shown = repr(matcalc.derive("X^3", wrt="X", dims={"X": ("n", "n")}))
    assert "(X²)_" in shown and "X²_" not in shown


def test_latex_says_the_sizes_of_a_matrix_made_of_a_column() -> None:
    d = matcalc.derive("b'*kron(A, eye(3))*c", wrt="A", style="differential", dims={"A": ("m", "m"), "b": ("p",), "c": ("p",)})
    assert "unvec(" in d.to_text() and r"\mathrm{unvec}" in d.to_latex()
    assert not re.search(r"unvec\}(\\left)?\(\w(\\right)?\)", d.to_latex())


@pytest.mark.parametrize("letter", ["z", "s", "f"])
def test_a_row_that_is_called_as_in_the_text_has_the_same_letter_on_both_sides(letter: str) -> None:
    """``z`` is a name of the derivation, so on the right the index would be another letter than on the left."""
    text = r"s = \sum_k y_k f(w_k^\top x)"
    with pytest.raises(UsageError, match=f"'w_{letter}': '{letter}' is the name of something else") as caught:
        matcalc.derive(text, wrt=f"w_{letter}")
    assert str(caught.value.hint) == "take another letter, or a number, or differentiate by W"
    assert matcalc.derive(text, wrt="w_j").result.text == "y_j f′(z_j) x"
