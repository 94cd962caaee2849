"""Differences of the computation itself: first and second order, against derivatives computed by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from matcalc.api import read_problem
from matcalc.check.differences import STENCIL, contraction, differential_of, first, outer, second, wanted
from matcalc.check.points import Point
from matcalc.expr.nodes import make


def at(text: str, **shapes: tuple[Any, ...]) -> tuple[Any, Point]:
    problem = read_problem(text, shapes)
    return problem, Point(problem, (), [problem.output], [], {}, {}, 0)


def test_the_stencil_is_exact_for_polynomials_of_degree_eight() -> None:
    """Σ cₖ (kʲ − (−k)ʲ) is 1 for j = 1 and 0 for every other j up to 8."""
    moments = [sum(above / below * (k**j - (-k) ** j) for k, above, below in STENCIL) for j in range(9)]
    assert np.allclose(moments, [0, 1, 0, 0, 0, 0, 0, 0, 0], atol=1e-12)
    assert abs(outer(lambda t: np.exp(2 * t)) - 2) < 1e-9 and abs(outer(lambda t: t**3, 0.5)) < 1e-12


def test_first_order_along_several_moves_at_once() -> None:
    problem, point = at("x'*A*y", A=("m", "n"))
    A, x, y = (problem.symbols[name] for name in "Axy")
    moves = point.directions([x, y])
    a, u, v = (point.env[s] for s in (A, x, y))
    want = moves[x].T @ a @ v + u.T @ a @ moves[y]
    assert np.allclose(first(point, problem.output, moves), want, rtol=1e-12)


def test_second_order() -> None:
    problem, point = at("x'*A*x", A=("n", "n"))
    A, x = (problem.symbols[name] for name in "Ax")
    d, e = (point.rng.standard_normal(point.env[x].shape) for _ in range(2))
    want = d.T @ (point.env[A] + point.env[A].T) @ e
    assert np.allclose(second(point, problem.output, x, d, x, e), want, rtol=1e-8)
    da = point.rng.standard_normal(point.env[A].shape)
    assert np.allclose(second(point, problem.output, A, da, x, d), d.T @ (da + da.T) @ point.env[x], rtol=1e-8)


def test_second_order_of_a_function_that_is_no_polynomial() -> None:
    problem, point = at("sum(exp(x))", x=("n",))
    x = problem.symbols["x"]
    d = point.rng.standard_normal(point.env[x].shape)
    want = (np.exp(point.env[x]) * d * d).sum()
    assert np.allclose(second(point, problem.output, x, d, x, d), want, rtol=1e-7)


def test_contractions_take_the_last_axes() -> None:
    problem, point = at("A*x", A=("m", "n"))
    A, x = problem.symbols["A"], problem.symbols["x"]
    d = point.rng.standard_normal(point.env[x].shape)
    assert np.allclose(contraction(point, A, (x, d)), (point.env[A] @ d)[:, 0])
    assert wanted(point.env[x], x).shape == point.env[x].shape[:1]
    assert differential_of(x) is make("d", (x,))
