"""Characters that have no place in a formula, and those that hide."""

from __future__ import annotations

import pytest

from matcalc.expr.errors import MatcalcError
from matcalc.notation.lex.characters import LOOK_ALIKES, bad_character, mark_of, require_name


def test_a_look_alike_is_named_with_what_was_meant() -> None:
    error = bad_character("А", (2, 3), "x*А")  # Cyrillic
    assert "U+0410" in str(error) and "'A'" in str(error) and "^" in str(error)
    assert all(meant.isascii() for meant in LOOK_ALIKES.values()) and not any(seen.isascii() for seen in LOOK_ALIKES)


@pytest.mark.parametrize("name", ["x", "W^Q", "h_{t-1}", "Größe", "数", "a b"])
def test_names_that_are_seen(name: str) -> None:
    assert require_name(name) == name


@pytest.mark.parametrize("name", ["", " ", "a\x00", "a\u202e", "a\u200b", "\u3164", "a\nb", "x" * 1000, "\ud800"])
def test_names_that_are_not(name: str) -> None:
    with pytest.raises(MatcalcError):
        require_name(name)


def test_letters_of_mathematical_alphabets_are_bold_or_not() -> None:
    assert mark_of("𝐱") == "bold" and mark_of("x") == "" and mark_of("𝑥") == ""
