"""The elementwise style: the argument by entries that stands behind each line of backpropagation.

∂z_k/∂W_ij = [k = i] x_j, because only z_i sees W_ij; so ∂s/∂W_ij = Σ_k δ_k [k = i] x_j = δ_i x_j, and the
outer product collects these entries (CS224n, lecture on backpropagation).
"""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.algebra.index.common_entries import factored, opened, put_in, renumbered, written
from matcalc.algebra.index.index_form import Factor, Lowered, atoms
from matcalc.algebra.index.paths import lower
from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.pullbacks import Compiler
from matcalc.algebra.slopes import tangents
from matcalc.engine.derivation import Equation, Formula, Step, Trace, said_of
from matcalc.engine.part_names import WHOLE
from matcalc.engine.waypoints import Graph
from matcalc.expr import nodes
from matcalc.expr.errors import NoRuleError
from matcalc.expr.nodes import Expr, make, num, transpose
from matcalc.expr.table import Type
from matcalc.notation.lex import habits

OTHERS = "{}; the others are 0"


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
        same = [line for line in lines if line.lhs.expr is step.lhs.expr and step.rhs.type.kind == "t"]
        if same:  # the result is written by entries, too
            lines = [line for line in lines if line not in same]
            step = step._replace(reason=same[0].reason, of=same[0].of, note=same[0].note, about=same[0].about, where=())
        elif lines:
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
        self.opened: set[Expr] = set()  # values that have one of their entries

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
        through: list[Expr] = []  # what comes from above times ∂p/∂q, of those with a line
        for p in step.through:
            terms = self._terms(p, q)
            out += self._spelled(p, step, step.lhs.names)
            if p is self.output:
                total += terms
                continue
            if self._one_way(p, q):
                out.append(local := self._local(p, q, terms, step, step.lhs.names))
                through.append(_chained(local.lhs.expr, step))
            total += [_contracted(t, p, step) for t in terms]
        names, axes = step.lhs.names, tuple(_labels(total, 0, len(q.shape), habits.INNER))
        value = factored(nodes.added([written(t) for t in total]))
        sums = [value, *([nodes.added(through)] if len(through) == len(step.through) else [])]
        sums = [transpose(e) if step.lhs.type[0] == "r" and e.type[0] == "c" else e for e in sums]
        rhs, *via = [Formula(e, names, entries=axes) for e in sums]
        line = Step(
            "entries", "sum-over-entries", step.source, Formula(step.lhs.expr, entries=axes), rhs, None, (), q, step.through
        )
        return [*out, line._replace(via=via[0]) if via else line]

    def _spelled(self, p: Expr, step: Step, named: Mapping[Expr, str]) -> list[Step]:
        """The value by its entries, once, where products stand in it: z_k = Σ_l W_kl x_l + b_k."""
        fresh = p not in self.opened
        self.opened.add(p)
        value = opened(self.bodies[p]) if fresh else p
        sums = [node for node in nodes.postorder((value,)) if node.op == "einsum" and _sums(node)]
        sized = any(n.op == "eye" for e in sums for a in e.args if a.args for n in nodes.postorder((a,)))  # A ⊗ I: of what size?
        if not sums or sized or (not p.shape and value.op != "einsum"):
            return []
        value = transpose(value) if (p.type[0], value.type[0]) == ("r", "c") else value
        axes = tuple(habits.OUTER[: len(p.shape)])
        lhs, rhs = (Formula(e, names, entries=axes) for e, names in ((p, {}), (value, named)))
        return [Step("entries", "entries", step.source, lhs, rhs, None, (), step.node)]

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
            local = [self._local(p, q, self._terms(p, q), step, names) for q in fresh]
            lines += local + (self._spelled(p, step, names) if local else [])  # which come the other way round
            self.pairs.update((p, q) for q in inside)
        return lines[::-1]

    def _one_way(self, p: Expr, q: Expr) -> bool:
        """Whether q enters p at once alone: where it does so through another value, too, what stands in p is not all of ∂p/∂q."""
        inside = nodes.postorder((self.bodies[p],))
        return not any(q in self.under[r] for r in inside if r in self.under and r is not q)

    def _terms(self, p: Expr, q: Expr) -> list[Lowered]:
        return [self._tidied(renumbered(t)) for t in self._lowered(p, q)]

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
        tied = [_tied(terms, k, len(p.shape)) for k in range(len(p.shape))]
        line = Step("entries", "entries", step.source, lhs, rhs, None, (), q, (p,))
        if not any(t is not None for t in tied):
            return line
        seen = Formula(p, entries=tuple([WHOLE if t is None else axes[t] for t in tied])), Formula(q, entries=tuple(axes))
        row = self.compiler.book.rows()["sees-alone"]
        there = _where_seen(symbol, terms, tied, above, axes, named)
        return line._replace(rule=row.name, reason=said_of(row.label, 1), of=seen, note=OTHERS, about=(there,))

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


