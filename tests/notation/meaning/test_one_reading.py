"""A text in one reading: the kinds of letters that are handed over are those that it is read with."""

from __future__ import annotations

from unittest.mock import patch

import pytest

import matcalc
from matcalc.expr.errors import ShapeError
from matcalc.notation.kinds.search import NOTHING
from matcalc.notation.meaning import choosing
from matcalc.notation.meaning.one_reading import Given, read_with
from matcalc.notation.meaning.problem import Problem


def given(text: str) -> Given:
    """What is known of a text before a reading is chosen."""
    with patch.object(choosing, "read_with", wraps=read_with) as called:
        matcalc.parse(text)
    found = called.call_args.args[0]
    assert isinstance(found, Given)
    return found


def read(text: str, **kinds: str) -> Problem:
    reading = NOTHING._replace(kinds=kinds)
    return read_with(given(text), frozenset(), lambda: reading)


@pytest.mark.parametrize(("kind", "axes"), [("c", 1), ("m", 2)])
def test_the_kinds_that_are_handed_over_are_those_of_the_letters(kind: str, axes: int) -> None:
    problem = read("u'*v", u=kind, v=kind)
    assert len(problem.dims["u"]) == axes and problem.dims["u"][0] == problem.dims["v"][0]


def test_kinds_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError):
        read("u'*v", u="c", v="r")
