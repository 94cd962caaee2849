"""Arrays by their entries: indices for axes, sums over repeated ones."""

from __future__ import annotations

import pytest

from matcalc.notation.write.indexed import NO_LETTERS, lettering, lowered, write
from matcalc.notation.write.styles import LATEX, TEXT
from tests.meanings import read


@pytest.mark.parametrize(
    ("text", "labels", "shown"),
    [
        ("A", "ij", "A_ij"), ("A'", "ij", "A_ji"), ("x + y", "i", "x_i + y_i"), ("x .* y", "i", "x_i y_i"), ("f(x)", "i", "f(x_i)"),
        ("s*x", "k", "s x_k"),
    ],
)  # fmt: skip
def test_entries(text: str, labels: str, shown: str) -> None:
    assert write(read(text), labels, TEXT, {}) == shown


@pytest.mark.parametrize(
    ("text", "labels", "shown"),
    [
        ("x*y'", ("2", "13"), "x_2 y_13"), ("A", ("2", "13"), "A_2,13"), ("A'", ("2", ""), "A_·2"), ("A", ("i", ""), "A_i·"),
        ("x*y'", ("k", ""), "x_k y"), ("x*y'", ("", "k"), "y_k x"), ("x*(y+y.^2)'", ("k", ""), "x_k (y + y^∘2)"),
        ("A*B", ("k", ""), "Bᵀ A_k·"), ("A*B", ("", "k"), "A B_·k"), ("A - ones(n)*y'", ("k", ""), "A_k· - y"),
        ("softmax(x)", ("k",), "softmax(x)_k"), ("(A .* B)", ("k", ""), "(A ∘ B)_k·"),
    ],
)  # fmt: skip
def test_numbers_and_axes_that_are_left_whole(text: str, labels: tuple[str, ...], shown: str) -> None:
    assert write(read(text), labels, TEXT, {}) == shown


def test_sums_over_repeated_indices() -> None:
    shown = write(read("einsum('ij,jk->ik', A, B)"), "il", TEXT, {})
    assert "A_i" in shown and "B_" in shown and ("Σ" in shown or "∑" in shown)


def test_letters_that_are_names_are_not_used() -> None:
    found = lettering({"i", "j", "A"}, {"i", "j", "k"})
    assert set(found.instead) == {"i", "j"} and not set(found.instead.values()) & {"i", "j", "k", "A"}
    assert found.text("ijk")[2] == "k" and NO_LETTERS.text("ijk") == "ijk"


def test_a_named_node_is_written_by_its_name() -> None:
    assert write(read("A*x + y"), "i", TEXT, {read("A*x"): "z"}) == "z_i + y_i"
    assert lowered("z", "ij", TEXT) == "z_ij"
    assert lowered("F", ("i", "y_i"), TEXT) == "F_{i,y_i}" and lowered("F", ("i", "y_{i}"), LATEX) == "F_{i,y_{i}}"


@pytest.mark.parametrize(
    ("text", "labels", "shown"),
    [
        ("unit(n, 2)", ("i",), "[i = 2]"), ("unit(n, 2)", ("2",), "1"), ("unit(n, 2)", ("3",), "0"), ("eye(n)", ("2", "3"), "0"),
        ("unit(n, 2)*x'", ("2", "k"), "x_k"), ("unit(n, 2)*x'", ("1", "k"), "0"), ("unit(n, 2) .* x", ("1",), "0"),
        ("unit(n, 2)*x'", ("i", "k"), "[i = 2] x_k"),
        ("diag(x)", ("i", "k"), "[i = k] x_i"), ("diag(x)", ("2", "3"), "0"), ("diag(x - y)", ("i", "k"), "[i = k] (x_i - y_i)"),
        ("diag(x)", ("2", "2"), "x_2"), ("einsum('ij,i->ij', eye(n), 2*x)", ("i", "k"), "[i = k] 2 x_i"),
    ],
)  # fmt: skip
def test_entries_of_unit_vectors_are_deltas(text: str, labels: tuple[str, ...], shown: str) -> None:
    assert write(read(text), labels, TEXT, {}) == shown
