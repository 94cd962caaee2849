"""Index form: a linear expression as sums over indices, and its lifting back into matrix form.

An expression that is linear in a differential is a sum of terms; each term is a path of linear
operators from the root to the differential. Lowered, a term is a product of factors with indices
(Laue, Mitterreiter and Giesen, AAAI 2020); the indices of the output and of the differential are free. Contractions
are then merged into matrix products; what has more than two axes stays an ``einsum``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from matcalc.expr import dims
from matcalc.expr import nodes as expr
from matcalc.expr.dims import Dim
from matcalc.expr.errors import NoRuleError
from matcalc.expr.nodes import Expr, make, num
from matcalc.expr.slices import indexed, unit
from matcalc.expr.subscripts import letter_sizes, parse_subscripts
from matcalc.expr.table import TABLE, Type


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
            if tuple(self.size(p) for p in index.parts) == sizes:
                return index.parts
            parts = tuple(self.new(s) for s in sizes)  # stacked in another way: tied by an identity
            self.factors.append(Factor(expr.eye(self.size(index)), (index, Group(parts))))
            return parts
        parts = tuple(self.new(s) for s in sizes)
        self.same[index] = Group(parts)
        return parts

    def size(self, index: Index) -> Dim:
        total: Dim = 1
        for a in _atoms(self, index):
            total = dims.mul(total, self.sizes[a])
        return total

    def find(self, index: Index) -> Index:
        while isinstance(index, int) and index in self.same:
            index = self.same[index]
        return index

    def step(self, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
        """Indices of ``child`` = ``node.args[slot]``, for indices ``ix`` of the node."""
        handler = STEPS.get(node.op)
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
    a, b = tuple([*row, *inner]), tuple([*inner, *col])
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
    return (Group((ix[1], ix[0])),) if len(ix) == 2 else ix  # a matrix of one column is a column


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


def _distribute(
    lo: Lowering, index: Index, a: Expr, b: Expr, kinds: str, axis: int, first: list[Index], second: list[Index]
) -> None:
    has = [e.type[0] in kinds for e in (a, b)]
    if all(has):
        p, q = lo.split(index, (a.type[axis], b.type[axis]))
        first.append(p)
        second.append(q)
    else:
        (first if has[0] else second).append(index)


def _conv(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    """Each of both operators is a matrix, made of its other operand, times this one."""
    other, k = node.args[1 - slot], lo.new(child.type[1])
    rows, cols = node.type[1], child.type[1]
    if node.op == "conv":
        lo.factors.append(Factor(make("convmatrix", (other,), None, Type("m", rows, cols)), (ix[0], k)))
    elif slot == 0:
        lo.factors.append(Factor(make("convmatrix", (other,), None, Type("m", cols, rows)), (k, ix[0])))
    else:
        lo.factors.append(Factor(make("hankel", (other,), None, Type("m", rows, cols)), (ix[0], k)))
    return (k,)


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


def _selected(lo: Lowering, index: Index, size: Dim, first: Dim) -> Index:
    """An index over a part: it runs from ``first`` on within ``index``."""
    k = lo.new(size)
    lo.factors.append(Factor(indexed("padrows", expr.eye(size), first, lo.size(index)), (index, k)))
    return k


def _vcat(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    first: Dim = 1 if slot == 0 else dims.add(node.args[0].type[1], 1)
    return (_selected(lo, ix[0], child.type[1], first), *ix[1:])


def _hcat(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    first: Dim = 1 if slot == 0 else dims.add(node.args[0].type[2], 1)
    if child.type[0] == "m":
        return (ix[0], _selected(lo, ix[1], child.type[2], first))
    lo.factors.append(Factor(unit(node.type[2], first), ix[1:]))
    return ix[:1]


def _entry(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    """One entry of a column, or one column of a matrix."""
    size = child.type[1 if node.op == "entry" else 2]
    k = lo.new(size)
    lo.factors.append(Factor(unit(size, node.attr[0]), (k,)))
    return (*ix, k)


def _rows(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    size = child.type[1]
    k = lo.new(size)
    lo.factors.append(Factor(indexed("padrows", expr.eye(node.type[1]), node.attr[0], size), (k, ix[0])))
    return (k, *ix[1:])


def _padrows(lo: Lowering, node: Expr, child: Expr, slot: int, ix: Indices) -> Indices:
    return (_selected(lo, ix[0], child.type[1], node.attr[0]), *ix[1:])


STEPS: dict[str, object] = {
    "add": _pass, "sub": _pass, "neg": _pass, "scale": _scale, "div": _div, "matmul": _matmul, "T": _transpose,
    "hadamard": _hadamard, "hdiv": _hadamard, "sum": _sum, "tr": _trace, "diagm": _diagm, "diagv": _diagv, "fill": _fill,
    "rowsum": _rowsum, "colsum": _rowsum, "vec": _vec, "unvec": _unvec, "kron": _kron, "einsum": _einsum, "phi": _phi,
    "conv": _conv, "corr": _conv,
    "vcat": _vcat, "hcat": _hcat, "entry": _entry, "col": _entry, "rows": _rows, "padrows": _padrows,
}  # fmt: skip


def einsum_type(text: str, types: Sequence[Type]) -> Type:
    """Type of an einsum."""
    inputs, output = parse_subscripts(text)
    sizes = letter_sizes(inputs, [axes(t) for t in types])
    shape = []
    for axis in output:
        total: Dim = 1
        for c in axis:
            total = dims.mul(total, sizes[c])
        shape.append(total)
    return expr.type_of(tuple(shape))


def close(lo: Lowering, output: Indices, ix: Indices, leaf: Expr) -> Lowered:
    """Free indices for the variable: its own where they are not taken, else through a Kronecker delta."""
    flat = [_whole(lo, i) for i in output]
    taken = {a for i in flat for a in _atoms(lo, i)}
    free: list[Index] = []
    for i, size in zip(ix, axes(leaf.type), strict=True):
        i = _whole(lo, i)
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
    factors = [Factor(f.expr, tuple(_whole(lo, i) for i in f.indices)) for f in lo.factors]
    return Lowered(tuple(lo.scalars), lo.sign, tuple(factors), tuple([*flat, *free]), lo.sizes)


def _whole(lo: Lowering, index: Index) -> Index:
    """The index in its last parts: those of vec(kron(A, B)) are split, and split again."""
    parts = _atoms(lo, index)
    return parts[0] if len(parts) == 1 else Group(tuple(parts))


def _atoms(lo: Lowering, index: Index) -> list[int]:
    index = lo.find(index)
    return [index] if isinstance(index, int) else [a for p in index.parts for a in _atoms(lo, p)]


def atoms(index: Index) -> list[int]:
    return [index] if isinstance(index, int) else [a for p in index.parts for a in atoms(p)]
