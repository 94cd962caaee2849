"""What is judged is a record: it knows what is declared, and changes make another."""

from __future__ import annotations

import matcalc
from matcalc.check.judged import Look, Spot, Trace, verdict_of
from matcalc.expr.nodes import num


def test_a_record() -> None:
    d = matcalc.derive("a'*x", wrt="x", check=False)
    trace = Trace(d.problem, d.trace.steps, d.trace.results, d.trace.waypoints, {}, {}, 0, 2)
    assert trace.points == 2 and not trace.loose
    assert trace._replace(seed=1) != trace


def test_what_all_points_have_shown_together() -> None:
    a, b, c = num(1), num(2), num(3)
    one = Look(Spot(1), [0.0, 2.0], 0.5, {a}, {a, b}, {b, c}, {a: b, c: c})
    two = Look(Spot(2), [1.0, 0.0], 0.0, {c}, {a, c}, {c}, {a: b})
    found = verdict_of([one, two], {1}, None)  # type: ignore[arg-type]
    assert (found.errors, found.final, found.too_long) == ([1.0, 2.0], 0.5, {1})
    assert (found.hidden, found.vanished, found.flat, found.valueless) == ({a}, {a}, {c}, {a: b})
    assert found.spots == [Spot(1), Spot(2)]
