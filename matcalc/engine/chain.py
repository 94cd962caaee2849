"""Jacobians by the chain rule: ∂y/∂x = ∂y/∂z · ∂z/∂x over named values, each local Jacobian a matrix.

For a vector output, vectors and scalars on the way and as variables, in numerator layout: a row for each entry of
the output, a column for each of the variable (CS224n, backpropagation; Magnus and Neudecker, ch. 5). Where a value on the
way is a matrix there is no such product, and the differential answers.
"""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.algebra.normal.normal_form import Normalizer, normalizers
from matcalc.algebra.pullbacks import Compiler
from matcalc.engine.backprop import Backprop
from matcalc.engine.derivation import Trace
from matcalc.engine.regions import Region
from matcalc.engine.waypoints import Graph
from matcalc.expr import nodes
from matcalc.expr.nodes import Expr, make, sym
from matcalc.expr.table import Type


class NoMatrix(Exception):
    """A local derivative has more than two axes, or there is nothing to multiply."""


class Chain(Backprop):
    """The state of one derivation by local Jacobians."""

    def __init__(self, compiler: Compiler, graph: Graph, wrt: list[Expr], layout: str, n: Normalizer, last: Normalizer) -> None:
        super().__init__(compiler, graph, wrt, "jacobian", layout, n, last)
        self.chained = False  # whether there is a product of Jacobians at all
        if graph.bodies[graph.output].args:
            self.greek[graph.bodies[graph.output]] = str(self.out.attr)  # diag(y) - y yᵀ where y = softmax(z)

    def partial(self, q: Expr) -> Expr:
        """The symbol ∂y/∂q: rows for y, columns for q."""
        found = self.partials.get(q)
        if found is None:
            rows = self.out.type.rows
            t = Type("m", rows, q.type.rows) if q.type[0] == "c" else Type("c", rows, 1)
            found = self.partials[q] = make("partial", (self.out, q), None, t)
        return found

    def run(self) -> Trace:
        """Raises ``NoMatrix`` where the chain rule has no matrices, or nothing to say."""
        graph = self.graph
        if any(v.type[0] not in "cs" for v in [*self.wrt, *graph.needed]) or graph.output in self.asked:
            raise NoMatrix
        self._sweep()
        if not self.chained:
            raise NoMatrix
        return self._finish()

    def _seed(self, q: Expr, s: Expr, shared: bool) -> Expr:
        return sym("upstream", s.type)  # a sweep asks for one; here only its Jacobians are used

    def _arrive(self, q: Expr, arrivals: list[tuple[Expr, Region]], shared: bool = False) -> None:
        """∂y/∂q from all the named values that q enters: Σ ∂y/∂p · ∂p/∂q."""
        p = self.partial(q)
        via = self._by_jacobians(q, arrivals)
        if via is None:
            raise NoMatrix
        locals = [(c, local) for c, sent in arrivals if (local := sent.jacobians[q]) is not None]
        value = self.n.normal(nodes.added([x if c is self.out else nodes.times(self._known(c), x) for c, x in locals]))
        rules = [r for _, sent in arrivals for r in sent.rules[q]]
        through = tuple([c for c, _ in arrivals])
        if through == (self.out,):
            main = arrivals[0][1].sources.get(q) or self.compiler.book.groups["adjoint"][0]
            self._add("chain", main, p, value, None, rules, q, through)
        else:
            self.chained = True
            self._add("chain", self.compiler.book.rows()["chain"], p, value, via, rules, q, through)
        self._value(p, value)
        self.named[p] = value

    def _known(self, c: Expr) -> Expr:
        """∂y/∂c as lines below write it: what it is while that is short."""
        value = self.named[self.partial(c)]
        return value if len(nodes.postorder((value,))) <= SHORT else self.partial(c)

    def _laid_out(self, v: Expr) -> Expr:
        return self.partial(v)


SHORT = 20  # nodes


def by_chain_rule(
    compiler: Compiler, graph: Graph, wrt: list[Expr], layout: str, properties: Mapping[str, frozenset[str]]
) -> Trace | None:
    """Jacobians of a vector by vectors and scalars; None where the chain rule has no matrices."""
    if graph.output.type[0] != "c" or layout == "denominator":
        return None
    try:
        return Chain(compiler, graph, wrt, layout, *normalizers(properties, wrt)).run()
    except NoMatrix:
        return None
