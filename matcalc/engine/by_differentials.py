"""The differential style: d of each named value, put together, and the derivative read off."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from matcalc.algebra.compounds import called_after
from matcalc.algebra.normal.given_forms import AsGiven
from matcalc.algebra.normal.normal_form import Normalizer, normalizers
from matcalc.algebra.normal.shortest import shortest
from matcalc.algebra.pullbacks import Compiler
from matcalc.algebra.rule import Rule
from matcalc.algebra.slopes import tangents
from matcalc.engine import jacobian as route
from matcalc.engine.backprop import DEEP
from matcalc.engine.derivation import Equation, Formula, Result, Step, Trace, said_of, sum_terms, with_program
from matcalc.engine.facing import canonical, facing
from matcalc.engine.line_forms import held_laws, without_said
from matcalc.engine.regions import region
from matcalc.engine.waypoints import Graph, as_result, given_forms
from matcalc.expr import nodes
from matcalc.expr.errors import LimitError, NoRuleError, ShapeError, UsageError
from matcalc.expr.nodes import Expr, make, num, sym


class Differential:
    """Steps and results of one derivation by differentials."""

    def __init__(self, compiler: Compiler, graph: Graph, kind: str, layout: str, n: Normalizer, last: Normalizer) -> None:
        self.compiler = compiler
        self.graph = graph
        self.kind = kind
        self.layout = layout
        self.n, self.plain = n, without_said(n)
        self.last = last
        self.steps: list[Step] = []
        self.names = {e: str(s.attr) for e, s in graph.symbols.items() if e.args}
        # what the named values stand for: dy = y ∘ dz - … where y = softmax(z); a scalar output is written out
        self.written = dict(self.names) | {
            b: str(graph.symbols[e].attr) for e, b in graph.bodies.items() if b.args and (e is not graph.output or e.shape)
        }
        if len(graph.order) <= DEEP:  # a result has the normal form of what a name stands for
            forms = {n.normal(e): name for e, name in self.names.items() if e is not graph.output}
            self.written = {e: name for e, name in forms.items() if e.args} | self.written  # 1/2 (2x) is x, and has its name
        self.out = graph.symbols[graph.output]
        self.explained: set[str] = set()
        self.moving: set[Expr] = set()

    @cached_property
    def given(self) -> AsGiven:
        return given_forms(self.graph, self.last)

    def source(self, rule: str) -> str:
        return self.compiler.book.source(self.compiler.book.rows()[rule])

    def add(
        self, kind: str, rule: str, lhs: Expr, rhs: Expr, node: Expr | None, moving: tuple[Expr, ...], laws: tuple[str, ...] = ()
    ) -> None:  # fmt: skip
        left, right = Formula(lhs, self.names), Formula(rhs, self.written)
        reason = "; ".join(self.compiler.book.rows()[law].label for law in laws)
        self.steps.append(Step(kind, rule, self.source(rule), left, right, None, laws, node, moving, reason=reason))

    def forward(self) -> None:
        for q in self.graph.order:
            s = self.graph.symbols[q]
            self.steps.append(Step("definition", "definition", "given", Formula(s), Formula(self.graph.bodies[q]), node=s))

    def differentials(self, variables: list[Expr]) -> Expr | None:
        """The line dq = … of each named value that moves with one of the variables; the last right side."""
        moving, last = set(variables), None
        node = variables[0] if len(variables) == 1 else None
        for q in self.graph.order:
            body, s = self.graph.bodies[q], self.graph.symbols[q]
            seeds = {m: make("d", (m,)) for m in nodes.postorder((body,)) if m in moving}
            found = tangents(self.compiler, (body,), seeds) if seeds else {}
            if body not in found or body is s:
                continue
            rule = self.rule(body, moving)
            moving.add(s)
            last = facing(self.plain, self.plain.normal(found[body]))
            self.add("differential", rule, make("d", (s,)), last, node, tuple(variables))
        self.moving = moving
        return last

    def rule(self, body: Expr, moving: set[Expr]) -> str:
        """The rule that a line is called after."""
        found = called_after(self.compiler, body, moving)
        return found.row.name if found is not None else "differential-of"

    def put_together(self, x: Expr) -> Expr | None:
        """d of the output in terms of dx alone, by the named values; None where it would be long."""
        found: dict[Expr, Expr] = {x: make("d", (x,))}
        for q in self.graph.order:
            body, s = self.graph.bodies[q], self.graph.symbols[q]
            seeds = {m: found[m] for m in nodes.postorder((body,)) if m in found}
            slopes = tangents(self.compiler, (body,), seeds) if seeds else {}
            if body in slopes and body is not s:
                found[s] = slopes[body]
        if self.out not in found or nodes.written_size(found[self.out]) > LONG:
            return None
        return facing(self.plain, self.plain.normal(found[self.out]))

    def collect(self, x: Expr, raw: Expr, value: Expr, known: Expr | None) -> None:
        """The lines between the differentials and the derivative: put together, then in the form to read it off, and that
        multiplied out where terms cancel then."""
        y, ds = self.graph.output, make("d", (self.out,))
        if y is x or x not in self.graph.needed or len(self.graph.order) > DEEP:  # no such line would be short
            return
        said = set() if known is None else {self.said(known)}
        together = self.put_together(x)
        if together is not None and self.said(together) not in said:
            said.add(self.said(together))
            put_in = self.put_in(ds)
            self.add("differential", "put-in" if put_in else "one-moves", ds, together, x, (x,))
            self.say(put_in or (Formula(x),))
            if known is None:
                self.note("alone", "one variable moves at a time: the differentials of the others are then 0")
        for form in () if nodes.is_zero(value) else dict.fromkeys((raw, value)):
            ready = canonical(self.n, y, x, form)
            if ready is not None and self.is_line(ready) and self.said(ready) not in said:
                stacked = make("vec", (ds,)) if y.type[0] == "m" and x.type[0] != "s" else ds
                laws = self.laws(raw) if form is not raw else ()
                held = laws or held_laws(self.n, self.before(ds), self.compiler.book)
                form_law = self.form(ds, ready, make("d", (x,)))
                behind = (form_law,) if held and not laws and form_law != "differential-of" else ()
                told = (*(row.name for row, _ in held), *behind)
                self.add("differential", told[0] if told else form_law, stacked, ready, x, (x,), told)
                self.steps[-1] = self.steps[-1]._replace(of=tuple([Formula(of) for _, of in held if of is not None]))
                said.add(self.said(ready))

    def laws(self, e: Expr) -> tuple[tuple[Rule, Expr | None], ...]:
        """Those by which an expression is multiplied out, and of what they are said, as far as they are worth saying."""
        rows = self.compiler.book.rows()
        laws = [(rows[law], of) for law, of in self.n.expanding.grounds(e) if rows[law].holds_always]
        return tuple([ground for ground in laws if not ground[0].role] or laws)

    def put_in(self, lhs: Expr) -> tuple[Formula, ...]:
        """The differentials of named values in the last line about ``lhs``, which a line in terms of one variable has no more."""
        named = {make("d", (s,)) for e, s in self.graph.symbols.items() if e.args}
        return tuple(Formula(e) for e in nodes.postorder((self.before(lhs),)) if e in named)

    def before(self, lhs: Expr) -> Expr:
        """What the last line about a differential says it is."""
        return next((s.rhs.expr for s in reversed(self.steps) if s.lhs.expr is lhs), lhs)

    def say(self, of: tuple[Formula, ...]) -> None:
        """The label of the last line is said of these formulas."""
        step = self.steps[-1]
        self.steps[-1] = step._replace(reason=said_of(self.compiler.book.rows()[step.rule].label, len(of)), of=of)

    def form(self, lhs: Expr, ready: Expr, dx: Expr) -> str:
        """The law by which the line before is brought into the form to read the derivative off."""
        before = nodes.postorder((self.before(lhs),))
        was, now = ({e.op for e in order} for order in (before, nodes.postorder((ready,))))
        if "tr" in now:
            if "tr" not in was:
                return "sum-as-trace" if "sum" in was else "trace-of-outer-product"
            return "trace-of-transpose" if nodes.transpose(dx) in before else "trace-is-cyclic"
        if "kron" in now - was:
            return "kronecker-times-vec"
        if "diagm" in now - was:
            return "diagonal-times-column"
        if "hdiv" in was - now:
            return "entrywise-quotient-cancels"
        return "common-matrix-on-the-right" if len(sum_terms(self.before(lhs))) > len(sum_terms(ready)) else "differential-of"

    def is_line(self, e: Expr) -> bool:
        """Whether the expression is short, and in matrix form."""
        return nodes.written_size(e, self.written) <= LONG and not any(x.op == "einsum" for x in nodes.postorder((e,)))

    def said(self, e: Expr) -> str:
        """How a right side reads: two lines that read alike are one."""
        return Formula(e, self.written).text

    def note(self, topic: str, text: str, about: tuple[Equation, ...] = (), where: tuple[tuple[Expr, Expr], ...] = ()) -> None:
        """A remark on the last line, made once; ``where`` says what the letters in it stand for."""
        if topic not in self.explained:
            self.explained.add(topic)
            self.steps[-1] = self.steps[-1]._replace(note=text, about=about, where=where)

    def derivative(self, y: Expr, x: Expr) -> Expr:
        """∂y/∂x without the declared properties of variables that still move.

        Where an operator has no index form (the Fréchet derivative of a matrix function), a scalar differential
        is turned round by the adjoint rows instead: tr(A dexpm(X, dX)) = tr(dexpm(X, A) dX).
        """
        try:
            return route.jacobian(self.compiler, self.n, y, x, self.last)
        except (LimitError, NoRuleError):
            if y.type[0] != "s":
                raise
            return self.gradient(y, x)

    def finish(
        self, value: Expr, wrt: str, lhs: Expr, node: Expr, rule: str = "read-off", through: tuple[Expr, ...] = ()
    ) -> Result:
        named = Formula(*as_result(self.graph, value, self.names, self.given))
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
            len(nodes.shape_of(self.graph.output.type)) if lhs.op == "partial" and lhs.args[0].op != "partial" else len(node.shape)
        )
        if lhs.op == "partial" and lhs.args[0].op == "partial":
            outer = len(lhs.args[0].args[1].shape)
        axes = (outer, len(node.shape))
        return Result(wrt, self.kind, stands(self.layout, self.kind, axes), value, named, self.names, axes=axes)

    def first_order(self, x: Expr, known: Expr | None) -> Result:
        y, out = self.graph.output, self.out
        derived = self.derivative(y, x)
        value = shortest(self.last, derived)
        self.collect(x, self.last.normal(derived), value, known)
        column = y.type[0] == "s" and x.type[0] == "c" and self.layout == "shape"  # the gradient: the row has another sign
        attr, rule, gradient = "shape" if column else "jacobian", "read-off" if x in self.graph.needed else "independent", value
        if (self.layout == "numerator" and y.type[0] == "s") or (self.layout == "denominator" and y.type[0] != "s"):
            value = self.last.normal(nodes.transpose(value)) if value.type[0] in "mcr" else value
            attr = "turned"
        lhs = make("partial", (out, x), attr, value.type)
        result = self.finish(value, str(x.attr), lhs, x, rule)
        if rule == "read-off":
            self.explain(x, gradient, lhs)
        return result

    def explain(self, x: Expr, value: Expr, lhs: Expr) -> None:
        """How a derivative is read off, with a letter for it: ds = tr(Gᵀ dX) means ∂s/∂X = G."""
        letter = sym({"m": "G", "c": "g"}.get(x.type[0], ""), x.type) if not self.graph.output.shape else sym("J", value.type)
        form = canonical(self.n, self.graph.output, x, letter) if letter.attr and value.type[0] in "mc" else None
        if form is None or str(letter.attr) in nodes.names_in((self.graph.output, *self.graph.symbols.values())):
            return
        turned = self.n.normal(nodes.transpose(letter)) if lhs.attr == "turned" else letter
        about = Equation(Formula(make("d", (self.out,))), Formula(form)), Equation(Formula(lhs), Formula(turned))
        self.note(f"{x.type[0]}{self.graph.output.type[0]}", "{} means {}", about, ((letter, value),))

    def gradient(self, y: Expr, x: Expr) -> Expr:
        """The gradient of a scalar by one reverse sweep, without properties of variables that still move."""
        reached = region(self.compiler, nodes.postorder((y,)), num(1), {x}).cotangents
        return self.n.normal(reached[x]) if x in reached else nodes.zeros(x.type)

    def _first(self, a: Expr, wrt: str) -> tuple[Expr, Expr]:
        """The gradient, with its lines, and how it is written."""
        known = self.differentials([a])
        raw = self.gradient(self.graph.output, a)
        gradient = shortest(self.n, raw)
        g = make("partial", (self.out, a), "jacobian", gradient.type)
        self.collect(a, raw, gradient, known)
        self.finish(gradient, wrt, g, a)
        return gradient, g

    def second_order(self, a: Expr, b: Expr, wrt: str) -> Result:
        gradient, g = self._first(a, wrt)
        value = shortest(self.last, self.derivative(gradient, b))
        told = self.once_more(gradient, g, b)
        ready = canonical(self.n, gradient, b, value) if told and not nodes.is_zero(value) else None
        if ready is not None and self.is_line(ready):
            dg, db = make("d", (g,)), make("d", (b,))
            form = make("vec", (dg,)) if gradient.type[0] == "m" and b.type[0] != "s" else dg
            if self.said(ready) != self.said(self.before(dg)):
                self.add("differential", self.form(dg, ready, db), form, ready, b, (b,))
        rule = "derive-again" if ready is None else "read-off"
        return self.finish(value, wrt, make("partial", (g, b), "jacobian", value.type), b, rule)

    def once_more(self, gradient: Expr, g: Expr, b: Expr) -> bool:
        """The lines d(∂s/∂a) = … by differentials of named values, and in terms of db, where they are short; whether there are."""
        dg, said = make("d", (g,)), set[str]()
        for e, moving in ((self.by_names(gradient), self.moving), (gradient, {b})):
            if b not in moving:  # the differentials of named values are told along another variable
                continue
            found = tangents(self.compiler, (e,), {m: make("d", (m,)) for m in moving})
            if e not in found or nodes.written_size(found[e], self.written) > 4 * LONG:
                continue
            moved = facing(self.n, self.n.normal(found[e]))
            if nodes.written_size(moved, self.written) > LONG or self.said(moved) in said:
                continue
            put_in = self.put_in(dg) if said else ()
            self.add("differential", "put-in" if put_in else self.rule(e, moving), dg, moved, b, (b,))
            if put_in:
                self.say(put_in)
            said.add(self.said(moved))
        return bool(said)

    def by_names(self, e: Expr) -> Expr:
        return nodes.substitute((e,), {q: s for q, s in self.graph.symbols.items() if q.args and q is not self.graph.output})[0]

    def along(self, x: Expr, v: Expr) -> Result:
        if x.type != v.type:
            sizes = f"the direction '{v.attr}' is {nodes.size_text(v.type)}, the variable '{x.attr}' is {nodes.size_text(x.type)}"
            raise ShapeError(sizes, hint=f"they must have the same sizes, which '{v.attr}' takes where nothing is declared of it")
        gradient, g = self._first(x, str(x.attr))
        self.once_more(gradient, g, x)
        value = self.last.normal(route.directional(self.compiler, self.n, gradient, x, v))
        return self.finish(value, str(x.attr), make("d", (g,), str(v.attr)), x, "direction", (v,))

    def whole(self, variables: list[Expr]) -> Result:
        """The differential itself, in the differentials of all variables."""
        y = self.graph.output
        found = tangents(self.compiler, (y,), {x: make("d", (x,)) for x in variables})
        value = self.n.normal(found[y]) if y in found else nodes.zeros(y.type)
        if self.differentials(variables) is value:  # one line says it all
            self.steps.pop()
        wrt = ", ".join(str(x.attr) for x in variables)
        return self.finish(value, wrt, make("d", (self.out,)), variables[0], "differential-of", tuple(variables))


def stands(layout: str, kind: str, axes: tuple[int, int]) -> str:
    """The layout that a derivative with ``axes`` of the output and the variable has, where ``layout`` is asked for: with more
    than two axes those of the output come first, and a mixed derivative has the axes of the first variable first."""
    if kind == "mixed":
        return "shape"
    return "numerator" if kind == "jacobian" and layout == "denominator" and sum(axes) > 2 else layout


LONG = 60  # nodes of a line, as it is written


def differential(
    compiler: Compiler, graph: Graph, wrt: list[Expr], kind: str, layout: str,
    properties: Mapping[str, frozenset[str]] | None = None, direction: Expr | None = None,
) -> Trace:  # fmt: skip
    """Derivatives of any order two kind by the differential route (Magnus and Neudecker, ch. 9)."""
    state = Differential(compiler, graph, kind, layout, *normalizers(properties or {}, wrt))
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
        known = state.differentials(wrt)
        results = [state.first_order(x, known if len(wrt) == 1 else None) for x in wrt]
    return Trace(tuple(state.steps), with_program(results), tuple((str(graph.symbols[e].attr), e) for e in graph.order))
