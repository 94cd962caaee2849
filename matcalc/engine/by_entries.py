"""The elementwise style: the argument by entries that stands behind each line of backpropagation.

∂z_k/∂W_ij = [k = i] x_j, because only z_i sees W_ij; so ∂s/∂W_ij = Σ_k δ_k [k = i] x_j = δ_i x_j, and the
outer product collects these entries (CS224n, lecture on backpropagation).
"""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.algebra.index.common_entries import factored, written
from matcalc.algebra.index.index_form import Factor, Group, Index, Lowered, atoms
from matcalc.algebra.index.paths import lower
from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.pullbacks import Compiler
from matcalc.engine.derivation import Formula, Step, Trace
from matcalc.engine.jacobian import tangents
from matcalc.engine.waypoints import Graph
from matcalc.expr import nodes
from matcalc.expr.errors import NoRuleError
from matcalc.expr.nodes import Expr, make, num, transpose
from matcalc.expr.table import Type
from matcalc.notation.lex import habits


def with_entries(compiler: Compiler, graph: Graph, trace: Trace) -> Trace:
    """The trace with the lines by entries put before each line that they explain.

    Raises ``NoRuleError`` naming the operator that has no index form.
    """
    teller = _Entries(compiler, graph)
    steps: list[Step] = []
    pending: list[Step] = []
    for step in trace.steps:
        if step.kind == "local":
            pending.append(step)
            continue
        explained = teller.lines(step) if step.kind == "chain" and step.through else []
        if explained:  # the lines by entries take the place of local Jacobians
            pending, step = [], step._replace(via=None, note=teller.collected(step))
        steps.extend([*pending, *explained, step])
        pending = []
    return trace._replace(steps=tuple(steps))


def jacobians_by_entries(compiler: Compiler, graph: Graph, trace: Trace) -> Trace:
    """The trace with the local derivatives by entries in the place of differentials, the last value first.

    Raises ``NoRuleError`` naming the operator that has no index form.
    """
    teller = _Entries(compiler, graph)
    steps: list[Step] = []
    for step in trace.steps:
        lines = teller.neighbours(step) if step.kind == "result" else []
        if lines:
            step = step._replace(note=teller.gathered(step), about=(), where=())
        steps += [*lines, step] if step.kind != "differential" else []
    return trace._replace(steps=tuple(steps))


