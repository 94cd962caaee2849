"""What a replay knows so far: definitions, names, and what each line on record says."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.algebra.book import book
from matcalc.check.replay.outcome import DoesNotFollow
from matcalc.check.replay.record import Record
from matcalc.expr.nodes import sym
from tests.nodes import read

D = matcalc.derive("s = u'*tanh(W*x)", dims={"W": ("m", "n")}, check=False)


def record() -> Record:
    found = Record(D.problem, D.trace.waypoints, D.trace.results, book(), {}, {})
    for step in D.trace.steps:
        if step.kind == "definition" and step.node is not None:
            found.define(step.node, step.rhs.expr)
    found.close()
    return found


def test_names_stand_for_their_values() -> None:
    found = record()
    z = next(sym(name, node.type) for name, node in D.trace.waypoints if name == "z")
    assert found.unnamed(z) is dict(D.trace.waypoints)["z"] and str(found.out.attr) == "s"
    assert found.variable("x") is D.problem.symbols["x"]


def test_derivatives_are_laid_out_as_lines_have_them() -> None:
    """A row for a column, and a matrix in its own shape."""
    found = record()
    x, W = D.problem.symbols["x"], D.problem.symbols["W"]
    assert found.partial(x).type.kind == "r" and found.turned(x).type.kind == "c" and found.partial(W).type == W.type


def test_what_a_line_said_is_used_by_those_after_it() -> None:
    found = record()
    x = D.problem.symbols["x"]
    value = next(s.rhs.expr for s in D.trace.steps if s.lhs.expr is found.partial(x))
    found.record(found.partial(x), value)
    assert (
        found.valued(found.partial(x)) is found.unnamed(found.valued(value))
        or "partial" not in repr(found.valued(found.partial(x)))[:7]
    )


def test_sides_that_differ_do_not_follow() -> None:
    found = record()
    x = D.problem.symbols["x"]
    found.require_same(x, x, "no")
    with pytest.raises(DoesNotFollow):
        found.require_same(x, matcalc.parse("2*x", {"x": x.shape}).node, "they differ")
    assert read("s") is read("s")
