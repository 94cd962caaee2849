"""Words of sentences among the tokens of a text."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.notation.lex.lexer_plain import tokenize_plain
from matcalc.notation.lex.sentence_words import with_prose


def test_words_between_formulas_are_one_token_and_declared_ones_are_names() -> None:
    tokens = tokenize_plain("x'*A*x where A is symmetric")
    assert len(with_prose(tokens, ())) < len(tokens)
    assert [t.text for t in with_prose(tokens, {"where", "is", "symmetric"})][:5] == [t.text for t in tokens][:5]
    plain = tokenize_plain("x'*A*x")
    assert with_prose(plain, ()) == plain


@pytest.mark.parametrize(
    "text", ["x'*A*x where A is symmetric", r"x^T A x \text{ where } A \text{ is symmetric}", "Find the gradient of x'*A*x"]
)
def test_a_sentence_leaves_its_formula(text: str) -> None:
    assert matcalc.parse(text).plain == "x'*A*x"
