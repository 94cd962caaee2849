"""Problems that a text states beside its derivation."""

from __future__ import annotations

import pytest

from matcalc.check.work.stated_problem import problem_in, style_of
from matcalc.expr.errors import UsageError


def test_definitions_and_the_last_derivative() -> None:
    found = problem_in("z = W*x + b\ns = u'*z\nds/dz = u\nds/dW = u*x'")
    assert (found.text, found.wrt, found.output) == ("z = W*x + b; s = u'*z", "W", "s")


def test_what_states_none() -> None:
    with pytest.raises(UsageError, match="no formula"):
        problem_in("nothing but words")
    for work in ("z = W*x", "ds/dx = 2*x"):
        with pytest.raises(UsageError, match="does not state"):
            problem_in(work)


def test_the_style_that_is_followed() -> None:
    assert style_of("dr = A*dx\nds = 2*r'*dr\nds/dx = 2*A'*r") == style_of(r"\mathrm{d}s &= r^T \mathrm{d}r") == "differential"
    assert style_of("ds/dr = 2*r\nds/dx = 2*A'*r") == style_of("z = W*x") == "backprop"
