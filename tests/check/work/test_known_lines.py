"""What the derivation at hand says of a derivative, whatever its values are called."""

from __future__ import annotations

import matcalc
from matcalc.check.work.known_lines import known_lines, matching, rule_of
from matcalc.check.work.world import World, points_of
from matcalc.numeric import evaluation


def test_lines_by_what_they_speak_of() -> None:
    d = matcalc.derive("norm2(A*x - b)^2", wrt="x")
    lines = known_lines(d.trace.steps, d.trace.waypoints)
    world = World(
        d.problem,
        ("x",),
        points_of(d.problem, [d.problem.output], {}, evaluation.WithGeneric({}), 0),
        {},
        {},
        {},
        frozenset(),
        False,
    )
    r = matcalc.parse("-(b - A*x)", dims={"A": ("n", "m"), "x": ("m",), "b": ("n",)}).node
    assert rule_of(list(matching(world, lines, d.problem.output, r))) == "squared-norm"
    assert rule_of(list(matching(world, lines, r, d.problem.symbols["x"]))) == "matrix-vector"
    assert any(line.value is d.result.expr for line in matching(world, lines, d.problem.output, d.problem.symbols["x"]))
