"""Defined functions as they are written: definitions that make plain notation stand alone, and lines."""

from __future__ import annotations

import matcalc
from matcalc.api import read_problem
from matcalc.engine.own_functions.paper import definitions, in_use, steps, with_definitions

TEXT = "s = u'*g(x); g(t) = k(t)^2; k(t) = t + 1; q(t) = t"
OUTPUT = "s"


def test_those_in_use_with_their_highest_order() -> None:
    problem = read_problem(TEXT, output=OUTPUT)
    assert in_use([problem.output], problem.scalars) == {"g": 0, "k": 0}  # k in the body of g; q nowhere
    d = matcalc.derive(TEXT, output=OUTPUT, wrt="x", check=False)
    assert in_use([r.expr for r in d.trace.results], problem.scalars)["g"] == 1


def test_definitions_are_read_back() -> None:
    problem = read_problem(TEXT, output=OUTPUT)
    found = definitions(problem.output, problem.scalars)
    assert set(found) == {"g(t) = k(t)^2", "k(t) = t + 1"}
    again = read_problem("; ".join([f"s = {'u'}'*g(x)", *found]))
    assert set(again.scalars) == {"g", "k"}


def test_lines_as_given_and_derived() -> None:
    d = matcalc.derive(TEXT, output=OUTPUT, wrt="x", check=False)
    said = [s.lhs.text for s in steps(d.trace, d.problem.scalars)]
    assert "g(t)" in said and any(s.startswith("g′") for s in said) and not any("q" in s for s in said)


def test_results_say_what_their_functions_are() -> None:
    d = matcalc.derive(TEXT, output=OUTPUT, wrt="x", check=False)
    told = with_definitions(d.trace, d.problem.scalars)
    assert any("g(t) = k(t)^2" in line for line in told.results[0].definitions)
