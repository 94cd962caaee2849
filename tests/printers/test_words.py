"""Rules, kinds and verdicts in words."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from matcalc.algebra.book import book
from matcalc.printers import words


def test_rules_in_words() -> None:
    assert words.rule_words("outer-product") == "outer product"
    assert words.rule_words("tanh") == "derivative of tanh"
    assert words.rule_words("never-heard-of") == "never heard of"
    assert words.number(2.4e-15) == "2.4e-15" and words.number(0.0) == "0" and words.number(3e-7) == "3.0e-7"


def test_every_word_is_of_a_rule_that_is_there() -> None:
    """Words of a rule that was renamed would never be said."""
    rows = set(book().rows())
    told = {"definition", "chain", "independent", "cancelling", "entries", "differential-of", "substitution", "cyclic", "read-off"}
    assert words.RULES.keys() - rows - told <= {"derive-again", "elementwise"}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("kronecker-left", "Kronecker product"), ("softmax-map", "linear map"), ("trace-adjoint", "trace"),
        ("log-sigmoid", "derivative of log sigmoid"), ("definition", ""), ("inverse", "inverse"), ("foo-adjoint", "foo"),
    ],
)  # fmt: skip
def test_words_of_rules(rule: str, said: str) -> None:
    assert words.rule_words(rule) == said


def test_sentences() -> None:
    assert words.sentence(" the end") == "The end." and words.sentence("is it?") == "Is it?" and words.sentence("") == ""
    assert words.sentence("a line") == "A line." and words.sentence("z = 3") == "z = 3."  # a formula keeps its letter


def test_kinds_and_counts() -> None:
    assert words.kind_words("gradient", 2) == "gradients" and words.kind_words("jacobian", 1) == "Jacobian"
    assert words.verdict(None, 3, 3, 0) == "not checked"
    report = SimpleNamespace(passed=True, points=1, max_relative_error=2e-16)
    said = words.verdict(report, 1, 2, 3)
    assert said.startswith("1 line checked at 1 random point (2 equations,") and said.endswith(
        "2.0e-16; 3 lines of too many terms not checked"
    )
    assert "found false" in words.verdict(SimpleNamespace(passed=False, points=2, max_relative_error=0.5), 2, 2, 0)
