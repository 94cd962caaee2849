"""Where two expressions differ: a point with few entries and short numbers, and what one side is of the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from itertools import combinations_with_replacement, product

import numpy as np

from matcalc.check.measure import relative
from matcalc.check.points import Point, is_finite
from matcalc.check.verdict import Counterexample
from matcalc.expr.errors import NoValueError
from matcalc.expr.groups import CARRIED
from matcalc.expr.nodes import Expr, dimension, make, num, postorder, times
from matcalc.expr.shapes import SCALAR
from matcalc.numeric import evaluation
from matcalc.numeric.evaluation import Array
from matcalc.numeric.magnitudes import largest
from matcalc.numeric.properties import HOLDS

CLEAR = 1e-9  # relative difference from which on two values are different
SIMPLE = 1000  # the largest denominator of a factor that is looked for
DECIMALS = (0, 1, 2, 3)
SEEN = 1e-5  # relative difference whose digits tell which number it is
MOST = 30.0  # the largest logarithm that is looked for
PI = make("const", (), "pi", SCALAR)

Env = Mapping[Expr, Array]
Found = Sequence[tuple[float, Mapping[str, int]]]  # a number at several points, and the sizes there


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


def offset(points: Iterable[Point], left: Expr, right: Expr) -> Expr | None:
    """The number that has to be added to the right side, if it is a simple one, and the same at all points but for their sizes."""
    found: list[tuple[float, Mapping[str, int]]] = []
    for point in points:
        one, two = (np.asarray(point.value(e), float) for e in (left, right))
        if one.size != 1 or not is_finite(one) or not is_finite(two):
            return None
        if relative(one, two) > SEEN:  # of a number beside large ones rounding leaves too little
            found.append((float((one - two).flat[0]), point.sizes))
    return simple(found) if found else None


def factor(points: Iterable[Point], left: Expr, right: Expr) -> Expr | None:
    """The number by which the right side has to be multiplied, if it is a simple one, and the same at all points but for their
    sizes."""
    found: list[tuple[float, Mapping[str, int]]] = []
    for point in points:
        one, two = (np.asarray(point.value(e), float) for e in (left, right))
        if not is_finite(one) or not is_finite(two) or not largest(two):
            return None
        i = int(np.argmax(np.abs(two)))
        times = float(one.flat[i] / two.flat[i])
        if relative(one, times * two) > CLEAR:
            return None
        found.append((times, point.sizes))
    return simple(found)


def simple(found: Found) -> Expr | None:
    """The number that has these values at these sizes: 3/2, n, n log 2, log n; none where it is not a simple one."""
    signs = {x > 0 for x, _ in found}
    number = _of_sizes(found, lambda x: _fraction(x) or _logarithm(x))
    if number is not None or len(signs) > 1 or max(abs(x) for x, _ in found) > MOST:
        return number
    inside = _of_sizes([(math.exp(abs(x)), sizes) for x, sizes in found], _fraction)
    return inside and times(num(1 if signs == {True} else -1), make("log", (inside,)))


def _of_sizes(found: Found, read: Callable[[float], Expr | None]) -> Expr | None:
    """A number that is read from its value, times sizes or divided by one."""
    names = sorted({n for _, sizes in found for n in sizes if len({other.get(n) for _, other in found}) > 1})
    up: list[tuple[str, ...]] = [(), *((n,) for n in names), *combinations_with_replacement(names, 2)]
    for over, under in [*((factors, ()) for factors in up), *(((), (n,)) for n in names)]:
        rest = [x * math.prod(s[n] for n in under) / math.prod(s[n] for n in over) for x, s in found]
        number = read(rest[0]) if all(abs(x - rest[0]) <= CLEAR * abs(rest[0]) for x in rest) else None
        if number is not None:
            whole = reduce(lambda e, n: times(dimension(n), e), reversed(over), number)
            return reduce(lambda e, n: make("div", (e, dimension(n))), under, whole)
    return None


def _logarithm(x: float) -> Expr | None:
    """The logarithm of a simple fraction or of its product with π, halved or not."""
    for count, (power, pi) in product((1, 2), ((0, 1.0), (1, math.pi), (-1, 1 / math.pi))):
        f = _fraction(math.exp(min(count * abs(x), MOST)) / pi)
        if f is not None:
            inside = (f, times(f, PI), make("div", (f, PI)))[power]
            return times(num(Fraction(1 if x > 0 else -1, count)), make("log", (inside,)))
    return None


def _fraction(x: float) -> Expr | None:
    near = Fraction(x).limit_denominator(SIMPLE)
    return num(near) if near and abs(float(near) - x) <= CLEAR * abs(x) else None
