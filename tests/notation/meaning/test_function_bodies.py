"""Bodies of functions that a text defines, as expressions in their parameter."""

from __future__ import annotations

import pytest

from matcalc.api import read_problem
from matcalc.expr.errors import MatcalcError


def test_bodies_and_those_that_they_call() -> None:
    own = read_problem("u'*g(x); g(t) = k(t)^2; k(t) = t + 1").own
    assert set(own) == {"g", "k"}
    assert own["g"].parameter.attr == "t" and own["k"].body is not None and own["k"].body.op == "add"


def test_a_body_that_knows_another_letter_has_no_name() -> None:
    """a x² is put in place: what a is, the text around says."""
    p = read_problem("sum(g(x)); g(t) = a*t^2", {"a": ()})
    assert "g" not in p.own and "a" in p.symbols


@pytest.mark.parametrize("body", ["t + ", "(t", "t ? 1"])
def test_bodies_that_cannot_be_read(body: str) -> None:
    with pytest.raises(MatcalcError):
        read_problem(f"u'*g(x); g(t) = {body}")
