"""Where two expressions differ: a point with few entries and short numbers, and what one side is of the other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction

import numpy as np

from matcalc.check.measure import relative
from matcalc.check.points import Point, is_finite
from matcalc.check.verdict import Counterexample
from matcalc.expr.errors import NoValueError
from matcalc.expr.groups import CARRIED
from matcalc.expr.nodes import Expr, postorder
from matcalc.numeric import evaluation
from matcalc.numeric.evaluation import Array
from matcalc.numeric.magnitudes import largest
from matcalc.numeric.properties import HOLDS

CLEAR = 1e-9  # relative difference from which on two values are different
SIMPLE = 1000  # the largest denominator of a factor that is looked for
DECIMALS = (0, 1, 2, 3)

Env = Mapping[Expr, Array]


def counterexample(
    points: Iterable[Point], left: Expr, right: Expr, assume: Mapping[str, frozenset[str]], known: Collection[str] = ()
) -> Counterexample | None:
    """The smallest of the points at which the sides differ; none where doubles do not tell them apart. ``known`` functions have
    values of their own."""
    nodes = postorder((left, right))
    symbols = [n for n in nodes if n.op == "sym"]
    carriers = dict.fromkeys(str(n.args[0].attr) for n in nodes if n.op in CARRIED)
    sampled = tuple(dict.fromkeys(str(n.attr[0]) for n in nodes if n.op == "fn" and n.attr[0] not in known) | carriers)
    found: tuple[int, Point, Env] | None = None
    for point in points:
        env: Env = {s: point.env[s] for s in symbols}
        size = sum(np.size(v) for v in env.values())
        if (found is None or size < found[0]) and relative(*_sides(point, env, left, right)) > CLEAR:
            found = size, point, env
    if found is None:
        return None
    _, point, env = found
    env = _short(point, env, left, right, assume)
    one, two = _sides(point, env, left, right)
    values = {str(s.attr): evaluation.frozen(v, s.type) for s, v in env.items() if s.attr not in carriers}
    one, two = evaluation.frozen(one, left.type), evaluation.frozen(two, right.type)
    at = tuple(int(i) for i in np.unravel_index(int(np.argmax(np.abs(one - two))), np.shape(one)))
    return Counterexample(values, one, two, at, float(one[at] / two[at]) if two[at] else None, sampled)


def _sides(point: Point, env: Env, left: Expr, right: Expr) -> tuple[Array, Array]:
    one, two = evaluation.evaluate([left, right], env, point.sizes, point.functions)
    return np.asarray(one, float), np.asarray(two, float)


@np.errstate(all="ignore")
def _short(point: Point, env: Env, left: Expr, right: Expr, assume: Mapping[str, frozenset[str]]) -> Env:
    """The values with as few decimals as tell the sides apart as clearly, where what is declared allows it."""
    apart = relative(*_sides(point, env, left, right))
    for decimals in DECIMALS:
        short = {s: np.round(v, decimals) + 0.0 for s, v in env.items()}
        if all(HOLDS[p](evaluation.frozen(v, s.type)) for s, v in short.items() for p in assume.get(str(s.attr), ())):
            try:
                sides = _sides(point, short, left, right)
            except NoValueError:  # rounded, it is singular
                continue
            if all(map(is_finite, sides)) and relative(*sides) > max(CLEAR, 0.1 * apart) and min(map(largest, sides)) > 0:
                return short
    return env


def offset(points: Iterable[Point], left: Expr, right: Expr) -> Fraction | None:
    """The number that has to be added to the right side, if it is a simple one, and the same at all points."""
    found: Fraction | None = None
    for point in points:
        one, two = (np.asarray(point.value(e), float) for e in (left, right))
        if one.size != 1 or not is_finite(one) or not is_finite(two):
            return None
        here = Fraction(float((one - two).flat[0])).limit_denominator(SIMPLE)
        if not here or found not in (None, here) or relative(one, float(here) + two) > CLEAR:
            return None
        found = here
    return found


def factor(points: Iterable[Point], left: Expr, right: Expr) -> Fraction | None:
    """The number by which the right side has to be multiplied, if it is a simple one, and the same at all points."""
    found: Fraction | None = None
    for point in points:
        one, two = (np.asarray(point.value(e), float) for e in (left, right))
        if not is_finite(one) or not is_finite(two) or not largest(two):
            return None
        i = int(np.argmax(np.abs(two)))
        here = Fraction(float(one.flat[i] / two.flat[i])).limit_denominator(SIMPLE)
        if not here or found not in (None, here) or relative(one, float(here) * two) > CLEAR:
            return None
        found = here
    return found
