"""What is said of a function that there is no operator for."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import AmbiguityError, NoRuleError
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


def test_a_prime_speaks_of_the_function_in_the_text() -> None:
    with pytest.raises(NoRuleError, match="prime") as refused:
        matcalc.derive("sum(tanh'(z))", wrt="z")
    assert "--function tanh=tanh" in str(refused.value.hint)
    z = np.array([0.3, -0.5])
    slope = 1 - np.tanh(z) ** 2
    d = matcalc.derive("sum(tanh'(z) .* tanh(z))", wrt="z", functions={"tanh": "tanh"})
    assert np.allclose(d["z"].evaluate({"z": z}), slope**2 - 2 * np.tanh(z) ** 2 * slope)


def test_sigma_and_its_prime_are_one_function() -> None:
    text = r"u^\top(\sigma(z) \odot \sigma'(z))"
    with pytest.raises(AmbiguityError, match="two readings") as asked:
        matcalc.derive(text, wrt="z")
    assert [r.kwargs["functions"] for r in asked.value.readings] == [{"sigma": "sigmoid"}, {"sigma": None}]
    assert all(matcalc.derive(text, wrt="z", **r.kwargs).results for r in asked.value.readings)
