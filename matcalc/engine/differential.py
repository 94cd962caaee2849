"""The differential style: d of each named value, put together, and the derivative read off."""

from __future__ import annotations

from collections.abc import Mapping

from matcalc import expr
from matcalc.compile import Compiler
from matcalc.derivation import Formula, Result, Step, Trace, with_program
from matcalc.engine import jacobian as route
from matcalc.engine.backprop import region
from matcalc.engine.waypoints import Graph, names_for_results
from matcalc.errors import ShapeError, UsageError
from matcalc.expr import Expr, make, num
from matcalc.normal import Normalizer, shortest


class Differential:
    """Steps and results of one derivation by differentials."""

    def __init__(self, compiler: Compiler, graph: Graph, kind: str, layout: str, n: Normalizer, last: Normalizer) -> None:
        self.compiler = compiler
        self.graph = graph
        self.kind = kind
        self.layout = layout
        self.n = n
        self.last = last
        self.steps: list[Step] = []
        self.names = {e: str(s.attr) for e, s in graph.symbols.items() if e.args}

    def add(self, kind: str, rule: str, lhs: Expr, rhs: Expr, node: Expr | None = None) -> None:
        row = self.compiler.book.rows()[rule]
        self.steps.append(
            Step(kind, rule, self.compiler.book.source(row), Formula(lhs, self.names), Formula(rhs, self.names), node=node)
        )

    def forward(self) -> None:
        for q in self.graph.order:
            s = self.graph.symbols[q]
            self.steps.append(Step("definition", "definition", "given", Formula(s), Formula(self.graph.bodies[q]), node=s))

    def differentials(self, x: Expr) -> None:
        """The line d q = … of each named value that moves with x."""
        moving = {x}
        for q in self.graph.order:
            body, s = self.graph.bodies[q], self.graph.symbols[q]
            seeds = {m: make("d", (m,)) for m in moving if m in expr.postorder((body,))}
            found = route.tangents(self.compiler, (body,), seeds) if seeds else {}
            if body not in found or body is s:
                continue
            moving.add(s)
            op = body.op if body.op not in ("mpow", "trpow", "einsum") else "matmul"
            rule = self.compiler.differential(op).name if body.args else "differential-of"
            self.add("differential", rule, make("d", (s,)), self.n.normal(found[body]), x)

    def derivative(self, y: Expr, x: Expr) -> Expr:
        """∂y/∂x without the declared properties of variables that still move."""
        return route.jacobian(self.compiler, self.n, y, x)

    def finish(
        self, value: Expr, wrt: str, lhs: Expr, node: Expr, rule: str = "read-off", through: tuple[Expr, ...] = ()
    ) -> Result:
        named = Formula(value, names_for_results(self.graph, value, self.names))
        self.steps.append(
            Step(
                "result",
                rule,
                self.compiler.book.source(self.compiler.book.rows()[rule]),
                Formula(lhs, self.names),
                named,
                node=node,
                through=through,
            )
        )
        outer = (
            len(expr.shape_of(self.graph.output.type)) if lhs.op == "partial" and lhs.args[0].op != "partial" else len(node.shape)
        )
        if lhs.op == "partial" and lhs.args[0].op == "partial":
            outer = len(lhs.args[0].args[1].shape)
        return Result(wrt, self.kind, self.layout, value, named, self.names, axes=(outer, len(node.shape)))

    def first_order(self, x: Expr) -> Result:
        y, out = self.graph.output, self.graph.symbols[self.graph.output]
        self.differentials(x)
        value = shortest(self.last, self.derivative(y, x), self.last.properties)
        if (self.layout == "numerator" and y.type[0] == "s") or (self.layout == "denominator" and y.type[0] != "s"):
            value = self.last.normal(expr.transpose(value)) if value.type[0] in "mcr" else value
            return self.finish(value, str(x.attr), make("partial", (out, x), "turned", value.type), x)
        return self.finish(value, str(x.attr), make("partial", (out, x), "jacobian", value.type), x)

    def gradient(self, y: Expr, x: Expr) -> Expr:
        """The gradient of a scalar by one reverse sweep, without properties of variables that still move."""
        reached = region(self.compiler, expr.postorder((y,)), num(1), {x}).cotangents
        return self.n.normal(reached[x]) if x in reached else expr.zeros(x.type)

    def second_order(self, a: Expr, b: Expr, wrt: str) -> Result:
        y, out = self.graph.output, self.graph.symbols[self.graph.output]
        self.differentials(a)
        gradient = self.gradient(y, a)
        g = make("partial", (out, a), "jacobian", gradient.type)
        self.finish(gradient, wrt, g, a)
        value = shortest(self.last, self.derivative(gradient, b), self.last.properties)
        return self.finish(value, wrt, make("partial", (g, b), "jacobian", value.type), b, "derive-again")

    def along(self, x: Expr, v: Expr) -> Result:
        y, out = self.graph.output, self.graph.symbols[self.graph.output]
        if x.type != v.type:
            sizes = f"the direction '{v.attr}' is {expr.size_text(v.type)}, the variable '{x.attr}' is {expr.size_text(x.type)}"
            raise ShapeError(sizes, hint="they must have the same sizes")
        self.differentials(x)
        gradient = self.gradient(y, x)
        g = make("partial", (out, x), "jacobian", gradient.type)
        self.finish(gradient, str(x.attr), g, x)
        value = self.last.normal(route.directional(self.compiler, self.n, gradient, x, v))
        return self.finish(value, str(x.attr), make("d", (g,)), x, "direction", (v,))

    def whole(self, variables: list[Expr]) -> Result:
        """The differential itself, in the differentials of all variables."""
        y, out = self.graph.output, self.graph.symbols[self.graph.output]
        found = route.tangents(self.compiler, (y,), {x: make("d", (x,)) for x in variables})
        value = self.n.normal(found[y]) if y in found else expr.zeros(y.type)
        for x in variables:
            self.differentials(x)
        return self.finish(value, ", ".join(str(x.attr) for x in variables), make("d", (out,)), variables[0], "differential-of")


def differential(
    compiler: Compiler, graph: Graph, wrt: list[Expr], kind: str, layout: str,
    properties: Mapping[str, frozenset[str]] | None = None, direction: Expr | None = None,
) -> Trace:  # fmt: skip
    """Derivatives of any order two kind by the differential route (Magnus and Neudecker, ch. 9)."""
    properties = properties or {}
    moving = {str(v.attr) for v in wrt}
    n = Normalizer({k: v for k, v in properties.items() if k not in moving})
    last = Normalizer(properties) if moving & set(properties) else n
    state = Differential(compiler, graph, kind, layout, n, last)
    state.forward()
    if kind == "mixed":
        if len(wrt) != 2:
            raise UsageError("kind 'mixed' needs two variables", hint="wrt=['a', 'b'] gives d/db of the gradient by a")
        results = [state.second_order(wrt[0], wrt[1], ", ".join(str(v.attr) for v in wrt))]
    elif kind == "differential":
        results = [state.whole(wrt)]
    elif kind == "hessian":
        results = [state.second_order(x, x, str(x.attr)) for x in wrt]
    elif kind == "hvp":
        assert direction is not None
        results = [state.along(x, direction) for x in wrt]
    else:
        results = [state.first_order(x) for x in wrt]
    return Trace(tuple(state.steps), with_program(results), tuple((str(graph.symbols[e].attr), e) for e in graph.order))
