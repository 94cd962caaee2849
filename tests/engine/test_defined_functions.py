"""The functions that a text defines: none without definitions; values, definitions and lines where there are some."""

from __future__ import annotations

import numpy as np

import matcalc
from matcalc.api import read_problem
from matcalc.engine.defined_functions import definitions_in, own_functions, own_steps

TEXT = "s = u'*g(x); g(t) = t^3 + 2*t"


def test_a_text_without_definitions_costs_nothing() -> None:
    problem = read_problem("x'*x", {"x": ("n",)})
    assert own_functions(problem) == {} and definitions_in(problem.output, problem) == ()
    assert own_steps(problem, matcalc.derive("x'*x", check=False).trace) == ()


def test_values_of_every_order() -> None:
    (g,) = own_functions(read_problem(TEXT)).values()
    t = np.array([0.5, -2.0])
    assert np.allclose(g(0)(t), t**3 + 2 * t) and np.allclose(g(1)(t), 3 * t**2 + 2) and np.allclose(g(2)(t), 6 * t)


def test_definitions_of_those_that_occur() -> None:
    problem = read_problem(TEXT)
    assert definitions_in(problem.output, problem) == ("g(t) = t^3 + 2*t",)
    assert definitions_in(problem.symbols["x"], problem) == ()


def test_lines_say_what_the_function_and_its_derivative_are() -> None:
    d = matcalc.derive(TEXT, wrt="x")
    lines = [(s.lhs.text, s.rhs.text) for s in d.steps if "g" in s.lhs.text]
    assert ("g(t)", "t³ + 2t") in lines and any(left.startswith("g′(t)") for left, _ in lines)
