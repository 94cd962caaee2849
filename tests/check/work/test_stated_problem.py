"""Problems that a text states beside its derivation."""

from __future__ import annotations

import pytest

from matcalc.check.work.stated_problem import problem_in
from matcalc.expr.errors import UsageError


def test_definitions_and_the_last_derivative() -> None:
    found = problem_in("z = W*x + b\ns = u'*z\nds/dz = u\nds/dW = u*x'")
    assert (found.text, found.wrt, found.output) == ("z = W*x + b; s = u'*z", "W", "s")


def test_what_states_none() -> None:
    for work in ("z = W*x", "ds/dx = 2*x"):
        with pytest.raises(UsageError, match="does not state"):
            problem_in(work)
