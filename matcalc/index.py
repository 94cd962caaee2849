"""Index form: a linear expression as sums over indices, and its lifting back into matrix form.

An expression that is linear in a differential is a sum of terms; each term is a path of linear
operators from the root to the differential. Lowered, a term is a product of factors with indices
(Laue, Mitterreiter and Giesen, AAAI 2020); the indices of the output and of the differential are free. Contractions
are then merged into matrix products; what has more than two axes stays an ``einsum``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple

from matcalc import dims, expr
from matcalc.dims import Dim
from matcalc.errors import NoRuleError
from matcalc.expr import Expr, make, num, transpose
from matcalc.ops import TABLE, Type

MAX_TERMS = 2000


class Group(NamedTuple):
    """A composite index, most significant part first: kron(A, B) has rows (a, c)."""

    parts: tuple[Index, ...]


Index = int | Group
Indices = tuple[Index, ...]


class Factor(NamedTuple):
    expr: Expr
    indices: Indices


class Lowered(NamedTuple):
    """coefficient · Σ Π factors, with the free indices of the output and then of the variable."""

    scalars: tuple[tuple[Expr, bool], ...]  # scalar factors; True divides
    sign: int
    factors: tuple[Factor, ...]
    output: Indices
    sizes: dict[int, Dim]


def axes(t: Type) -> tuple[Dim, ...]:
    return expr.shape_of(t)


class Lowering:
    """The state of lowering one path."""

    def __init__(self, numbers: Iterator[int]) -> None:
        self.numbers = numbers
        self.sizes: dict[int, Dim] = {}
        self.scalars: list[tuple[Expr, bool]] = []
        self.factors: list[Factor] = []
        self.sign = 1
        self.same: dict[int, Index] = {}

    def new(self, size: Dim) -> int:
        i = next(self.numbers)
        self.sizes[i] = size
        return i

    def fresh(self, t: Type) -> Indices:
        return tuple(self.new(d) for d in axes(t))

    def split(self, index: Index, sizes: tuple[Dim, ...]) -> tuple[Index, ...]:
        """Replace an index by a composite of the given sizes."""
        index = self.find(index)
        if isinstance(index, Group):
            if len(index.parts) == len(sizes):
                return index.parts
            raise NoRuleError("composite indices of different structure meet (vec or Kronecker products inside each other)",
                              hint="ask for the .vec form, or for kind='hvp'")  # fmt: skip
        parts = tuple(self.new(s) for s in sizes)
        self.same[index] = Group(parts)
        return parts

    def find(self, index: Index) -> Index:
        while isinstance(index, int) and index in self.same:
            index = self.same[index]
        return index

    def step(self, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
        """Indices of ``child`` = ``node.args[slot]``, for indices ``ix`` of the node."""
        handler = _STEPS.get(node.op)
        if handler is None:
            raise NoRuleError(f"no index form for the operator '{TABLE[node.op].words}' in a differential",
                              hint="ask for kind='hvp' or kind='differential'")  # fmt: skip
        return handler(self, node, child, slot, ix)  # type: ignore[no-any-return,operator]


def _pass(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    if node.op == "neg" or (node.op == "sub" and slot == 1):
        lo.sign = -lo.sign
    return ix


def _scale(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    other = node.args[1 - slot]
    if slot == 1:
        lo.scalars.append((other, False))
        return ix
    if other.type[0] == "s":
        lo.scalars.append((other, False))
    else:
        lo.factors.append(Factor(other, ix))
    return ()


def _div(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    lo.scalars.append((node.args[1], True))
    return ix


def _matmul(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    left, right = node.args
    rest = list(ix)
    row = [rest.pop(0)] if left.type[0] in "mc" else []
    col = [rest.pop()] if right.type[0] in "mr" else []
    inner = [lo.new(left.type[2])] if left.type[0] in "mr" else []
    a, b = tuple(row + inner), tuple(inner + col)
    lo.factors.append(Factor(right, b) if slot == 0 else Factor(left, a))
    return a if slot == 0 else b


def _transpose(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    return ix[::-1]


def _hadamard(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    other = node.args[1 - slot]
    if node.op == "hdiv":
        other = make("hdiv", (expr.fill(num(1), other.type), other))
    lo.factors.append(Factor(other, ix))
    return ix


def _sum(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    return lo.fresh(child.type)


def _trace(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    k = lo.new(child.type[1])
    return (k, k)


def _diagm(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    lo.factors.append(Factor(expr.eye(node.type[1]), ix))
    return ix[:1]


def _diagv(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    return (ix[0], ix[0])


def _fill(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    for i in ix:
        lo.factors.append(Factor(expr.ones(Type("c", lo.sizes[i], 1)), (i,)))  # type: ignore[index]
    return ()


def _rowsum(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    k = lo.new(child.type[2] if node.op == "rowsum" else child.type[1])
    return (ix[0], k) if node.op == "rowsum" else (k, ix[0])


def _vec(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    if child.type[0] != "m":
        return ix
    j, i = lo.split(ix[0], (child.type[2], child.type[1]))
    return (i, j)


def _unvec(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    return (Group((ix[1], ix[0])),)


def _kron(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    a, b = node.args
    rest = list(ix)
    first: list[Index] = []
    second: list[Index] = []
    if node.type[0] in "mc":
        _distribute(lo, rest.pop(0), a, b, "mc", 1, first, second)
    if node.type[0] in "mr":
        _distribute(lo, rest.pop(0), a, b, "mr", 2, first, second)
    mine, other = (first, second) if slot == 0 else (second, first)
    lo.factors.append(Factor(node.args[1 - slot], tuple(other)))
    return tuple(mine)


def _distribute(lo: Lowering, index: Index, a: Expr, b: Expr, kinds: str, axis: int, first: list[Index], second: list[Index]) -> None:
    has = [e.type[0] in kinds for e in (a, b)]
    if all(has):
        p, q = lo.split(index, (a.type[axis], b.type[axis]))  # type: ignore[arg-type]
        first.append(p)
        second.append(q)
    else:
        (first if has[0] else second).append(index)


def _phi(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    lo.factors.append(Factor(make("phi", (expr.ones(node.type),)), ix))
    return ix


def _einsum(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    inputs, output = parse_subscripts(node.attr)
    known: dict[str, Index] = {}
    sizes: dict[str, Dim] = {}
    for names, operand in zip(inputs, node.args, strict=True):
        sizes |= {n: d for n, d in zip(names, axes(operand.type), strict=True) if len(n) == 1}
    for letters, index in zip(output, ix, strict=True):
        if len(letters) == 1:
            known[letters] = index
        else:
            known |= dict(zip(letters, lo.split(index, tuple(sizes[c] for c in letters)), strict=True))

    def place(letters: str) -> Index:
        for c in letters:
            if c not in known:
                known[c] = lo.new(sizes[c])
        return known[letters] if len(letters) == 1 else Group(tuple(known[c] for c in letters))

    for i, operand in enumerate(node.args):
        if i != slot:
            lo.factors.append(Factor(operand, tuple(place(x) for x in inputs[i])))
    return tuple(place(x) for x in inputs[slot])


_STEPS: dict[str, object] = {
    "add": _pass, "sub": _pass, "neg": _pass, "scale": _scale, "div": _div, "matmul": _matmul, "T": _transpose,
    "hadamard": _hadamard, "hdiv": _hadamard, "sum": _sum, "tr": _trace, "diagm": _diagm, "diagv": _diagv, "fill": _fill,
    "rowsum": _rowsum, "colsum": _rowsum, "vec": _vec, "unvec": _unvec, "kron": _kron, "einsum": _einsum, "phi": _phi,
}  # fmt: skip


def parse_subscripts(text: str) -> tuple[list[list[str]], list[str]]:
    """``'(ij)k,kl->ijl'``: the axes of each operand and of the result; a group in parentheses is one axis."""
    left, _, right = text.partition("->")
    return [_axes(part) for part in left.split(",")], _axes(right)


def _axes(text: str) -> list[str]:
    out: list[str] = []
    i = 0
    while i < len(text):
        if text[i] == "(":
            end = text.index(")", i)
            out.append(text[i + 1 : end])
            i = end + 1
        else:
            out.append(text[i])
            i += 1
    return out


def einsum_type(text: str, types: Sequence[Type]) -> Type:
    """Type of an einsum; the parts of a composite axis come from the other operands, the last one by division."""
    inputs, output = parse_subscripts(text)
    pairs = [p for names, t in zip(inputs, types, strict=True) for p in zip(names, axes(t), strict=True)]
    sizes: dict[str, Dim] = {name: d for name, d in pairs if len(name) == 1}
    for name, d in pairs:
        unknown = [c for c in name if c not in sizes]
        if len(unknown) == 1:
            known: Dim = 1
            for c in name:
                known = dims.mul(known, sizes.get(c, 1))
            sizes[unknown[0]] = dims.quotient(d, known)
    shape = []
    for axis in output:
        total: Dim = 1
        for c in axis:
            total = dims.mul(total, sizes[c])
        shape.append(total)
    return expr.type_of(tuple(shape))


def lower(root: Expr, leaf: Expr) -> list[Lowered]:
    """Terms of an expression linear in ``leaf``; raises ``NoRuleError`` where an operator has no index form."""
    out: list[Lowered] = []
    for path in _paths(root, leaf):
        lo = Lowering(count())
        output = lo.fresh(root.type)
        ix = output
        for (node, slot), (child, _) in zip(path, path[1:], strict=False):
            ix = lo.step(node, child, slot, ix)
        out.append(_close(lo, output, ix, leaf))
        if len(out) > MAX_TERMS:
            raise NoRuleError(f"the differential has more than {MAX_TERMS} terms", hint="ask for kind='hvp', or name intermediate values")
    return out


def _paths(root: Expr, leaf: Expr) -> Iterator[list[tuple[Expr, int]]]:
    live: set[Expr] = set()
    for node in expr.postorder((root,)):
        if node is leaf or any(a in live for a in node.args):
            live.add(node)
    stack: list[tuple[Expr, list[tuple[Expr, int]]]] = [(root, [])]
    while stack:
        node, done = stack.pop()
        if node is leaf:
            yield [*done, (node, -1)]
            continue
        for slot in reversed(range(len(node.args))):
            if node.args[slot] in live:
                stack.append((node.args[slot], [*done, (node, slot)]))


def _close(lo: Lowering, output: Indices, ix: Indices, leaf: Expr) -> Lowered:
    """Free indices for the variable: its own where they are not taken, else through a Kronecker delta."""
    flat = [lo.find(i) for i in output]
    taken = {a for i in flat for a in _atoms(lo, i)}
    free: list[Index] = []
    for i, size in zip(ix, axes(leaf.type), strict=True):
        i = lo.find(i)
        mine = _atoms(lo, i)
        if taken.isdisjoint(mine):
            free.append(i)
        else:
            a = lo.new(size)
            if isinstance(i, Group):
                parts = tuple(lo.new(lo.sizes[p]) for p in mine)
                lo.factors.extend(Factor(expr.eye(lo.sizes[p]), (p, q)) for p, q in zip(mine, parts, strict=True))
                free.append(Group(parts))
                mine = list(parts)
            else:
                lo.factors.append(Factor(expr.eye(size), (i, a)))
                free.append(a)
                mine = [a]
        taken |= set(mine)
    factors = [Factor(f.expr, tuple(lo.find(i) for i in f.indices)) for f in lo.factors]
    return Lowered(tuple(lo.scalars), lo.sign, tuple(factors), tuple([*flat, *free]), lo.sizes)


def _atoms(lo: Lowering, index: Index) -> list[int]:
    index = lo.find(index)
    return [index] if isinstance(index, int) else [a for p in index.parts for a in _atoms(lo, p)]


def atoms(index: Index) -> list[int]:
    return [index] if isinstance(index, int) else [a for p in index.parts for a in atoms(p)]


# -- lifting ------------------------------------------------------------------------


def lift(term: Lowered) -> Expr:
    """The term in matrix form where it has at most two axes and no composite index; else an einsum."""
    factors, free = _merge(list(term.factors), term)
    scalars = [s for s in term.scalars] + [(f.expr, False) for f in factors if not f.indices]
    factors = [f for f in factors if f.indices]
    core = _as_matrix(factors, free, term) if len(free) <= 2 and all(isinstance(i, int) for i in free) else None
    if core is None:
        core = as_einsum(factors, term.output, term.sizes)
    for s, divides in scalars:
        core = make("div", (core, s)) if divides else expr.times(s, core) if core.type[0] != "t" else make("scale", (s, core))
    return core if term.sign > 0 else make("neg", (core,))


def _merge(factors: list[Factor], term: Lowered) -> tuple[list[Factor], Indices]:
    """Contract what two factors share until nothing more can be."""
    free = set(a for i in term.output for a in atoms(i))
    while True:
        for i, f in enumerate(factors):
            alone = _alone(f, factors, free, term.sizes)
            if alone is not None:
                factors = [*factors[:i], alone, *factors[i + 1 :]]
                break
        else:
            pair = _find_pair(factors, free)
            if pair is None:
                return factors, term.output
            i, j, merged = pair
            factors = [f for k, f in enumerate(factors) if k not in (i, j)] + [merged]


def _alone(f: Factor, factors: list[Factor], free: set[int], sizes: dict[int, Dim]) -> Factor | None:
    """A factor with a repeated index (a diagonal or a trace), or an index that only it has (a sum)."""
    if len(f.indices) == 2 and f.indices[0] == f.indices[1] and f.expr.type[0] == "m":
        return Factor(make("diagv", (f.expr,)), f.indices[:1])
    if f.expr.type[0] not in "mcr":
        return None
    for position, i in enumerate(f.indices):
        if isinstance(i, int) and i not in free and not any(i in atoms_of(g) for g in factors if g is not f):
            if len(f.indices) == 1:
                return Factor(make("sum", (f.expr,)), ())
            one = expr.ones(Type("c", sizes[i], 1))
            matrix = f.expr if position == 1 else transpose(f.expr)
            return Factor(make("matmul", (matrix, one)), (f.indices[1 - position],))
    return None


def atoms_of(f: Factor) -> list[int]:
    return [a for i in f.indices for a in atoms(i)]


def _find_pair(factors: list[Factor], free: set[int]) -> tuple[int, int, Factor] | None:
    for i, f in enumerate(factors):
        for j in range(i + 1, len(factors)):
            merged = _pair(f, factors[j], factors, free)
            if merged is not None:
                return i, j, merged
    return None


def _vector(f: Factor) -> Expr:
    """The expression of a factor with one index, as a column."""
    return transpose(f.expr) if f.expr.type[0] == "r" else f.expr


def _pair(f: Factor, g: Factor, factors: list[Factor], free: set[int]) -> Factor | None:
    if not all(isinstance(i, int) for i in (*f.indices, *g.indices)) or f.expr.type[0] == "t" or g.expr.type[0] == "t":
        return None
    if not f.indices or not g.indices:
        return None
    if f.indices == g.indices:
        if len(f.indices) == 1 and not _elsewhere(f.indices[0], f, g, factors, free):
            return Factor(make("matmul", (transpose(_vector(f)), _vector(g))), ())
        return Factor(make("hadamard", (_shaped(f), _shaped(g))), f.indices)
    if f.indices == g.indices[::-1] and len(f.indices) == 2:
        return Factor(make("hadamard", (f.expr, transpose(g.expr))), f.indices)
    shared = set(f.indices) & set(g.indices)
    if len(shared) != 1:
        return None
    (k,) = shared
    if _elsewhere(k, f, g, factors, free):
        return _diagonal_pair(f, g, k)
    return _contract(f, g, k)


def _shaped(f: Factor) -> Expr:
    return _vector(f) if len(f.indices) == 1 else f.expr


def _elsewhere(k: Index, f: Factor, g: Factor, factors: list[Factor], free: set[int]) -> bool:
    return k in free or any(k in h.indices for h in factors if h is not f and h is not g)


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
        return Factor(make("matmul", (transpose(_vector(f)), _vector(g))), ())
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
    factors = factors + [Factor(expr.ones(Type("c", term.sizes[i], 1)), (i,)) for i in free if i not in covered]  # type: ignore[index]
    if not free:
        return num(1) if not factors else None
    if len(free) == 1:
        return _vector(factors[0]) if len(factors) == 1 and factors[0].indices == free else None
    if len(factors) == 1 and len(factors[0].indices) == 2:
        (f,) = factors
        return f.expr if f.indices == free else transpose(f.expr) if f.indices == free[::-1] else None
    if len(factors) == 2 and all(len(f.indices) == 1 for f in factors):
        first, second = sorted(factors, key=lambda f: free.index(f.indices[0]))
        if (first.indices[0], second.indices[0]) == free:
            return make("matmul", (_vector(first), transpose(_vector(second))))
    return None


LETTERS = "ijklmnpqrstuvwxyzabcdefgh"


def as_einsum(factors: list[Factor], output: Indices, sizes: dict[int, Dim]) -> Expr:
    """The factors as an einsum; an output index that no factor has gets a column of ones."""
    covered = {a for f in factors for a in atoms_of(f)}
    missing = [a for i in output for a in atoms(i) if a not in covered]
    factors = factors + [Factor(expr.ones(Type("c", sizes[a], 1)), (a,)) for a in dict.fromkeys(missing)]
    letters: dict[int, str] = {}
    for a in [*(a for i in output for a in atoms(i)), *(a for f in factors for a in atoms_of(f))]:
        if a not in letters:
            letters[a] = LETTERS[len(letters)]

    def write(ix: Indices) -> str:
        return "".join(letters[i] if isinstance(i, int) else "(" + "".join(letters[a] for a in atoms(i)) + ")" for i in ix)

    def size(i: Index) -> Dim:
        total: Dim = 1
        for a in atoms(i):
            total = dims.mul(total, sizes[a])
        return total

    text = ",".join(write(f.indices) for f in factors) + "->" + write(output)
    return make("einsum", tuple(f.expr for f in factors), text, expr.type_of(tuple(size(i) for i in output)))
