"""What is to be judged, where, and what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
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
    loose: bool = False  # whether an error in doubles is excused by the values on the way: for want of more digits

    @property
    def moving(self) -> frozenset[str]:
        """What derivatives are asked by: of mixed ones both."""
        return frozenset(name for r in self.results for name in (r.wrt, *r.wrt.split(", ")))


class Spot(NamedTuple):
    """Where a point is drawn."""

    seed: int
    sizes: Sequence[int] = SIZES
    place: Place = NEAR

    @property
    def is_elsewhere(self) -> bool:
        """Whether it was looked for because the usual ones do not show everything."""
        return self.place is not NEAR


class Look(NamedTuple):
    """What one point has shown: the error of each line, and of what is no line; and of derivatives that are 0 or may be."""

    spot: Spot
    errors: Sequence[float]
    final: float
    hidden: Set[Expr]  # derivatives that were rounding errors
    vanished: Set[Expr]  # derivatives that were these or 0
    flat: Set[Expr]  # what the derivatives by were only compared with 0
    valueless: Mapping[Expr, Expr]  # what had no value, and the part of it of which that is so


class Verdict(NamedTuple):
    """The largest error of each line over all points, and of what is no line; lines whose sums are too long; what was not seen."""

    errors: list[float]
    final: float
    too_long: set[int]
    hidden: set[Expr]  # derivatives that were rounding errors, or 0, at every point
    vanished: set[Expr]  # derivatives that were these or 0 at every point
    flat: set[Expr]  # what no derivative by was compared with anything but 0
    looks: tuple[Look, ...]  # at each of the points
    seen: Seen
    valueless: Mapping[Expr, Expr]  # what had no value at any point, and the part of it of which that is so

    @property
    def spots(self) -> list[Spot]:
        return [look.spot for look in self.looks]


def verdict_of(looks: Sequence[Look], too_long: set[int], seen: Seen) -> Verdict:
    """What all points have shown together."""
    errors = [max(each) for each in zip(*(look.errors for look in looks), strict=True)]
    vanished, flat = (set.intersection(*map(set, each)) for each in zip(*((k.vanished, k.flat) for k in looks), strict=True))
    hidden = {e for e in vanished if any([e in look.hidden for look in looks])}
    valueless = {e: part for e, part in looks[0].valueless.items() if all(e in look.valueless for look in looks)}
    final = max(look.final for look in looks)
    return Verdict(errors, final, too_long, hidden, vanished, flat, tuple(looks), seen, valueless)
