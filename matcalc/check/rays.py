"""Where expressions with branches may change: on rays from a point through 0, on which each border is looked for.

max(x, 10⁶) and 10⁶ are the same at all ordinary points. A random point is multiplied by t, all variables together and
each by itself, from very near to 0 to very far; where the distance of an operator to its border changes its sign the border
lies, and between each two of them in a row is a place that has to be looked at. Between two decades a distance may change it
twice: where it comes near to 0 and turns, its turning point is looked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from matcalc.expr.nodes import Expr, postorder
from matcalc.expr.table import TABLE
from matcalc.numeric import evaluation
from matcalc.numeric.branches import DISTANCES, PLACES
from matcalc.numeric.evaluation import Array, Functions
from matcalc.numeric.properties import CONES

DECADES, BISECTIONS = 13, 60
ODD = 1.3717  # no border of a text is a multiple of it
MOST, ALONE, FEW = 24, 4, 3  # places on a ray; variables that move by themselves; decades
GOLDEN, TURNS = (math.sqrt(5) - 1) / 2, 4  # of an interval; distances that are followed to where they turn, at each decade


class Stop(NamedTuple):
    """Variables, and by what a random point of theirs is multiplied."""

    moved: frozenset[Expr]
    factor: Fraction


def stops(
    roots: Sequence[Expr],
    env: Mapping[Expr, Array],
    sizes: Mapping[str, int],
    functions: Functions,
    assume: Mapping[str, frozenset[str]],
    alone: bool,
) -> Iterator[Stop]:
    """Places on rays from one point, if asked for those of single variables too: between all borders, and every few decades."""
    symbols = [n for n in postorder(roots) if n.op == "sym"]
    cones = [s for s in symbols if assume.get(str(s.attr), frozenset()) <= CONES]
    free = frozenset(s for s in cones if not assume.get(str(s.attr)))
    rays = {frozenset(cones): free == frozenset(cones), free: True}
    rays |= {frozenset((s,)): s in free for s in cones[:ALONE]} if alone else {}
    margins = _margins(roots, env, sizes, functions)
    far = max([DECADES, *(2 + math.ceil(abs(math.log10(abs(n.attr)))) for n in postorder(roots) if n.op == "num" and n.attr)])
    for moved, both in rays.items():
        for sign in (1, -1)[: 1 + both] if moved else ():
            found = _places(lambda t: margins(moved, sign * t), far)  # noqa: B023
            every = (10.0**k for k in range(-far, far + 1, FEW)) if len(moved) == len(cones) else ()
            yield from (Stop(moved, sign * Fraction(t)) for t in (*found, *every))


def _margins(
    roots: Sequence[Expr], env: Mapping[Expr, Array], sizes: Mapping[str, int], functions: Functions
) -> Callable[[frozenset[Expr], float], Array]:
    """The distances of all operators from their borders, with a sign, where some variables are multiplied by a number."""
    bordered = [n for n in postorder(roots) if n.op in DISTANCES or n.op in PLACES or (TABLE[n.op].domain and n.args)]
    inside = list(dict.fromkeys(a for n in bordered for a in n.args))

    @np.errstate(all="ignore")
    def run(moved: frozenset[Expr], t: float) -> Array:
        known = evaluation.values(inside, {s: env[s] * t if s in moved else env[s] for s in env}, sizes, functions)
        parts: list[Array] = []
        for n in bordered:
            arguments = [np.real(known[a]) for a in n.args]
            if n.op in DISTANCES:
                parts += DISTANCES[n.op](*arguments)
            elif n.op in PLACES:  # which of two is the larger
                parts += [arguments[0] - np.roll(arguments[0], 1, axis) for axis in (-1, -2)]
            else:
                parts.append(arguments[0])
        return np.concatenate([np.ravel(p) for p in parts]) if parts else np.zeros(0)

    return run


def _places(margins: Callable[[float], Array], far: int) -> list[float]:
    """Between each two borders in a row, and before the first and behind the last."""
    ladder = [ODD * 10.0**k for k in range(-far, far + 1)]
    at = [margins(t) for t in ladder]
    turned = {t: margins(t) for t in _turned(margins, ladder, at)}
    ladder, at = (
        sorted([*ladder, *turned]),
        [m for _, m in sorted([*zip(ladder, at, strict=True), *turned.items()], key=itemgetter(0))],
    )
    signs = [np.sign(m) for m in at]
    roots: list[float] = []
    for (low, at_low), (high, at_high) in pairwise(zip(ladder, signs, strict=True)):
        for i in np.flatnonzero(at_low * at_high < 0)[:MOST]:
            roots.append(_root(margins, int(i), low, high, float(at_low[i])))
    found = sorted({*roots})[:MOST]
    if not found:
        return []
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
