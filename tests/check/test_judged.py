"""What is judged is a record: it knows what is declared, and changes make another."""

from __future__ import annotations

import matcalc
from matcalc.check.judged import Trace


def test_a_record() -> None:
    d = matcalc.derive("a'*x", wrt="x", check=False)
    trace = Trace(d.problem, d.trace.steps, d.trace.results, d.trace.waypoints, {}, {}, 0, 2)
    assert trace.settled == frozenset() and trace.points == 2
    assert trace._replace(seed=1) != trace
