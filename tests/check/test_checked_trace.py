"""A derivation with the outcome of its check: each line carries its own, and what vanishes everywhere is told as 0."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.check.checked_trace import checked_trace
from matcalc.expr.errors import CheckError
from matcalc.expr.nodes import is_zero, make


def told(text: str, wrt: str) -> matcalc.Derivation:
    return matcalc.derive(text, wrt=wrt, check=False)


def test_every_line_and_box_carries_its_check() -> None:
    d = told("norm2(A*x - b)^2", "x")
    assert all(step.check is None for step in (*d.trace.steps, *d.trace.boxes))
    trace, report = checked_trace(d.problem, d.trace, {}, {}, 0, 3, "s")
    assert [s.text for s in trace.steps] == [s.text for s in d.trace.steps]
    assert all(step.check is not None and step.check.points == 3 for step in (*trace.steps, *trace.boxes))
    assert report.passed and report.steps == len(trace.steps + trace.boxes) and trace.results == d.trace.results


@pytest.mark.slow
@pytest.mark.rounding
def test_what_vanishes_everywhere_is_0_in_the_lines_the_boxes_and_the_results() -> None:
    d = told("tr(expm(A)*X*expm(-A)) - tr(X)", "A")
    assert not any(is_zero(box.rhs.expr) for box in d.trace.boxes)
    trace, report = checked_trace(d.problem, d.trace, {}, {}, 0, 2, "Somebody, p. 3")
    assert [is_zero(r.expr) for r in trace.results] == [True] and all(is_zero(box.rhs.expr) for box in trace.boxes)
    assert "Somebody, p. 3" in [s.source for s in trace.steps] and report.steps == len(trace.steps + trace.boxes)


def test_where_an_inverse_has_to_exist_is_a_notice() -> None:
    d = told("x'*inv(A)*A*x", "A")
    _, report = checked_trace(d.problem, d.trace, {}, {}, 0, 2, "s")
    assert "the derivative by A is 0 only where A⁻¹ exists" in report.notices


def test_a_false_line_is_named() -> None:
    d = told("norm2(A*x - b)^2", "x")
    wrong = d.trace.steps[-1]
    wrong = wrong._replace(rhs=wrong.rhs._replace(expr=make("neg", (wrong.rhs.expr,))), members=())
    with pytest.raises(CheckError):
        checked_trace(d.problem, d.trace._replace(steps=(*d.trace.steps[:-1], wrong)), {}, {}, 0, 2, "s")
