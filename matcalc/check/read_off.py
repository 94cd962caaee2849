"""The check of each line by differentials at one point, against differences of the computation along random directions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from matcalc.check import differences
from matcalc.check.in_print import Setting, as_printed, check_remark, require_shape
from matcalc.check.lines import check_entries
from matcalc.check.measure import floor, relative, relative_at, zero_or
from matcalc.check.parts_alone import check_part
from matcalc.check.points import Point
from matcalc.check.tied import check_structure, is_tied
from matcalc.engine.derivation import Result, Step, settled_by
from matcalc.expr.nodes import Expr, is_zero, make
from matcalc.numeric import evaluation
from matcalc.numeric.evaluation import Array
from matcalc.numeric.magnitudes import largest

SECOND = 1e-2  # differences of differences are less exact by this factor


@np.errstate(invalid="ignore")
def check_read_off(
    at: Setting, steps: Sequence[Step], results: Sequence[Result], errors: list[float], settled: Collection[int] = ()
) -> float:
    """Lines of the differential style: differentials along a random direction, then what was read off."""
    point = at.point
    variables = [s.node for s in steps if s.node is not None and s.kind in ("result", "stacked", "zero")]
    variables += [x for s in steps if s.kind == "differential" or is_whole(s.lhs.expr) for x in s.through]
    moves = {x: m for x, m in point.directions(list(dict.fromkeys(variables))).items() if x in point.env}
    moved: tuple[Expr, ...] | None = None
    seen: dict[tuple[object, ...], float] = {}
    for i, step in enumerate(steps):
        if step.kind in ("differential", "part") and step.through and step.through != moved:
            moved = step.through
            _set_differentials(at, {x: moves[x] for x in moved if x in moves})
        line = step.kind, step.lhs.expr, step.rhs.expr, moved
        if line not in seen and i not in settled:
            seen[line] = _check_line(at, step, moves)
        if i in settled:
            at.skip(step)
        else:
            errors[i] = max(errors[i], seen[line], as_printed(point, step, at.names))
        if step.about and step.node in moves:
            moved = (step.node,)
            _set_differentials(at, {step.node: moves[step.node]})
        at.learn(step)
        if i not in settled:
            errors[i] = max(errors[i], check_remark(point, step, {}))
    lines = {s.rhs.expr for s in steps}  # a result in another form is compared with what its line says
    told = (not lines.isdisjoint((r.expr, r.named.expr) if r.frobenius is None else (r.frobenius,)) for r in results)
    return 0.0 if all(told) else float("inf")


def _set_differentials(at: Setting, moves: Mapping[Expr, Array]) -> None:
    point, named = at.point, at.named
    for x, m in moves.items():
        point.learn(differences.differential_of(x), m)
    if moves:
        slopes = evaluation.directional(list(named.values()), point.env, dict(moves), point.sizes, point.functions)
        for s, slope in zip(named, slopes, strict=True):
            point.learn(differences.differential_of(s), slope)


def _check_line(at: Setting, step: Step, moves: Mapping[Expr, Array]) -> float:
    point, output = at.point, at.output
    lhs, rhs, x = step.lhs.expr, step.rhs.expr, step.node
    require_shape(point, step)
    if settled_by((step,)):
        return 0.0  # judged in exact arithmetic
    if step.kind in ("definition", "part", "rewrite"):
        return relative_at(point, point.value(rhs), point.value(lhs), rhs)
    if step.kind == "entries":
        return check_entries(at, step)
    if is_tied(step):
        return check_structure(point, step, output)
    if step.kind == "selected":
        return check_part(point, step, output)
    if step.kind == "differential":
        return _check_differential(point, output, step, moves)
    assert x is not None and step.kind in ("result", "stacked", "zero")
    if step.kind == "stacked":
        return _check_stacked(point, output, step, moves)
    if lhs.op == "d" and lhs.args[0].op == "partial":  # a Hessian-vector product
        (direction,) = step.through
        want = differences.second(point, output, x, moves[x], x, point.env[direction]) if x in moves else np.zeros((1, 1))
        got = differences.contraction(point, rhs, (x, moves[x])) if x in moves else point.value(rhs)
    elif is_whole(lhs):
        _set_differentials(at, moves)
        want, got = differences.first(point, output, dict(moves)), point.value(rhs)
        return relative_at(point, got, want, rhs, least=floor(point, output, rhs))
    elif lhs.args[0].op == "partial":
        a = lhs.args[0].args[1]
        want = differences.second(point, output, a, moves[a], x, moves[x]) if {a, x} <= set(moves) else np.zeros((1, 1))
        got = differences.contraction(point, rhs, (a, moves[a]), (x, moves[x])) if {a, x} <= set(moves) else point.value(rhs)
    else:
        want = differences.wanted(differences.first(point, output, {x: moves[x]}), output) if x in moves else np.zeros(())
        laid_out = _laid_out(lhs, rhs, x, output) if x in moves else rhs
        got = differences.contraction(point, laid_out, (x, moves[x])) if x in moves else point.value(rhs).max()
    if lhs.args[0].op == "partial":  # differences of differences: their rounding is that of the slopes
        return _second_order(point, output, rhs, got, want)
    got, want = np.squeeze(got), np.squeeze(want)
    return zero_or(point, output, rhs, got, want, relative_at(point, got, want, rhs))


def _check_stacked(point: Point, output: Expr, step: Step, moves: Mapping[Expr, Array]) -> float:
    """K of vec(dY) = K vec(dX), or H of d²s = vec(dA)ᵀ H vec(dX), along random directions."""
    (x,), (y, _) = step.through, step.lhs.expr.args
    matrix = point.value(step.rhs.expr)

    def stacked(value: Array, e: Expr) -> Array:
        return np.asarray(evaluation.to_public(value, e.type)).reshape(-1, order="F")

    got = matrix @ stacked(moves[x], x)
    if y.op != "partial":
        want = stacked(differences.first(point, output, {x: moves[x]}), output)
        return relative_at(point, got, want, step.rhs.expr)
    (a,) = y.args[1].args or (y.args[1],)
    want = differences.second(point, output, a, moves[a], x, moves[x])
    scale = _second_scale(point, output, step.rhs.expr, point.excused)
    return SECOND * relative(stacked(moves[a], a) @ got, np.squeeze(want), scale)


def is_whole(e: Expr) -> bool:
    """Whether this is the differential of a value, and not of a derivative."""
    return e.op == "d" and e.args[0].op != "partial"


def _check_differential(point: Point, output: Expr, step: Step, moves: Mapping[Expr, Array]) -> float:
    """dq = … along random directions of what moves; d(∂s/∂a) = … along a direction of a as well."""
    lhs, rhs = step.lhs.expr, step.rhs.expr
    (q,) = lhs.args[0].args if lhs.op == "vec" else lhs.args
    if q.op == "partial":
        a, (x,) = q.args[1], step.through
        want = differences.second(point, output, a, moves[a], x, moves[x])
        got = differences.contraction(point, make("unvec", (rhs,), None, a.type) if lhs.op == "vec" else rhs, (a, moves[a]))
        return _second_order(point, output, rhs, got, want)
    return relative_at(point, point.value(rhs), point.value(lhs), rhs, least=floor(point, q, rhs))


def _second_order(point: Point, output: Expr, e: Expr, got: Array, want: Array) -> float:
    """The error of a second derivative; one that comes out as rounding errors is noted as hidden."""
    if not is_zero(e) and largest(want) < 1e-2 * _second_scale(point, output, e, point.rounding):
        point.vanished.add(e)
        if not point.precise and largest(got) > 0.0:
            point.hidden.add(e)
    scale = _second_scale(point, output, e, point.rounding if is_zero(e) else point.excused)
    return SECOND * relative(np.squeeze(got), np.squeeze(want), scale)


def _second_scale(point: Point, output: Expr, e: Expr, rounding: float) -> float:
    """What the rounding of differences of differences is relative to: the size of the slopes."""
    return rounding * max(point.largest_below(e), 100 * max(1.0, largest(point.value(output))))


def _laid_out(lhs: Expr, rhs: Expr, x: Expr, output: Expr) -> Expr:
    """A derivative in another layout, turned back to (output, variable)."""
    natural = (*output.shape, *x.shape)
    return make("T", (rhs,)) if len(natural) == 2 and rhs.type[0] == "m" and lhs.attr == "turned" else rhs
