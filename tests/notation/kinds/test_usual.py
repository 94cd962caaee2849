"""Texts that are read without a search: every letter has its usual kind, and no other is near."""

from __future__ import annotations

import pytest

from matcalc.notation.kinds.inference import Open, at_once
from matcalc.notation.kinds.walk import Asked
from matcalc.notation.parse.statements import Names, read


def asked(text: str, scalar: bool | None = True) -> Asked:
    return Asked(read(text, Names()).statements, {}, frozenset(), scalar)


def test_an_ordinary_text_is_read_without_a_search_and_to_the_same_kinds() -> None:
    assert at_once(asked("s = u'*f(W*x + h)")).kinds == {"u": "c", "W": "m", "x": "c", "h": "c", "s": "s"}
    with pytest.raises(Open):
        at_once(asked(r"X\beta"))
    with pytest.raises(Open):
        at_once(asked("lr*x"))


def test_an_output_that_is_no_scalar_needs_no_search_where_no_number_is_near() -> None:
    """W x: another kind of W or x costs 20 tenths at least; an output that is no scalar costs 10."""
    assert at_once(asked("W*x", None)).kinds == {"W": "m", "x": "c"}
    with pytest.raises(Open):  # a number a is near
        at_once(asked("W*a", None))
    with pytest.raises(Open):
        at_once(asked("W*x", True))
