"""Properties by the names that people have for them, alone and in sentences."""

from __future__ import annotations

import pytest

from matcalc.expr.qualities import PHRASES, PROPERTIES, SAME, joined, property_called, said_in
from matcalc.numeric.properties import DRAW, HOLDS


def test_every_property_can_be_drawn_and_recognised() -> None:
    assert DRAW.keys() == PROPERTIES == HOLDS.keys()
    assert set(PHRASES.values()) <= PROPERTIES | {"scalar"}


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("symmetric", ("symmetric",)),
        ("is symmetric and positive definite", ("spd",)),
        ("is positive-definite", ("spd",)),
        ("s.p.d.", ("spd",)),
        ("symmetric positive semi-definite", ("symmetric",)),
        ("are real symmetric matrices", ("symmetric",)),
        ("is symmetric, and invertible", ()),  # no comma stands in words
        ("is diagonal and non-singular", ("diagonal", "invertible")),
        ("is skew-symmetric", ("skew",)),
        ("for all positive", ("positive",)),
        ("is a scalar", ("scalar",)),
        ("is lower triangular", ("lower-triangular",)),
        ("is not symmetric", ()),
        ("asymmetric", ()),
        ("is the learning rate", ()),
        ("where", ()),
        ("", ()),
    ],
)
def test_what_a_piece_of_a_sentence_states(text: str, want: tuple[str, ...]) -> None:
    assert said_in(text) == want


def test_words_of_two_parts() -> None:
    assert joined("lower triangular, positive") == "lower-triangular, positive"
    assert property_called("PD") == "spd" and property_called("round") == "round"


def test_every_other_name_is_that_of_a_property() -> None:
    assert set(SAME.values()) <= PROPERTIES and not SAME.keys() & PROPERTIES
