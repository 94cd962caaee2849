"""Whether two expressions are the same: by normal form, in exact arithmetic, or at random points of all kinds, and with a thousand
digits where these see no difference."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import starmap
from typing import NamedTuple

from matcalc.algebra.book import book
from matcalc.algebra.exponentials import in_exponentials
from matcalc.algebra.normal.normal_form import Normalizer, normal
from matcalc.check.counterexamples import counterexample, factor, offset
from matcalc.check.lost import short
from matcalc.check.measure import relative_at
from matcalc.check.points import Point
from matcalc.check.rays import Factor, Stop, stops, together, unsaturated
from matcalc.check.verdict import DIGITS, EXACT, NORMAL, NUMERIC, SIZES, Counterexample, Verdict
from matcalc.check.zeros import Asked, is_steady, points_of
from matcalc.expr.errors import CheckError, ShapeError
from matcalc.expr.nodes import Expr, added, make, num, postorder, substitute, times, transpose, variable_shape
from matcalc.expr.slices import unit
from matcalc.expr.table import TABLE
from matcalc.notation.meaning.counts import counted_alike
from matcalc.notation.meaning.problem import Problem
from matcalc.notation.write.program import plain
from matcalc.numeric import branches, evaluation, exact
from matcalc.numeric.evaluation import Array, Functions
from matcalc.numeric.pieces import is_of_one_piece
from matcalc.numeric.sampling import ANYWHERE, VARIED
from matcalc.numeric.stand_ins import Exact


def compared(
    left: Problem, right: Problem, assume: Mapping[str, frozenset[str]], functions: Mapping[str, object], seed: int
) -> Verdict:
    """Whether two read expressions are equal, how it was found, and where they differ."""
    if left.output.type != right.output.type:
        sizes = variable_shape(left.output.type), variable_shape(right.output.type)
        return Verdict(False, SIZES, 0.0, sizes=sizes, notes=tuple(dict.fromkeys((*left.warnings, *right.warnings))))
    a, b = counted_alike(left.output, right.output)
    sides = _both_sides(left, right, a, b, assume, functions, seed)
    verdict = _judged(sides)
    if verdict.equal:
        return verdict._replace(notes=_one_sided(sides)) if verdict.how in (NUMERIC, DIGITS) else verdict
    found = counterexample(sides.points(), a, b, assume, [f for f, value in functions.items() if value is not None])
    times_it = factor(sides.points(), a, b)
    if found is not None and times_it is not None and _judged(sides._replace(right=times(times_it, b))).equal:
        found = found._replace(factor=_told(times_it))
    elif found is not None:
        found = _related(sides, found)
    return verdict._replace(counterexample=found)


def _related(sides: Sides, found: Counterexample) -> Counterexample:
    """With what else one side is of the other: its transpose, or the same and a number."""
    more = offset(sides.points(), sides.left, sides.right)
    if more is not None and _judged(sides._replace(right=added([sides.right, more]))).equal:
        return found._replace(offset=_told(more))
    turned = transpose(sides.right)
    return found._replace(turned=turned.type == sides.left.type and turned is not sides.right
                          and _judged(sides._replace(right=turned)).equal)  # fmt: skip


def _told(number: Expr) -> Fraction | str:
    """One that is made of sizes and logarithms as it is typed."""
    return Fraction(number.attr) if number.op == "num" else plain(normal(number))


def are_equal(
    problem: Problem, left: Expr, right: Expr, assume: Mapping[str, frozenset[str]], functions: Mapping[str, object], seed: int
) -> bool:
    """Whether two expressions over the names of one problem are equal."""
    return left.type == right.type and how_equal(problem, left, right, assume, functions, seed).equal


def how_equal(
    problem: Problem, left: Expr, right: Expr, assume: Mapping[str, frozenset[str]], functions: Mapping[str, object], seed: int
) -> Verdict:
    """The same of two of one size, with how it was found."""
    sides = Sides(problem, left, right, assume, functions, seed)
    return _judged(sides._replace(further=tuple(_further(sides))))


class Sides(NamedTuple):
    """Two expressions over the same names, and what is known of these."""

    problem: Problem
    left: Expr
    right: Expr
    assume: Mapping[str, frozenset[str]]
    functions: Mapping[str, object]
    seed: int
    further: tuple[tuple[int, Stop], ...] = ()  # draws, and where else these are looked at

    @property
    def table(self) -> Functions:
        return evaluation.WithGeneric({n: evaluation.from_user(v, n) for n, v in self.functions.items() if v is not None})

    def points(self, digits: Exact | None = None) -> Iterator[Point]:
        """Random points of all kinds at which both have a value. Raises ``CheckError`` where there are none."""
        table = self.table if digits is None else evaluation.WithGeneric({})
        return _everywhere(self.problem, [self.left, self.right], self.assume, table, self.seed, self.further, digits)


def _both_sides(
    left: Problem,
    right: Problem,
    a: Expr,
    b: Expr,
    assume: Mapping[str, frozenset[str]],
    functions: Mapping[str, object],
    seed: int,
) -> Sides:
    sides = Sides(_joined(left, right), a, b, assume, functions, seed)
    return sides._replace(further=tuple(_further(sides)))


def _joined(left: Problem, right: Problem) -> Problem:
    return left._replace(dims={**left.dims, **right.dims}, ties=(*left.ties, *right.ties))


def _judged(sides: Sides) -> Verdict:
    n = Normalizer(sides.assume)
    if n.normal(sides.left) is n.normal(sides.right):
        return Verdict(True, NORMAL, 0.0)
    if _is_exact(sides):
        return Verdict(True, EXACT, 0.0)
    near = max(_apart(p, sides) for p in sides._replace(further=()).points())
    if near > SAME:
        return Verdict(False, NUMERIC, near)
    worst = max(_apart(p, sides) for p in sides.points())
    digits = _precise_difference(sides)
    if digits is None:
        return Verdict(worst <= SAME, NUMERIC, worst)
    if not digits:
        return Verdict(True, DIGITS, near)  # far away all that doubles see may be rounding
    return Verdict(False, NUMERIC if worst > SAME else DIGITS, max(worst, digits))


def _one_sided(sides: Sides) -> tuple[str, ...]:
    """That no point was on the other side of a kink: what holds there has not been looked at, if there is such a place."""
    met: dict[Expr, frozenset[int]] = {
        n: frozenset()
        for n in postorder((sides.left, sides.right))
        if n.op in branches.DISTANCES and not any(TABLE[a.op].nonnegative for a in n.args)
    }
    for point in sides.points() if met else ():
        with suppress(CheckError):
            met |= {n: seen | branches.taken(n.op, [point.value(a) for a in n.args]) for n, seen in met.items()}
    beyond = [short(n) for n, seen in met.items() if len(seen) < branches.count(n.op)]
    return tuple(
        dict.fromkeys(
            f"no point was found on the other side of the kink of {text}: what holds there is not tested" for text in beyond
        )
    )


def _is_exact(sides: Sides) -> bool:
    """Whether the difference is 0 in exact arithmetic, at sizes of all kinds."""
    rest = make("sub", (sides.left, sides.right))
    asked = Asked(sides.problem._replace(output=rest), (), sides.assume, sides.table, sides.seed)
    try:
        where = points_of(asked, [])
    except (CheckError, ShapeError):
        return False
    return any(all(exact.vanishes(e, at) for at in where) for e in dict.fromkeys((rest, in_exponentials(book(), rest))))


def difference(
    left: Problem, right: Problem, assume: Mapping[str, frozenset[str]], functions: Mapping[str, object], seed: int
) -> float:
    """Largest relative difference of two read expressions, over random points at sizes of all kinds.

    Infinite where a thousand digits tell them apart.
    """
    return _judged(_both_sides(left, right, left.output, right.output, assume, functions, seed)).error


def _apart(point: Point, sides: Sides) -> float:
    """The relative difference at a point, rounding errors excused: of these, many digits know more."""
    a, b = _both(point, sides)
    return relative_at(point, a, b, sides.left, sides.right)


def _both(point: Point, sides: Sides) -> tuple[Array, Array]:
    return point.value(sides.left), point.value(sides.right)


SAME = 1e-9
FARTHEST, DRAWS = 10**12, 3


def _everywhere(
    problem: Problem,
    roots: list[Expr],
    assume: Mapping[str, frozenset[str]],
    table: Functions,
    seed: int,
    further: Sequence[tuple[int, Stop]],
    digits: Exact | None = None,
) -> Iterator[Point]:
    """Points at sizes of all kinds; where these may not be of one piece, beyond all numbers of the text and around the borders
    as well. Raises ``CheckError`` where there are none."""
    for k, sizes in enumerate(VARIED):
        try:
            yield Point(problem, (), roots, [], assume, table, seed + k, (), digits, sizes=sizes)
        except (CheckError, ShapeError):
            if k == 0:
                raise
    for k, stop in further:
        moved = {s: _moved(s, factor) for s, factor in stop.factors}
        with suppress(CheckError, ShapeError):
            there = list(substitute(tuple(roots), moved))
            point = Point(problem, (), there, [], assume, table, seed + k, (), digits, place=ANYWHERE)
            found = {s: evaluation.evaluate([e], point.env, point.sizes, point.functions)[0] for s, e in moved.items()}
            for s, value in found.items():
                point.learn(s, value)
            yield point


def _moved(s: Expr, factor: Factor) -> Expr:
    """A variable times a number, or the sum of its entries in their places, each times one."""
    if isinstance(factor, Fraction):
        return times(num(factor), s)
    parts = []
    for i, row in enumerate(factor, 1):
        for j, f in enumerate(row, 1):
            down, across = unit(s.type.rows, i), make("T", (unit(s.type.cols, j),))
            place = down if s.kind == "c" else across if s.kind == "r" else make("matmul", (down, across))
            parts.append(times(num(f), make("hadamard", (place, s))))
    return added(parts)


def _further(sides: Sides) -> Iterator[tuple[int, Stop]]:
    """Where the same draws are looked at farther from 0, or nearer: none where all points hang together, and nothing
    is saturated at these."""
    roots = (sides.left, sides.right)
    hang_together = is_of_one_piece(roots, sides.assume)
    if not hang_together:
        nodes = postorder(roots)
        free = [s for s in nodes if s.op == "sym" and not sides.assume.get(str(s.attr))]
        numbers = {min(times_it * math.ceil(abs(n.attr)), FARTHEST) for n in nodes if n.op == "num" for times_it in (10, 100)}
        for k, far in enumerate(sorted({10, 100, 1000, *numbers} - {0}) * DRAWS):
            yield (
                k,
                together(free, Fraction(far)),
            )  # both signs of one draw: a border is passed by one of them, wherever the draw is
            yield k, together(free, Fraction(-far))
    for k in range(1 if hang_together else DRAWS):
        with suppress(CheckError, ShapeError):
            point = Point(sides.problem, (), roots, [], sides.assume, sides.table, sides.seed + k)
            asked = roots, point.env, point.sizes, sides.table, sides.assume
            yield from ((k, stop) for stop in (unsaturated(*asked) if hang_together else stops(*asked, k == 0)))


MANY, REST = (1000, 1040), -900  # digits, and the power of ten below which the rest of a cancellation is


def _precise_difference(sides: Sides) -> float | None:
    """0 where many digits see no difference, infinite where they do; None where they cannot be had."""
    from matcalc.numeric.precise import NotPrecise, many_digits

    rests = []
    try:
        for count in MANY:
            with many_digits(sides.functions, count) as digits:
                found = []
                for point in sides.points(digits):
                    a, b = _both(point, sides)
                    found.append(a - b)
                    largest = max(point.largest_below(e) for e in (sides.left, sides.right))
                    if (abs(a - b) > digits.power_of_ten(REST) * largest).any():
                        return float("inf")
                rests.append(found)
                if not any((rest != 0).any() for rest in found):
                    break
        if any(starmap(is_steady, zip(*rests, strict=True)) if len(rests) > 1 else ()):
            return float("inf")
    except NotPrecise:
        return None
    return 0.0
