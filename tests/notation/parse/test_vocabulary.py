"""A word before a bracket: a call of a function, or a factor before a factor."""

from __future__ import annotations

import pytest

from matcalc.expr.table import CALLS
from matcalc.notation.parse.cursor import BUILDERS, Words

NOTHING, LATEX = Words((), ()), Words((), (), latex=True)


@pytest.mark.parametrize("name", ["sin", "relu", "LayerNorm", "log_sum_exp", "ones", "hcat", "f", "sigma", "phi"])
def test_known_functions_are_called_with_and_without_a_blank(name: str) -> None:
    assert NOTHING.is_function(name, True) and NOTHING.is_function(name, False) and LATEX.is_function(name, False)


@pytest.mark.parametrize("name", ["x", "W", "alpha", "lambda"])
def test_letters_are_factors(name: str) -> None:
    assert not NOTHING.is_function(name, True) and not LATEX.is_function(name, True)


def test_an_unknown_word_is_called_only_at_its_bracket_in_plain_text() -> None:
    assert NOTHING.is_function("loss", True)
    assert not NOTHING.is_function("loss", False) and not LATEX.is_function("loss", True)


@pytest.mark.parametrize("name", ["f", "sin", "loss", "sigma"])
def test_what_is_a_value_is_no_function(name: str) -> None:
    assert not Words({name}, ()).is_function(name, True) and not Words({name}, {name}).is_function(name, True)


def test_a_declared_letter_is_a_function() -> None:
    assert Words((), {"q"}).is_function("q", False) and not NOTHING.is_function("q", True)


def test_builders_are_no_operators_of_the_table() -> None:
    assert {"ones", "eye", "einsum", "vcat"} <= BUILDERS and {"sin", "tr"}.isdisjoint(BUILDERS) and "sin" in CALLS