def _sums(e: Expr) -> bool:
    """Whether an einsum has indices that are summed over."""
    left, _, right = str(e.attr).partition("->")
    return any(c.isalpha() and c not in right for c in left)


def _where_seen(
    slope: Expr, terms: list[Lowered], tied: list[int | None], above: list[str], axes: list[str], named: Mapping[Expr, str]
) -> Equation:
    """∂z_i/∂W_ij = x_j: the entries of a derivative that are not zero, at which indices are those of the variable."""
    count = len(tied)
    free = [k for k, t in enumerate(tied) if t is None]
    diagonal = []
    for t in terms:
        put = {t.output[k]: t.output[count + at] for k, at in enumerate(tied) if at is not None}
        factors = [Factor(f.expr, tuple([put_in(i, put) for i in f.indices])) for f in t.factors]
        factors = [f for f in factors if f.expr.op != "eye" or f.indices[0] != f.indices[1]]
        diagonal.append(t._replace(factors=tuple(factors), output=(*(t.output[k] for k in free), *t.output[count:])))
    value = factored(nodes.added([written(t) for t in diagonal]))
    letters = habits.EINSUM[: count + len(axes)]
    script = "".join([letters[k if at is None else count + at] for k, at in enumerate(tied)]) + letters[count:]
    kept = "".join([letters[k] for k in free]) + letters[count:]
    labels = (*(above[k] for k in free), *axes)
    lhs = make("einsum", (slope,), f"{script}->{kept}", value.type)
    return Equation(Formula(lhs, entries=labels), Formula(value, named, entries=labels))


def _chained(slope: Expr, step: Step) -> Expr:
    """Σ_k δ_k ∂z_k/∂W_ij"""
    p, q = slope.args
    letters = habits.EINSUM[: len(p.shape) + len(q.shape)]
    upstream = _upstream(p, step)
    script = f"{letters[: len(p.shape)]},{letters}->{letters[len(p.shape) :]}"
    return make("einsum", (upstream, slope), script, nodes.type_of(q.shape))


def _upstream(p: Expr, step: Step) -> Expr:
    """What has come from above to a value, as a column for a column."""
    top = step.lhs.expr.args[0]
    found = make("partial", (top, p), None, Type("r", 1, p.type.rows) if p.type.kind == "c" else p.type)
    return transpose(found) if p.type[0] == "c" else found


def _contracted(t: Lowered, p: Expr, step: Step) -> Lowered:
    """Σ over the entries of p of ∂s/∂p times the term."""
    count = len(p.shape)
    factors = (Factor(_upstream(p, step), t.output[:count]), *t.factors)
    return renumbered(t._replace(factors=factors, output=t.output[count:]))


def _tied(terms: list[Lowered], axis: int, count: int) -> int | None:
    """The axis of the variable that a delta ties to one of the ``count`` axes of the value; none where none is tied."""
    ties = [
        {j for j, i in enumerate(t.output[count:]) for f in t.factors if f.expr.op == "eye" and {*f.indices} == {t.output[axis], i}}
        for t in terms
    ]
    return min(set.intersection(*ties), default=None) if ties else None
