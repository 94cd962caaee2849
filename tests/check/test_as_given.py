"""What the input itself says: its equalities and its sums."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.api import read_problem
from matcalc.check.as_given import check_members, check_sums
from matcalc.check.points import Point
from matcalc.expr.errors import UsageError


def test_members_of_an_equation_of_the_text_must_agree() -> None:
    problem = read_problem("s = x'*A*x = x'*A'*x", {"A": ("n", "n")})
    check_members(Point(problem, (), [problem.output], [], {}, {}, 0), problem)
    false = read_problem("s = x'*A*x = 2*x'*A*x", {"A": ("n", "n")})
    with pytest.raises(UsageError):
        check_members(Point(false, (), [false.output], [], {}, {}, 0), false)


def test_sums_are_held_against_loops() -> None:
    d = matcalc.derive(r"\sum_{i=1}^n x_i y_i", dims={"x": ("n",), "y": ("n",)}, check=False)
    point = Point(d.problem, d.trace.waypoints, [d.problem.output], [], {}, {}, 0)
    errors = [0.0] * len(d.trace.steps)
    assert check_sums(point, d.problem.lifts, d.trace.steps, errors) == set() and max(errors) < 1e-12
    (lift,) = d.problem.lifts
    false = lift._replace(values=lift.values[::-1] if lift.values[0] is not lift.values[-1] else lift.values, expr=lift.expr)
    assert false.expr is lift.expr  # the line that is judged is found by what the sum became
