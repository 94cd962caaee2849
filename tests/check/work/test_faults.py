"""Derivatives with a fault in the chain rule, against the same by hand."""

from __future__ import annotations

import numpy as np

import matcalc
from matcalc.check.work.faults import paths, without_parts
from matcalc.check.work.world import World, points_of
from matcalc.numeric import evaluation


def test_a_path_that_is_forgotten_and_one_without_its_local_derivative() -> None:
    e = matcalc.parse("u'*tanh(x) + norm2(x)^2", dims={"u": ("n",), "x": ("n",)})
    table = evaluation.WithGeneric({})
    points = points_of(e._problem, [e.node], {}, table, 0)
    world = World(e._problem, ("x",), points, {}, {}, {}, frozenset(), False)
    x, u = e._problem.symbols["x"], e._problem.symbols["u"]
    found = list(paths(world, e.node, x))
    wanted = [2 * p.value(x) for p in points]
    assert any(all(np.allclose(a, b) for a, b in zip(path.without.at, wanted, strict=True)) for path in found)
    wanted = [p.value(u) + 2 * p.value(x) for p in points]
    assert any(all(np.allclose(a, b) for a, b in zip(v.at, wanted, strict=True)) for path in found for v in path.identity)


def test_terms_and_factors() -> None:
    e = matcalc.parse("x + A*x", dims={"x": ("n",), "A": ("n", "n")})
    points = points_of(e._problem, [e.node], {}, evaluation.WithGeneric({}), 0)
    world = World(e._problem, ("x",), points, {}, {}, {}, frozenset(), False)
    x = e._problem.symbols["x"]
    found = list(without_parts(world, e.node))
    assert any(part.is_term and np.allclose(part.value.at[0], points[0].value(x)) for part in found)
    assert any(not part.is_term and np.allclose(part.value.at[0], 2 * points[0].value(x)) for part in found)
    assert len(found) == 3  # x + A has no size
