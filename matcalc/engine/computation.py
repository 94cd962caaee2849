"""A computation as a graph of single operations, and what each edge carries: a value forward, a gradient back.

The gradients are those of :mod:`matcalc.engine.backprop`, with a name for the value of each operation: a node multiplies its
upstream gradient by a local one for each of its inputs, and what arrives over several edges is summed (CS224n, backpropagation).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import TYPE_CHECKING, NamedTuple

from matcalc.algebra.normal.normal_form import Normalizer, normalizers
from matcalc.algebra.pullbacks import Compiler
from matcalc.algebra.slopes import tangents
from matcalc.engine.derivation import Formula
from matcalc.engine.regions import Region, region
from matcalc.engine.waypoints import Graph, cut
from matcalc.expr import nodes
from matcalc.expr.nodes import Expr, make, num, postorder, transpose
from matcalc.expr.table import Type
from matcalc.notation.write import signs
from matcalc.notation.write.indexed import NO_LETTERS, Lettering, lettering
from matcalc.notation.write.render import Naming

if TYPE_CHECKING:
    from matcalc.numeric.evaluation import Array


class Edge(NamedTuple):
    """``source`` goes into ``target``: the symbols of two values.

    ``local`` is the local gradient as (left side, right side): ∂z/∂x = W, or dz = dW x where it has more than two axes; not
    where the target does not change with the source. ``sent`` is upstream × local, what the edge brings back to its source: a
    row for a column, else in the shape of the source; None where no gradient is asked for.
    """

    source: Expr
    target: Expr
    local: tuple[Formula, Formula] | None
    sent: Formula | None


class Value(NamedTuple):
    """A node: an input, or one operation. ``body`` is the operation on names, ``node`` the value in terms of the inputs.

    ``gradient`` is the line ∂s/∂q = [Σ upstream · local =] … as its members; none where there is no gradient.
    """

    symbol: Expr
    body: Expr
    node: Expr
    gradient: tuple[Formula, ...]


class Numbers(NamedTuple):
    """Values and gradients by symbol, and what each edge brings back by (source, target), in the shapes that users give.

    ``kinks`` says of symbols that their operation is not differentiable just there, and why.
    """

    values: Mapping[Expr, Array]
    gradients: Mapping[Expr, Array]
    sent: Mapping[tuple[Expr, Expr], Array]
    kinks: Mapping[Expr, str]


class Computation(NamedTuple):
    """Inputs first, then operations, each after what it uses; the output last."""

    values: tuple[Value, ...]
    edges: tuple[Edge, ...]
    numbers: Numbers | None = None
    error: float = 0.0  # the largest relative difference of a gradient from complex steps, over all points looked at
    points: int = 0
    lettering: Lettering = NO_LETTERS

    @property
    def output(self) -> Value:
        return self.values[-1]

    def into(self, value: Value) -> tuple[Edge, ...]:
        return tuple(e for e in self.edges if e.target is value.symbol)

    def product(self, e: Edge) -> Formula:
        """What the edge brings back, as upstream × local."""
        assert e.sent is not None
        return e.sent._replace(expr=product(self.output.symbol, e))

    def out_of(self, value: Value) -> tuple[Edge, ...]:
        return tuple(e for e in self.edges if e.source is value.symbol)


def partial(output: Expr, q: Expr) -> Expr:
    """The symbol ∂s/∂q: a row for a column, else in the shape of q."""
    return make("partial", (output, q), None, Type("r", 1, q.type.rows) if q.type.kind == "c" else q.type)


def product(output: Expr, e: Edge) -> Expr:
    """Upstream × local in symbols, where the local gradient is a matrix or a number; else what is sent."""
    assert e.sent is not None and e.local is not None
    lhs = e.local[0].expr
    return e.sent.expr if e.target is output or lhs.op == "d" else nodes.times(partial(output, e.target), lhs)


def computation(
    compiler: Compiler, output: Expr, output_name: str | None, definitions: Iterable[tuple[str, Expr]], variables: Set[Expr],
    taken: Set[str], properties: Mapping[str, frozenset[str]],
) -> Computation:  # fmt: skip
    """The graph of ``output``; gradients by ``variables``, and by all that holds one of them, where the output is a scalar."""
    graph = cut(output, output_name, definitions, set(variables), set(taken), every=True)
    back = _Back(compiler, graph, normalizers(properties, list(variables))[0])
    edges = [back.edge(r, graph.symbols[q]) for q in graph.order for r in back.inputs(graph.symbols[q])]
    every = [(v, v, v) for v in postorder((output,)) if v.op == "sym"]
    every += [(graph.symbols[q], graph.bodies[q], q) for q in graph.order]
    values = [Value(s, body, node, back.line(s, edges)) for s, body, node in every]
    return Computation(tuple(values), tuple(edges), lettering=_lettering(values, edges, taken))


def _lettering(values: Iterable[Value], edges: Iterable[Edge], taken: Set[str]) -> Lettering:
    """Letters of indices that are no names, and quotes for names that look like something else of the graph."""
    shown = [v.body for v in values] + [m.expr for v in values for m in v.gradient]
    shown += [f.expr for e in edges for f in (*(e.local or ()), *((e.sent,) if e.sent else ()))]
    found = postorder(shown)
    indices = {c for node in found if node.op == "einsum" for c in str(node.attr) if c.isalpha()}
    names = [str(v.symbol.attr) for v in values]
    letters = lettering({*taken, *names}, indices)
    return letters._replace(quoted=signs.quoted(names, found, indices={letters.instead.get(c, c) for c in indices}))


class _Back:
    """What each operation sends back to its inputs."""

    def __init__(self, compiler: Compiler, graph: Graph, n: Normalizer) -> None:
        self.compiler, self.n = compiler, n
        self.out = graph.symbols[graph.output]
        self.names = Naming({b: str(graph.symbols[q].attr) for q, b in graph.bodies.items() if b.args and q is not graph.output})
        self.bodies = {graph.symbols[q]: graph.bodies[q] for q in graph.order}
        self.live = {graph.symbols[e] for e in graph.needed if e in graph.symbols} | (graph.needed & {graph.output})
        self.regions = {s: self._region(s) for s in self.bodies}

    def inputs(self, target: Expr) -> list[Expr]:
        """The values that go into an operation, in the order in which it has them."""
        return [n for n in postorder((self.bodies[target],)) if n.op == "sym"]

    def _region(self, s: Expr) -> Region:
        """The sweep from the value of an operation, where ∂s/∂s = 1 arrives or its upstream gradient does, to its inputs."""
        arrived = num(1) if s is self.out and s.type.kind == "s" else partial(self.out, s)
        arrived = transpose(arrived) if s.type.kind == "c" else arrived
        return region(self.compiler, postorder((self.bodies[s],)), arrived, self.live & set(self.inputs(s)))

    def edge(self, source: Expr, target: Expr) -> Edge:
        found = self.regions[target]
        if source not in found.cotangents:
            return Edge(source, target, None, None)
        local = self._local(source, target, found)
        return Edge(source, target, local, self._sent(source, target, found, local) if self.out.type.kind == "s" else None)

    def _sent(self, source: Expr, target: Expr, found: Region, local: tuple[Formula, Formula]) -> Formula:
        """Upstream × local as it is shortest: ∂s/∂h diag(f′(z)), and ∂s/∂z for ∂s/∂z I."""
        sent = self._formula(transpose(found.cotangents[source]) if source.type.kind == "c" else found.cotangents[source])
        lhs, matrix = (f.expr for f in local)
        if target is self.out or lhs.op == "d" or target.type.kind != "c" or source.type.kind != "c":
            return sent
        product = Formula(nodes.times(partial(self.out, target), matrix), self.names)
        return min(sent, product, key=lambda f: nodes.written_size(f.expr, self.names))

    def _formula(self, e: Expr) -> Formula:
        return Formula(self.n.normal(e), self.names)

    def _local(self, source: Expr, target: Expr, found: Region) -> tuple[Formula, Formula]:
        """∂z/∂x for scalars and columns, else dz along dx."""
        matrix = found.jacobians[source]
        if matrix is not None and {source.type.kind, target.type.kind} <= {"s", "c"}:
            value = self._formula(matrix)
            return Formula(make("partial", (target, source), None, value.type), self.names), value
        body = self.bodies[target]
        slope = tangents(self.compiler, (body,), {source: make("d", (source,))})[body]
        return Formula(make("d", (target,)), self.names), self._formula(slope)

    def line(self, q: Expr, edges: Iterable[Edge]) -> tuple[Formula, ...]:
        """∂s/∂q = Σ upstream · local = …: the middle member only where it says more than the last one."""
        arrivals = [e for e in edges if e.source is q and e.sent is not None]
        if not arrivals:
            return (Formula(num(1), self.names),) if q is self.out and q.type.kind == "s" else ()
        sent = [e.sent.expr for e in arrivals if e.sent is not None]
        total = self._formula(nodes.added(sent)) if len(sent) > 1 else Formula(sent[0], self.names)
        through = nodes.added([product(self.out, e) for e in arrivals])
        members = [Formula(partial(self.out, q), self.names), Formula(through, self.names), total]
        return tuple(m for i, m in enumerate(members) if i != 1 or m.text != total.text)
