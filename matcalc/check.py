"""Numeric checks: every line against differences of the computation itself, never against another formula.

A derivative ∂a/∂b that stands in a line is evaluated by cutting the computation at b and taking a
complex step (or central differences) along a random direction. All derivatives of the output
are taken in one batched evaluation, each node moved in a batch entry of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcalc import dims, numeric, sampling
from matcalc.derivation import Check, Result, Step
from matcalc.errors import CheckError, UsageError
from matcalc.expr import Expr, make, postorder, sym
from matcalc.kernels import extent
from matcalc.notation.printer import TEXT, render

TOLERANCE = 1e-6
BATCH = 256


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Verdict over all lines: ``worst`` is the line with the largest error."""

    passed: bool
    max_relative_error: float
    points: int
    worst: str = ""
    steps: int = 0


class Point:
    """One random point: sizes, values of the symbols, of the named values, and of derivatives found so far."""

    def __init__(self, problem: Any, waypoints: Sequence[tuple[str, Expr]], roots: Sequence[Expr], assume: Mapping[str, frozenset[str]],
                 functions: Mapping[str, Any], seed: int) -> None:  # fmt: skip
        rng = np.random.default_rng(seed)
        names = list(dict.fromkeys(str(a) for shape in problem.dims.values() for d in shape for a in dims.atoms(d)))
        literal = {d for shape in problem.dims.values() for d in shape if isinstance(d, int)}
        self.sizes = sampling.choose_sizes(names, problem.ties, literal)
        self.functions = functions
        symbols = [s for s in postorder(roots) if s.op == "sym"]
        env = sampling.draw(roots, symbols, self.sizes, functions, assume, rng)
        if env is None:
            raise CheckError("no random point was found at which the expression is finite and smooth, so nothing can be checked",
                             hint="declare what the inputs are: assume={'A': 'spd', 'x': 'positive'}")  # fmt: skip
        self.rng = rng
        known = numeric.values(list(roots), env, self.sizes, functions)
        self.env: dict[Any, Any] = dict(env)
        for name, node in waypoints:
            self.env[sym(name, node.type)] = known[node]

    def value(self, e: Expr) -> Any:
        return numeric.evaluate([e], self.env, self.sizes, self.functions)[0]

    def directions(self, nodes: Sequence[Expr]) -> dict[Expr, Any]:
        return {n: self.rng.standard_normal(extent(n.type, self.sizes)) for n in nodes}


def totals(point: Point, output: Expr, nodes: Mapping[Expr, Expr], moves: Mapping[Expr, Any]) -> dict[Expr, Any]:
    """d output along each move: ``nodes`` maps a symbol to the node that it names."""
    items = list(nodes.items())
    out: dict[Expr, Any] = {}
    for start in range(0, len(items), BATCH):
        chunk = items[start : start + BATCH]
        shifts = {s: sym(f"~{s.attr}", s.type) for s, _ in chunk}
        shifted = _shift(output, {node: shifts[s] for s, node in chunk})
        at = dict(point.env)
        direction = {}
        for i, (s, _) in enumerate(chunk):
            move = np.zeros((len(chunk), *moves[s].shape))
            move[i] = moves[s]
            at[shifts[s]] = np.zeros(moves[s].shape)
            direction[shifts[s]] = move
        (slopes,) = numeric.directional([shifted], at, direction, point.sizes, point.functions)
        slopes = np.broadcast_to(slopes, (len(chunk), *extent(output.type, point.sizes)))
        for i, (s, _) in enumerate(chunk):
            out[s] = slopes[i]
    return out


def _shift(output: Expr, shifts: Mapping[Expr, Expr]) -> Expr:
    """The graph with a symbol added to each of the nodes."""
    done: dict[Expr, Expr] = {}
    for node in postorder((output,)):
        args = tuple([done[a] for a in node.args])
        moved = node if args == node.args else make(node.op, args, node.attr, node.type)
        done[node] = make("add", (moved, shifts[node])) if node in shifts else moved
    return done[output]


def relative(got: Any, want: Any, scale: float = 0.0) -> float:
    """Largest difference, relative to the size of the values."""
    got, want = np.asarray(got), np.asarray(want)
    if not (np.isfinite(got).all() and np.isfinite(want).all()):
        return float("inf")
    top = max(scale, float(np.abs(want).max(initial=0.0)), float(np.abs(got).max(initial=0.0)), 1e-9)
    return float(np.abs(got - want).max(initial=0.0)) / top


def contract(derivative: Any, kind: str, q: Expr, move: Any) -> Any:
    """⟨derivative, move⟩ for a derivative written as a row, in the shape of q, or as a Jacobian."""
    if kind == "jacobian":
        column = move.reshape(-1, 1) if q.type[0] == "r" else move
        return derivative @ column
    flat = np.swapaxes(derivative, -1, -2) if derivative.shape[-2:] != move.shape else derivative
    return (flat * move).sum(keepdims=True).reshape(1, 1)


