"""Slopes of the output, local Jacobians, and derivatives in either layout."""

from __future__ import annotations

import numpy as np

from matcalc.api import read_problem
from matcalc.check.output_slopes import contract, is_turned, local_jacobian, shifted_by, totals
from matcalc.check.points import Point
from matcalc.expr.nodes import make, sym
from matcalc.expr.table import Type
from tests.check.test_lines import derived


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


def test_a_derivative_may_be_laid_out_both_ways() -> None:
    W = sym("W", Type("m", "m", "n"))
    move, g = np.arange(6.0).reshape(2, 3), np.ones((2, 3))
    assert np.allclose(contract(g, "gradient", W, move, False), 15) and np.allclose(contract(g.T, "gradient", W, move, True), 15)
    assert np.isnan(contract(np.ones((3, 3)), "gradient", W, move, False)).all()
    assert is_turned(
        make("partial", (sym("s", Type("s", 1, 1)), sym("x", Type("c", "n", 1))), None, Type("r", 1, "n")),
        sym("x", Type("c", "n", 1)),
    )
