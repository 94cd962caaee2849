"""What all terms of a sum have in common, entry by entry, taken out of it: p_i ([i = j] - p_j) for [i = j] p_i - p_i p_j.

In matrix form there is no such factor: diag(p) - p pᵀ. Entries commute, and beside a factor [i = j]
an i is as good as a j.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from itertools import count

from matcalc.algebra.index.index_form import STEPS, Factor, Group, Index, Indices, Lowered, Lowering, atoms, axes
from matcalc.algebra.index.lifting import as_einsum, atoms_of
from matcalc.expr import nodes
from matcalc.expr.groups import SUMS
from matcalc.expr.nodes import Expr, make, num, transpose
from matcalc.expr.slices import PLACED
from matcalc.expr.table import TABLE

SPINE = frozenset(("add", "sub", "neg", "scale", "div", "T", "einsum"))


def written(t: Lowered) -> Expr:
    """The term as one sum over indices, its factors as they are: what is printed by entries is what is evaluated."""
    inside = [f for f in t.factors if f.indices]
    total = as_einsum(inside, t.output, t.sizes) if inside or t.output else num(1)
    below = [s for s, divides in t.scalars if divides]
    for s in reversed([*(s for s, divides in t.scalars if not divides), *(f.expr for f in t.factors if not f.indices)]):
        total = s if nodes.is_one(total) else make("scale", (s, total))
    if below:
        total = make("div", (total, reduce(lambda a, b: make("scale", (a, b)), below)))
    return total if t.sign > 0 else make("neg", (total,))


def factored(e: Expr, whole: Collection[Expr] = ()) -> Expr:
    """The array with its sums written so; what is in ``whole`` is not opened."""
    if e in whole or e.type[0] == "s" or e.op not in SPINE:
        return e
    if e.op not in SUMS:
        args = tuple([factored(a, whole) for a in e.args])
        return e if args == e.args else nodes.rebuild(e, args)
    found = _Terms(e, whole)
    parts = [factored(t, whole) for t, _ in found.before]
    if len(found.terms) > 1 and (product := _in_front(found)):
        return transpose(product) if e.type[0] == "r" else product
    if 0 < len(found.terms) < len(parts):
        total = nodes.added([written(t) for t in found.terms])
        return transpose(total) if e.type[0] == "r" else total
    signed = [t if sign > 0 else make("neg", (t,)) for t, (_, sign) in zip(parts, found.before, strict=True)]
    return e if parts == [t for t, _ in found.before] else nodes.added(signed)


def opened(e: Expr, whole: Collection[Expr] = ()) -> Expr:
    """The array with its products as sums over an index: Σ_k W_ik x_k + b_i for W x + b."""
    terms = _Terms(e, whole, sums=True).terms
    total = nodes.added([written(t) for t in terms]) if terms else e
    return transpose(total) if e.type[0] == "r" and terms else total


def _signed(e: Expr, whole: Collection[Expr]) -> Iterator[tuple[Expr, int]]:
    """The terms of a sum with their signs, from left to right."""
    stack = [(e, 1)]
    while stack:
        node, sign = stack.pop()
        if node in whole or node.op not in ("neg", *SUMS):
            yield node, sign
            continue
        last = sign if node.op == "add" else -sign
        stack += [(node.args[-1], last), *((a, sign) for a in node.args[:-1])]


def _in_front(found: _Terms) -> Expr | None:
    """The sum as a product; None where its terms have no factor in common."""
    first = found.terms[0]
    common: list[Factor] = []
    rest = [list(t.factors) for t in found.terms]
    for f in first.factors:
        at = [next((g for g in left if _same(f, g, t)), None) for left, t in zip(rest, found.terms, strict=True)]
        if all(at):
            common.append(f)
            for left, g in zip(rest, at, strict=True):
                left.remove(g)  # type: ignore[arg-type]
    scalars = list(reduce(lambda a, b: a & b, [Counter(t.scalars) for t in found.terms]).elements())
    if not common and not scalars:
        return None
    used = {a for left in rest for f in left for a in atoms_of(f)}
    free = tuple([i for i in found.output if i in used])
    terms = [
        Lowered(_without(t.scalars, scalars), t.sign, tuple(left), free, found.sizes)
        for t, left in zip(found.terms, rest, strict=True)
    ]
    inside = Factor(factored(nodes.added([written(t) for t in terms])), free)
    return written(Lowered(tuple(scalars), 1, (*common, inside), found.output, found.sizes))


def _without(scalars: Sequence[tuple[Expr, bool]], gone: Sequence[tuple[Expr, bool]]) -> tuple[tuple[Expr, bool], ...]:
    left = list(scalars)
    for s in gone:
        left.remove(s)
    return tuple(left)


def _same(f: Factor, g: Factor, t: Lowered) -> bool:
    """Whether both are the same entries of the same array, in a term where deltas tie some indices."""
    tied = [set(d.indices) for d in t.factors if d.expr.op == "eye"]
    pairs = zip(f.indices, g.indices, strict=True) if f.expr is g.expr else ()
    return f.expr is g.expr and set(f.indices) <= set(t.output) and all(i == j or {i, j} in tied for i, j in pairs)


def _added(terms: Sequence[Lowered]) -> Iterator[Lowered]:
    """Like terms as one: 2 x_i for x_i + x_i."""
    found: dict[object, tuple[Fraction, Lowered]] = {}
    for t in terms:
        coefficient = Fraction(t.sign)
        scalars = []
        for s, divides in t.scalars:
            if s.op == "num" and s.attr:
                coefficient *= 1 / Fraction(s.attr) if divides else s.attr
            else:
                scalars.append((s, divides))
        summed = dict.fromkeys(a for f in t.factors for a in atoms_of(f) if a not in t.output)
        called: dict[Index, Index] = {i: -1 - at for at, i in enumerate(summed)}
        factors = [(f.expr, tuple([put_in(i, called) for i in f.indices])) for f in t.factors]
        like = frozenset(Counter(scalars).items()), frozenset(Counter(factors).items())
        before, first = found.get(like, (Fraction(0), t._replace(scalars=tuple(scalars))))
        found[like] = before + coefficient, first
    for c, t in found.values():
        front = ((num(abs(c)), False),) if abs(c) != 1 else ()
        if c:
            yield t._replace(sign=1 if c > 0 else -1, scalars=(*front, *t.scalars))


def _without_ones(factors: Sequence[Factor], output: Indices) -> tuple[Factor, ...]:
    """Ones are left out, but where nothing else says over how many terms a sum over one of their indices runs."""
    left = list(factors)
    for f in factors:
        others = {a for g in left if g is not f for a in atoms_of(g)}
        if f.expr.op == "ones" and {*others, *output}.issuperset(atoms_of(f)):
            left.remove(f)
    return tuple(left)


def renumbered(t: Lowered) -> Lowered:
    """Kronecker deltas between summed indices removed."""
    free = {a for i in t.output for a in atoms(i)}
    factors = list(t.factors)
    while True:
        found = next((f for f in factors if f.expr.op == "eye" and _dissolves(f, factors, free)), None)
        if found is None:
            return t._replace(factors=tuple(factors))
        a, b = found.indices
        gone, kept = (a, b) if a not in free else (b, a)
        factors = [Factor(f.expr, tuple(put_in(i, {gone: kept}) for i in f.indices)) for f in factors if f is not found]


def put_in(i: Index, instead: Mapping[Index, Index]) -> Index:
    """The index with some of its parts replaced."""
    if isinstance(i, int):
        return instead.get(i, i)
    return Group(tuple(put_in(part, instead) for part in i.parts))


def _dissolves(delta: Factor, factors: list[Factor], free: set[int]) -> bool:
    """Whether the sum over one index of the delta puts the other in its place; Σ_k [k = k] is a number and stays."""
    a, b = delta.indices
    if not (isinstance(a, int) and isinstance(b, int)) or a == b or (a in free and b in free):
        return False
    others = {i for f in factors if f is not delta for index in f.indices for i in atoms(index)}
    return bool({a, b} & (free | others))


class _Terms:
    """A sum as terms with factors; ``sums`` says whether products of matrices are opened, too, as sums over an index."""

    def __init__(self, e: Expr, whole: Collection[Expr], sums: bool = False) -> None:
        self.whole = whole
        self.sums = sums
        self.numbers = count()
        self.sizes = {next(self.numbers): d for d in axes(e.type)}
        self.output: Indices = tuple(self.sizes)
        self.before = list(_signed(e, whole))
        self.terms = list(_added([self.term(node, sign) for node, sign in self.before]))

    def term(self, e: Expr, sign: int) -> Lowered:
        scalars: list[tuple[Expr, bool]] = []
        factors: list[Factor] = []
        todo = [Factor(e, self.output)]
        while todo:
            f = todo.pop()
            step = self.step(f)
            if step is not None:
                sign *= step.sign
                scalars += step.scalars
                self.sizes = step.sizes
                todo += reversed(step.factors)
            elif f.indices:
                factors.append(f)
            elif not nodes.is_one(f.expr):
                scalars.append((f.expr, False))
        return renumbered(Lowered(tuple(scalars), sign, _without_ones(factors, self.output), self.output, self.sizes))

    def step(self, f: Factor) -> Lowering | None:
        """Its factors, by the index form of its operator; None for what is left whole."""
        node, at = f
        slot = next((i for i in range(len(node.args)) if TABLE[node.op].is_linear(i)), None)
        if slot is None or node.op not in STEPS or node.op in SUMS or node in self.whole or (not at and not self.sums):
            return None
        lo = Lowering(self.numbers)
        lo.sizes = dict(self.sizes)
        inner = lo.step(node, node.args[slot], slot, at)
        others = [g.expr for g in lo.factors]
        if node in others or any(n.op in PLACED for n in nodes.postorder(others)):  # 1 ⊘ x; a part has indices of its own
            return None
        lo.factors.insert(0 if slot == 0 else len(lo.factors), Factor(node.args[slot], inner))
        return None if lo.same or (not self.sums and len(lo.sizes) > len(self.sizes)) else lo
