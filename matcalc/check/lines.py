"""The check of each kind of line at one point, against differences of the computation itself."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from matcalc.check import differences, loops
from matcalc.check.points import Point
from matcalc.engine.derivation import Formula, Result, Step, settled_by
from matcalc.expr.errors import CheckError, UsageError
from matcalc.expr.nodes import Expr, is_zero, make, postorder, size_text, sym
from matcalc.notation.meaning.problem import Lift, Problem
from matcalc.numeric import evaluation
from matcalc.numeric.kernels import extent, inward

BATCH = 256
ENTRIES = 1 << 23  # complex numbers that one batch may hold: 128 MB
SAME = 1e-8  # relative to the derivative itself
SECOND = 1e-2  # differences of differences are less exact by this factor
SUM = "vectorised-sum"
DERIVATIVES = ("chain", "shape", "result", "entries", "zero")  # kinds of lines that say what ∂s/∂q is


def totals(point: Point, output: Expr, nodes: Mapping[Expr, Expr], moves: Mapping[Expr, Any]) -> dict[Expr, Any]:
    """d output along each move: ``nodes`` maps a symbol to the node that it names."""
    items = list(nodes.items())
    out: dict[Expr, Any] = {}
    whole = sum(math.prod(extent(node.type, point.sizes)) for node in postorder((output,)))
    batch = max(1, min(BATCH, ENTRIES // whole))
    for start in range(0, len(items), batch):
        chunk = items[start : start + batch]
        shifts = {s: sym(f"~{s.attr}", s.type) for s, _ in chunk}
        shifted = shifted_by(output, {node: shifts[s] for s, node in chunk})
        at = dict(point.env)
        direction = {}
        for i, (s, _) in enumerate(chunk):
            move = np.zeros((len(chunk), *moves[s].shape))
            move[i] = moves[s]
            at[shifts[s]] = np.zeros(moves[s].shape)
            direction[shifts[s]] = move
        (slopes,) = evaluation.directional([shifted], at, direction, point.sizes, point.functions)
        slopes = np.broadcast_to(slopes, (len(chunk), *extent(output.type, point.sizes)))
        for i, (s, _) in enumerate(chunk):
            out[s] = slopes[i]
    return out


TINY = 1e-45  # with many digits
MEMBERS = 1e-6  # how far the members of an equality may be apart


def check_sums(point: Point, lifts: Sequence[Lift], steps: Sequence[Step], errors: list[float]) -> set[int]:
    """What sums became, against plain loops over the sums as they were written; the lines with too many terms."""
    too_long = set()
    for i, step in enumerate(steps):
        if step.rule == SUM:
            found = [loops.value(x, point.env, point.sizes, point.functions) for x in lifts if x.expr is step.rhs.expr]
            got = point.value(step.rhs.expr)
            looped = [v for v in found if v is not None]
            if not looped and found:
                too_long.add(i)
            fits = bool(found) and all(v.size == got.size for v in looped)
            errors[i] = (
                max([errors[i], *(relative_at(point, v.reshape(got.shape), got, step.rhs.expr) for v in looped)])
                if fits
                else float("inf")
            )
    return too_long


def check_members(point: Point, problem: Problem) -> None:
    """What the text says is equal has to be. Raises ``UsageError``."""
    for value, member, span in problem.equal:
        a, b = point.value(value), point.value(member)
        if np.isfinite(a).all() and np.isfinite(b).all() and (a.shape != b.shape or relative(b, a) > MEMBERS):
            raise UsageError("the members of this equality differ", span=span, source=problem.source,
                             hint="correct one of them, or leave one out")  # fmt: skip


def shifted_by(output: Expr, shifts: Mapping[Expr, Expr]) -> Expr:
    """The graph with a symbol added to each of the nodes."""
    done: dict[Expr, Expr] = {}
    for node in postorder((output,)):
        args = tuple([done[a] for a in node.args])
        moved = node if args == node.args else make(node.op, args, node.attr, node.type)
        done[node] = make("add", (moved, shifts[node])) if node in shifts else moved
    return done[output]


def largest(x: Any) -> float:
    size = np.abs(x)
    return float(size.max(initial=0.0) if isinstance(size, (np.ndarray, np.generic)) else size)


def relative(got: Any, want: Any, scale: float = 0.0) -> float:
    """Largest difference, relative to the size of the values."""
    got, want = np.asarray(got), np.asarray(want)
    least = 1e-9
    if got.dtype == object or want.dtype == object:
        got, want, least = got.astype(object), want.astype(object), TINY
    sizes = largest(want), largest(got)
    exact = [x for x in (got, want) if x.dtype == object]
    if not all(map(math.isfinite, sizes)) or not all(np.isfinite(x.astype(float)).all() for x in exact):
        return float("inf")
    return largest(got - want) / max(scale, *sizes, least)


def relative_at(point: Point, got: Any, want: Any, e: Expr) -> float:
    """The difference between two values of ``e``; where it is not small, relative to the values on the way to ``e``,
    for terms that cancel leave rounding errors."""
    error = relative(got, want)
    return error if error < 1e-9 else relative(got, want, magnitude(point, e))


def require_shape(point: Point, step: Step) -> None:
    """Both sides of a line have the same kind and sizes; entries stand for whole arrays. Raises ``CheckError``."""
    left, right = step.lhs.expr.type, step.rhs.expr.type
    if step.kind != "entries" and (left.kind != right.kind or extent(left, point.sizes) != extent(right, point.sizes)):
        raise CheckError(
            f"a line failed its check and is not shown: {step.lhs.text} is {size_text(left)}, its right side {size_text(right)}",
            hint=f"this is a defect in rule '{step.rule}' or in matcalc; please report it",
        )


def floor(point: Point, y: Expr, derivative: Expr) -> float:
    """What the rounding errors of a derivative that is zero are relative to: the size of what is differentiated."""
    return 1e-3 * max(largest(point.value(y)), 1.0) if is_zero(derivative) else 0.0


def zero_or(point: Point, output: Expr, e: Expr, got: Any, want: Any, error: float) -> float:
    """The error, unless the derivative vanishes. A zero that the ring laws have proved is accepted up to rounding; where
    all that is seen are rounding errors, which could hide a mistake, the derivative is noted as hidden, for many digits.
    What is small, the same on both ways and hardly moves with the point is no rounding error: the gradients of a deep network."""
    size = max(largest(point.value(output)), magnitude(point, e) / point.rounding, 1e-3)
    top = largest(want)
    if is_zero(e):
        return top / size
    if top >= 1e-4 * point.rounding * size:
        return error
    if top and not point.precise and largest(np.subtract(got, want)) < SAME * top and point.is_steady(e):
        return error
    point.vanished.add(e)
    if point.precise or top == 0.0:
        return error
    point.hidden.add(e)
    return 0.0


def is_turned(lhs: Expr, q: Expr) -> bool:
    """Whether ∂s/∂q stands the other way round than q: a row for a column, or numerator layout."""
    return lhs.attr == "numerator" or (lhs.type[0] == "r" and q.type[0] == "c")


def contract(derivative: Any, kind: str, q: Expr, move: Any, turned: bool) -> Any:
    """⟨derivative, move⟩ for a derivative in the shape of q, or ``turned``, or a Jacobian; NaN for any other shape."""
    if kind == "jacobian":
        column = move.reshape(-1, 1) if q.type[0] == "r" else move
        return derivative @ column
    flat = np.swapaxes(derivative, -1, -2) if turned else derivative
    if flat.shape[flat.ndim - move.ndim :] != move.shape:
        return np.full((1, 1), np.nan)
    return (flat * move).sum(keepdims=True).reshape(1, 1)


@np.errstate(invalid="ignore")
def check_point(
    point: Point,
    output: Expr,
    steps: Sequence[Step],
    results: Sequence[Result],
    waypoints: Sequence[tuple[str, Expr]],
    errors: list[float],
    settled: Collection[int] = (),
) -> float:
    named = {sym(name, node.type): node for name, node in waypoints}
    final_symbol = next((s for s, node in named.items() if node is output), output)
    asked = {
        s.node: named.get(s.node, s.node)
        for s in steps
        if s.node is not None and s.kind in ("chain", "shape", "result", "entries", "zero")
    }
    variables = {s: s for s in _variables(output, results)}
    nodes = {**asked, **variables}
    moves = point.directions(list(nodes))
    slopes = totals(point, output, nodes, moves)
    bodies = {s.node: s.rhs.expr for s in steps if s.kind == "definition"}
    names = Names(point, named_values(named, bodies, steps))
    seen: dict[Any, float] = {}
    for i, step in enumerate(steps):
        if i in settled:
            _learn(point, step)
            continue
        line = step.kind, step.lhs.expr, step.rhs.expr
        if line not in seen:
            seen[line] = _check_step(point, step, final_symbol, bodies, slopes, moves)
        errors[i] = max(errors[i], seen[line], as_printed(point, step, names), check_remark(point, step, bodies))
    vanish = {s.node for s in steps if is_zero(s.rhs.expr)}
    point.flat = [q for q in asked if q not in vanish and not slopes[q].any()]
    worst = 0.0
    boxed = {s.rhs.expr for s in steps}
    for r in results:
        if r.expr in boxed and r.frobenius is None:
            continue  # a line
        q = next(v for v in variables if v.attr == r.wrt)
        e = r.expr if r.frobenius is None else r.frobenius
        got = contract(point.value(e), r.kind, q, moves[q], r.layout == "numerator" and q.type[0] in "cm")
        worst = max(worst, zero_or(point, output, e, got, slopes[q], relative(got, slopes[q], magnitude(point, e))))
    return worst


@np.errstate(invalid="ignore")
def check_read_off(
    point: Point,
    output: Expr,
    steps: Sequence[Step],
    results: Sequence[Result],
    waypoints: Sequence[tuple[str, Expr]],
    errors: list[float],
    settled: Collection[int] = (),
) -> float:
    """Lines of the differential style: differentials along a random direction, then what was read off."""
    named = {sym(name, node.type): node for name, node in waypoints}
    variables = [s.node for s in steps if s.node is not None and s.kind in ("result", "stacked", "zero")]
    variables += [x for s in steps if s.kind == "differential" or is_whole(s.lhs.expr) for x in s.through]
    moves = {x: m for x, m in point.directions(list(dict.fromkeys(variables))).items() if x in point.env}
    moved: tuple[Expr, ...] | None = None
    bodies = {s.node: s.rhs.expr for s in steps if s.kind == "definition"}
    names = Names(point, named_values(named, bodies, steps))
    seen: dict[Any, float] = {}
    for i, step in enumerate(steps):
        if step.kind in ("differential", "part") and step.through and step.through != moved:
            moved = step.through
            _set_differentials(point, named, {x: moves[x] for x in moved if x in moves})
        line = step.kind, step.lhs.expr, step.rhs.expr, moved
        if line not in seen and i not in settled:
            seen[line] = _check_line(point, output, step, named, moves)
        if i in settled:
            _learn(point, step)
        else:
            errors[i] = max(errors[i], seen[line], as_printed(point, step, names))
        if step.about and step.node in moves:
            moved = (step.node,)
            _set_differentials(point, named, {step.node: moves[step.node]})
        if step.lhs.expr.op == "partial":
            point.learn(step.lhs.expr, point.value(step.rhs.expr))
        if i not in settled:
            errors[i] = max(errors[i], check_remark(point, step, {}))
    lines = {id(s.rhs.expr) for s in steps}
    return 0.0 if all(id(r.expr if r.frobenius is None else r.frobenius) in lines for r in results) else float("inf")


def _learn(point: Point, step: Step) -> None:
    """What the lines after this one need of it."""
    if step.lhs.expr.op == "partial":
        point.learn(step.lhs.expr, point.value(step.rhs.expr))
    for letter, e in step.where:
        point.learn(letter, point.value(e))


def named_values(
    named: Mapping[Expr, Expr], bodies: Mapping[Any, Expr], steps: Sequence[Step]
) -> dict[str, tuple[Expr | None, ...]]:
    """What the lines define each name as: the value, and the same in names; parts of long formulas."""
    known = {str(s.attr): (node, bodies.get(s)) for s, node in named.items()}
    parts = {s.lhs.names[s.lhs.expr]: (s.lhs.expr,) for s in steps if s.kind == "part" and s.lhs.expr is s.rhs.expr}
    return {**parts, **known}


class Names:
    """Whether what is written with names is true at a point: each name stands for a value that is the same.
    ``named`` says what the lines before define a name as: the value, and the same in names."""

    def __init__(self, point: Point, named: Mapping[str, tuple[Expr | None, ...]]) -> None:
        self.point = point
        self.named = named
        self.known: dict[int, tuple[Any, float]] = {}  # by identity: lines share their names
        self.owners: dict[str, Expr] = {}  # names of derivatives

    def error(self, formula: Formula) -> float:
        known = self.known.get(id(formula.names))
        if known is None or known[0] is not formula.names:
            known = self.known[id(formula.names)] = formula.names, self._error(formula.names)
        return known[1]

    def _error(self, names: Mapping[Expr, str]) -> float:
        point, worst = self.point, 0.0
        said = {e: sym(n, e.type) for e, n in names.items() if e.op != "partial" and e not in self.named.get(n, ())}
        if not all(s in point.env for s in said.values()):
            return float("inf")
        known = evaluation.values(list(said), point.env, point.sizes, point.functions)
        for e, s in said.items():
            scale = point.rounding * max([largest(point.env[s]), *(largest(known[a]) for a in e.args if a in known)])
            worst = max(worst, relative(known[e], point.env[s], scale))
        symbols = {str(s.attr) for s in point.env if s.op == "sym"} if any(e.op == "partial" for e in names) else set()
        for e, name in names.items():  # δ is what the line that introduces it says: one thing, and no other name
            if e.op == "partial" and (name in symbols or self.owners.setdefault(name, e) is not e):
                return float("inf")
        return worst


def as_printed(point: Point, step: Step, names: Names) -> float:
    """The line as it is printed: all its members have the value of the right side, under names that are true."""
    if not step.members and not step.where:
        return max(names.error(step.lhs), names.error(step.rhs))
    for letter, e in step.where:
        point.learn(letter, point.value(e))
    chain = step.chain
    if chain[0].expr is not step.lhs.expr:
        return float("inf")
    error = max(names.error(f) for f in chain)
    others = [f.expr for f in chain[1:] if f.expr is not step.rhs.expr and f.expr is not step.lhs.expr]
    if not others:
        return error
    rhs = point.value(step.rhs.expr)
    scale = max(magnitude(point, e) for e in (step.rhs.expr, *others))  # what comes out as 0 may be a product that is not small
    values = [point.value(e) for e in others]
    if any(e.type.kind != step.rhs.type.kind or np.shape(v) != np.shape(rhs) for e, v in zip(others, values, strict=True)):
        return float("inf")
    return max([error, *(relative(v, rhs, scale) for v in values)])


def check_remark(point: Point, step: Step, bodies: Mapping[Any, Expr]) -> float:
    """The equations in the remark of a line; ∂z/∂W of neighbours is taken by differences."""
    worst = 0.0
    for lhs, rhs in step.equations if step.about else ():
        for e in postorder((lhs.expr, rhs.expr)):
            if e.op == "partial" and e not in point.env and e.args[0] in bodies:
                slopes = evaluation.jacobian(bodies[e.args[0]], e.args[1], point.env, point.sizes, point.functions)
                point.learn(e, inward(slopes, e.type.kind))
        left, right = point.value(lhs.expr), point.value(rhs.expr)
        fits = lhs.type.kind == rhs.type.kind and np.shape(left) == np.shape(right)
        worst = max(worst, relative(right, left, magnitude(point, rhs.expr)) if fits else float("inf"))
    return worst


def _set_differentials(point: Point, named: Mapping[Expr, Expr], moves: Mapping[Any, Any]) -> None:
    for x, m in moves.items():
        point.learn(differences.differential_of(x), m)
    if moves:
        slopes = evaluation.directional(list(named.values()), point.env, dict(moves), point.sizes, point.functions)
        for s, slope in zip(named, slopes, strict=True):
            point.learn(differences.differential_of(s), slope)


def _check_line(point: Point, output: Expr, step: Step, named: Mapping[Expr, Expr], moves: Mapping[Expr, Any]) -> float:
    lhs, rhs, x = step.lhs.expr, step.rhs.expr, step.node
    require_shape(point, step)
    if settled_by((step,)):
        return 0.0  # judged in exact arithmetic
    if step.kind in ("definition", "part", "rewrite"):
        return relative_at(point, point.value(rhs), point.value(lhs), rhs)
    if step.kind == "structure":
        return _check_structure(point, step, output)
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
        _set_differentials(point, named, moves)
        want, got = differences.first(point, output, dict(moves)), point.value(rhs)
        return relative(got, want, max(magnitude(point, rhs), floor(point, output, rhs)))
    elif lhs.args[0].op == "partial":
        a = lhs.args[0].args[1]
        want = differences.second(point, output, a, moves[a], x, moves[x]) if {a, x} <= set(moves) else np.zeros((1, 1))
        got = differences.contraction(point, rhs, (a, moves[a]), (x, moves[x])) if {a, x} <= set(moves) else point.value(rhs)
    else:
        want = differences.wanted(differences.first(point, output, {x: moves[x]}), output) if x in moves else np.zeros(())
        laid_out = _laid_out(lhs, rhs, x, output) if x in moves else rhs
        got = differences.contraction(point, laid_out, (x, moves[x])) if x in moves else point.value(rhs).max()
    scale = magnitude(point, rhs)
    if lhs.args[0].op == "partial":  # differences of differences: their rounding is that of the slopes
        return _second_order(point, output, rhs, got, want)
    return zero_or(point, output, rhs, np.squeeze(got), np.squeeze(want), relative(np.squeeze(got), np.squeeze(want), scale))


def _check_stacked(point: Point, output: Expr, step: Step, moves: Mapping[Expr, Any]) -> float:
    """K of vec(dY) = K vec(dX), or H of d²s = vec(dA)ᵀ H vec(dX), along random directions."""
    (x,), (y, _) = step.through, step.lhs.expr.args
    matrix = point.value(step.rhs.expr)

    def stacked(value: Any, e: Expr) -> Any:
        return np.asarray(evaluation.to_public(value, e.type)).reshape(-1, order="F")

    got = matrix @ stacked(moves[x], x)
    if y.op != "partial":
        want = stacked(differences.first(point, output, {x: moves[x]}), output)
        return relative(got, want, magnitude(point, step.rhs.expr))
    (a,) = y.args[1].args or (y.args[1],)
    want = differences.second(point, output, a, moves[a], x, moves[x])
    return SECOND * relative(stacked(moves[a], a) @ got, np.squeeze(want), _second_scale(point, output, step.rhs.expr))


def is_whole(e: Expr) -> bool:
    """Whether this is the differential of a value, and not of a derivative."""
    return e.op == "d" and e.args[0].op != "partial"


def _check_differential(point: Point, output: Expr, step: Step, moves: Mapping[Expr, Any]) -> float:
    """dq = … along random directions of what moves; d(∂s/∂a) = … along a direction of a as well."""
    lhs, rhs = step.lhs.expr, step.rhs.expr
    if lhs.op == "d" and lhs.args[0].op == "partial":
        a, (x,) = lhs.args[0].args[1], step.through
        want = differences.second(point, output, a, moves[a], x, moves[x])
        got = differences.contraction(point, rhs, (a, moves[a]))
        return _second_order(point, output, rhs, got, want)
    (q,) = lhs.args[0].args if lhs.op == "vec" else lhs.args
    return relative(point.value(rhs), point.value(lhs), max(magnitude(point, rhs), floor(point, q, rhs)))


def _second_order(point: Point, output: Expr, e: Expr, got: Any, want: Any) -> float:
    """The error of a second derivative; one that comes out as rounding errors is noted as hidden."""
    scale = _second_scale(point, output, e)
    if not is_zero(e) and largest(want) < 1e-2 * scale:
        point.vanished.add(e)
        if not point.precise and largest(got) > 0.0:
            point.hidden.add(e)
    return SECOND * relative(np.squeeze(got), np.squeeze(want), scale)


def _second_scale(point: Point, output: Expr, e: Expr) -> float:
    """What the rounding of differences of differences is relative to: the size of the slopes."""
    return max(magnitude(point, e), 100 * point.rounding * max(1.0, largest(point.value(output))))


def _laid_out(lhs: Expr, rhs: Expr, x: Expr, output: Expr) -> Expr:
    """A derivative in another layout, turned back to (output, variable)."""
    natural = (*output.shape, *x.shape)
    return make("T", (rhs,)) if len(natural) == 2 and rhs.type[0] == "m" and lhs.attr == "turned" else rhs


def magnitude(point: Point, e: Expr) -> float:
    """What rounding errors are relative to: a small part of the largest value on the way to ``e``."""
    return point.rounding * point.largest_below(e)


def _variables(output: Expr, results: Sequence[Result]) -> list[Expr]:
    inside = {str(n.attr): n for n in postorder((output,)) if n.op == "sym"}
    return [inside.get(r.wrt) or sym(r.wrt, _transposed_type(r)) for r in results]


def _transposed_type(r: Result) -> Any:
    t = r.expr.type
    return t._replace(rows=t.cols, cols=t.rows) if r.layout == "numerator" and t.kind == "m" else t


def _check_step(
    point: Point, step: Step, output: Expr, bodies: Mapping[Any, Expr], slopes: Mapping[Expr, Any], moves: Mapping[Expr, Any]
) -> float:
    require_shape(point, step)
    if settled_by((step,)):
        return 0.0  # judged in exact arithmetic
    rhs = point.value(step.rhs.expr)
    error = 0.0
    if step.kind == "structure":
        return _check_structure(point, step, output)
    if step.kind == "local":
        (p,) = step.through
        assert step.node is not None
        want = local_jacobian(point, bodies[p], step.node)
        error = _seen(point, step.rhs.expr, rhs.reshape(want.shape), want, bodies[p]) if rhs.size == want.size else float("inf")
    elif step.kind == "entries" and step.lhs.expr.attr == "jacobian":
        assert step.node is not None
        want = evaluation.jacobian(bodies[step.through[0]], step.node, point.env, point.sizes, point.functions)
        return _seen(point, step.rhs.expr, evaluation.to_public(rhs, step.rhs.type), want, bodies[step.through[0]])
    elif step.kind in DERIVATIVES:
        assert step.node is not None
        kind = "jacobian" if output.type[0] != "s" else "gradient"
        scale = max(magnitude(point, step.rhs.expr), floor(point, output, step.rhs.expr))
        got = contract(rhs, kind, step.node, moves[step.node], is_turned(step.lhs.expr, step.node))
        error = relative(got, slopes[step.node], scale)
        error = zero_or(point, output, step.rhs.expr, got, slopes[step.node], error)
    else:
        error = relative_at(point, rhs, point.value(step.lhs.expr), step.rhs.expr)
    if step.lhs.expr.op == "partial":
        point.learn(step.lhs.expr, rhs)
    return error


def _seen(point: Point, e: Expr, got: Any, want: Any, body: Expr) -> float:
    """The error of a local Jacobian, relative at least to the rounding of what is differentiated where it is zero; one that
    comes out as rounding errors is noted as hidden."""
    if is_zero(e):
        return relative(got, want, max(magnitude(point, body), point.rounding))
    scale = magnitude(point, e)
    if not point.precise and 0.0 < largest(want) < 1e-4 * scale:
        point.hidden.add(e)
    return relative(got, want, scale)


def _check_structure(point: Point, step: Step, output: Expr) -> float:
    """Σ over free parameters of parameter × entry, against the slope along the matrix that the parameters make."""
    x = step.node
    assert x is not None
    free, direction = tied_direction(point.rng, step.rules[0], point.value(step.rhs.expr).shape[-1])
    want = differences.first(point, point.output, {x: direction})
    free = free.T if "turned" in step.lhs.expr.attr else free
    scale = max(magnitude(point, step.rhs.expr), floor(point, output, step.rhs.expr))
    got = (point.value(step.rhs.expr) * free).sum(keepdims=True).reshape(1, 1)
    along_any = largest(differences.first(point, point.output, {x: point.rng.standard_normal(direction.shape)}))
    if along_any > 1e-3 * scale / point.rounding:  # the gradient with all entries free is seen: what cancels in it hides no mistake
        return relative(got, want, max(scale, 1e-3 * along_any))
    error = relative(got, want, scale)
    return zero_or(point, output, step.rhs.expr, got, want, error)


def tied_direction(rng: Any, structure: str, n: int) -> tuple[Any, Any]:
    """Random free parameters, each at one place of a matrix, and the matrix with tied entries that they make."""
    t = rng.standard_normal((n, n))
    if structure == "diagonal":
        return np.diag(np.diag(t)), np.diag(np.diag(t))
    if structure in ("lower-triangular", "upper-triangular"):
        t = np.tril(t) if structure.startswith("lower") else np.triu(t)
        return t, t
    if structure in ("symmetric", "skew"):
        t = np.triu(t, 0 if structure == "symmetric" else 1)
        return t, t + t.T - np.diag(np.diag(t)) if structure == "symmetric" else t - t.T
    free = np.zeros((n, n))
    free[0] = t[0]
    if structure == "toeplitz":
        free[:, 0] = t[:, 0]
        return free, sum(np.eye(n, k=k) * (free[0, k] if k >= 0 else free[-k, 0]) for k in range(1 - n, n))
    return free, sum(np.eye(n, k=k) * free[0, abs(k)] for k in range(1 - n, n))


def local_jacobian(point: Point, body: Expr, q: Expr) -> Any:
    """∂body/∂q with the other named values held fixed, as a matrix (out, in)."""
    full = evaluation.jacobian(body, q, point.env, point.sizes, point.functions)
    out = int(np.prod(full.shape[: full.ndim - len(q.shape)], dtype=int))
    return full.reshape(out, -1)