class _Entries:
    """Lines by entries, and the remarks that were made."""

    def __init__(self, compiler: Compiler, graph: Graph) -> None:
        self.compiler = compiler
        self.bodies = {graph.symbols[e]: body for e, body in graph.bodies.items()}
        self.output = graph.symbols[graph.output]
        self.under: dict[Expr, set[Expr]] = {}  # what each value is made of, on whatever way
        for p, body in self.bodies.items():
            inside = set(nodes.postorder((body,)))
            self.under[p] = inside.union(*(self.under[r] for r in inside if r in self.under))
        self.norm = Normalizer()
        self.said: set[str] = set()
        self.pairs: set[tuple[Expr, Expr]] = set()  # that have a line

    def collected(self, step: Step) -> str:
        """How the entries become the array of the next line, said once."""
        text = "these entries, written as one array"
        if step.rule == "outer-product":
            text = "the outer product collects these entries"
        elif step.node is not None and step.node.type[0] == "c":
            text = "these entries, written as one row"
        elif step.node is not None and step.node.type[0] == "s":
            text = ""
        fresh = text not in self.said
        self.said.add(text)
        return text if fresh else ""

    def lines(self, step: Step) -> list[Step]:
        """∂p/∂q by entries for each p that q enters, and their sum with what came from above; none for scalars alone."""
        q = step.node
        assert q is not None
        if not q.shape and not any(p.shape for p in step.through):
            return []
        out: list[Step] = []
        total: list[Lowered] = []
        for p in step.through:
            terms = self._terms(p, q)
            if p is self.output:
                total += terms
                continue
            out += [self._local(p, q, terms, step, step.lhs.names)] if self._one_way(p, q) else []
            total += [_contracted(t, p, step) for t in terms]
        names, axes = step.lhs.names, tuple(_labels(total, 0, len(q.shape), habits.INNER))
        value = factored(nodes.added([written(t) for t in total]))
        value = transpose(value) if step.lhs.type[0] == "r" and value.type[0] == "c" else value
        lhs, rhs = Formula(step.lhs.expr, entries=axes), Formula(value, names, entries=axes)
        return [*out, Step("entries", "sum-over-entries", step.source, lhs, rhs, None, (), q, step.through, "")]

    def gathered(self, step: Step) -> str:
        """How the local derivatives become the one by the variable, said once; nothing where that is written by entries too."""
        x = step.node
        text = "these entries, written as one matrix"
        if any(q is x for p, q in self.pairs if p is not self.output):
            text = "products of these entries, summed over the indices in between"
        elif step.rhs.type.kind != "m":
            text = ""
        fresh = text not in self.said
        self.said.add(text)
        return text if fresh else ""

    def neighbours(self, step: Step) -> list[Step]:
        """∂p/∂q by entries for all neighbours between the output and a variable that have no such line yet."""
        moving, lines = {step.node}, list[Step]()
        names = {**step.lhs.names, **{body: str(p.attr) for p, body in self.bodies.items() if body.args}}
        for p, body in self.bodies.items():
            inside = [q for q in nodes.postorder((body,)) if q in moving and q is not p]
            moving.update([p] if inside else ())
            fresh = [q for q in inside if (p, q) not in self.pairs and self._one_way(p, q)]
            lines += [self._local(p, q, self._terms(p, q), step, names) for q in fresh]
            self.pairs.update((p, q) for q in inside)
        return lines[::-1]

    def _one_way(self, p: Expr, q: Expr) -> bool:
        """Whether q enters p at once alone: where it does so through another value, too, what stands in p is not all of ∂p/∂q."""
        inside = nodes.postorder((self.bodies[p],))
        return not any(q in self.under[r] for r in inside if r in self.under and r is not q)

    def _terms(self, p: Expr, q: Expr) -> list[Lowered]:
        return [self._tidied(_renumbered(t)) for t in self._lowered(p, q)]

    def _lowered(self, p: Expr, q: Expr) -> list[Lowered]:
        dq = make("d", (q,))
        try:
            return lower(tangents(self.compiler, (self.bodies[p],), {q: dq})[self.bodies[p]], dq)
        except NoRuleError as error:
            raise NoRuleError(f"∂{p.attr}/∂{q.attr} by entries: {error.message}",
                              hint="ask for style='backprop' or style='differential'") from None  # fmt: skip

    def _local(self, p: Expr, q: Expr, terms: list[Lowered], step: Step, named: Mapping[Expr, str]) -> Step:
        axes = _labels(terms, len(p.shape), len(p.shape) + len(q.shape), habits.INNER)
        above = _labels(terms, 0, len(p.shape), habits.OUTER if axes else habits.INNER)
        jacobian = factored(nodes.added([written(t) for t in terms]))
        symbol = make("partial", (p, q), "jacobian", jacobian.type)
        lhs, rhs = (Formula(e, names, entries=(*above, *axes)) for e, names in ((symbol, {}), (jacobian, named)))
        tied = _tied(terms, len(p.shape))
        seen = (Formula(p, entries=(axes[tied],)), Formula(q, entries=tuple(axes))) if tied is not None else ()
        row = self.compiler.book.rows()["sees-alone" if seen else "entries"]
        return Step("entries", row.name, step.source, lhs, rhs, None, (), q, (p,), row.label if seen else "", seen)

    def _tidied(self, t: Lowered) -> Lowered:
        """Powers as they are written, 2x for 2x¹, and scalar factors multiplied up: 2/(2m) is 1/m."""
        t = t._replace(factors=tuple([f._replace(expr=self._shown(f.expr)) for f in t.factors]))
        if len(t.scalars) < 2:
            return t
        total: Expr = num(1)
        for s, divides in t.scalars:
            total = make("div", (total, s)) if divides else make("scale", (total, s))
        total = self.norm.normal(total)
        sign = t.sign
        if total.op == "neg":
            total, sign = total.args[0], -sign
        if total.op == "div" and total.args[0].op == "num" and total.args[0].attr == 1:
            return t._replace(scalars=((total.args[1], True),), sign=sign)
        return t._replace(scalars=() if total.op == "num" and total.attr == 1 else ((total, False),), sign=sign)

    def _shown(self, e: Expr) -> Expr:
        """In normal form, where something of one argument was raised to a number."""
        powers = any(n.op == "hpow" and n.args[1].op != "sym" for n in nodes.postorder((e,)))
        return self.norm.normal(e) if powers else e


