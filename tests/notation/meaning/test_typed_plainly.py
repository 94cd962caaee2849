"""Plain text as people type it: numbers as labels, a 1 that is the vector of ones, Greek words in LaTeX, words of a sentence."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.expr.errors import AmbiguityError, MatcalcError

ONES = "1 is read as the vector of ones"
READ = [
    # letters with numbers below are factors, and only names beside the sign of a product or declared ones are whole
    ("3x_1^2 + 2x_1x_2 + x_2^2", "3*x_1^2 + 2*x_1*x_2 + x_2^2"),
    ("x1^2 + x1x2", "x1^2 + x1*x2"),
    ("β_0 + β_1'x_1", "beta_0 + beta_1'*x_1"),
    ("(y - β_0 - β_1x_1)^2", "(y - beta_0 - beta_1*x_1)^2"),
    ("W_2relu(W_1x + b_1)", "W_2*relu(W_1*x + b_1)"),
    ("norm2(Ax_1 - b)^2", "norm2(A*x_1 - b)^2"),
    ("u'*A*x1y1", "u'*A*x1y1"),
    ("sum(fc1)", "sum(fc1)"),
    # a number stands before what it multiplies
    ("w'1", "w'*ones(n)"),
    ("λ(w'Σw - w'1)", "lambda*(w'*Sigma*w - w'*ones(n))"),
    ("w^T1 - 1", "w'*ones(n) - 1"),
    ("1ᵀx", "ones(n)'*x"),
    ("1'*A*1", "ones(n)'*A*ones(m)"),
    ("norm2(X - 1μᵀ)^2", "norm2(X - ones(n)*mu')^2"),
    ("1/2 x'x + 1*x'*A*x", "1/2*x'*x + 1*x'*A*x"),
    ("x.T * 1", "(1)*x'"),
    # LaTeX without backslashes
    ("||Ax-b||^{2} + lambda ||x||^{2}", "norm2(A*x - b)^2 + lambda*norm2(x)^2"),
    ("1/2 ||Ax-b||^2 + mu sum_i |x_i|", "1/2*norm2(A*x - b)^2 + mu*sum(abs(x))"),
    ("sum_{i=1}^n log sigma(y_i beta^T x_i)", "sum(log(sigmoid(y .* (X*beta))))"),
    # words of a sentence
    ("Let f(x) = ||Ax - b||^2.", "norm2(A*x - b)^2"),
    ("d/dx of x'Ax", "x'*A*x"),
    ("Suppose A is symmetric. x'Ax", "x'*A*x"),
    ("Minimize ||Ax-b||^2", "norm2(A*x - b)^2"),
]


@pytest.mark.parametrize(("text", "read"), READ, ids=[t for t, _ in READ])
def test_what_is_typed(text: str, read: str) -> None:
    d = matcalc.derive(text, kind="jacobian", check=False)
    assert d.reading.plain == read
    assert (ONES in d.warnings) == ("ones" in read)


@pytest.mark.parametrize("text", ["||Ax-b||^2 where A is a {} matrix", r"\|Ax-b\|^2 where A is a {} matrix"])
@pytest.mark.parametrize("size", ["3 x 2", "3 by 2"])
def test_sizes_in_words(text: str, size: str) -> None:
    assert matcalc.derive(text.format(size), "x").dims["A"] == (3, 2)


ASKED = {
    r"\|A\|_2^2": ["norm2(A)^2", "normspec(A)^2"],
    r"\|A\|^2_2": ["norm2(A)^2", "normspec(A)^2"],
    "||A||_1": ["norm1(A)", "max(colsum(abs(A)))"],
    r"\operatorname{tr}(\mathbf{AX}^{-1}\mathbf{B})": ["tr(A*inv(X)*B)", "tr(inv(A*X)*B)"],
    r"W_f [h_{t-1}, x_t] + b_f": ["W_f*[`h_{t-1}`; x_t] + b_f"],
    r"f \circ g(x)": ["f(g(x))", "f .* g(x)"],
    r"tr A": ["tr(A)", "t*r*A"],
    "Ax = b": ["A*x"],
    "w_1 x_1 + w_2 x_2": ["w_1*x_1 + w_2*x_2, where x_1 is a vector and x_2 is a vector", "x_1*w_1 + x_2*w_2",
                          "w_1*x_1 + w_2*x_2, where x_1 is a number and x_2 is a number"],
}  # fmt: skip


@pytest.mark.parametrize("text", ASKED)
def test_questions_list_their_answers(text: str) -> None:
    with pytest.raises(AmbiguityError) as caught:
        matcalc.derive(text, notation="latex" if text == "tr A" else None, kind="jacobian", check=False)
    assert [r.text for r in caught.value.readings][: len(ASKED[text])] == ASKED[text]


def test_vectors_of_different_sizes_in_brackets_stand_below_each_other() -> None:
    d = matcalc.derive(r"\tanh(W [h, x])", "x", dims={"W": ("k", "p"), "h": ("n",), "x": ("m",)}, check=False)
    assert d.reading.plain == "tanh(W*[h; x])" and any("one below the other" in w for w in d.warnings)


@pytest.mark.parametrize("text", ["2'x", "(1)'x", "A^{-1^T} b"])
def test_other_numbers_are_not_transposed(text: str) -> None:
    with pytest.raises(MatcalcError, match="a number is transposed"):
        matcalc.parse(text)
