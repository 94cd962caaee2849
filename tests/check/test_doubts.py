"""Lines in doubt, judged with eighty digits and all together: true ones pass, and one false one among them is found."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

import matcalc
from matcalc.check.doubts import errors_together, lines_in_doubt
from matcalc.check.points import Point
from matcalc.engine.derivation import Step
from matcalc.expr.nodes import make, num
from matcalc.numeric.precise import many_digits
from matcalc.numeric.stand_ins import WithGeneric

TEXT = "s = u'*tanh(W*x + b)"


def judged(steps: list[Step], doubted: set[int]) -> float:
    d = matcalc.derive(TEXT, check=False)
    problem, trace = d.problem, d.trace
    with many_digits({}) as digits:
        point = Point(problem, trace.waypoints, [problem.output], [], {}, WithGeneric(), 1, digits=digits)
        return errors_together(point, problem.output, steps, trace.waypoints, doubted)[0]


def chain_lines(steps: Any) -> set[int]:
    return {i for i, s in enumerate(steps) if s.kind in ("chain", "shape")}


def test_true_lines_have_no_error() -> None:
    steps = list(matcalc.derive(TEXT, check=False).trace.steps)
    assert judged(steps, chain_lines(steps)) < 1e-13


@pytest.mark.parametrize("factor", [Fraction(2), Fraction(10001, 10000)])
def test_one_false_line_makes_the_sum_false(factor: Fraction) -> None:
    steps = list(matcalc.derive(TEXT, check=False).trace.steps)
    at = max(chain_lines(steps))
    step = steps[at]
    wrong = make("scale", (num(factor), step.rhs.expr))
    steps[at] = step._replace(rhs=step.rhs._replace(expr=wrong))
    assert judged(steps, chain_lines(steps)) > 1e-6


def test_which_lines_are_in_doubt() -> None:
    steps = list(matcalc.derive(TEXT, check=False).trace.steps)
    chains = sorted(chain_lines(steps))
    errors = [0.0] * len(steps)
    assert lines_in_doubt(steps, errors, set(), 1e-8) == set()
    errors[chains[0]] = 1.0
    assert lines_in_doubt(steps, errors, set(), 1e-8) == {chains[0]}
    errors[chains[0]] = float("nan")
    assert lines_in_doubt(steps, errors, set(), 1e-8) == {chains[0]}  # no number is no proof
    errors = [0.0] * len(steps)
    errors[next(i for i, s in enumerate(steps) if s.kind == "definition")] = 1.0
    assert lines_in_doubt(steps, errors, set(), 1e-8) is None  # of others nothing is added up
