"""The check of each line of a sweep at one point, against differences of the computation itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from matcalc.check.in_print import Setting, as_printed, check_remark, require_shape
from matcalc.check.measure import floor, relative_at, zero_or
from matcalc.check.output_slopes import contract, is_turned, local_jacobian, totals
from matcalc.check.parts_alone import check_case, check_part
from matcalc.check.points import Point
from matcalc.check.tied import check_structure, is_tied
from matcalc.engine.derivation import Result, Step, settled_by
from matcalc.expr.nodes import Expr, is_zero, postorder, sym, transpose
from matcalc.expr.table import Type
from matcalc.numeric import evaluation
from matcalc.numeric.evaluation import Array
from matcalc.numeric.magnitudes import largest

DERIVATIVES = ("chain", "block", "shape", "reached", "result", "entries", "zero")  # kinds of lines that say what ∂s/∂q is


@np.errstate(invalid="ignore")
def check_point(
    at: Setting, steps: Sequence[Step], results: Sequence[Result], errors: list[float], settled: Collection[int] = ()
) -> float:
    """Every line of a sweep, its error added to ``errors``; that of the results which are no line is given back."""
    point, output = at.point, at.output
    final_symbol = next((s for s, node in at.named.items() if node is output), output)
    live = [s for i, s in enumerate(steps) if i not in settled]
    asked = {s.node: at.named.get(s.node, s.node) for s in live if s.node is not None and s.kind in DERIVATIVES}
    boxed = {s.rhs.expr for s in steps}
    unseen = [r for r in results if r.expr not in boxed or r.frobenius is not None]  # the others are lines
    variables = [v for v in _variables(output, results) if not settled or any(r.wrt == v.attr for r in unseen)]
    nodes = {**asked, **{v: v for v in variables}}
    moves = point.directions(list(nodes))
    slopes = totals(point, output, nodes, moves)
    seen: dict[tuple[object, ...], float] = {}
    for i, step in enumerate(steps):
        if i in settled:
            at.skip(step)
            continue
        alike = step.kind in DERIVATIVES and step.kind != "entries"  # judged in the same way
        line = alike or step.kind, step.lhs.expr, step.rhs.expr
        if line not in seen:
            seen[line] = _check_step(at, step, final_symbol, slopes, moves)
        errors[i] = max(errors[i], seen[line], as_printed(point, step, at.names), check_remark(point, step, at.bodies))
    vanish = {s.node for s in steps if is_zero(s.rhs.expr)}
    point.flat = [q for q in asked if q not in vanish and not slopes[q].any()]
    return max((_check_result(at, r, next(v for v in variables if v.attr == r.wrt), slopes, moves) for r in unseen), default=0.0)


def _check_result(at: Setting, r: Result, q: Expr, slopes: Mapping[Expr, Array], moves: Mapping[Expr, Array]) -> float:
    e = r.expr if r.frobenius is None else r.frobenius
    got = contract(at.point.value(e), r.kind, q, moves[q], r.layout == "numerator" and q.type[0] in "cmr")
    return zero_or(at.point, at.output, e, got, slopes[q], relative_at(at.point, got, slopes[q], e))


def _check_step(at: Setting, step: Step, output: Expr, slopes: Mapping[Expr, Array], moves: Mapping[Expr, Array]) -> float:
    point, bodies = at.point, at.bodies
    require_shape(point, step)
    if settled_by((step,)):
        return 0.0  # judged in exact arithmetic
    rhs = point.value(step.rhs.expr)
    error = 0.0
    if is_tied(step):
        return check_structure(point, step, output)
    if step.kind == "selected":
        return check_part(point, step, output)
    if step.kind == "case":
        return check_case(at, step)
    if step.kind == "local":
        (p,) = step.through
        assert step.node is not None
        want = local_jacobian(point, bodies[p], step.node)
        error = _seen(point, step.rhs.expr, rhs.reshape(want.shape), want, bodies[p]) if rhs.size == want.size else float("inf")
    elif step.kind == "entries" and (step.lhs.expr.op == "sym" or step.lhs.expr.attr == "jacobian"):
        return check_entries(at, step)
    elif step.kind in DERIVATIVES:
        assert step.node is not None
        kind = "jacobian" if output.type[0] != "s" else "gradient"
        got = contract(rhs, kind, step.node, moves[step.node], is_turned(step.lhs.expr, step.node))
        error = relative_at(point, got, slopes[step.node], step.rhs.expr, least=floor(point, output, step.rhs.expr))
        error = zero_or(point, output, step.rhs.expr, got, slopes[step.node], error)
    else:
        error = relative_at(point, rhs, point.value(step.lhs.expr), step.rhs.expr)
    at.learn(step)
    return error


def check_entries(at: Setting, step: Step) -> float:
    """A value or a local derivative by entries, all of them at once."""
    if step.lhs.expr.op == "sym":
        got, want = (
            evaluation.to_public(at.point.value(side.expr), side.type) for side in (step.rhs, step.lhs)
        )  # a row has entries
        return relative_at(at.point, got, want, step.rhs.expr)
    point, body, rhs = at.point, at.bodies[step.through[0]], step.rhs.expr
    assert step.node is not None
    want = evaluation.jacobian(body, step.node, point.env, point.sizes, point.functions)
    at.learn(step)
    return _seen(point, rhs, evaluation.to_public(point.value(rhs), step.rhs.type), want, body)


def _seen(point: Point, e: Expr, got: Array, want: Array, body: Expr) -> float:
    """The error of a local Jacobian, relative at least to the rounding of what is differentiated where it is zero; one that
    comes out as rounding errors is noted as hidden."""
    if is_zero(e):
        return relative_at(point, got, want, body, least=point.rounding)
    if not point.precise and 0.0 < largest(want) < 1e-4 * point.rounding * point.largest_below(e):
        point.hidden.add(e)
    return relative_at(point, got, want, e)


def _variables(output: Expr, results: Sequence[Result]) -> list[Expr]:
    inside = {str(n.attr): n for n in postorder((output,)) if n.op == "sym"}
    return [inside.get(r.wrt) or sym(r.wrt, _transposed_type(r)) for r in results]


def _transposed_type(r: Result) -> Type:
    return transpose(r.expr).type if r.layout == "numerator" and r.expr.type.kind in "cmr" else r.expr.type
