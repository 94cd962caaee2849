"""A line as it is printed: its members, names, sizes and its remark."""

from __future__ import annotations

import pytest

from matcalc.check.in_print import Setting, as_printed, check_remark, require_shape
from matcalc.expr.errors import CheckError
from matcalc.expr.nodes import make, num, transpose
from tests.check.test_lines import derived, errors_of


def test_a_member_that_is_false_is_seen_too() -> None:
    d, point = derived()
    step = next(s for s in d.trace.steps if s.members)
    names = Setting(point, d.problem.output, d.trace.steps, d.trace.waypoints).names
    errors_of(d, point, list(d.trace.steps))  # the derivatives are known from now on
    assert as_printed(point, step, names) < 1e-10
    for i, member in enumerate(step.members):
        false = member._replace(expr=make("scale", (num(2), member.expr)))
        assert as_printed(point, step._replace(members=(*step.members[:i], false, *step.members[i + 1 :])), names) > 0.1


def test_both_sides_have_one_size() -> None:
    d, point = derived()
    step = next(s for s in d.trace.steps if s.kind == "shape")
    require_shape(point, step)
    with pytest.raises(CheckError):
        require_shape(point, step._replace(rhs=step.rhs._replace(expr=transpose(step.rhs.expr))))


def test_a_remark_that_is_false_is_seen() -> None:
    d, point = derived()
    setting = Setting(point, d.problem.output, d.trace.steps, d.trace.waypoints)
    for step in d.trace.steps:
        setting.learn(step)
    told = [s for s in d.trace.steps if s.equations]
    assert told and all(check_remark(point, s, setting.bodies) < 1e-9 for s in told)
    step = told[-1]
    e = step.equations[-1]
    false = e._replace(rhs=e.rhs._replace(expr=make("scale", (num(2), e.rhs.expr))))
    assert check_remark(point, step._replace(about=(*[a for a in step.about if a is not e], false)), setting.bodies) > 0.1
