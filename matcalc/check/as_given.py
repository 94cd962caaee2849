"""What the input itself says: its sums as loops, and what it says is equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matcalc.check.measure import relative
from matcalc.check.points import Point
from matcalc.engine.derivation import Step
from matcalc.expr.errors import UsageError
from matcalc.notation.meaning.problem import Lift, Problem
from matcalc.numeric.evaluation import Functions

SUM = "vectorised-sum"


def check_sums(point: Point, lifts: Sequence[Lift], steps: Sequence[Step], errors: list[float]) -> set[int]:
    """What sums became, against plain loops over the sums as they were written; the lines with too many terms."""
    too_long = set()
    for i, step in enumerate(steps):
        if step.rule == SUM:
            from matcalc.check import loops

            found = [loops.value(x, point.env, point.sizes, point.functions) for x in lifts if x.expr is step.rhs.expr]
            got = point.value(step.rhs.expr)
            looped = [v for v in found if v is not None]
            if not looped and found:
                too_long.add(i)
            fits = bool(found) and all(v.size == got.size for v in looped)
            excused = point.rounding * point.largest_below(step.rhs.expr)  # there are no more digits of a loop
            errors[i] = max([errors[i], *(relative(v.reshape(got.shape), got, excused) for v in looped)]) if fits else float("inf")
    return too_long


def check_members(problem: Problem, assume: Mapping[str, frozenset[str]], functions: Functions, seed: int) -> None:
    """What the text says is equal has to be, and not only where points are drawn. Raises ``UsageError``."""
    if not problem.equal:
        return
    from matcalc.check.equality import are_equal  # few texts say that something is equal

    for value, member, span in problem.equal:
        if not are_equal(problem, value, member, assume, functions, seed):
            raise UsageError("the members of this equality differ", span=span, source=problem.source,
                             hint="correct one of them, or leave one out")  # fmt: skip
