"""Lifting: a lowered term back in matrix form where it has at most two axes, else as an einsum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from matcalc.algebra.index.index_form import Factor, Index, Indices, Lowered, atoms
from matcalc.expr import dims, nodes
from matcalc.expr.dims import Dim
from matcalc.expr.errors import LimitError
from matcalc.expr.nodes import Expr, added, make, num, transpose
from matcalc.expr.subscripts import parse_subscripts
from matcalc.expr.table import Type
from matcalc.notation.lex.habits import EINSUM


def lift(term: Lowered) -> Expr:
    """The term in matrix form where it has at most two axes and no composite index; else an einsum."""
    factors, free = _merge([_opened(f, term) for f in term.factors], term)
    return _written(factors, free, term)


def matrix_form(node: Expr) -> Expr | None:
    """An einsum written with products of matrices, sums and traces; None where a factor or the result has more than two axes."""
    core = form = contracted(node) if len(nodes.shape_of(node.type)) <= 2 else node
    while core.op == "scale":
        core = core.args[1]
    return None if core.op == "einsum" else form


def contracted(node: Expr) -> Expr:
    """An einsum whose factors are contracted as far as they can be; itself where an axis is made of several."""
    inputs, output = parse_subscripts(node.attr)
    if any(len(axis) > 1 for axes in (*inputs, output) for axis in axes):
        return node
    sizes = {c: d for axes, a in zip(inputs, node.args, strict=True) for c, d in zip(axes, nodes.shape_of(a.type), strict=True)}
    number = {c: i for i, c in enumerate(sizes)}
    factors = tuple([Factor(a, tuple([number[c] for c in axes])) for axes, a in zip(inputs, node.args, strict=True)])
    return lift(Lowered((), 1, factors, tuple([number[c] for c in output]), {number[c]: d for c, d in sizes.items()}))


def lift_sum(terms: Sequence[Lowered]) -> Expr | None:
    """The sum of the terms, None for none. With more than two axes, a factor that terms share is pulled out of them:
    Σ of x_k A_ij and x_k B_ij is x_k (A + B)_ij."""
    merged = [_Merged(*_merge([_opened(f, t) for f in t.factors], t), t) for t in terms]
    rests = [_rests(m) for m in merged]
    having: dict[Shared, dict[int, None]] = {}  # the terms with a factor, of those that are left
    for i, found in enumerate(rests):
        for shared in found:
            having.setdefault(shared, {})[i] = None
    left, pieces = dict.fromkeys(range(len(merged))), []
    while (best := _most_shared(having, rests)) is not None:
        here = list(having[best])
        pieces.append(_pulled_out([rests[i][best] for i in here], best, merged[here[0]]))
        for i in here:
            del left[i]
            for shared in rests[i]:
                del having[shared][i]
    pieces += [_written(*merged[i]) for i in left]
    return added(pieces) if pieces else None


class _Merged(NamedTuple):
    factors: list[Factor]
    free: Indices
    term: Lowered


Shared = tuple[Expr, tuple[int, ...]]  # a factor, and which axes of the result its indices are


def _rests(m: _Merged) -> dict[Shared, Expr]:
    """What is left of the term without each of its factors, where that is a matrix."""
    found: dict[Shared, Expr] = {}
    if len(m.free) > 2 and all(isinstance(i, int) for i in m.free):
        for f in m.factors:
            rest = _rest(m, f) if f.indices and all(i in m.free for i in f.indices) else None
            if rest is not None:
                found.setdefault((f.expr, tuple(m.free.index(i) for i in f.indices)), rest)
    return found


def _most_shared(having: Mapping[Shared, Mapping[int, None]], rests: Sequence[Mapping[Shared, Expr]]) -> Shared | None:
    """The factor that most terms have in common; of several the one that comes first."""

    def place(shared: Shared) -> tuple[int, int, int]:
        first = next(iter(having[shared]))
        return -len(having[shared]), first, list(rests[first]).index(shared)

    return min([shared for shared, terms in having.items() if len(terms) > 1], key=place, default=None)


def _rest(m: _Merged, f: Factor) -> Expr | None:
    """What is left of a term without one of its factors, as a matrix or vector over the other axes."""
    others = [g for g in m.factors if g is not f]
    left = tuple(i for i in m.free if i not in f.indices)
    scalars = [(g.expr, False) for g in others if not g.indices]
    others = [g for g in others if g.indices]
    if not left or len(left) > 2 or any(i in f.indices for g in others for i in atoms_of(g)):
        return None
    core = _as_matrix(others, left, m.term)
    return None if core is None else _scaled(core, (*m.term.scalars, *scalars), m.term.sign)


def _pulled_out(rests: Sequence[Expr], shared: Shared, first: _Merged) -> Expr:
    other = tuple(i for k, i in enumerate(first.free) if k not in shared[1])
    factors = [Factor(added(rests), other), Factor(shared[0], tuple(first.free[p] for p in shared[1]))]
    return as_einsum(factors, first.free, first.term.sizes)


def _written(factors: list[Factor], free: Indices, term: Lowered) -> Expr:
    scalars = (*term.scalars, *((f.expr, False) for f in factors if not f.indices))
    factors = [f for f in factors if f.indices]
    core = _as_matrix(factors, free, term) if len(free) <= 2 and all(isinstance(i, int) for i in free) else None
    return _scaled(as_einsum(factors, term.output, term.sizes) if core is None else core, scalars, term.sign)


def _scaled(core: Expr, scalars: Sequence[tuple[Expr, bool]], sign: int) -> Expr:
    if nodes.is_one(core) and scalars and not scalars[0][1]:
        (core, _), *scalars = scalars
    for s, divides in scalars:
        core = make("div", (core, s)) if divides else nodes.times(s, core) if core.type[0] != "t" else make("scale", (s, core))
    return core if sign > 0 else make("neg", (core,))


def _opened(f: Factor, term: Lowered) -> Factor:
    """A column with a composite index (j, i) is the matrix that it stacks: unvec(v)_ij."""
    only = f.indices[0] if len(f.indices) == 1 else 0
    if isinstance(only, int) or len(only.parts) != 2 or f.expr.type[0] not in "cr":
        return f
    j, i = only.parts
    if not isinstance(i, int) or not isinstance(j, int):
        return f
    matrix = make("unvec", (_vector(f),), None, Type("m", term.sizes[i], term.sizes[j]))
    return Factor(matrix, (i, j))


def _merge(factors: list[Factor], term: Lowered) -> tuple[list[Factor], Indices]:
    """Contract what two factors share until nothing more can be."""
    merging = _Merging(factors, term)
    while merging.alone() or merging.pair():
        pass
    return [f for f in merging.slots if f is not None], term.output


class _Merging:
    """The factors of a term, a slot for each. What was tried in vain is tried again only where it may have changed: at the
    factor that is new, and at those with an index that fewer factors have than before."""

    def __init__(self, factors: list[Factor], term: Lowered) -> None:
        self.free = {a for i in term.output for a in atoms(i)}
        self.sizes = term.sizes
        self.slots: list[Factor | None] = list(factors)
        self.places: dict[Index, set[int]] = {}  # slots of the factors with an index
        self.uses: dict[int, int] = Counter(a for f in factors for a in atoms_of(f))
        self.start = 0  # no factor before it becomes one with a later one, ``again`` aside
        self.lonely: Iterable[int] = range(len(factors))  # slots of factors that may have come to be alone
        self.again: set[int] = set()
        for slot, f in enumerate(factors):
            for index in f.indices:
                self.places.setdefault(index, set()).add(slot)

    def replace(self, new: Factor, slot: int, other: int | None = None) -> None:
        """The new factor stands in the slot, for what stood there and in the other one."""
        before: list[Index] = []
        for at in (slot,) if other is None else (slot, other):
            old = self.slots[at]
            assert old is not None
            before += old.indices
            self.slots[at] = None
            for index in old.indices:
                self.places[index].discard(at)
            for a in atoms_of(old):
                self.uses[a] -= 1
        self.slots[slot] = new
        for index in new.indices:
            self.places[index].add(slot)
        for a in atoms_of(new):
            self.uses[a] += 1
        changed = {slot}
        for index in before:
            if not isinstance(index, int) or before.count(index) > new.indices.count(index):
                changed |= self.places[index]
        self.again |= {*changed, *(s for index in new.indices for s in self.places[index])}
        self.lonely = changed

    def alone(self) -> bool:
        """Replace the first factor of which something can be summed by itself."""
        for slot in sorted(self.lonely):
            f = self.slots[slot]
            new = _alone(f, self.uses, self.free, self.sizes) if f is not None else None
            if new is not None:
                rest = self.lonely
                self.replace(new, slot)
                self.lonely = {*rest, *self.lonely}
                return True
        self.lonely = ()
        return False

    def pair(self) -> bool:
        """Make one of the first two factors that become one; these have an index in common."""
        for i in chain(sorted(s for s in self.again if s < self.start), range(self.start, len(self.slots))):
            f = self.slots[i]
            for j in sorted({j for index in f.indices for j in self.places[index] if j > i}) if f is not None else ():
                g = self.slots[j]
                new = _pair(f, g, self.uses, self.free) if f is not None and g is not None else None
                if new is not None:
                    self.again = {s for s in self.again if s >= i}
                    self.start = max(self.start, i)
                    self.replace(new, i, j)
                    return True
        return False


def _alone(f: Factor, uses: Mapping[int, int], free: set[int], sizes: dict[int, Dim]) -> Factor | None:
    """A factor with a repeated index (a diagonal or a trace), or an index that only it has (a sum)."""
    if len(f.indices) == 2 and f.indices[0] == f.indices[1] and f.expr.type[0] == "m":
        return Factor(make("diagv", (f.expr,)), f.indices[:1])
    if f.expr.type[0] not in "mcr":
        return None
    own = atoms_of(f)
    lonely = [p for p, i in enumerate(f.indices) if isinstance(i, int) and i not in free and uses[i] == own.count(i)]
    if not lonely:
        return None
    if len(lonely) == len(f.indices):
        return Factor(make("sum", (f.expr,)), ())
    position = lonely[0]
    one = nodes.ones(Type("c", sizes[own[position]], 1))
    matrix = f.expr if position == 1 else transpose(f.expr)
    return Factor(make("matmul", (matrix, one)), (f.indices[1 - position],))


def atoms_of(f: Factor) -> Sequence[int]:
    plain = [i for i in f.indices if isinstance(i, int)]
    return plain if len(plain) == len(f.indices) else [a for i in f.indices for a in atoms(i)]


def _vector(f: Factor) -> Expr:
    """The expression of a factor with one index, as a column."""
    return transpose(f.expr) if f.expr.type[0] == "r" else f.expr


def _row(f: Factor) -> Expr:
    """The same as a row: that of Aᵀx is xᵀA."""
    column = _vector(f)
    if column.op == "matmul" and column.args[0].type[0] == "m":
        return make("matmul", (transpose(column.args[1]), transpose(column.args[0])))
    return transpose(column)


def _pair(f: Factor, g: Factor, uses: Mapping[int, int], free: set[int]) -> Factor | None:
    if not all(isinstance(i, int) for i in (*f.indices, *g.indices)) or f.expr.type[0] == "t" or g.expr.type[0] == "t":
        return None
    if not f.indices or not g.indices:
        return None
    if f.indices == g.indices:
        if len(f.indices) == 1 and not _elsewhere(f.indices[0], f, g, uses, free):
            return Factor(make("matmul", (_row(f), _vector(g))), ())
        return Factor(make("hadamard", (_shaped(f), _shaped(g))), f.indices)
    if f.indices == g.indices[::-1] and len(f.indices) == 2:
        if not any(_elsewhere(i, f, g, uses, free) for i in f.indices):
            return Factor(make("tr", (make("matmul", (f.expr, g.expr)),)), ())
        return Factor(make("hadamard", (f.expr, transpose(g.expr))), f.indices)
    shared = set(f.indices) & set(g.indices)
    if len(shared) != 1:
        return None
    (k,) = shared
    if _elsewhere(k, f, g, uses, free):
        return _diagonal_pair(f, g, k)
    return _contract(f, g, k)


def _shaped(f: Factor) -> Expr:
    return _vector(f) if len(f.indices) == 1 else f.expr


def _elsewhere(k: Index, f: Factor, g: Factor, uses: Mapping[int, int], free: set[int]) -> bool:
    assert isinstance(k, int)
    return k in free or uses[k] > atoms_of(f).count(k) + atoms_of(g).count(k)


def _diagonal_pair(f: Factor, g: Factor, k: Index) -> Factor | None:
    """v_k A_kj with k still in use: diag(v) A."""
    if len(f.indices) == 2 and len(g.indices) == 1:
        f, g = g, f
    if len(f.indices) != 1 or len(g.indices) != 2:
        return None
    d = make("diagm", (_vector(f),))
    product = make("matmul", (d, g.expr)) if g.indices[0] == k else make("matmul", (g.expr, d))
    return Factor(product, g.indices)


def _contract(f: Factor, g: Factor, k: Index) -> Factor:
    if len(f.indices) == 1:
        f, g = g, f
    if len(f.indices) == 1:
        return Factor(make("matmul", (_row(f), _vector(g))), ())
    left = f.expr if f.indices[1] == k else transpose(f.expr)
    outer = f.indices[0] if f.indices[1] == k else f.indices[1]
    if len(g.indices) == 1:
        return Factor(make("matmul", (left, _vector(g))), (outer,))
    right = g.expr if g.indices[0] == k else transpose(g.expr)
    last = g.indices[1] if g.indices[0] == k else g.indices[0]
    return Factor(make("matmul", (left, right)), (outer, last))


def _as_matrix(factors: list[Factor], free: Indices, term: Lowered) -> Expr | None:
    """A matrix, vector or scalar with these free indices, if the factors have come down to that."""
    covered = {a for f in factors for a in atoms_of(f)}
    factors = factors + [Factor(nodes.ones(Type("c", term.sizes[i], 1)), (i,)) for i in free if i not in covered]  # type: ignore[index]
    if not free:
        return num(1) if not factors else None
    if len(free) == 1:
        return _vector(factors[0]) if len(factors) == 1 and factors[0].indices == free else None
    if len(factors) == 1 and len(factors[0].indices) == 2:
        (f,) = factors
        return f.expr if f.indices == free else transpose(f.expr) if f.indices == free[::-1] else None
    if len(factors) == 2 and all(len(f.indices) == 1 and f.indices[0] in free for f in factors):
        first, second = sorted(factors, key=lambda f: free.index(f.indices[0]))
        if (first.indices[0], second.indices[0]) == free:
            return make("matmul", (_vector(first), transpose(_vector(second))))
    return None


def as_einsum(factors: list[Factor], output: Indices, sizes: dict[int, Dim]) -> Expr:
    """The factors as an einsum; an output index that no factor has gets a column of ones. Raises ``LimitError``."""
    covered = {a for f in factors for a in atoms_of(f)}
    plain = {i for f in factors for i in f.indices if isinstance(i, int)}  # the others get their size from a column of ones
    missing = [a for a in dict.fromkeys([*(a for i in output for a in atoms(i)), *covered]) if a not in plain]
    factors = factors + [Factor(nodes.ones(Type("c", sizes[a], 1)), (a,)) for a in dict.fromkeys(missing)]
    named = list(dict.fromkeys([*(a for i in output for a in atoms(i)), *(a for f in factors for a in atoms_of(f))]))
    if len(named) > len(EINSUM):
        raise LimitError(f"the derivative by entries is a sum over {len(named)} indices, and {len(EINSUM)} is the limit",
                         hint="ask for style='backprop' (--style backprop)")  # fmt: skip
    letters = dict(zip(named, EINSUM, strict=False))

    def write(ix: Indices) -> str:
        return "".join(letters[i] if isinstance(i, int) else "(" + "".join(letters[a] for a in atoms(i)) + ")" for i in ix)

    def size(i: Index) -> Dim:
        total: Dim = 1
        for a in atoms(i):
            total = dims.mul(total, sizes[a])
        return total

    text = ",".join(write(f.indices) for f in factors) + "->" + write(output)
    return make("einsum", tuple(f.expr for f in factors), text, nodes.type_of(tuple(size(i) for i in output)))
