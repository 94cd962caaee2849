"""Numbers on a computation graph, each compared with differences: the sum at a node with those of the whole computation, what an
edge brings back with those of its one operation. Mostly these are complex steps."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

import numpy as np

from matcalc.algebra.pullbacks import Compiler
from matcalc.algebra.rule import Book
from matcalc.check.given_arrays import bound, require_numbers
from matcalc.check.lost import short
from matcalc.check.measure import relative
from matcalc.check.points import NoPoint, Point, explained
from matcalc.engine.computation import Computation, Edge, Numbers, Value, computation, partial
from matcalc.engine.derivation import Step, settled_by
from matcalc.expr import dims
from matcalc.expr.errors import CheckError, UsageError
from matcalc.expr.nodes import Expr, added, make, num, postorder, substitute
from matcalc.expr.table import TABLE
from matcalc.notation.meaning.problem import Problem
from matcalc.numeric import branches, evaluation
from matcalc.numeric.evaluation import Array, Arrays, Functions
from matcalc.numeric.kernels import extent
from matcalc.numeric.magnitudes import largest

TOLERANCE = 1e-6  # differences, where no complex step is possible, have about eight digits
ROUNDING = 1e-7  # times the largest number: what is smaller is compared with this
POINTS = 2  # random ones, at which the formulas are compared

Properties = Mapping[str, frozenset[str]]


def graph_of(
    problem: Problem, rows: Book, steps: Iterable[Step], assume: Properties, functions: Mapping[str, object],
    at: Arrays | str | None, seed: int,
) -> Computation:  # fmt: skip
    """The graph of a problem that was derived in ``steps``, compared with differences; with numbers at arrays or at a ``"random"``
    point, else without."""
    names = {*problem.symbols, *problem.functions, *(str(a) for s in problem.dims.values() for d in s for a in dims.atoms(d))}
    variables = {s for name, s in problem.symbols.items() if name not in problem.labels}
    output, *named = substitute((problem.output, *(e for _, e in problem.definitions)), settled_by(tuple(steps)))
    definitions = [(name, e) for (name, _), e in zip(problem.definitions, named, strict=True)]
    graph = computation(Compiler(rows), output, problem.output_name, definitions, variables, names, assume)
    table = {name: evaluation.from_user(value, name) for name, value in functions.items() if value is not None}
    graph = checked(graph, problem, assume, evaluation.WithGeneric(table), seed)
    if at is None:
        return graph
    return with_numbers(graph, problem, None if isinstance(at, str) else at, assume, table, seed)


def checked(graph: Computation, problem: Problem, assume: Properties, functions: Functions, seed: int) -> Computation:
    """The graph, its formulas compared with differences at random points. Raises ``CheckError`` for one that is false."""
    error = graph.error
    for shift in range(POINTS):
        env, sizes = _drawn(graph, problem, assume, functions, seed + shift)
        error = max(error, _compared(graph, _Flow(graph, env, sizes, functions)))
    return graph._replace(error=error, points=graph.points + POINTS)


def with_numbers(
    graph: Computation, problem: Problem, at: Arrays | None, assume: Properties, functions: Functions, seed: int
) -> Computation:
    """The graph with numbers at the user's arrays, or where ``at`` is None at a random point.

    Raises ``UsageError`` or ``ShapeError`` for arrays that do not fit, and for a function without a body; ``CheckError`` where a
    gradient is not what differences give.
    """
    require_numbers(problem, functions)
    inputs = {str(v.symbol.attr): v.symbol for v in graph.values if v.node.op == "sym"}
    given = None if at is None else bound(problem, inputs, graph.output.node, at, "this graph")
    env, sizes = given or _drawn(graph, problem, assume, functions, seed)
    flow = _Flow(graph, env, sizes, functions)
    kinks = {v.symbol: why for v in graph.values if (why := _kink(v, flow))}
    error = max(graph.error, _compared(graph, flow, kinks))
    return graph._replace(error=error, points=graph.points + 1, numbers=_public(graph, flow, kinks))


def _drawn(
    graph: Computation, problem: Problem, assume: Properties, functions: Functions, seed: int
) -> tuple[dict[Expr, Array], dict[str, int]]:
    """Values of the inputs and sizes: where all gradients are far from what has no value, if there is such a point."""
    roots = [graph.output.node]
    try:
        point = Point(problem, (), roots, [], assume, functions, seed, others=_gradients(graph))
    except NoPoint:
        with explained():
            point = Point(problem, (), roots, [], assume, functions, seed)
    return point.env, point.sizes


def _gradients(graph: Computation) -> list[Expr]:
    """All gradients in terms of the inputs: at a point where the value exists, an inverse in them need not."""
    inside = {v.symbol: v.node for v in graph.values}
    for v in reversed(graph.values):
        sent = substitute(tuple(e.sent.expr for e in graph.out_of(v) if e.sent is not None), inside)
        inside[partial(graph.output.symbol, v.symbol)] = added(sent) if sent else num(1)
    return [e for e in inside.values() if e.args]


class _Flow:
    """Values of all nodes and of their gradients, in the internal form, by symbols and by ∂s/∂q."""

    def __init__(self, graph: Computation, env: Mapping[Expr, Array], sizes: Mapping[str, int], functions: Functions) -> None:
        self.inputs, self.sizes, self.functions = env, sizes, functions
        found = evaluation.values([v.node for v in graph.values], env, sizes, functions)
        self.env: dict[Expr, Array] = {v.symbol: found[v.node] for v in graph.values}
        out = graph.output.symbol
        self.sent: dict[tuple[Expr, Expr], Array] = {}
        for value in reversed(graph.values):
            if value.gradient:
                sent = [(e, e.sent.expr) for e in graph.out_of(value) if e.sent is not None]
                numbers = evaluation.evaluate([g for _, g in sent], self.env, sizes, functions)
                self.sent |= {(e.source, e.target): x for (e, _), x in zip(sent, numbers, strict=True)}
                self.env[partial(out, value.symbol)] = sum(numbers[1:], numbers[0]) if numbers else np.ones((1, 1))
        everything = [x for x in self.env.values()]
        if not all(np.isfinite(x).all() for x in everything):
            v = next(v for v in graph.values if not np.isfinite(self.env[v.symbol]).all())
            raise UsageError(f"there is no value at these numbers: {v.symbol.attr} is not finite", hint="give other values")
        self.scale = ROUNDING * max(map(largest, everything), default=0.0)


def _compared(graph: Computation, flow: _Flow, kinks: Container[Expr] = ()) -> float:
    """The largest relative difference between a number and its difference quotient. Raises ``CheckError`` where it is large.

    Differences say nothing of an operation at a kink, nor of what holds one: there a convention counts.
    """
    rng, out = np.random.default_rng(0), graph.output
    errors = [0.0]
    for v in graph.values:
        if v.gradient and v is not out and not kinks:
            along = rng.standard_normal(extent(v.symbol.type, flow.sizes))
            (want,) = evaluation.directional([out.node], flow.inputs, {v.node: along}, flow.sizes, flow.functions)
            got = _paired(flow.env[partial(out.symbol, v.symbol)], along, v.symbol)
            errors.append(_agree(got, want, flow, v.gradient[0].text))
    bodies = {v.symbol: v.body for v in graph.values}
    for e in graph.edges:
        if e.local and e.target not in kinks:
            along = rng.standard_normal(extent(e.source.type, flow.sizes))
            (moved,) = evaluation.directional([bodies[e.target]], flow.env, {e.source: along}, flow.sizes, flow.functions)
            errors.append(_agree(_moved(e, along, flow), moved, flow, e.local[0].text))
            if (e.source, e.target) in flow.sent:
                want = _paired(flow.env[partial(out.symbol, e.target)], moved, e.target)
                got = _paired(flow.sent[e.source, e.target], along, e.source)
                errors.append(_agree(got, want, flow, f"what {e.target.attr} brings back to {e.source.attr}"))
    return max(errors)


def _paired(gradient: Array, along: Array, q: Expr) -> Array:
    """The derivative along a direction of what has this gradient by ``q``."""
    return np.asarray(np.sum((gradient.T if q.type.kind == "c" else gradient) * along))


def _moved(e: Edge, along: Array, flow: _Flow) -> Array:
    """What the local gradient makes of a direction: by a matrix, or by the differential."""
    assert e.local is not None
    left, right = (f.expr for f in e.local)
    env = flow.env if left.op == "partial" else {**flow.env, make("d", (e.source,)): along}
    (value,) = evaluation.evaluate([right], env, flow.sizes, flow.functions)
    return value if left.op == "d" else value @ along


def _agree(got: Array, want: Array, flow: _Flow, name: str) -> float:
    error = relative(got, np.asarray(want).reshape(np.shape(got)), flow.scale)
    if error > TOLERANCE:
        raise CheckError(f"{name} is not what differences give (relative difference {error:.1e}), so the graph is not shown",
                         hint="an operation may not be differentiable there: give other values")  # fmt: skip
    return error


def _public(graph: Computation, flow: _Flow, kinks: Mapping[Expr, str]) -> Numbers:
    """The numbers in the shapes that users give, not to be written to."""
    out = graph.output.symbol

    def turned(x: Array, q: Expr) -> Array:
        return evaluation.frozen(x.T if q.type.kind == "c" else x, q.type)

    gradients = {v.symbol: turned(flow.env[partial(out, v.symbol)], v.symbol) for v in graph.values if v.gradient}
    sent = {pair: turned(x, pair[0]) for pair, x in flow.sent.items()}
    values = {v.symbol: evaluation.frozen(flow.env[v.symbol], v.symbol.type) for v in graph.values}
    return Numbers(values, gradients, sent, kinks)


def _kink(v: Value, flow: _Flow) -> str:
    """Where an operation is not differentiable at its arguments, and what counts there; '' elsewhere."""
    for node in postorder((v.body,)):
        row = TABLE[node.op]
        if row.kink and node.op in branches.DISTANCES:
            arguments = evaluation.evaluate(node.args, flow.env, flow.sizes, flow.functions)
            if any((d == 0).any() for d in branches.DISTANCES[node.op](*arguments)):
                return f"{short(node)} is not differentiable here: {row.kink}"
    return ""
