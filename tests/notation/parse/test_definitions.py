"""A text together with definitions that are given beside it."""

from __future__ import annotations

import pytest

from matcalc.expr.errors import MatcalcError
from matcalc.notation.meaning.readings import read_all
from matcalc.notation.parse.statements import Names


def test_they_are_statements_of_the_text() -> None:
    text = read_all("x'*z", ["z = A*x", "q(t) = t^2"], Names())
    assert [s.name for s in text.statements] == [None, "z", "q"] and text.statements[2].parameters == ("t",)


def test_spans_point_into_both() -> None:
    text = read_all("x'*z", ["z = A*x"], Names())
    for s in text.statements:
        assert 0 <= s.span[0] < s.span[1] <= len(text.source)
    assert text.source[slice(*text.statements[1].span)] == "z = A*x"


def test_an_error_shows_the_definition() -> None:
    with pytest.raises(MatcalcError) as caught:
        read_all("x'*z", ["z = A*("], Names())
    assert "A*(" in str(caught.value)


def test_without_definitions_the_text_is_the_source() -> None:
    assert read_all("x'*x", (), Names()).source == "x'*x"
