"""Reverse accumulation over named values: local derivative × upstream = downstream.

For a scalar output. Columns have their derivatives written as rows (numerator layout) until the shape
convention turns the last one; matrices are in the shape of the variable throughout.
"""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.algebra.compounds import called_after
from matcalc.algebra.normal.normal_form import Normalizer, normalizers
from matcalc.algebra.normal.shortest import shortest
from matcalc.algebra.pullbacks import GLANCE, Compiler
from matcalc.algebra.rule import Rule
from matcalc.engine.derivation import Formula, Result, Step, Trace, with_program
from matcalc.engine.line_forms import as_written, cancelled, gathered, reasons, summed, without_said
from matcalc.engine.regions import Region, moving_blocks, region
from matcalc.engine.waypoints import Graph, as_result, given_forms
from matcalc.expr import nodes
from matcalc.expr.groups import JOINED
from matcalc.expr.nodes import Expr, make, num, transpose
from matcalc.expr.table import Type
from matcalc.notation.write.render import Naming

DEEP = 40  # named values
SPELLED_OUT = 30  # nodes


class Backprop:
    """The state of one derivation: symbols for derivatives, steps, values."""

    def __init__(
        self, compiler: Compiler, graph: Graph, wrt: list[Expr], kind: str, layout: str, n: Normalizer, last: Normalizer
    ) -> None:
        self.compiler = compiler
        self.graph = graph
        self.wrt = wrt
        self.asked = frozenset(wrt)
        self.layout = layout
        self.kind = kind
        self.n, self.summing = without_said(n), n
        self.last = last
        self.steps: list[Step] = []
        self.values: dict[Expr, Expr] = {}  # derivative symbol -> its expression in original nodes
        self.deltas: list[Expr] = []
        self.partials: dict[Expr, Expr] = {}
        self.named: dict[Expr, Expr] = {}  # derivative symbol -> short expression in symbols
        self.plain_names = Naming()
        # δ, and what the named values stand for: a line says diag(p) − p pᵀ where p = softmax(z) has its name
        self.bodies = {graph.symbols[e]: b for e, b in graph.bodies.items() if b.args and e is not graph.output}
        self.greek = Naming({b: str(s.attr) for s, b in self.bodies.items()})
        self.expanded: dict[Expr, Expr] = {}
        self.out = graph.symbols[graph.output]
        self.originals = {s: e for e, s in graph.symbols.items()}
        self.given_names = {str(graph.symbols[e].attr) for e in graph.given}
        self.taken = {s.attr for s in self.originals if s.op == "sym"}
        self.orders: dict[Expr, list[Expr]] = {}
        self.places = {node: i for i, node in enumerate(nodes.postorder((graph.bodies[graph.output],)))}

    def partial(self, q: Expr) -> Expr:
        """The symbol ∂s/∂q: a row for a column, else in the shape of q."""
        found = self.partials.get(q)
        if found is None:
            t = q.type
            found = self.partials[q] = make("partial", (self.out, q), None, Type("r", 1, t.rows) if t.kind == "c" else t)
        return found

    def _upstream(self, q: Expr) -> Expr:
        """The upstream gradient as lines below write it: a derivative without a name of its own is put in while it is short.

        The lines of vectors show it as a factor of the chain rule before; those of matrices only here.
        """
        p = self.partial(q)
        value = self.named.get(p)
        if value is None or p in self.greek or len(nodes.postorder((value,))) > (3 if q.type[0] == "m" else 8):
            value = p
        return transpose(value) if q.type[0] == "c" else value

    def run(self) -> Trace:
        self._sweep()
        return self._finish()

    def _sweep(self) -> None:
        """From the output back: what arrives at each named value, and what its body sends on."""
        graph = self.graph
        stops = {graph.symbols[e] for e in graph.symbols if e in graph.needed and e is not graph.output}
        stops |= {graph.output} & set(self.wrt)  # the output is the variable itself
        self._forward()
        incoming: dict[Expr, list[tuple[Expr, Region]]] = {}
        for q in reversed(graph.order):
            if q not in graph.needed:
                continue
            s = graph.symbols[q]
            body = nodes.postorder((graph.bodies[q],))
            shared = q is not graph.output and self._is_shared(s, body, stops)
            if q is not graph.output:
                self._arrive(s, incoming.pop(s), shared)
            sent = region(self.compiler, body, self._seed(q, s, shared), stops)
            for r in sent.cotangents:
                incoming.setdefault(r, []).append((s, sent))
        for v in self.wrt:
            if v in incoming:
                self._arrive(v, incoming.pop(v))

    def _seed(self, q: Expr, s: Expr, shared: bool) -> Expr:
        """What comes from above into the body of q; a name for it where several share it."""
        if q is self.graph.output:
            return num(1)
        if shared:
            self._name(s)
        return self._upstream(s)

    @staticmethod
    def _is_shared(s: Expr, body: list[Expr], stops: set[Expr]) -> bool:
        """Whether several values in the body of s share what comes from above."""
        return s.type[0] != "s" and (len(stops.intersection(body)) > 1 or moving_blocks(body[-1], stops) > 1)

    def _spelled_out(self, e: Expr) -> Expr:
        """What gets a name of its own by values and names, without derivatives that have none; where that is not long."""
        inside = {p: self.named[p] for p in nodes.below((e,)) if p.op == "partial" and p not in self.greek and p in self.named}
        whole = nodes.substitute((e,), inside)[0] if inside else e
        return whole if len(nodes.postorder((whole,))) <= SPELLED_OUT else e

    # -- steps ------------------------------------------------------------------------

    def _forward(self) -> None:
        for q in self.graph.order:
            s = self.graph.symbols[q]
            lhs, rhs = Formula(s, self.plain_names), Formula(self.graph.bodies[q], self.plain_names)
            self.steps.append(Step("definition", "definition", "given", lhs, rhs, node=s))

    def _name(self, s: Expr) -> None:
        """δ for a derivative that several others share; that of a concatenation x_window is δ_window."""
        name, body = str(s.attr), self.graph.bodies[self.originals[s]]
        subscript = name.partition("_")[2]
        if body.op in JOINED and subscript and f"delta_{subscript}" not in self.taken:
            self.greek[self.partial(s)] = f"delta_{subscript}"
            self.taken.add(f"delta_{subscript}")
            return
        plain = "delta" if not self.deltas and "delta" not in self.taken else f"delta_{name}"
        self.greek[self.partial(s)] = plain
        self.deltas.append(self.partial(s))

    def _arrive(self, q: Expr, arrivals: list[tuple[Expr, Region]], shared: bool = False) -> None:
        """∂s/∂q from all the named values that q enters: sum over them of upstream times local."""
        p = self.partial(q)
        vector = q.type[0] == "c"
        rules = [r for _, sent in arrivals for r in sent.rules[q]]
        arrivals = sorted(arrivals, key=lambda arrival: self._place(q, arrival[0]))
        total = nodes.added([sent.cotangents[q] for _, sent in arrivals])
        total = self._spelled_out(total) if shared else total
        value = as_written(self.n, transpose(total) if vector else total, self.greek)
        through = tuple([c for c, _ in arrivals])
        via = self._by_jacobians(q, arrivals) if q.type[0] in ("c", "s") else None
        major = [r for r in rules if r.role not in GLANCE] or rules
        main = (self._met(q, through) if len(rules) > 1 else None) or (major[-1] if major else self._plain_rule(q))
        direct = through == (self.out,)
        if via is not None and not direct:
            chain = self.compiler.book.rows()["chain"]
            self._add("chain", chain, p, value, via, rules, q, through)
        else:
            self._add("chain", main, p, value, None, rules, q, through, reason=reasons(main, rules))
        shorter = summed(self.steps[-1], self.summing, self.compiler.book) if self.summing is not self.n else None
        behind = cancelled(self.steps[-1], self.named, self.bodies, self.n, self.compiler.book) if shorter is None else (shorter,)
        for line in behind:
            self.steps.append(line)
            value = line.rhs.expr
        self._value(p, value)
        self.named[p] = value
        if q in self.asked:
            self._result(q, p, value)

    def _place(self, q: Expr, via: Expr) -> int:
        """Where the term by which q enters stands in the output, as it is written; ways through other values are told last."""
        return self.places.get(q if via is self.out else via, len(self.places))

    def _met(self, q: Expr, through: tuple[Expr, ...]) -> Rule | None:
        """The rule of a body in which q meets itself, as in xᵀ A x, or stands in a denominator."""
        bodies = [self.graph.bodies[self.originals[p]] for p in through]
        for body in bodies:
            if body not in self.orders:  # once, however many names stand in it
                self.orders[body] = nodes.postorder((body,))
        found = (called_after(self.compiler, body, {q}, self.orders[body]) for body in bodies)
        return next((one.row for one in found if one is not None and one.meets), None)

    def _plain_rule(self, q: Expr) -> Rule:
        """The rule of a line that only adds up, or passes on, what comes from above."""
        book = self.compiler.book
        return book.rows()["variable-itself"] if q is self.graph.output else book.groups["adjoint"][0]

    def _by_jacobians(self, q: Expr, arrivals: list[tuple[Expr, Region]]) -> Expr | None:
        """Σ ∂s/∂p · ∂p/∂q where every local Jacobian is a matrix; each one is a step."""
        if any(sent.jacobians[q] is None or p.type[0] not in ("c", "s") for p, sent in arrivals):
            return None
        terms = []
        for p, sent in arrivals:
            jacobian = sent.jacobians[q]
            assert jacobian is not None
            jacobian = gathered(self.n.normal(jacobian))
            symbol = make("partial", (p, q), None, jacobian.type)
            if p is self.out:
                terms.append(jacobian)
            else:
                rule = self._met(q, (p,)) or sent.sources.get(q) or self.compiler.book.groups["adjoint"][0]
                self._add("local", rule, symbol, jacobian, None, [], q, (p,))
                terms.append(nodes.times(self.partial(p), symbol))
        return nodes.added(terms) if terms else None

    def _add(
        self, kind: str, rule: Rule, lhs: Expr, rhs: Expr, via: Expr | None, rules: list[Rule], node: Expr,
        through: tuple[Expr, ...], note: str = "", about: tuple[Formula, ...] = (), reason: str = "",
    ) -> None:  # fmt: skip
        greek = self.greek
        middle = Formula(via, greek) if via is not None else None
        names = tuple(dict.fromkeys([r.name for r in rules]))
        source = self.compiler.book.source(rule)
        left, right = Formula(lhs, greek), Formula(rhs, greek)
        self.steps.append(Step(kind, rule.name, source, left, right, middle, names, node, through, note, about, reason=reason))

    # -- values -----------------------------------------------------------------------------

    def _value(self, p: Expr, value: Expr) -> None:
        self.values[p] = self._expand(value)

    def _expand(self, e: Expr) -> Expr:
        """Symbols of named values and derivatives replaced by what they are; shared work is done once."""
        done = self.expanded
        stack = [e]
        while stack:
            node = stack[-1]
            if node in done:
                stack.pop()
                continue
            if node.op == "partial":
                done[node] = self.values[node]
            elif node in self.originals:
                done[node] = self.originals[node]
            else:
                todo = [a for a in node.args if a not in done]
                if todo:
                    stack.extend(todo)
                    continue
                args = tuple([done[a] for a in node.args])
                if node.op == "T":
                    done[node] = transpose(args[0])
                else:
                    done[node] = node if args == node.args else make(node.op, args, node.attr, node.type)
            stack.pop()
        return done[e]

    def _result(self, q: Expr, p: Expr, value: Expr) -> None:
        if q.type[0] in ("m", "r") and self.layout == "numerator":
            lhs = self._laid_out(q)
            self.values[lhs] = self._numerator(q, lhs)
        if q.type[0] == "c" and self.layout != "numerator":
            column = self._laid_out(q)
            turned = as_written(self.summing, transpose(value), self.greek)
            rule = self.compiler.book.rows()["shape-convention"]
            note = "the gradient has the shape of {0}, so the row {1} is transposed"
            if self.layout == "denominator":
                note = "denominator layout: the derivative stands as a column, the transpose of the row {1}"
            self._add("shape", rule, column, turned, None, [], q, (p,), note, (Formula(q), Formula(p)))
            self.values[column] = transpose(self.values[p])

    def _number_deltas(self) -> None:
        """δ alone; δ_f and δ_o where values are called after what they feed, z_f and z_o; else δ₁, δ₂ … from the output back."""
        values = [str(p.args[1].attr) for p in self.deltas]
        fed = [v.rpartition("_")[2] if "_" in v and not v[-1].isdigit() else v.replace("_", "") for v in values]
        own = [f for v, f in zip(values, fed, strict=True) if f != v.replace("_", "") and v not in self.given_names]
        after = len(own) > 1 and len(set(fed)) == len(fed)
        names = [f"delta_{name}" for name in fed] if after else [f"delta_{i + 1}" for i in range(len(self.deltas))]
        if len(names) > 1 and self.taken.isdisjoint(names):
            self.greek.update(zip(self.deltas, names, strict=True))

    def _finish(self) -> Trace:
        self._number_deltas()
        results = []
        names = Naming({e: str(s.attr) for e, s in self.graph.symbols.items() if e.args})
        self.all_names = names
        self.given = given_forms(self.graph, self.last) if len(self.graph.order) <= DEEP else None
        for v in self.wrt:
            p = self._laid_out(v)
            value = self.values.get(p)
            if value is None:
                value = self._zero(v, p)
            if len(self.graph.order) <= DEEP:  # simplified across named values; in a deep network each line is simple as it is
                value = shortest(self.last, value)
            results.append(Result(str(v.attr), self.kind, self.layout, value, self._short(p, value), names))
        return Trace(
            tuple(self.steps), with_program(results), tuple((str(self.graph.symbols[e].attr), e) for e in self.graph.order)
        )

    def _laid_out(self, v: Expr) -> Expr:
        """The symbol of the result: ∂s/∂v as the layout has it."""
        if v.type[0] == "c" and self.layout != "numerator":
            return make("partial", (self.out, v), self.layout, v.type)
        if v.type[0] in ("m", "r") and self.layout == "numerator":
            return make("partial", (self.out, v), "numerator", transpose(v).type)
        return self.partial(v)

    def _zero(self, v: Expr, p: Expr) -> Expr:
        """The line that says that v does not occur."""
        value = nodes.zeros(p.type)
        self._add("chain", self.compiler.book.rows()["independent"], p, value, None, [], v, ())
        return value

    def _numerator(self, v: Expr, lhs: Expr) -> Expr:
        """In numerator layout the derivative by an n×m matrix is m×n: a line says so."""
        p = self.partial(v)
        rule = self.compiler.book.rows()["numerator-layout"]
        turned = self.summing.normal(transpose(self.named[p]))
        note = "numerator layout: rows for the output, columns for {0}; the transpose of the shape convention"
        self._add("shape", rule, lhs, turned, None, [], v, (p,), note, (Formula(v),))
        return self.n.normal(transpose(self.values[p]))

    def _short(self, p: Expr, value: Expr) -> Formula:
        if self.given is None:
            return Formula(value, self.all_names)
        shown, names = as_result(self.graph, value, self.all_names, self.given)
        return Formula(shown, Naming(names))


def backprop(
    compiler: Compiler, graph: Graph, wrt: list[Expr], kind: str = "gradient", layout: str = "shape",
    properties: Mapping[str, frozenset[str]] | None = None,
) -> Trace:  # fmt: skip
    """Gradients of a scalar by all of ``wrt`` in one reverse pass (CS224n, backpropagation)."""
    return Backprop(compiler, graph, wrt, kind, layout, *normalizers(properties or {}, wrt)).run()
