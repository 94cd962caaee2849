"""What a sentence beside the formula says of names."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import MatcalcError
from matcalc.notation.parse.statements import Names, read


@pytest.mark.parametrize(
    "text",
    [
        r"x^T A x, \quad A \text{ symmetric}",
        r"x^\top A x \text{ where } A \text{ is symmetric}",
        r"x^\top A x, \text{ for symmetric } A",
        r"\text{for symmetric } A, x^\top A x",
        r"x^T A x, A, B \text{ symmetric}",
        r"x^T A x \quad (A \text{ symmetric})",
        r"x^T A x, \text{ where } A \in \mathbb{R}^{n \times n} \text{ is symmetric}",
        r"x^T A x, A = A^\top \in \mathbb{R}^{n \times n}",
        r"x^T A x where $A$ is symmetric",
        r"$x^T A x$, where $A$ is a symmetric matrix.",
        r"x^\top A x where A is symmetric",
        "x'*A*x where A is symmetric",
        "x'*A*x, A symmetric",
        "x'*A*x, A' = A",
        "x^T A x, A^T = A",
        r"x^T A x, A \in \mathbb{S}^n",
        r"x^T A x, A \succeq 0",
    ],
)
def test_a_symmetric_matrix(text: str) -> None:
    d = matcalc.derive(text, wrt="x")
    assert d.result.plain == "2*A*x" and not d.warnings
    assert "A [n×n] symmetric" in d.to_text()
    a, x = np.array([[2.0, 1.0], [1.0, -3.0]]), np.array([0.5, -1.0])
    assert np.allclose(d.result.evaluate({"A": a, "x": x}), (a + a.T) @ x)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        (r"\log\det X, X \succ 0", {"X": "spd"}),
        (r"\log\det X, X \in \mathbb{S}^n_{++}", {"X": "spd"}),
        (r"\log\det X, X \in \mathbb{S}_{++}^n", {"X": "spd"}),
        (r"\sum_i p_i \log p_i, p_i > 0", {"p": "positive"}),
        (r"\sum_i \log x_i, x \in \mathbb{R}^n_{++}", {"x": "positive"}),
        (r"\sum_i x_i, x \in \mathbb{R}_+^n", {"x": "nonnegative"}),
        (r"\sum_i y_i x_i, y_i \in \{-1,+1\}", {"y": "sign"}),
        (r"\sum_i y_i x_i, y \in \{0,1\}^n", {"y": "binary"}),
        (r"x^T A x, A = -A^T", {"A": "skew"}),
        (r"x^T A x, A \text{ diagonal and invertible}", {"A": "diagonal, invertible"}),
        ("x'*A*x + b'*x where A is invertible, b is positive", {"A": "invertible", "b": "positive"}),
        ("x'*A*x + b'*x where A is symmetric and b is positive", {"A": "symmetric", "b": "positive"}),
    ],
)
def test_properties(text: str, want: dict[str, str]) -> None:
    from matcalc.api import read_problem

    assert dict(read_problem(text).assumed) == want


def test_a_small_letter_of_which_something_is_said_that_only_matrices_are() -> None:
    assert matcalc.derive(r"x^T a x, a \text{ symmetric}", wrt="x").result.plain == "2*a*x"
    with pytest.raises(MatcalcError):  # two vectors can be orthogonal, and that is no property of either
        matcalc.derive(r"u^T v, u, v \text{ orthogonal}", wrt="u")


def test_a_number() -> None:
    d = matcalc.derive(r"c x^TAx, where c is a scalar", wrt="x")
    assert d.reading.dims["c"] == ()


def test_what_is_not_understood_is_said() -> None:
    d = matcalc.derive(r"x^\top A x \text{ where } A \text{ is not symmetric}", wrt="x")
    assert d.result.plain == "(A + A')*x"
    assert d.warnings == ("what the text says of 'A' in words is not read: 'is not symmetric'",)


def test_orthonormal_columns_are_no_orthogonal_matrix() -> None:
    text = r"\|Q^T x\|^2, Q^TQ = I"
    d = matcalc.derive(text, wrt="x")
    assert d.result.plain == "2*Q*Q'*x" and "may have more rows than columns" in d.warnings[0]
    square = matcalc.derive(text, wrt="x", dims={"Q": ("n", "n")})
    assert square.result.plain == "2*x" and not square.warnings


def test_a_list_of_entries_is_the_vector() -> None:
    text = r"x^T D x, D = \operatorname{diag}(d_1, d_2, \dots, d_n)"
    assert matcalc.derive(text, wrt="d").result.plain == "x.^2"
    declared = matcalc.derive(text, wrt="D", dims={"D": ("n", "n")})
    assert declared.result.plain == "x*x'" and "D [n×n] diagonal" in declared.to_text()


def test_words_that_are_declared_are_names() -> None:
    d = matcalc.derive("x'*symmetric*x", wrt="x", dims={"symmetric": ("n", "n")})
    assert d.result.plain == "(symmetric + symmetric')*x"


def test_what_is_assumed_comes_on_top() -> None:
    d = matcalc.derive(r"x^T A x, A \text{ symmetric}", wrt="x", assume={"A": "invertible"})
    assert "A [n×n] invertible, symmetric" in d.to_text()


@pytest.mark.parametrize(
    "text",
    [
        "F.nll_loss(A symmetric)",
        "F.nll_loss( A symmetric )",
        r"\tr(A \text{ symmetric})",
        r"x^T x and $y$",
        "x'*x + where",
        r"A \text{ symmetric}",
    ],
)
def test_sentences_without_a_formula(text: str) -> None:
    with pytest.raises(MatcalcError):
        matcalc.derive(text)


def test_words_beside_the_signs_of_a_formula_are_said() -> None:
    text = "The energy is $x^T x$, there."
    tokens = read("$x^T x$", Names(), "latex")
    assert tokens.notes == ()
    assert read(text, Names(), "latex").notes == ("the words beside the formula are not read: 'The energy is' and 'there'",)
