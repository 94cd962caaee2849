"""The check of lines at a point: errors, layouts, tied entries; a false member, remark or shape is seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.api import read_problem
from matcalc.check.lines import (
    Names,
    as_printed,
    check_members,
    check_point,
    contract,
    is_turned,
    largest,
    local_jacobian,
    named_values,
    relative,
    require_shape,
    shifted_by,
    tied_direction,
    totals,
)
from matcalc.check.points import Point
from matcalc.expr.errors import CheckError, UsageError
from matcalc.expr.nodes import make, num, sym, transpose
from matcalc.expr.table import Type

TEXT = "s = u'*tanh(W*x + b)"


def derived() -> tuple[Any, Point]:
    d = matcalc.derive(TEXT, check=False)
    return d, Point(d.problem, d.trace.waypoints, [d.problem.output], [r.expr for r in d.trace.results], {}, {}, 2)


def errors_of(d: Any, point: Point, steps: list[Any]) -> list[float]:
    errors = [0.0] * len(steps)
    check_point(point, d.problem.output, steps, d.trace.results, d.trace.waypoints, errors)
    return errors


def test_true_lines_have_small_errors() -> None:
    d, point = derived()
    assert max(errors_of(d, point, list(d.trace.steps))) < 1e-10


@pytest.mark.parametrize("factor", [2, -1])
def test_each_false_line_is_seen_in_its_place(factor: int) -> None:
    d, _ = derived()
    for i, step in enumerate(d.trace.steps):
        if step.kind not in ("chain", "shape", "local"):
            continue
        wrong = make("scale", (num(factor), step.rhs.expr))
        steps = list(d.trace.steps)
        steps[i] = step._replace(rhs=step.rhs._replace(expr=wrong))
        _, point = derived()
        assert errors_of(d, point, steps)[i] > 0.1, step.kind


def test_a_member_that_is_false_is_seen_too() -> None:
    d, point = derived()
    step = next(s for s in d.trace.steps if s.members)
    named = {sym(name, node.type): node for name, node in d.trace.waypoints}
    bodies = {s.node: s.rhs.expr for s in d.trace.steps if s.kind == "definition"}
    names = Names(point, named_values(named, bodies, d.trace.steps))
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


def test_slopes_of_the_output_along_named_values() -> None:
    """s = u'tanh(z): along z it is u'(1 − tanh² z) dz."""
    d, point = derived()
    z = next(node for name, node in d.trace.waypoints if name == "z")
    symbol = sym("z", z.type)
    move = point.directions([symbol])[symbol]
    values = {str(s.attr): point.env[s] for s in point.env if s.op == "sym"}
    at = point.env[symbol]
    want = (values["u"] * (1 - np.tanh(at) ** 2) * move).sum()
    assert np.isclose(totals(point, d.problem.output, {symbol: z}, {symbol: move})[symbol].sum(), want, rtol=1e-12)
    shift = sym("~0", z.type)
    assert shifted_by(d.problem.output, {z: shift}) is not d.problem.output


def test_local_jacobians_are_matrices() -> None:
    problem = read_problem("tanh(A*x)", {"A": ("m", "n")})
    point = Point(problem, (), [problem.output], [], {}, {}, 0)
    a, v = (point.env[problem.symbols[name]] for name in "Ax")
    want = (1 - np.tanh(a @ v) ** 2) * a
    assert np.allclose(local_jacobian(point, problem.output, problem.symbols["x"]), want, rtol=1e-12)


def test_relative_errors() -> None:
    assert (
        relative(np.array([1.0]), np.array([1.1])) == pytest.approx(0.1 / 1.1, rel=0.2) and relative(np.zeros(2), np.zeros(2)) == 0
    )
    assert not relative(np.array([np.nan]), np.array([1.0])) <= 1e-8 and largest(np.array([-3.0, 2.0])) == 3


def test_a_derivative_may_be_laid_out_both_ways() -> None:
    W = sym("W", Type("m", "m", "n"))
    move, g = np.arange(6.0).reshape(2, 3), np.ones((2, 3))
    assert np.allclose(contract(g, "gradient", W, move, False), 15) and np.allclose(contract(g.T, "gradient", W, move, True), 15)
    assert np.isnan(contract(np.ones((3, 3)), "gradient", W, move, False)).all()
    assert is_turned(
        make("partial", (sym("s", Type("s", 1, 1)), sym("x", Type("c", "n", 1))), None, Type("r", 1, "n")),
        sym("x", Type("c", "n", 1)),
    )


@pytest.mark.parametrize(
    "structure", ["symmetric", "skew", "diagonal", "lower-triangular", "upper-triangular", "toeplitz", "symmetric-toeplitz"]
)
def test_tied_entries_have_the_structure_and_as_many_parameters(structure: str) -> None:
    from matcalc.numeric.properties import HOLDS

    free, direction = tied_direction(np.random.default_rng(0), structure, 4)
    assert HOLDS[structure](direction)
    count = {"symmetric": 10, "skew": 6, "diagonal": 4, "lower-triangular": 10, "upper-triangular": 10, "toeplitz": 7}
    assert np.count_nonzero(free) == count.get(structure, 4)


def test_members_of_an_equation_of_the_text_must_agree() -> None:
    problem = read_problem("s = x'*A*x = x'*A'*x", {"A": ("n", "n")})
    check_members(Point(problem, (), [problem.output], [], {}, {}, 0), problem)
    false = read_problem("s = x'*A*x = 2*x'*A*x", {"A": ("n", "n")})
    with pytest.raises(UsageError):
        check_members(Point(false, (), [false.output], [], {}, {}, 0), false)
