"""Runs of letters in plain text."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.expr.errors import AmbiguityError, ParseError
from matcalc.notation.lex.lexer_plain import tokenize_plain
from matcalc.notation.parse.runs import is_conventional, split_names


@pytest.mark.parametrize(
    ("text", "known", "want"),
    [
        ("Wx", set(), ["W", "x"]),
        ("ABx + b", set(), ["A", "B", "x", "+", "b"]),
        ("ab", {"a", "b"}, ["a", "b"]),
        ("lr * g", set(), ["lr", "*", "g"]),
        ("x'*Sw*x", {"x"}, ["x", "'", "*", "Sw", "*", "x"]),
        ("x1", {"x_1"}, ["x_1"]),
        ("sin x", set(), ["sin", "x"]),
    ],
)
def test_a_run_is_a_name_or_a_product(text: str, known: set[str], want: list[str]) -> None:
    assert [t.text for t in split_names(tokenize_plain(text), known, set())[:-1]] == want


def test_a_run_that_may_be_both_is_asked_about() -> None:
    with pytest.raises(AmbiguityError, match="'beer' is not declared"):
        split_names(tokenize_plain("beer + x"), {"x"}, set())
    with pytest.raises(ParseError, match="a word of Python"):
        split_names(tokenize_plain("while x"), {"x"}, set())


def test_matrices_in_front_of_a_vector() -> None:
    assert is_conventional("WAx", False) and not is_conventional("wax", False)
    assert is_conventional("Wf", True) and not is_conventional("Wx", True)


def test_a_power_behind_a_run_of_letters_is_of_the_last_or_of_all() -> None:
    """m c² was no reading of mc^2."""
    with pytest.raises(AmbiguityError) as caught:
        matcalc.derive("s = mc^2", "c")
    assert [matcalc.parse("s = mc^2", **r.kwargs).plain for r in caught.value.readings] == ["(m*c)^2", "m*c^2"]


def test_a_word_in_small_letters_may_be_a_name() -> None:
    """The first reading is the word as one name: ``mu - rf`` beside ``w'*…``."""
    with pytest.raises(AmbiguityError, match="'rf' is not declared") as asked:
        matcalc.derive("(w'*mu - rf)/sqrt(w'*Sigma*w)", "w")
    assert asked.value.readings[0].kwargs == {"dims": {"rf": ()}} and "--dim rf=, or rf=n for a vector)" in asked.value.hint
    d = matcalc.derive("(w'*mu - rf)/sqrt(w'*Sigma*w)", "w", **asked.value.readings[0].kwargs)
    assert "rf" in d.dims and not {"r", "f"} & d.dims.keys()