def check_trace(
    problem: Any,
    steps: Sequence[Step],
    results: Sequence[Result],
    waypoints: Sequence[tuple[str, Expr]],
    assume: Mapping[str, frozenset[str]] | None = None,
    functions: Mapping[str, Any] | None = None,
    seed: int = 0,
    points: int = 2,
) -> tuple[tuple[Step, ...], CheckReport]:
    """Steps with their checks, and the report. Raises ``CheckError`` naming the first false line."""
    table = numeric.WithGeneric(functions or {})
    errors = [0.0] * len(steps)
    final = 0.0
    for k in range(points):
        point = Point(problem, waypoints, [problem.output, *(e for _, e in waypoints)], assume or {}, table, seed + 7919 * k)
        final = max(final, _check_point(point, problem.output, steps, results, waypoints, errors))
    worst = max(range(len(steps)), key=lambda i: errors[i], default=None)
    line = describe(steps[worst]) if worst is not None else ""
    top = max([final, *errors])
    for i, error in enumerate(errors):
        if not error <= TOLERANCE:
            raise CheckError(f"a line failed its numeric check (relative error {error:.1e}) and is not shown: {describe(steps[i])}",
                             hint=f"this is a defect in rule '{steps[i].rule}' or in matcalc; please report it")  # fmt: skip
    if not final <= TOLERANCE:
        raise CheckError(f"the result failed its numeric check (relative error {final:.1e}) and is not shown",
                         hint="this is a defect in matcalc; please report it")  # fmt: skip
    checked = tuple(s.checked(Check(e, points, "directional differences")) for s, e in zip(steps, errors, strict=True))
    return checked, CheckReport(True, top, points, line, len(steps))


def describe(step: Step) -> str:
    return f"{render(step.lhs.expr, TEXT, step.lhs.names)} = {render(step.rhs.expr, TEXT, step.rhs.names)}"


def _check_point(
    point: Point, output: Expr, steps: Sequence[Step], results: Sequence[Result], waypoints: Sequence[tuple[str, Expr]], errors: list[float]
) -> float:
    named = {sym(name, node.type): node for name, node in waypoints}
    final_symbol = next((s for s, node in named.items() if node is output), output)
    asked = {s.node: named.get(s.node, s.node) for s in steps if s.node is not None and s.kind in ("chain", "shape", "result")}
    variables = {s: s for s in _variables(output, results)}
    nodes = {**asked, **variables}
    moves = point.directions(list(nodes))
    slopes = totals(point, output, nodes, moves)
    bodies = {s.node: s.rhs.expr for s in steps if s.kind == "definition"}
    for i, step in enumerate(steps):
        errors[i] = max(errors[i], _check_step(point, step, final_symbol, bodies, slopes, moves))
    worst = 0.0
    for r in results:
        q = next(v for v in variables if v.attr == r.wrt)
        got = contract(point.value(r.expr), r.kind, q, moves[q])
        worst = max(worst, relative(got, slopes[q]))
    return worst


def _variables(output: Expr, results: Sequence[Result]) -> list[Expr]:
    inside = {str(n.attr): n for n in postorder((output,)) if n.op == "sym"}
    return [inside.get(r.wrt) or sym(r.wrt, _transposed_type(r)) for r in results]


def _transposed_type(r: Result) -> Any:
    t = r.expr.type
    return t._replace(rows=t.cols, cols=t.rows) if r.layout == "numerator" and t.kind == "m" else t


def _check_step(point: Point, step: Step, output: Expr, bodies: Mapping[Any, Expr], slopes: Mapping[Expr, Any], moves: Mapping[Expr, Any]) -> float:
    rhs = point.value(step.rhs.expr)
    error = 0.0
    if step.kind == "local":
        (p,) = step.through
        assert step.node is not None
        want = local_jacobian(point, bodies[p], step.node)
        error = relative(rhs.reshape(want.shape), want) if rhs.size == want.size else float("inf")
    elif step.kind in ("chain", "shape", "result"):
        assert step.node is not None
        kind = "jacobian" if output.type[0] != "s" else "gradient"
        error = relative(contract(rhs, kind, step.node, moves[step.node]), slopes[step.node])
    else:
        error = relative(rhs, point.value(step.lhs.expr))
    if step.via is not None:
        error = max(error, relative(point.value(step.via.expr), rhs))
    if step.lhs.expr.op == "partial":
        point.env[step.lhs.expr] = rhs
    return error


def local_jacobian(point: Point, body: Expr, q: Expr) -> Any:
    """∂body/∂q with the other named values held fixed, as a matrix (out, in)."""
    full = numeric.jacobian(body, q, point.env, point.sizes, point.functions)
    out = int(np.prod(full.shape[: full.ndim - len(q.shape)], dtype=int))
    return full.reshape(out, -1)


__all__ = ["CheckReport", "UsageError", "check_trace"]
