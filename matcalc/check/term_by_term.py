"""Sums over samples, added up term by term: with the slices of each sample in place of x_i."""

from __future__ import annotations

from matcalc.check.measure import relative_at
from matcalc.check.points import Point
from matcalc.engine.derivation import Formula
from matcalc.expr.nodes import postorder
from matcalc.numeric import evaluation
from matcalc.numeric.kernels import extent


def sampled_error(point: Point, f: Formula) -> float:
    """How far what is written with sums is from what it stands for."""
    s = f.samples
    if s is None:
        return 0.0
    known = dict(point.env)
    for letter, total in s.totals.items():
        for own in postorder((total.term,)):
            if own in s.slices:  # all samples, one in each batch entry
                array, place, _ = s.slices[own]
                known[own] = point.value(array).swapaxes(0, place)[..., None].reshape(-1, *extent(own.type, point.sizes))
        known[letter] = evaluation.evaluate([total.term], known, point.sizes, point.functions)[0].sum(axis=0)
    (got,) = evaluation.evaluate([s.whole], known, point.sizes, point.functions)
    return relative_at(point, got, point.value(f.expr), f.expr)
