"""How a derivation is told: every line, remark and result that is printed, as formulas, before the check evaluates them.

The engines say what follows from what. Here each line gets its members: a name for a derivative beside the derivative,
the product of derivatives with what the lines above found put in, the row before it is turned; entries in place of an einsum;
the argument by entries behind an outer product; and the results as lines. Printers set these and make none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from matcalc.algebra.index.common_entries import factored
from matcalc.algebra.normal.given_forms import AsGiven
from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.rule import Book
from matcalc.engine.box_names import is_shorter, pays, weighed
from matcalc.engine.by_samples import with_sums
from matcalc.engine.derivation import (
    OF_ENTRIES,
    Equation,
    Formula,
    Front,
    Result,
    Step,
    Trace,
    all_factors,
    is_long,
    sum_terms,
    with_factors,
)
from matcalc.engine.lettered import lettered
from matcalc.engine.lookups import with_moving_rows
from matcalc.engine.reaching import with_chains
from matcalc.engine.selected import BY_ENTRIES, variable_as_asked
from matcalc.engine.vecform import vec_form
from matcalc.expr import dims, nodes
from matcalc.expr.groups import CARRIED, DERIVED, SUMS
from matcalc.expr.nodes import Expr, is_zero, make, ones, postorder, resized, shape_of, substitute, sym, transpose, type_of
from matcalc.expr.subscripts import parse_subscripts
from matcalc.expr.table import Type
from matcalc.notation.lex.habits import ENTRIES, INNER, OUTER
from matcalc.notation.meaning.formula_rows import Composite
from matcalc.notation.meaning.meanings import meaning
from matcalc.notation.meaning.problem import Problem
from matcalc.notation.write.render import LATEX, TEXT, Style

OF_SUMS = frozenset(("add", "sub", "neg", "div", "scale", "einsum"))  # what a sum of einsums can be
BRACKETS = str.maketrans("", "", "() ·")
MAX_NODES = 40  # a result with more nodes is shown by the names of the lines above
DERIVED_LINES = ("chain", "block", "local", "shape", "result", "differential")  # kinds of those that a rule made
COLLECTED = "only {} sees {}, and {}; so {}, and the outer product collects these entries"


def told(
    trace: Trace, problem: Problem, style: str, properties: Mapping[str, frozenset[str]], wrt: Iterable[Expr], book: Book,
) -> Trace:  # fmt: skip
    """The trace with the members of each line, the results as lines, and what stands before them."""
    names = {name: e for name, e in trace.waypoints[-1:]}
    name = problem.output_name or next(iter(names), "y")
    output = sym(name, problem.output.type)
    variables = list(wrt)
    trace = _as_given(trace, problem.output)
    given = {name for name, _ in problem.definitions}
    trace = _with_names(trace, given)
    teller = _Teller(trace, output, style, {str(v.attr): v for v in variables}, properties, problem.labels)
    steps = tuple([teller.line(step) for step in trace.steps])
    front = Front(
        Formula(output),
        _expression(problem.output, output, trace),
        tuple(_asked(trace.results, variables)),
        tuple(map(Formula, problem.symbols.values())),
        tuple([said for row in problem.meanings if not _says_itself(row, said := _meant(row, set(problem.symbols)))]),
        tuple(_carried(problem.output)) if problem.carried else (),
    )
    trace = trace._replace(steps=steps, front=front)
    trace = trace._replace(boxes=tuple([box for r in trace.results for box in teller.boxes(r)]))
    trace = with_chains(trace, properties, book, given | set(names))
    steps = tuple([s._replace(members=by_entries(s.lhs, s.rhs, style) or ()) if s.kind == "reached" else s for s in trace.steps])
    return lettered(with_sums(trace._replace(steps=steps), problem, properties, book), problem)


def _as_given(trace: Trace, output: Expr) -> Trace:
    """The lines with each sum in the order, and with the signs, that it has in the input."""
    given = AsGiven((output, *(s.rhs.expr for s in trace.steps if s.kind == "definition")))
    shown = {id(r.named): r.named for r in trace.results}
    free = {r.frobenius for r in trace.results}  # of tied entries, which the check looks for

    def written(s: Step) -> Step:
        f = s.rhs
        if s.kind not in DERIVED_LINES or id(f) in shown or f.expr in free:
            return s
        e = given.written(f.expr)
        return s if e is f.expr else s._replace(rhs=f._replace(expr=e))

    steps = tuple(map(written, trace.steps))
    return trace._replace(steps=steps)


def _with_names(trace: Trace, given: Collection[str]) -> Trace:
    """The results, and the lines that end in them, with those names only that are worth it."""
    results = weighed(trace.results, given)
    changed = {id(old.named): new.named for old, new in zip(trace.results, results, strict=True)}
    steps = tuple([s._replace(rhs=changed[id(s.rhs)]) if id(s.rhs) in changed else s for s in trace.steps])
    return trace._replace(steps=steps, results=results)


def _carried(output: Expr) -> Iterator[tuple[Formula, Formula]]:
    """``r(x)`` and ``J_r(x)``, ``K(t)`` and ``∂K/∂t``: each function once, as it stands first."""
    said: set[Expr] = set()
    for node in postorder((output,)):
        if node.op in CARRIED and node.args[0] not in said:
            said.add(node.args[0])
            yield Formula(node), Formula(make("vmapjac" if node.op == "vmap" else "curve1", node.args))


def _expression(whole: Expr, output: Expr, trace: Trace) -> Formula:
    """What is differentiated, as it was written; by the names of its parts where it is long, or by its own."""
    shown = Formula(whole)
    if is_long(shown):
        shown = Formula(whole, {e: name for name, e in trace.waypoints[:-1]})
    return shown if not is_long(shown) else Formula(output)


def _asked(results: Sequence[Result], variables: Sequence[Expr]) -> Iterator[Formula]:
    """What is differentiated by: variables, or parts of them."""
    if not any(r.part for r in results):
        yield from map(Formula, variables)
        return
    known = {str(v.attr): v for v in variables}
    yield from (variable_as_asked(r.part, known[r.wrt]) if r.part else Formula(known[r.wrt]) for r in results)


def zero_boxes(boxes: tuple[Step, ...], trace: Trace) -> tuple[Step, ...]:
    """The results as lines, where some were found to be identically zero: such a result says 0, as the line before it."""
    zero = {r.wrt.rpartition(", ")[2]: r.named for r in trace.results if is_zero(r.expr)}
    checks = {s.lhs.expr: s.check for s in trace.steps if is_zero(s.rhs.expr)}
    out = []
    for box in boxes:
        value = zero.get(str(box.node.attr)) if box.node is not None else None
        if value is None or is_zero(box.rhs.expr):
            out.append(box)
        elif box.kind != "stacked":
            check = checks.get(box.lhs.expr, box.check)
            out.append(box._replace(rhs=value, members=(), check=check))
    return tuple(out)


class _Teller:
    """One pass over the steps."""

    def __init__(
        self, trace: Trace, output: Expr, style: str, variables: Mapping[str, Expr], properties: Mapping[str, frozenset[str]],
        labels: Collection[str],
    ) -> None:  # fmt: skip
        self.trace = trace
        self.output = output
        self.style = style
        self.variables = variables
        self.properties = {k: v for k, v in properties.items() if k not in variables}
        self.introduced: set[Expr] = set()
        self.values: dict[Expr, Expr] = {}  # derivative without a name of its own -> what it is
        self.last: dict[str, Step] = {}  # by variable
        dy = make("d", (output,))
        self.whole = dy, make("vec", (dy,)) if output.type.kind == "m" else dy
        self.stacked: dict[Expr, tuple[Expr, ...]] = {}
        self.outer = style != "backprop"  # whether the outer product was explained
        self.labels = labels

    def line(self, step: Step) -> Step:
        """The step with all members of its line, and the remark that belongs to it."""
        step, lhs = with_moving_rows(step, self.labels), step.lhs
        chain = [lhs]
        if lhs.expr in lhs.names and step.kind not in (*OF_ENTRIES, "part") and lhs.expr not in self.introduced:
            self.introduced.add(lhs.expr)
            chain.append(Formula(lhs.expr))
        if step.kind == "shape":
            chain += self._turned(step)
        elif step.via is not None:
            via, put = step.via, tuple(self._put_in(step.via))
            if put and set(sum_terms(put[0].expr)) == set(sum_terms(step.rhs.expr)):  # no line for another order of terms
                step = step._replace(rhs=put[0])
            put = tuple([step.rhs if f.text.translate(BRACKETS) == step.rhs.text.translate(BRACKETS) else f for f in put])
            chain += [via, *put]
        elif step.rule == "outer-product" and not step.note and not self.outer:
            about = _outer_argument(step)
            if about:
                self.outer = True
                step = step._replace(note=COLLECTED, about=about)
        chain.append(step.rhs)
        if step.kind in ("result", "chain"):
            chain = list(by_entries(lhs, step.rhs, self.style) or chain)
        self._remember(step)
        return step if len(chain) == 2 and not step.via and chain[0] is lhs else step._replace(members=tuple(chain))

    def _remember(self, step: Step) -> None:
        lhs = step.lhs.expr
        if step.kind == "differential" and step.node is not None and lhs in self.whole and step.rhs.expr.op == "matmul":
            self.stacked[step.node] = step.rhs.expr.args  # K, vec(dX) of the last line vec(dY) = K vec(dX)
        if step.kind in (*OF_ENTRIES, "selected") or lhs.op not in DERIVED:
            return
        if lhs not in step.lhs.names:
            self.values[lhs] = step.rhs.expr
        name = str(step.node.attr) if step.node is not None else ""
        if step.kind != "differential" and name in self.variables:  # one that goes on is told anew, with the line to the box
            again = step.kind == "reached" and name in self.last
            self.last[name] = self.last[name]._replace(rhs=step.rhs) if again else step

    def _turned(self, step: Step) -> Iterator[Formula]:
        """The row that the shape convention turns, transposed: by its name, and what it is, where the line goes on from there;
        else not yet multiplied out, or by its sign."""
        if step.via is not None:
            yield from (Formula(transpose(step.through[0]), step.rhs.names), step.via)
            return
        before = self.last.get(str(step.node.attr)) if step.node is not None else None
        if before is not None and before.rhs.expr.op == "matmul" and not is_long(before.rhs, MAX_NODES):
            yield Formula(transpose(before.rhs.expr), step.rhs.names)
        elif step.lhs.expr.attr == "shape":  # which has another sign than the row
            yield Formula(transpose(step.through[0]))

    def _put_in(self, via: Formula) -> Iterator[Formula]:
        """The product of derivatives with each derivative replaced by what the lines above found."""
        inside = [f for term in sum_terms(via.expr) for f in all_factors(term)]
        known = {p: self.values[p] for p in inside if p in self.values and p not in via.names}
        if known and not any(_trivial(v) for v in known.values()):
            product = Formula(with_factors(via.expr, known), via.names)
            if not is_long(product):
                yield product

    # -- results ---------------------------------------------------------------------------

    def boxes(self, r: Result) -> Iterator[Step]:
        """The result as a line: by names of forward values, of derivatives too where it would be long; with more than
        two axes by its entries, and of stacked columns where that is a short product."""
        if r.part:
            yield next(s for s in self.trace.steps if s.rhs is r.named)._replace(via=None, members=())
            return
        step = self._line_of(r)
        rhs = step.rhs if self.by_derivatives and is_shorter(step.rhs, r.named) else r.named
        lhs = Formula(step.lhs.expr)
        members = by_entries(lhs, rhs, self.style) or ()
        yield Step(step.kind, step.rule, step.source, lhs, rhs, None, step.rules, step.node, step.through, members=members)
        if r.expr.type[0] == "t" and r.kind in ("jacobian", "hessian", "mixed"):
            yield from self._stacked(r, step)

    @cached_property
    def by_derivatives(self) -> bool:
        """Whether results are shorter by the names of derivatives."""
        return pays([(r.named, self._line_of(r).rhs) for r in self.trace.results if not r.part], self.trace)

    def _line_of(self, r: Result) -> Step:
        own = self.last.get(r.wrt)
        if own is not None and own.rhs.type == r.expr.type:
            return own
        names = (r.wrt, *reversed(r.wrt.split(", ")))
        known = [self.last[name] for name in names if name in self.last]
        lines = (s for steps in (known, reversed(self.last.values())) for s in steps)
        return next((s for s in lines if s.rhs.type == r.expr.type), None) or (known or [*self.last.values()][::-1])[0]

    def _stacked(self, r: Result, step: Step) -> Iterator[Step]:
        """∂vec(Y)/∂vec(X) = K, or ∂²s/∂vec(X)∂vec(X)ᵀ = H, with Kronecker products and commutation matrices."""
        outer, inner = r.axes
        if max(outer, inner) > 2:
            return
        applied = step.node is not None and step.node.type.kind != "r"  # S dP with a row dP is no product of a matrix and vec(dP)
        known = self.stacked.get(step.node) if applied and step.node is not None and r.kind == "jacobian" else None
        if known is not None and known[1] is _as_vec(make("d", (step.node,))):  # type: ignore[arg-type]
            matrix = known[0]
        else:
            product = vec_form(r.expr, outer, inner)
            if is_long(Formula(product, r.named.names), 10 * MAX_NODES):  # not worth the search for a short form
                return
            matrix = Normalizer(self.properties).normal(product)
        rhs = Formula(matrix, r.named.names)
        if is_zero(matrix) or is_long(rhs, MAX_NODES) or any(e.op == "einsum" for e in postorder((matrix,))):
            return
        y, x = step.lhs.expr.args
        if y.op == "partial":
            a = _as_vec(y.args[1])
            first = make("partial", (y.args[0], a), None, a.type)
            lhs = make("partial", (first, _as_vec(x)), "stacked", matrix.type)
        else:
            lhs = make("partial", (_as_vec(y), _as_vec(x)), "stacked", matrix.type)
        yield Step("stacked", step.rule, step.source, Formula(lhs), rhs, node=step.node, through=(x,))


def _as_vec(q: Expr) -> Expr:
    return make("vec", (q,)) if q.type.kind == "m" else q


def _meant(row: Composite, variables: set[str]) -> tuple[Formula, Formula, tuple[Expr, ...]]:
    """A function as it is called, its formula, and the arguments for which it holds; sizes are called like no variable."""
    found = meaning(row)
    sizes = {str(a) for argument in found.arguments for d in shape_of(argument.type) for a in dims.atoms(d)}
    free = (c for c in ENTRIES if c not in variables | sizes)
    other: dict[str, dims.Dim] = {name: next(free, name) for name in sorted(sizes & variables)}
    if other:
        nodes = resized((found.formula, *found.arguments), other)
        found = found._replace(formula=nodes[0], arguments=nodes[1:])
    texts = [", ".join(_argument(a, style) for a in row.head) for style in (TEXT, LATEX)]
    name = LATEX.name(row.name)
    head = Formula(found.formula, shown=(f"{row.name}({texts[0]})", rf"{name}\left({texts[1]}\right)"))
    return head, Formula(found.formula), found.arguments


def _says_itself(row: Composite, said: tuple[Formula, Formula, tuple[Expr, ...]]) -> bool:
    """Whether it is called in the formula as it is in the input: the legend says what softmax does row by row."""
    _, formula, arguments = said
    return formula.expr.args == arguments and formula.text.startswith(f"{row.name}(")


def _argument(text: str, style: Style) -> str:
    """A parameter, or ``axis=0``."""
    name, sign, value = text.partition("=")
    return style.name(name) + sign + value


# -- entries -------------------------------------------------------------------------------


def by_entries(lhs: Formula, rhs: Formula, style: str) -> tuple[Formula, Formula] | None:
    """Both sides of ∂Y/∂X = … by entries; None where the right side is no sum of einsums over the same indices. Among lines by
    entries it has their letters."""
    if rhs.expr.op not in OF_SUMS:
        return None
    labels = _labels(rhs.expr)
    if labels is None or lhs.expr.op != "partial":
        return None
    y, x = lhs.expr.args
    if style in BY_ENTRIES and y.op != "partial":
        labels = (*OUTER[: len(y.shape)], *INNER[: len(x.shape)])
    return lhs._replace(entries=labels), rhs._replace(expr=factored(_arranged(rhs.expr), rhs.names), entries=labels)


def _labels(e: Expr) -> tuple[str, ...] | None:
    """The indices of the result, one letter an axis, where all terms have the same."""
    found = {tuple(parse_subscripts(node.attr)[1]) if node.op == "einsum" else () for node in _einsums(e)}
    (only,) = found if len(found) == 1 else ((),)
    return only if only and all(len(x) == 1 for x in only) and len(set(only)) == len(only) else None


def _einsums(e: Expr) -> Iterator[Expr]:
    """The terms of a sum, signs and scalars left out; each once, though sums share them."""
    return (node for node in nodes.reached((e,), _summed) if not _summed(node))


def _summed(node: Expr) -> tuple[Expr, ...]:
    if node.op in SUMS:
        return node.args
    if node.op == "neg" or (node.op == "div" and node.type[0] == "t"):
        return node.args[:1]
    return node.args[1:] if node.op == "scale" and node.args[0].type[0] == "s" else ()


def _arranged(e: Expr) -> Expr:
    """The same sums, the factors of each in the order of their indices."""
    changed = {}
    for node in _einsums(e):
        inputs, output = parse_subscripts(node.attr)
        free = "".join(output)
        flat = ["".join(s) for s in inputs]
        order = sorted(range(len(flat)), key=lambda i: (min([free.find(c) % 99 for c in flat[i]], default=0), flat[i]))
        left = [node.attr.partition("->")[0].split(",")[i] for i in order]
        args = tuple([node.args[i] for i in order])
        changed[node] = make("einsum", args, f"{','.join(left)}->{node.attr.partition('->')[2]}", node.type)
    return substitute((e,), changed)[0]


def _outer_argument(step: Step) -> tuple[Formula | Equation, ...]:
    """The lecture's argument for ∂s/∂W = δᵀ xᵀ: only z_i sees W_ij, and ∂z_i/∂W_ij = x_j; so ∂s/∂W_ij = δ_i x_j.
    Nothing where the line is another."""
    e, q = step.rhs.expr, step.node
    if q is None or e.op != "matmul" or any(a.op != "T" for a in e.args):
        return ()
    upstream, x = (a.args[0] for a in e.args)
    if upstream.op != "partial" or upstream.args[1:] != step.through or x.op != "sym":
        return ()
    z, names, ij = upstream.args[1], step.rhs.names, tuple(ENTRIES[:2])
    n, m = q.shape
    slope = make("partial", (z, q), "jacobian", type_of((n, n, m)))
    local = Equation(
        Formula(make("einsum", (slope,), "iij->ij", q.type), entries=ij),
        Formula(make("einsum", (ones(Type("c", n, 1)), x), "i,j->ij", q.type), entries=ij),
    )
    product = make("einsum", (transpose(upstream), x), "i,j->ij", q.type)
    whole = Equation(Formula(step.lhs.expr, names, entries=ij), Formula(product, names, entries=ij))
    return Formula(z, entries=("i",)), Formula(q, entries=ij), local, whole


# -- parts of formulas ---------------------------------------------------------------------


def _trivial(e: Expr) -> bool:
    """One, minus one, the identity: a factor that a reader does not want to see multiplied out."""
    while e.op == "neg":
        e = e.args[0]
    return e.op in ("eye", "num")


__all__ = ["told"]
