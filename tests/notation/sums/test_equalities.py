"""Chained equalities: the first member of known names counts, and the others are compared."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.api import read_problem
from matcalc.expr.errors import UsageError

DIMS = {"X": ("m", "n"), "y": ("m",), "w": ("n",)}


@pytest.mark.parametrize("text", ["f = norm2(y - X*w)^2 = (y - X*w)'*(y - X*w)", "f = (y - X*w)'*(y - X*w) = norm2(y - X*w)^2"])
def test_the_first_member_counts(text: str) -> None:
    p = read_problem(text, DIMS)
    assert p.output is read_problem(text.split(" = ")[1], DIMS).output and len(p.equal) == 1
    assert matcalc.derive(text, wrt="w", dims=DIMS).result.plain == "2*X'*(X*w - y)"


def test_a_member_that_differs_is_refused_at_its_place() -> None:
    text = "f = norm2(y - X*w)^2 = (y - X*w)'*(y - X*w) + 1"
    with pytest.raises(UsageError, match="members of this equality differ") as caught:
        matcalc.derive(text, wrt="w", dims=DIMS)
    assert text[slice(*caught.value.span)] == "(y - X*w)'*(y - X*w) + 1"  # type: ignore[misc]


def test_a_member_with_names_of_its_own_says_what_they_mean() -> None:
    p = read_problem("f = e'*e = norm2(y - X*w)^2", DIMS)
    assert set(p.symbols) == {"y", "X", "w"} and p.equal == ()
