"""Where expressions with branches may change: on rays from a point through 0, on which each border is looked for, and wherever
the variables, and their entries, are of sizes of their own.

max(x, 10⁶) and 10⁶ are the same at all ordinary points. A random point is multiplied by t, all variables together and
each by itself, from very near to 0 to very far; where the distance of an operator to its border changes its sign the border
lies, and between each two of them in a row is a place that has to be looked at. Between two decades a distance may change it
twice: where it comes near to 0 and turns, its turning point is looked for. relu(x − 10⁶)·relu(10⁻⁶ − |y|) is 0 on all these rays:
so many points are drawn whose variables are multiplied each by a number of its own, and those are looked at where the sides
differ, or where the operators are together at sides of their borders at which few others are.

Where exp(x − 10⁶) is rounded away a thousand digits do not see it, either: what is saturated has a border where its argument is 0,
and logsumexp, which takes the largest entry alone there, where two are equal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from matcalc.expr.errors import NoValueError
from matcalc.expr.nodes import Expr, postorder
from matcalc.expr.table import TABLE
from matcalc.numeric import evaluation
from matcalc.numeric.branches import DISTANCES, PLACES, SOFTLY_CHOSEN
from matcalc.numeric.evaluation import Array, Functions
from matcalc.numeric.properties import CONES

DECADES, BISECTIONS = 13, 60
ODD = 1.3717  # no border of a text is a multiple of it
MOST, ALONE, FEW = 24, 4, 3  # places on a ray; variables that move by themselves; decades
GOLDEN, TURNS = (math.sqrt(5) - 1) / 2, 4  # of an interval; distances that are followed to where they turn, at each decade
DRAWN, ENTRIES = 4096, 1 << 22  # points with a size for each variable; numbers that all values at them may have
APART, SHOWN, RARE = 1e-9, 4, 20  # relative difference that counts; points that are looked at because of it, and of their sides
SATURATED = 30  # e^(-30) is lost beside 1, nearly


Factor = Fraction | tuple[tuple[Fraction, ...], ...]  # of all entries, or of each: rows


class Stop(NamedTuple):
    """By what some variables of a random point are multiplied."""

    factors: tuple[tuple[Expr, Factor], ...]


def together(moved: Sequence[Expr], factor: Fraction) -> Stop:
    return Stop(tuple((s, factor) for s in moved))


def stops(
    roots: Sequence[Expr],
    env: Mapping[Expr, Array],
    sizes: Mapping[str, int],
    functions: Functions,
    assume: Mapping[str, frozenset[str]],
    alone: bool,
) -> Iterator[Stop]:
    """Places on rays from one point, between all borders, and every few decades; if asked for, those of single variables too, and
    places where all have sizes of their own."""
    cones, free = _movable(roots, assume)
    borders = Borders(roots, env, sizes, functions)
    deciding = tuple(s for s in cones if s in borders.below)
    rays = {cones: free == cones, free: True}
    rays |= {(s,): s in free for s in deciding[:ALONE]} if alone else {}
    far = _farthest(roots)
    single: dict[Expr, list[float]] = {s: [] for s in cones}
    for moved, both in rays.items():
        for sign in (1, -1)[: 1 + both] if moved else ():
            crossed = _crossed(lambda t: borders.on_ray(moved, sign * t), far)  # noqa: B023
            found = [*_between([t for t, _ in crossed]), *(t for t, i in crossed if borders.soft[i])]
            every = (10.0**k for k in range(-far, far + 1, FEW)) if len(moved) == len(cones) else ()
            yield from (together(moved, sign * Fraction(t)) for t in (*found, *every))
            if len(moved) == 1:
                single[moved[0]] += [sign * t for t in found]
    if alone:
        yield from _beside_each_other(borders, roots, [s for s in free if s in borders.below and s.kind != "t"])
    if alone and sum(np.size(borders.env[s]) for s in deciding) > 1:  # one number has been seen on its ray
        yield from _scattered(borders, roots, deciding, frozenset(free), single, 2 * far)


def _beside_each_other(borders: Borders, roots: Sequence[Expr], moved: Sequence[Expr]) -> Iterator[Stop]:
    """Places where one number is added to all entries of a variable, or of all: far from 0, and as near to each other as they were.

    On rays through 0 the largest entry goes away from the others, and what takes it softly takes it alone.
    """
    if not any(n.op in SOFTLY_CHOSEN for n in postorder(roots)):
        return
    for those in dict.fromkeys((tuple(moved), *((s,) for s in moved[:ALONE]))):
        for sign in (1, -1) if those else ():
            crossed = _crossed(lambda t: borders.shifted(those, sign * t), _farthest(roots))  # noqa: B023
            for t in _between([t for t, _ in crossed]):
                yield Stop(tuple((s, _shift(borders.env[s], sign * Fraction(t))) for s in those))


def _shift(x: Array, t: Fraction) -> Factor:
    """By what entries are multiplied where a number is added to them."""
    rows = tuple(tuple(1 + t / Fraction(e) if e else Fraction(1) for e in row) for row in x.tolist())
    return rows if np.size(x) > 1 else rows[0][0]


def unsaturated(
    roots: Sequence[Expr],
    env: Mapping[Expr, Array],
    sizes: Mapping[str, int],
    functions: Functions,
    assume: Mapping[str, frozenset[str]],
) -> Iterator[Stop]:
    """Places on the rays from one point at which functions that are saturated there are not: where all points hang together, few
    of these show whether there is a difference."""
    cones, free = _movable(roots, assume)
    borders = Borders(roots, env, sizes, functions)
    rays = {cones: free == cones} | {(s,): s in free for s in cones if s in borders.below}
    for moved, sign in [(m, sign) for m, both in rays.items() for sign in (1, -1)[: 1 + both]][:MOST] if borders.soft.any() else ():
        crossed = _crossed(lambda t: borders.on_ray(moved, sign * t), _farthest(roots))  # noqa: B023
        yield from (together(moved, sign * Fraction(t)) for t in [t for t, i in crossed if borders.soft[i]][:FEW])


def _movable(roots: Sequence[Expr], assume: Mapping[str, frozenset[str]]) -> tuple[tuple[Expr, ...], tuple[Expr, ...]]:
    """What may be multiplied by positive numbers, and those of it that may be by any."""
    symbols = [n for n in postorder(roots) if n.op == "sym"]
    cones = tuple(s for s in symbols if assume.get(str(s.attr), frozenset()) <= CONES)
    return cones, tuple(s for s in cones if not assume.get(str(s.attr)))


def _farthest(roots: Sequence[Expr]) -> int:
    """Decades, beyond all numbers of a text."""
    return max([DECADES, *(2 + math.ceil(abs(math.log10(abs(n.attr)))) for n in postorder(roots) if n.op == "num" and n.attr)])


def _is_saturated(n: Expr, known: Mapping[Expr, Array]) -> bool:
    if n.op in SOFTLY_CHOSEN:
        x = np.real(known[n.args[0]])
        *_, second, first = [None, *np.moveaxis(np.sort(x, axis := -1 if x.shape[-1] > 1 else -2), axis, 0)]
        return second is not None and bool((first - second > SATURATED).all())
    row = TABLE[n.op]
    smooth = row.elementwise and len(n.args) == 1 and not row.jointly and not row.linear and not row.breaks
    return smooth and bool((np.abs(np.real(known[n.args[0]])) > SATURATED).all())


class Borders:
    """How far all operators of some expressions are from their borders, with a sign."""

    def __init__(self, roots: Sequence[Expr], env: Mapping[Expr, Array], sizes: Mapping[str, int], functions: Functions) -> None:
        self.env, self.sizes, self.functions = env, sizes, functions
        order = postorder(roots)
        with np.errstate(all="ignore"):
            known = evaluation.values(roots, env, sizes, functions)
            lost = {n for n in order if _is_saturated(n, known)}
            self.bordered = [
                n for n in order if n.op in DISTANCES or n.op in PLACES or (TABLE[n.op].domain and n.args) or n in lost
            ]
            each = [(n, self._of(n, known)) for n in self.bordered]
        self.wanted = list(dict.fromkeys(a for n in self.bordered for a in n.args))
        self.inside = evaluation.order(self.wanted, env)
        self.below = frozenset(postorder([a for n in self.bordered for a in n.args]))
        self.shapes = [p.shape for _, parts in each for p in parts]
        self.soft = np.concatenate([np.zeros(0, bool), *(np.full(p.size, n in lost) for n, parts in each for p in parts)])
        self.entries = sum(np.size(known[n]) for n in order)

    def _of(self, n: Expr, known: Mapping[Expr, Array]) -> list[Array]:
        arguments = [np.real(known[a]) for a in n.args]
        if n.op in DISTANCES:
            return list(DISTANCES[n.op](*arguments))
        if n.op in PLACES or n.op in SOFTLY_CHOSEN:  # which of two is the larger
            return [arguments[0] - np.roll(arguments[0], 1, axis) for axis in (-1, -2)]
        return [arguments[0]]

    @np.errstate(all="ignore")
    def at(self, env: Mapping[Expr, Array], roots: Sequence[Expr] = (), batch: tuple[int, ...] = ()) -> tuple[Array, list[Array]]:
        """The distances, one after the other, and the values of ``roots``."""
        inside = None if roots else self.inside  # which is the same at all points
        known = evaluation.values([*self.wanted, *roots], env, self.sizes, self.functions, inside=inside)
        parts = [p for n in self.bordered for p in self._of(n, known)]
        flat = [np.broadcast_to(p, batch + shape).reshape(*batch, -1) for p, shape in zip(parts, self.shapes, strict=True)]
        return np.concatenate([np.zeros((*batch, 0)), *flat], axis=-1), [known[r] for r in roots]

    def on_ray(self, moved: Sequence[Expr], t: float) -> Array:
        """Where some variables are multiplied by a number."""
        return self.at({s: self.env[s] * t if s in moved else self.env[s] for s in self.env})[0]

    def shifted(self, moved: Sequence[Expr], t: float) -> Array:
        """Where a number is added to all entries of some variables."""
        return self.at({s: self.env[s] + t if s in moved else self.env[s] for s in self.env})[0]


def _scattered(
    borders: Borders,
    roots: Sequence[Expr],
    moved: Sequence[Expr],
    free: frozenset[Expr],
    single: Mapping[Expr, Sequence[float]],
    far: int,
) -> Iterator[Stop]:
    """Points whose variables have sizes of their own, at which the roots differ, or few operators are at those sides together."""
    rng, count = np.random.default_rng(0), min(DRAWN, ENTRIES // borders.entries)
    shapes = {s: np.shape(borders.env[s]) if s in free and s.kind != "t" else (1,) * np.ndim(borders.env[s]) for s in moved}
    factors = {s: _factors(rng, (count, math.prod(shapes[s])), s in free, single[s], far) for s in moved}
    env = {s: x * factors[s].reshape(count, *shapes[s]) if s in factors else x for s, x in borders.env.items()}
    try:
        distances, values = borders.at(env, roots, (count,))
    except NoValueError:  # one of them is singular
        return
    with np.errstate(all="ignore"):
        left, right = (np.broadcast_to(v, (count, *v.shape[-np.ndim(borders.env[moved[0]]) :])).reshape(count, -1) for v in values)
        size = np.maximum(np.abs(left), np.abs(right)).max(1, initial=0.0)
        apart = np.abs(left - right).max(1, initial=0.0) / size
    usable = np.isfinite(size) & np.isfinite(distances).all(1)
    seen = np.flatnonzero(usable & (apart > APART))
    places = np.flatnonzero(usable)
    _, first, often = np.unique(np.sign(distances[places]), axis=0, return_index=True, return_counts=True)
    rare = places[first[np.argsort(often, kind="stable")]]
    for i in dict.fromkeys((*seen[:SHOWN].tolist(), *rare[:RARE].tolist())):
        yield Stop(tuple((s, _exact(t[i].reshape(shapes[s]))) for s, t in factors.items()))


def _exact(factors: Array) -> Factor:
    found = tuple(tuple(map(Fraction, row)) for row in factors.tolist())
    return found if (factors != factors.flat[0]).any() else found[0][0]


def _factors(rng: np.random.Generator, size: tuple[int, int], both: bool, places: Sequence[float], far: int) -> Array:
    """Of all decades, of both signs where that is allowed; some are 1, and some lie between borders of the variable itself. At
    every other point all entries have one."""
    found = np.where(both & (rng.random(size) < 0.5), -1.0, 1.0) * 10.0 ** rng.uniform(-far, far, size)
    which = rng.random(size)
    if places:
        found = np.where(which < 0.3, rng.choice(np.asarray(places), size), found)
    found = np.where(which > 0.85, 1.0, found)
    return np.where(rng.random((size[0], 1)) < 0.5, found[:, :1], found)


def _crossed(margins: Callable[[float], Array], far: int) -> list[tuple[float, int]]:
    """Where distances change their signs, the nearest first, and which."""
    ladder = [ODD * 10.0**k for k in range(-far, far + 1)]
    at = [margins(t) for t in ladder]
    turned = {t: margins(t) for t in _turned(margins, ladder, at)}
    ladder, at = (
        sorted([*ladder, *turned]),
        [m for _, m in sorted([*zip(ladder, at, strict=True), *turned.items()], key=itemgetter(0))],
    )
    signs = [np.sign(m) for m in at]
    found: list[tuple[float, int]] = []
    for (low, at_low), (high, at_high) in pairwise(zip(ladder, signs, strict=True)):
        for i in np.flatnonzero(at_low * at_high < 0)[:MOST]:
            found.append((_root(margins, int(i), low, high, float(at_low[i])), int(i)))
    return sorted(found)[:MOST]


def _between(borders: Sequence[float]) -> list[float]:
    """Between each two borders in a row, before the first and behind the last."""
    if not borders:
        return []
    found = sorted({*borders})
    ends = [found[0] / 2, *found, 2 * found[-1]]
    between = [math.sqrt(a) * math.sqrt(b) for a, b in pairwise(ends)]
    return sorted({ends[0], *between, ends[-1]} - {*found})


def _turned(margins: Callable[[float], Array], ladder: Sequence[float], at: Sequence[Array]) -> list[float]:
    """Where a distance that comes near to 0 and turns has the other sign for a while: that of 1 - |t - 10⁵|."""
    found = []
    for k in range(1, len(ladder) - 1):
        before, here, after = (np.abs(m) for m in at[k - 1 : k + 2])
        same = (at[k - 1] * at[k] > 0) & (at[k] * at[k + 1] > 0)
        for i in np.flatnonzero(same & (here <= before) & (here <= after) & ((here < before) | (here < after)))[:TURNS]:
            t = _nearest(lambda t: float(margins(t)[i] * np.sign(at[k][i])), math.log(ladder[k - 1]), math.log(ladder[k + 1]))  # noqa: B023
            found += [] if t is None else [t]
    return found


def _nearest(margin: Callable[[float], float], low: float, high: float) -> float | None:
    """Where the margin, which is positive at both ends, is not; None where its minimum is. Ends and steps are logarithms."""
    inner = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)]
    values = [margin(math.exp(t)) for t in inner]
    for _ in range(BISECTIONS):
        if min(values) < 0:
            return math.exp(inner[values[1] < values[0]])
        if values[0] < values[1]:
            high = inner[1]
            inner = [high - GOLDEN * (high - low), inner[0]]
            values = [margin(math.exp(inner[0])), values[0]]
        else:
            low = inner[0]
            inner = [inner[1], low + GOLDEN * (high - low)]
            values = [values[1], margin(math.exp(inner[1]))]
    return None


def _root(margins: Callable[[float], Array], i: int, low: float, high: float, sign: float) -> float:
    """Where the i-th distance changes its sign, between two numbers of which the first has the given one."""
    for _ in range(BISECTIONS):
        middle = math.sqrt(low) * math.sqrt(high)
        if margins(middle)[i] * sign > 0:
            low = middle
        else:
            high = middle
    return low
