"""The normal form: how an expression is written as a textbook would.

An expression is collected into a *linear form*: a sum of terms, each a rational coefficient,
commuting scalar factors with exponents, and a chain of factors that do not commute.
The ring laws live here, each in a function that names it; no constructor applies them. Cancelling
``x^-1 x`` or ``inv(A) A`` holds wherever both sides are defined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from matcalc.algebra.blocks.block_laws import BLOCK_LAWS
from matcalc.algebra.normal import chains, factoring, operator_laws, symmetry
from matcalc.algebra.normal.chains import by_traces, invert, raise_factor, total, trace
from matcalc.algebra.normal.entrywise import entrywise, entrywise_expanded, of_unit
from matcalc.algebra.normal.factoring import build
from matcalc.algebra.normal.function_laws import FUNCTION_LAWS, as_there
from matcalc.algebra.normal.others import over_products
from matcalc.algebra.normal.power_laws import POWER_LAWS
from matcalc.algebra.normal.quotients import cancelled
from matcalc.algebra.normal.terms import (
    ONE,
    Chain,
    Factors,
    Ground,
    Linear,
    Rational,
    Term,
    atom,
    merge_factors,
    power_of,
    ratio,
    too_large,
    transposed,
)
from matcalc.expr import nodes as expr
from matcalc.expr.groups import SUMS
from matcalc.expr.nodes import Expr, make
from matcalc.expr.table import TABLE


class Normalizer:
    """Normal forms under declared properties (``{"A": {"symmetric"}}``); remembers what it has done."""

    def __init__(
        self, properties: Mapping[str, frozenset[str]] | None = None, opaque: frozenset[Expr] = frozenset(), expand: bool = False
    ) -> None:
        self.properties = properties or {}
        self.opaque = opaque
        self.expand = expand  # multiply products of sums out, so that terms can cancel
        self.linears: dict[Expr, Linear] = {}
        self.built: dict[Expr, Expr] = {}
        self.factors: dict[Expr, tuple[Rational, Term]] = {}
        self.symmetric: dict[Expr, bool] = {}
        self.settled: set[Expr] = set()
        self.noted: list[Ground] = []
        self.noting = False
        self.others = False  # whether a product of the other entries has been seen
        self.along = False  # whether sums of rows or columns have been seen

    # products of matrices (chains.py), which laws of every kind need
    has = symmetry.has
    join = chains.join
    reverse = chains.reverse
    turn = chains.turn
    as_term = factoring.as_term
    by_rows = operator_laws.by_rows

    @cached_property
    def expanding(self) -> Normalizer:
        """The one that multiplies products of sums out: what results share is multiplied out once."""
        return Normalizer(self.properties, expand=True)

    def normal(self, e: Expr) -> Expr:
        """The normal form of ``e``; the same object for expressions that the ring laws identify."""
        core = e.args[0] if e.op == "T" and e.type[0] != "m" else e
        if core.op in ATOMS:
            return e
        self.visit(e)
        return self.build_of(e)

    def used(self, e: Expr) -> tuple[str, ...]:
        """The laws by which ``e`` gets its normal form: names of rows of the groups laws and ring, in the order of their use."""
        return tuple(dict.fromkeys([law for law, _ in self.grounds(e)]))

    def grounds(self, e: Expr) -> tuple[Ground, ...]:
        """These laws, each with what has the property that it needs: what is symmetric, or orthogonal."""
        fresh = Normalizer(self.properties, self.opaque, self.expand)
        fresh.noting = True
        for whole in self.settled:
            fresh.linears[whole], fresh.built[whole] = atom(whole), whole
        return () if fresh.normal(e) is e else tuple(dict.fromkeys(fresh.noted))

    def note(self, law: str, of: Expr | None = None) -> None:
        if self.noting:
            self.noted.append((law, of))

    def times(self, a: Factors, b: Factors) -> Factors:
        """Their product; what cancels is said where laws are asked for."""
        if self.noting and any([e * dict(a).get(base, 0) < 0 for base, e in b]):
            self.note("quotient-cancels")
        return merge_factors(a, b)

    def build_of(self, e: Expr) -> Expr:
        done = self.built.get(e)
        if done is None:
            done = self.built[e] = build(self, self.linears[e], e.type)
            self.built[done] = done
            self.linears.setdefault(done, self.linears[e])
        return done

    def settle(self, e: Expr) -> None:
        """The normal form ``e``, where it is a sum or a product of three factors and more (or one of these with a sign, a number
        or transposed), is one factor from now on: where it occurs again, it is not taken apart."""
        core, outside = e, list[Expr]()
        while core.op in SIGNS:
            outside.append(core)
            core = core.args[-1]
        if core.op in SUMS or (core.op == "matmul" and any(a.op == "matmul" for a in core.args)):
            for outer in (*outside, expr.transpose(core)):
                self.linears.pop(outer, None)
                self.built.pop(outer, None)
            self.settled.add(core)
            self.linears[core], self.built[core] = atom(core), core
            symmetry.is_symmetric(self, core)  # known of its parts, which come first

    def visit(self, e: Expr) -> Linear:
        """Linear form of ``e``, without recursion over the graph."""
        linears = self.linears
        stack = [e]
        while stack:
            node = stack[-1]
            if node in linears:
                stack.pop()
                continue
            if node.op in ATOMS:
                stack.pop()
                linears[node] = {((), (node,)): ONE} if node.type[0] != "s" else atom(node)
                self.built[node] = node
                continue
            if node in self.opaque:
                linears[stack.pop()] = atom(node)
                continue
            for a in node.args:
                if a not in linears:
                    stack.append(a)
            if stack[-1] is node:
                form = cancelled(self, self.collect(node))
                linears[stack.pop()] = over_products(self, form) if self.others else form
        return linears[e]

    def collect(self, node: Expr) -> Linear:
        """Linear form of a node whose arguments are done."""
        law = _LAWS.get(node.op)
        found = None if law is None else law(self, node)
        if found is not None:
            return found
        if not node.args:
            if node.op == "ones" and node.type[0] == "r":  # a row of ones is the transpose of a column
                return {((), (make("T", (expr.ones(node.type._replace(kind="c", rows=node.type.cols, cols=1)),)),)): ONE}
            return atom(node)
        args = tuple([self.build_of(a) for a in node.args])
        if node.type[0] == "r" and TABLE[node.op].elementwise:  # f(x') = f(x)'
            self.note("function-of-row")
            column = make(node.op, (expr.transpose(args[0]),), node.attr)
            return {(f, self.reverse(chain)): c for (f, chain), c in self.visit(column).items()}
        return self.by_rows(node if args == node.args else expr.rebuild(node, args))

    def terms(self, e: Expr) -> list[tuple[Rational, Term]]:
        """The factors that a product law takes: the whole as one term, or each term when multiplying out."""
        form = self.linears[e]
        if self.expand and 1 < len(form) <= MAX_EXPANDED:
            return [(c, t) for t, c in form.items()]
        return [self.as_term(e)]

    def bilinear(self, a: Expr, b: Expr, combine: Callable[[Term, Term], tuple[Rational, Factors, Chain]]) -> Linear:
        """Σ over pairs of terms of a law for products."""
        if len(self.linears[a]) == len(self.linears[b]) == 1:
            return self._single(a, b, combine)
        if self.expand:
            self.note("multiplied-out")
        out: Linear = {}
        for c1, t1 in self.terms(a):
            for c2, t2 in self.terms(b):
                if not c1 * c2:
                    continue
                c, factors, chain = combine(t1, t2)
                factors = merge_factors(merge_factors(t1[0], t2[0]), factors)
                for (f, ch), k in self.opened(chain).items():
                    term = (merge_factors(factors, f), ch)
                    out[term] = out.get(term, 0) + k * c * c1 * c2
        return {t: c for t, c in out.items() if c}

    def _single(self, a: Expr, b: Expr, combine: Callable[[Term, Term], tuple[Rational, Factors, Chain]]) -> Linear:
        ((t1, c1),) = self.linears[a].items()
        ((t2, c2),) = self.linears[b].items()
        c, more, chain = combine(t1, t2)
        factors, c = merge_factors(merge_factors(t1[0], t2[0]), more), c * c1 * c2
        if len(chain) != 1:
            return {(factors, chain): c} if c else {}
        return {(merge_factors(factors, f), ch): k * c for (f, ch), k in self.opened(chain).items() if k * c}

    def opened(self, chain: Chain) -> Linear:
        """A sum that is left alone as a factor is its terms again."""
        if len(chain) == 1:
            core = chain[0].args[0] if chain[0].op == "T" else chain[0]
            form = self.linears.get(core) if core.op in SUMS else self.visit(core) if core.op == "matmul" else None
            if form is not None and (len(form) > 1 or core.op == "matmul"):
                return form if core is chain[0] else {(f, self.reverse(ch)): c for (f, ch), c in form.items()}
        return {((), chain): ONE}


ATOMS = frozenset(("sym", "partial"))  # what no law looks into
SIGNS = frozenset(("neg", "scale", "T"))
Law = Callable[[Normalizer, Expr], Linear | None]
MAX_EXPANDED = 12  # terms


def _sum(n: Normalizer, node: Expr) -> Linear:
    """Like terms are collected; terms that cancel vanish."""
    sign = -1 if node.op == "sub" else 1
    total = dict(n.linears[node.args[0]])
    for term, c in n.linears[node.args[1]].items():
        term = as_there(n, term, total) if n.along and term not in total else term
        value = total.get(term, 0) + sign * c
        if term in total:
            n.note("like-terms" if value else "terms-cancel")
        if value:
            total[term] = value
        else:
            del total[term]
    return total


def _neg(n: Normalizer, node: Expr) -> Linear:
    return {t: -c for t, c in n.linears[node.args[0]].items()}


def _num(n: Normalizer, node: Expr) -> Linear:
    value = node.attr
    return {((), ()): value.numerator if value.denominator == 1 else value} if value else {}


def _zeros(n: Normalizer, node: Expr) -> Linear:
    return {}


def _scale(n: Normalizer, node: Expr) -> Linear:
    """A scalar commutes with everything; it distributes over a sum (and is pulled out again when built)."""
    if n.expand:
        return n.bilinear(node.args[0], node.args[1], lambda t1, t2: (ONE, (), t2[1]))
    c, (factors, _) = n.as_term(node.args[0])
    if not c:
        return {}
    right = n.linears[node.args[1]]
    if node.type[0] == "s" and len(right) > 1:
        c2, (f2, chain) = n.as_term(node.args[1])
        return {(n.times(factors, f2), chain): c * c2} if c * c2 else {}
    out: Linear = {}
    for (f, chain), k in right.items():
        term = (n.times(factors, f), chain)
        out[term] = out.get(term, 0) + c * k
    return out


def _div(n: Normalizer, node: Expr) -> Linear:
    c, (factors, _) = n.as_term(node.args[1])
    if not c:
        return atom(expr.rebuild(node, tuple([n.build_of(a) for a in node.args])))
    inverse = tuple((b, -e) for b, e in factors)
    left = n.linears[node.args[0]]
    if node.type[0] == "s" and len(left) > 1:
        c2, (f2, chain) = n.as_term(node.args[0])
        left = {(f2, chain): c2}
    return {(n.times(f, inverse), chain): ratio(k, c) for (f, chain), k in left.items()}


def _matmul(n: Normalizer, node: Expr) -> Linear:
    return n.bilinear(node.args[0], node.args[1], lambda t1, t2: n.join(t1[1], t2[1]))


def _transpose(n: Normalizer, node: Expr) -> Linear:
    """(AB)ᵀ = BᵀAᵀ, term by term."""
    form = n.linears[node.args[0]]
    if any(len(chain) > 1 for _, chain in form):
        n.note("transpose-of-product")
    if len(form) == 1:
        (((factors, chain), c),) = form.items()
        return {(factors, n.reverse(chain)): c}
    n.note("transpose-of-sum")
    out: Linear = {}
    for (factors, chain), c in form.items():
        term = (factors, n.reverse(chain))
        out[term] = out.get(term, 0) + c
    return {t: c for t, c in out.items() if c}


def _fill(n: Normalizer, node: Expr) -> Linear:
    row = node.type[0] == "r"  # a row of ones has one spelling, 𝟏ᵀ
    one = expr.transpose(expr.ones(transposed(node.type))) if row else expr.ones(node.type)
    c, (factors, _) = n.as_term(node.args[0])
    return {(factors, (one,)): c} if c else {}


def _hadamard(n: Normalizer, node: Expr) -> Linear:
    a, b = node.args
    for unit, other in ((a, b), (b, a)):
        if n.build_of(unit).op == "unit" and (node.op == "hadamard" or other is b):
            return of_unit(n, n.build_of(unit), n.build_of(other), 1 if node.op == "hadamard" else -1)
    if n.expand and node.type[0] in "cm":
        return entrywise_expanded(n, a, b, 1 if node.op == "hadamard" else -1)
    return entrywise(n, a, b, 1 if node.op == "hadamard" else -1)


def _linear_scalar(n: Normalizer, node: Expr) -> Linear:
    """tr and sum are linear: they go through sums and scalar factors."""
    out: Linear = {}
    step = trace if node.op == "tr" else total
    if len(n.linears[node.args[0]]) > 1:
        n.note("trace-is-linear" if node.op == "tr" else "sum-is-linear")
    for (factors, chain), c in n.linears[node.args[0]].items():
        if node.args[0].type[0] == "s":
            inner = ((factors, chain), c)
        elif node.op == "sum" and (traces := by_traces(n, chain)):
            for (f, _), k in traces.items():
                term = (merge_factors(factors, f), ())
                out[term] = out.get(term, 0) + c * k
            continue
        else:
            k, f = step(n, chain)
            inner = ((merge_factors(factors, f), ()), c * k)
        out[inner[0]] = out.get(inner[0], 0) + inner[1]
    return {t: c for t, c in out.items() if c}


def _inverse(n: Normalizer, node: Expr) -> Linear:
    """(aA)⁻¹ = a⁻¹A⁻¹; (AB)⁻¹ = B⁻¹A⁻¹ for square factors."""
    c, (factors, chain) = n.as_term(node.args[0])
    if not c:
        return atom(node)
    if node.type[0] == "s":
        return {(tuple((b, -e) for b, e in factors), ()): ratio(1, c)}
    if c != 1 or factors:
        n.note("inverse-of-scaled")
    k, f, inverted = invert(n, chain)
    return {(merge_factors(tuple((b, -e) for b, e in factors), f), inverted): ratio(k, c)}


def _mpow(n: Normalizer, node: Expr) -> Linear:
    c, (factors, chain) = n.as_term(node.args[0])
    if too_large(c, node.attr):
        return atom(expr.rebuild(node, (n.build_of(node.args[0]),)))
    if len(chain) == 1:
        return (
            {(tuple((b, e * node.attr) for b, e in factors), raise_factor(chain[0], node.attr)): power_of(c, node.attr)}
            if c
            else {}
        )
    if node.attr <= 8 and chain:
        total: Chain = ()
        k: Rational = ONE
        powers = tuple((b, e * node.attr) for b, e in factors)
        for _ in range(node.attr):
            kk, f, total = n.join(total, chain)
            k, powers = k * kk, merge_factors(powers, f)
        return {(powers, total): k * power_of(c, node.attr)}
    return atom(expr.rebuild(node, (n.build_of(node.args[0]),)))


_LAWS: dict[str, Law] = {
    "add": _sum, "sub": _sum, "neg": _neg, "num": _num, "zeros": _zeros, "scale": _scale, "div": _div,
    **POWER_LAWS, "matmul": _matmul, "T": _transpose, "fill": _fill,
    "hadamard": _hadamard, "hdiv": _hadamard, "tr": _linear_scalar, "sum": _linear_scalar, "inv": _inverse, "mpow": _mpow,
    **FUNCTION_LAWS, **BLOCK_LAWS,
}  # fmt: skip


def normalizers(properties: Mapping[str, frozenset[str]], wrt: Iterable[Expr]) -> tuple[Normalizer, Normalizer]:
    """For lines in which the variables still move, so that what is declared of them does not hold; and for results."""
    moving = {str(v.attr) for v in wrt}
    n = Normalizer({k: v for k, v in properties.items() if k not in moving})
    return n, Normalizer(properties) if moving & set(properties) else n


def normal(e: Expr, properties: Mapping[str, frozenset[str]] | None = None) -> Expr:
    """Normal form of one expression. See :class:`Normalizer`."""
    return Normalizer(properties).normal(e)


assert all(name in TABLE for name in _LAWS), "a law for an operator that is not in the table"