def _labels(terms: list[Lowered], start: int, stop: int, pool: str) -> list[str]:
    """Letters for some of the axes, in brackets for an axis of stacked columns: ``(kr)``.

    Raises ``NoRuleError`` where two terms stack one axis in different ways.
    """
    shapes = {tuple(len(atoms(i)) for i in t.output[start:stop]) for t in terms}
    if len(shapes) != 1:
        raise NoRuleError("the terms stack an axis in different ways: their entries have no common index",
                          hint="ask for style='backprop' or style='differential'")  # fmt: skip
    letters, out = iter(pool + habits.FURTHER), []
    for count in next(iter(shapes)):
        label = "".join(next(letters) for _ in range(count))
        out.append(label if count == 1 else f"({label})")
    return out


def _renumbered(t: Lowered) -> Lowered:
    """Kronecker deltas between summed indices removed."""
    free = {a for i in t.output for a in atoms(i)}
    factors = list(t.factors)
    while True:
        found = next((f for f in factors if f.expr.op == "eye" and _dissolves(f, factors, free)), None)
        if found is None:
            return t._replace(factors=tuple(factors))
        a, b = found.indices
        gone, kept = (a, b) if a not in free else (b, a)
        factors = [Factor(f.expr, tuple(_put(i, gone, kept) for i in f.indices)) for f in factors if f is not found]


def _put(i: Index, gone: Index, kept: Index) -> Index:
    """The index with one of its parts replaced."""
    if isinstance(i, int):
        return kept if i == gone else i
    return Group(tuple(_put(part, gone, kept) for part in i.parts))


def _dissolves(delta: Factor, factors: list[Factor], free: set[int]) -> bool:
    """Whether the sum over one index of the delta puts the other in its place; Σ_k [k = k] is a number and stays."""
    a, b = delta.indices
    if not (isinstance(a, int) and isinstance(b, int)) or a == b or (a in free and b in free):
        return False
    others = {i for f in factors if f is not delta for index in f.indices for i in atoms(index)}
    return bool({a, b} & (free | others))


def _contracted(t: Lowered, p: Expr, step: Step) -> Lowered:
    """Σ over the entries of p of ∂s/∂p times the term."""
    count = len(p.shape)
    top = step.lhs.expr.args[0]
    upstream = make("partial", (top, p), None, Type("r", 1, p.type.rows) if p.type.kind == "c" else p.type)
    upstream = transpose(upstream) if p.type[0] == "c" else upstream
    factors = (Factor(upstream, t.output[:count]), *t.factors)
    return _renumbered(t._replace(factors=factors, output=t.output[count:]))


def _tied(terms: list[Lowered], count: int) -> int | None:
    """The axis of the variable that a delta ties to the first of the ``count`` axes of the value; none where none is tied."""
    ties = [
        {j for j, i in enumerate(t.output[count:]) for f in t.factors if f.expr.op == "eye" and {*f.indices} == {t.output[0], i}}
        for t in terms
        if count
    ]
    return min(set.intersection(*ties), default=None) if ties else None
