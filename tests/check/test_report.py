"""The report: every line gets its verdict, a false one is named, and what no point shows is told."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc
from matcalc.check.report import TOLERANCE, CheckReport, check_trace
from matcalc.expr.errors import CheckError, ShapeError
from matcalc.expr.nodes import make, num, transpose


def judged(d: Any, steps: Any = None, results: Any = None, **options: Any) -> tuple[Any, CheckReport]:
    trace = d.trace
    return check_trace(d.problem, steps or trace.steps, results or trace.results, trace.waypoints, **options)


def test_every_line_has_its_check() -> None:
    d = matcalc.derive("s = u'*tanh(W*x + b)", check=False)
    checked, report = judged(d)
    assert report.passed and report.steps == len(checked) == len(d.trace.steps) and report.max_relative_error < TOLERANCE
    assert all(s.check is not None and s.check.points >= 2 for s in checked)
    assert report.max_relative_error >= max(s.check.max_relative_error for s in checked) and report.worst


@pytest.mark.parametrize("factor", [2, -1, 0])
def test_a_false_result_is_no_result(factor: int) -> None:
    d = matcalc.derive("x'*A*x", check=False)
    results = [r._replace(expr=make("scale", (num(factor), r.expr))) for r in d.trace.results]
    with pytest.raises(CheckError):
        judged(d, results=results)


def test_a_false_line_is_named() -> None:
    d = matcalc.derive("s = u'*tanh(W*x + b)", check=False)
    steps = list(d.trace.steps)
    i = next(i for i, s in enumerate(steps) if s.kind == "local")
    steps[i] = steps[i]._replace(rhs=steps[i].rhs._replace(expr=make("scale", (num(3), steps[i].rhs.expr))))
    with pytest.raises(CheckError) as caught:
        judged(d, steps)
    assert steps[i].text in caught.value.message


def test_a_result_of_the_wrong_shape() -> None:
    d = matcalc.derive("x'*A*x", wrt="x", check=False)
    with pytest.raises((CheckError, ShapeError)):
        judged(d, results=[r._replace(expr=transpose(r.expr)) for r in d.trace.results])


def test_what_vanished_at_every_point_is_flat() -> None:
    d = matcalc.derive("sum(max(x, y)) + sum(min(x, y)) - sum(x) - sum(y) + norm2(z)^2", dims={"x": ("n",)}, check=False)
    _, report = judged(d)
    assert report.flat == {"x", "y"}


def test_other_seeds_and_more_points() -> None:
    d = matcalc.derive("x'*A*x", check=False)
    errors = {judged(d, seed=seed)[1].max_relative_error for seed in range(4)}
    assert len(errors) > 1 and judged(d, points=5)[1].points >= 5


def test_a_branch_that_no_point_showed_is_noticed() -> None:
    d = matcalc.derive("sum(relu(x.^2 + 1))", check=False)
    _, report = judged(d)
    assert any("relu" in notice for notice in report.notices)
    assert not judged(matcalc.derive("sum(relu(x))", check=False))[1].notices
