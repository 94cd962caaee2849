"""Definitions whose sizes do not fit: the value of the problem that one edit of such a formula gives is what it is meant to be."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice

from matcalc.check.work import slips
from matcalc.check.work.relations import same
from matcalc.check.work.world import Formula, World, evaluated, first_point, fits, typed
from matcalc.expr.errors import MatcalcError
from matcalc.expr.nodes import Expr, postorder

MOST = 300  # edits that are tried


def meant_by(world: World, one: Formula) -> Expr | None:
    """A value on the way to that of the problem; None where the sizes fit, and where no edit gives one."""
    if fits(world, one, {}) is not False:
        return None
    near = first_point(world)
    nodes = [e for e in postorder((world.problem.output,)) if e.args and e.op != "T" and e.type.kind != "t"]
    known = [(e, evaluated(near, e, {})) for e in nodes]
    for edit in islice(slips.edits(one.body), MOST):
        with suppress(MatcalcError):
            mended = typed(world, one.with_body(edit.body), {})
            value = evaluated(near, mended, {})
            for e, own in known:
                if own.type == value.type and same(own, value) and same(evaluated(world, e, {}), evaluated(world, mended, {})):
                    return e
    return None
