"""Delimiters, environments, and macros whose arguments are no mathematics."""

from __future__ import annotations

import pytest

from matcalc.expr.errors import ParseError
from matcalc.notation.lex.lexer_latex import tokenize_latex
from tests.streams import line


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (r"\left( a \right)", "(a)"), (r"\bigl[ a \bigr]", "[a]"), (r"\Big| a \Big|", "|a|"),
        (r"x \label{eq:1} + y \tag{3}", "x + y"),
        (r"\left\| a \right\|", r"\|a\|"), (r"\overset{!}{=}", "="), (r"\underset{x}{\max} x", r"\max_{x} x"),
        (r"\sum_{\substack{i \\ j}} x", r"\sum_{i, j} x"), (r"\begin{aligned} a &= b \end{aligned}", "a = b"),
    ],
)  # fmt: skip
def test_the_same_tokens(text: str, plain: str) -> None:
    assert line(tokenize_latex(text)) == line(tokenize_latex(plain))


def test_matrices_keep_their_cells() -> None:
    want = r"cmd:begin:bmatrix name:a op:& name:b op:\\ name:c op:& name:d cmd:end:bmatrix"
    assert line(tokenize_latex(r"\begin{bmatrix} a & b \\ c & d \end{bmatrix}")) == want
    assert "begin:pmatrix" in line(tokenize_latex(r"\begin{pmatrix} a \\ b \end{pmatrix}"))


@pytest.mark.parametrize(
    "text",
    [
        r"\left( a",
        r"a \right)",
        r"\begin{bmatrix} a",
        r"a \end{bmatrix}",
        r"\begin{bmatrix} a \end{pmatrix}",
        r"\begin{nothing} a \end{nothing}",
    ],
)
def test_what_is_not_closed_is_refused_at_its_place(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        tokenize_latex(text)
    assert caught.value.span is not None and caught.value.hint
