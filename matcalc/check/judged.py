"""What is to be judged, where, and what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matcalc.engine.derivation import Result, Step
from matcalc.expr.nodes import Expr
from matcalc.notation.meaning.problem import Problem
from matcalc.numeric.evaluation import Functions
from matcalc.numeric.sampling import NEAR, SIZES, Place
from matcalc.numeric.seen import Seen
from matcalc.numeric.small_sizes import Relations


class Trace(NamedTuple):
    """A derivation under judgement."""

    problem: Problem
    steps: Sequence[Step]
    results: Sequence[Result]
    waypoints: Sequence[tuple[str, Expr]]
    assume: Mapping[str, frozenset[str]]
    functions: Functions
    seed: int
    points: int
    related: Relations = Relations()
    settled: frozenset[int] = frozenset()  # lines that need no second opinion
    loose: bool = False  # whether an error in doubles is excused by the values on the way: for want of more digits


class Spot(NamedTuple):
    """Where a point is drawn."""

    seed: int
    sizes: Sequence[int] = SIZES
    place: Place = NEAR


class Verdict(NamedTuple):
    """The largest error of each line over all points, and of what is no line; lines whose sums are too long; what was not seen."""

    errors: list[float]
    final: float
    too_long: set[int]
    hidden: set[Expr]  # derivatives that were rounding errors, or 0, at every point
    vanished: set[Expr]  # derivatives that were these or 0 at every point
    spots: tuple[Spot, ...]  # that were looked at
    further: tuple[Spot, ...]  # those of them where there was something new to be seen, or something false
    seen: Seen
    valueless: Mapping[Expr, Expr]  # what had no value at any point, and the part of it of which that is so
