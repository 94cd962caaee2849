"""Sentences in one box of words, and around formulas between dollar signs."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import MatcalcError
from matcalc.notation.lex.lexer_latex import tokenize_latex
from matcalc.notation.parse.sentences import opened


def taken_apart(text: str) -> list[str]:
    tokens = opened(tokenize_latex(text), text, tokenize_latex)
    return [f"<{t.mark}>" if t.text == "words" else t.text for t in tokens[:-1]]


def test_names_and_formulas_of_a_sentence() -> None:
    assert taken_apart(r"A x \text{ where A is a symmetric matrix, x ∈ R^n}") == [
        *("A", "x", "<where>", "A", "<is a symmetric matrix>", ",", "x", "in", "R", "^", "{", "n", "}", "<>"),
    ]
    assert taken_apart(r"a x \text{ with a fixed a}") == ["a", "x", "<with a fixed>", "a", "<>"]
    assert taken_apart(r"x \text{ w.r.t. $x$. Then}") == ["x", "<w.r.t.>", "x", ",", "<Then>"]
    assert taken_apart(r"x \text{ as we said}") == ["x", "<as we said>"]


def test_places_are_those_of_the_source() -> None:
    text = r"\Sigma x \text{ for symmetric Σ}"
    name = opened(tokenize_latex(text), text, tokenize_latex)[-3]
    assert (name.text, text[name.start : name.end]) == ("Sigma", "Σ")


@pytest.mark.parametrize(
    "text",
    [
        r"x^TAx \text{ where A is symmetric}", r"x^TAx, \text{with A symmetric}", r"x^TAx \quad \text{(A symmetric)}",
        r"x^TAx \quad \mbox{A is a symmetric matrix}", r"\text{If A is symmetric, then } x^TAx", r"x^TAx \text{ and A=A^T}",
        r"\text{for symmetric A, } x^TAx", r"x^TAx, \text{ where $A \in \mathbb{R}^{n\times n}$ is symmetric}",
        r"\text{Let A be symmetric. } f(x) = x^T A x", r"x^TAx \text{ where A is an n x n symmetric matrix}",
        r"x^TAx \text{ (A sym.)}", "Let $A$ be symmetric. Find the derivative of $f(x) = x^TAx$ with respect to $x$.",
        "Differentiate $x^T A x$ by x, where A is symmetric", r"For symmetric \( A \), differentiate \[x^T A x\]",
        r"where $A$ is a symmetric $n \times n$ matrix: $x^TAx$", "x @ A @ x  # A symmetric", "x^T A x for A symmetric",
        "\\frac12 2x^TAx % with A symmetric",
    ],
)  # fmt: skip
def test_what_a_sentence_says_of_a_matrix_is_taken_over(text: str) -> None:
    d = matcalc.derive(text, wrt="x")
    a, x = np.array([[2.0, 1.0], [1.0, -3.0]]), np.array([0.5, -1.0])
    assert d.reading.assume == {"A": ("symmetric",)} and not d.warnings
    assert np.allclose(d.result.evaluate({"A": a, "x": x}), 2 * a @ x)


def test_kinds_and_sizes() -> None:
    assert matcalc.derive(r"\|ax - b\|^2 \text{ where a is a matrix}", wrt="x").reading.kinds["a"] == "matrix"
    assert matcalc.derive(r"\lambda^Tx - \lambda^Tb \text{ with a vector } \lambda", wrt="x").reading.kinds["lambda"] == "column"
    assert matcalc.derive(r"\|Ax\|^2 \text{ where A is a p×q matrix}", wrt="x").reading.dims["A"] == ("p", "q")


def test_a_question_in_words() -> None:
    asked = matcalc.derive(r"What is the gradient of $$\|Ax-b\|^2$$ w.r.t. $x$ and $b$?")
    assert [r.wrt for r in asked.results] == ["x", "b"] and not asked.warnings
    one = matcalc.derive("the gradient of $x^TAx$ with respect to $x$, $A$ is symmetric")
    assert [r.wrt for r in one.results] == ["x"] and one.reading.assume == {"A": ("symmetric",)}
    second = matcalc.derive("Find the Hessian of $x^TAx$ with respect to $x$, where $A$ is a symmetric matrix")
    assert second.result.plain == "2*A" and second.kind == "hessian"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (r"x^TAx \text{ (symmetric)}", "what is 'symmetric' is not clear"),
        (r"x^T \underbrace{A}_{\text{symmetric}} x", "'symmetric' stands in words at a part of the formula"),
        (r"x^T \overset{\text{sym.}}{A} x", "'sym' stands in words at a part of the formula"),
        (r"x^TAx \tag{A symmetric}", "'symmetric' stands in words at a part of the formula"),
        (r"\text{the trace of } X X^T", "'trace of' stands in words beside a formula"),
    ],
)
def test_what_nobody_takes_over_is_refused(text: str, said: str) -> None:
    with pytest.raises(MatcalcError) as error:
        matcalc.derive(text)
    assert said in error.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (r"x^TPx, \text{ P is a projection matrix}", "of 'P' in words is not read: 'is a projection matrix'"),
        (r"\|Qx\|^2, \text{Q has orthonormal columns}", "of 'Q' in words is not read: 'has orthonormal columns'"),
        ("x @ A @ x  # the symmetric part matters", "a comment is not read: 'the symmetric part matters'"),
    ],
)
def test_what_is_not_understood_is_said(text: str, said: str) -> None:
    assert any(said in w for w in matcalc.derive(text, wrt="x").warnings)


@pytest.mark.parametrize(
    ("text", "wrt", "kind"),
    [
        ("gradient of ||Ax - b||^2 with respect to x", "x", "gradient"),
        ("Find the derivative of log det X wrt X.", "X", "gradient"),
        ("what is the gradient of x'*A*x with respect to x?", "x", "gradient"),
        ("Hessian of x'*A*x with respect to x", "x", "hessian"),
        ("differentiate tr(A X B) with respect to X", "X", "gradient"),
    ],
)
def test_a_question_in_plain_words(text: str, wrt: str, kind: str) -> None:
    d = matcalc.derive(text)
    assert (d.wrt, d.kind) == ((wrt,), kind)


def test_words_of_questions_are_names_where_they_stand_alone() -> None:
    assert matcalc.derive("gradient = 2*A*x; s = x'*gradient", "x").result.plain == "2*(A + A')*x"


def test_a_signature_and_what_is_said_between_formulas() -> None:
    d = matcalc.derive(r"Suppose $g: \mathbb{R}^n \to \mathbb{R}$, $g(x) = \sqrt{x^T A x}$. Compute $\nabla g$.")
    assert d.wrt == ("x",) and d.result.shape == ("n",)
    said = matcalc.derive(r"where $\lambda > 0$: $\frac12\|y-Xw\|^2 + \lambda w^Tw$", "w").reading.assume
    assert said == {"lambda": ("positive",)}
    assert matcalc.derive(r"If $A$ is an orthogonal matrix, what is the gradient of $\|Ax\|^2$ w.r.t. $x$?").result.plain == "2*x"


@pytest.mark.parametrize("text", [r"x^T A x \text{ and } A \text{ nonsymmetric}", r"x^T A x \text{ where A need not be symmetric}"])
def test_what_is_denied_is_not_taken_over(text: str) -> None:
    d = matcalc.derive(text, wrt="x")
    assert not d.reading.assume and "of 'A' in words is not read" in d.warnings[0]


def test_a_docstring_is_a_comment() -> None:
    assert matcalc.derive('"""A is symmetric"""\nx @ A @ x', "x").reading.assume == {"A": ("symmetric",)}


LINEAR = ("norm2(A*x - b)^2", {"x": "2*A'*(A*x - b)"})
SAID = {
    r"Find the gradient of \|Ax-b\|^2 with respect to x": LINEAR,
    r"Find the gradient of f(x) = \|Ax-b\|^2 w.r.t. x.": LINEAR,
    r"Let f(x) = \|Ax-b\|_2^2. Compute \nabla f(x).": LINEAR,
    r"How do I differentiate \|Ax-b\|^2 with respect to x?": LINEAR,
    r"What is \frac{\partial}{\partial X} \log\det X ?": ("logdet(X)", {"X": "inv(X)'"}),
    r"Show that \nabla_x (x^TAx) = (A+A^T)x": ("x'*A*x", {"x": "(A + A')*x"}),
    r"differentiate \sum_i \log(1+e^{-y_i}) with respect to y": ("sum(log(1 + exp(-y)))", {"y": "-sigmoid(-y)"}),
}


@pytest.mark.parametrize("text", SAID)
def test_a_question_in_latex_without_dollars_is_read(text: str) -> None:
    """Its words were letters; and of the one that shows something, the right side was differentiated."""
    d = matcalc.derive(text)
    assert (d.reading.plain, {str(r.wrt): r.plain for r in d.results}) == SAID[text]


def test_a_symmetric_matrix_is_one_in_a_sentence_without_dollars() -> None:
    d = matcalc.derive(r"Let A be symmetric. Find the gradient of x^TAx + \log(1 + x^Tx) with respect to x.")
    assert d.reading.assume == {"A": ("symmetric",)}


def test_a_left_side_with_an_unknown_word_is_no_label() -> None:
    with pytest.raises(MatcalcError):
        matcalc.derive(r"zeige \nabla_x (x^TAx) = (A+A^T)x")
