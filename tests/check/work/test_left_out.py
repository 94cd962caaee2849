"""What may have been left out of a formula."""

from __future__ import annotations

import matcalc
from matcalc.check.work.left_out import parts_of, put_in, with_parts
from matcalc.check.work.world import World, evaluated, points_of
from matcalc.expr.nodes import sym, times
from matcalc.numeric import evaluation


def test_factors_and_terms_stand_for_their_values() -> None:
    e = matcalc.parse("A'*(x - y) + ones(n)*t", dims={"A": ("n", "n"), "x": ("n",), "y": ("n",), "t": ()})
    points = points_of(e._problem, [e.node], {}, evaluation.WithGeneric({}), 0)
    world = World(e._problem, ("x",), points, {}, {}, {}, frozenset(), False)
    parts = parts_of((e.node,), [e._problem.symbols["y"]])
    shown = {(p.kind, matcalc.notation.write.render.render(p.node)) for p in parts}
    assert {("factor", "A"), ("factor", "x - y"), ("term", "x"), ("term", "y"), ("factor", "y"), ("sum", "ones(n)")} <= shown
    assert ("factor", "A'") not in shown
    known = with_parts(world, parts)
    for part in parts:
        word = sym(part.word, part.node.type)
        assert (evaluated(known, word, {}).at[0] == evaluated(world, part.node, {}).at[0]).all()
        assert put_in(word, parts) is part.node
    assert put_in(times(e._problem.symbols["A"], sym(parts[0].word, parts[0].node.type)), parts) is not None
