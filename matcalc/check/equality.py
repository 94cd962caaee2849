"""Whether two expressions are the same: at random points of all kinds, and with a thousand digits where these see no difference."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import starmap

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.check.measure import relative
from matcalc.check.points import Point
from matcalc.check.zeros import is_steady
from matcalc.expr.errors import CheckError, ShapeError
from matcalc.expr.nodes import Expr, num, postorder, substitute, times
from matcalc.notation.meaning.counts import counted_alike
from matcalc.notation.meaning.problem import Problem
from matcalc.numeric import evaluation
from matcalc.numeric.evaluation import Array, Functions
from matcalc.numeric.pieces import is_of_one_piece
from matcalc.numeric.sampling import VARIED
from matcalc.numeric.stand_ins import Exact


def compared(
    left: Problem, right: Problem, assume: Mapping[str, frozenset[str]], functions: Mapping[str, object], seed: int
) -> tuple[bool, str, float]:
    """Whether two read expressions of one type are equal, how it was found, and the largest relative difference."""
    a, b = counted_alike(left.output, right.output)
    n = Normalizer(assume)
    if n.normal(a) is n.normal(b):
        return True, "normal forms agree", 0.0
    error = difference(left._replace(output=a), right._replace(output=b), assume, functions, seed)
    return error < 1e-9, "numerically, at random points", error


def difference(
    left: Problem, right: Problem, assume: Mapping[str, frozenset[str]], functions: Mapping[str, object], seed: int
) -> float:
    """Largest relative difference of two read expressions, over random points at sizes of all kinds.

    Infinite where a thousand digits tell them apart.
    """
    table = evaluation.WithGeneric({n: evaluation.from_user(v, n) for n, v in functions.items() if v is not None})
    joined = left._replace(dims={**left.dims, **right.dims}, ties=(*left.ties, *right.ties))
    worst = max(relative(*_both(p, left, right)) for p in _everywhere(joined, [left.output, right.output], assume, table, seed))
    return worst if worst > 1e-9 else max(worst, _precise_difference(joined, left, right, assume, functions, seed))


def _both(point: Point, left: Problem, right: Problem) -> tuple[Array, Array]:
    return point.value(left.output), point.value(right.output)


FARTHEST, DRAWS = 10**12, 3


def _everywhere(
    problem: Problem,
    roots: list[Expr],
    assume: Mapping[str, frozenset[str]],
    table: Functions,
    seed: int,
    digits: Exact | None = None,
) -> Iterator[Point]:
    """Points at sizes of all kinds; far from 0 as well where these may not be of one piece, beyond all numbers of the text. Raises
    ``CheckError`` where there are none."""
    nodes = postorder(roots)
    numbers = {min(factor * math.ceil(abs(n.attr)), FARTHEST) for n in nodes if n.op == "num" for factor in (10, 100)}
    reach = sorted({10, 100, 1000, *numbers} - {0}) if not is_of_one_piece(roots, assume) else []
    for k, sizes in enumerate(VARIED):
        try:
            yield Point(problem, (), roots, [], assume, table, seed + k, (), digits, sizes=sizes)
        except (CheckError, ShapeError):
            if k == 0:
                raise
    for k, far in enumerate(reach * DRAWS):
        for signed in (far, -far):  # both signs of one draw: a border at c > 0 is passed by one of them, wherever the draw is
            moved = {s: times(num(signed), s) for s in nodes if s.op == "sym" and not assume.get(str(s.attr))}
            with suppress(CheckError, ShapeError):
                point = Point(problem, (), list(substitute(tuple(roots), moved)), [], assume, table, seed + k, (), digits)
                point.env.update({s: signed * point.env[s] for s in moved})
                yield point


MANY, REST = (1000, 1040), -900  # digits, and the power of ten below which the rest of a cancellation is


def _precise_difference(
    joined: Problem,
    left: Problem,
    right: Problem,
    assume: Mapping[str, frozenset[str]],
    functions: Mapping[str, object],
    seed: int,
) -> float:
    """0 where many digits see no difference, or cannot be had (a property holds to double precision only); else infinite."""
    from matcalc.numeric.precise import NotPrecise, many_digits

    if any(assume.values()):
        return 0.0
    roots, rests = [left.output, right.output], []
    try:
        for count in MANY:
            with many_digits(functions, count) as digits:
                found = []
                for point in _everywhere(joined, roots, assume, evaluation.WithGeneric({}), seed, digits):
                    a, b = _both(point, left, right)
                    found.append(a - b)
                    if (abs(a - b) > digits.power_of_ten(REST) * max(point.largest_below(e) for e in roots)).any():
                        return float("inf")
                rests.append(found)
                if not any((rest != 0).any() for rest in found):
                    break
        if any(starmap(is_steady, zip(*rests, strict=True)) if len(rests) > 1 else ()):
            return float("inf")
    except NotPrecise:
        pass
    return 0.0
