"""Lines in doubt, judged with many digits and all together: one difference along all their directions, not one for each.

The terms ⟨∂s/∂qᵢ, mᵢ⟩ of lines i along random directions mᵢ, each scaled to a random size wᵢ, add up to the slope of s
where all qᵢ move at once along wᵢ mᵢ. One false line makes the sum false, for sizes and directions are random. So the
time is linear in the graph.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from matcalc.check.in_print import Setting, as_printed, check_remark
from matcalc.check.lines import DERIVATIVES
from matcalc.check.measure import LEAST, magnitude
from matcalc.check.output_slopes import contract, is_turned, shifted_by
from matcalc.check.points import Point
from matcalc.engine.derivation import Step
from matcalc.expr.nodes import Expr, is_zero, postorder, sym
from matcalc.numeric import evaluation
from matcalc.numeric.evaluation import Array
from matcalc.numeric.magnitudes import largest


def lines_in_doubt(steps: Sequence[Step], errors: Sequence[float], hidden: set[Expr], tolerance: float) -> set[int] | None:
    """Lines that failed, or whose derivative rounding hides; none where others than these derivatives are in doubt."""
    if any(s.kind in ("differential", "result") for s in steps):
        return None
    found = {i for i, s in enumerate(steps) if not errors[i] <= tolerance or s.rhs.expr in hidden}
    simple = all(steps[i].kind in DERIVATIVES and steps[i].lhs.expr.attr != "jacobian" and steps[i].node is not None for i in found)
    return found if simple and hidden <= {steps[i].rhs.expr for i in found} else None


def errors_together(
    point: Point, output: Expr, steps: Sequence[Step], waypoints: Sequence[tuple[str, Expr]], doubted: Collection[int]
) -> tuple[float, set[Expr]]:
    """The largest error of the lines in doubt, at a point with many digits, and which of them vanish there."""
    at = Setting(point, output, steps, waypoints)
    inside = set(postorder((output,)))
    kind = "jacobian" if output.type[0] != "s" else "gradient"
    terms: list[_Term] = []
    worst = 0.0
    for i, step in enumerate(steps):
        at.learn(step)  # its remark may name it
        if i in doubted:
            assert step.node is not None
            (move,) = point.directions([step.node]).values()
            got = contract(point.value(step.rhs.expr), kind, step.node, move, is_turned(step.lhs.expr, step.node))
            q = at.named.get(step.node, step.node)
            least = max(magnitude(point, step.rhs.expr), point.rounding if is_zero(step.rhs.expr) else LEAST)
            share = point.rng.uniform(1, 2)  # that of a scalar is all that is random: equal shares could cancel
            terms.append(_Term(q if q in inside else None, move, got, least, step.rhs.expr, share))
            worst = max(worst, as_printed(point, step, at.names), check_remark(point, step, at.bodies))
    zero = [t for t in terms if largest(t.got) <= t.least]
    others = [t for t in terms if not largest(t.got) <= t.least]  # with those that are no numbers
    worst = max([worst, *(_error(point, output, group) for group in (zero, others) if group)])
    return worst, {t.e for t in zero}


class _Term:
    """What a line says of one direction: ⟨∂s/∂q, move⟩ is ``got``; nothing below ``least`` counts."""

    def __init__(self, q: Expr | None, move: Array, got: Array, least: float, e: Expr, share: float) -> None:
        self.q, self.move, self.got, self.least, self.e = q, move, got, least, e
        self.size = max(largest(got), least)
        self.share = share


@np.errstate(invalid="ignore")
def _error(point: Point, output: Expr, terms: Sequence[_Term]) -> float:
    """How far the terms are from the slope along all directions, relative to each of them."""
    unit = min(t.size for t in terms)
    if not np.isfinite(unit) or not all(np.isfinite(t.size) for t in terms):
        return float("inf")
    moves: dict[Expr, Array] = {}
    total: Array | int = 0
    for t in terms:
        scale = t.share * unit / t.size
        total = total + t.got * scale
        if t.q is not None:
            moves[t.q] = moves.get(t.q, 0) + t.move * scale
    (slope,) = _slopes(point, output, moves) if moves else (0,)
    if np.size(slope) != np.size(total) and moves:
        return float("inf")
    error = largest(np.reshape(total, -1) - np.reshape(slope, -1)) / unit
    return error if error == error else float("inf")


def _slopes(point: Point, output: Expr, moves: Mapping[Expr, Array]) -> list[Array]:
    shifts = {q: sym(f"~{k}", q.type) for k, q in enumerate(moves)}
    at = {**point.env, **{shifts[q]: np.zeros(m.shape) for q, m in moves.items()}}
    along = {shifts[q]: m for q, m in moves.items()}
    return evaluation.directional([shifted_by(output, shifts)], at, along, point.sizes, point.functions)
