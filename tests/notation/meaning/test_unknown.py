"""What is said of a function that there is no operator for."""

from __future__ import annotations

import pytest

from matcalc.expr.errors import NoRuleError
from tests.meanings import require_refused


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rank(A)", "rank"),
        ("argmax(x)", "argmax"),
        ("floor(x)", "floor"),
        ("eig(A)", "eig"),
        ("svd(A)", "svd"),
        ("conj(x)'*A*x", "numbers are real here"),
        ("real(x)", "two variables"),
        ("sofmax(x)", "softmax"),
        ("qwerty(x)", "qwerty"),
    ],
)
def test_refusals(text: str, words: str) -> None:
    require_refused(text, words)


def test_what_mathematics_knows_has_no_rule_and_a_word_is_no_name() -> None:
    require_refused("rank(A)", error=NoRuleError)
    assert not isinstance(require_refused("qwerty(x)"), NoRuleError)
