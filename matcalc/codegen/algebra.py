"""Products, sums and entrywise products of values, kept in a form in which equal computations are the same node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from matcalc.codegen import stable
from matcalc.codegen.ir import (
    ONE,
    Chain,
    Factor,
    Graph,
    Node,
    Ref,
    Val,
    broadcast,
    cancel,
    is_ones,
    shape_of,
    turned,
)
from matcalc.dims import Dim
from matcalc.ops import SCALAR, Type

ZERO = stable.ZERO
SYMMETRIC = frozenset(("symmetric", "spd", "diagonal", "symmetric-toeplitz", "laplacian"))
Powers = dict[Ref, Fraction]  # entrywise factors with their exponents


def role_of(t: Type) -> str:
    """The role that an array of this type has in a product."""
    return {"s": "s", "c": "c", "r": "r", "m": "M"}.get(t.kind, "N")


class Algebra:
    """Makes values. ``properties`` are those that the user declared for variables."""

    def __init__(self, properties: Mapping[str, frozenset[str]] | None = None) -> None:
        self.graph = Graph()
        self.properties = properties or {}
        self.sums: dict[frozenset[tuple[Node, Fraction]], tuple[Node, Fraction]] = {}
        self.guarding = True
        self.as_written: set[Val] = set()  # products in the value: they are not guarded
        self.symmetries: dict[Node, bool] = {}
        self.one = self.graph.make("num", attr=ONE)

    # -- leaves -------------------------------------------------------------------

    def has(self, node: Node, wanted: frozenset[str]) -> bool:
        """Whether the node is a variable that was declared to have one of the properties."""
        return node.op == "sym" and not wanted.isdisjoint(self.properties.get(node.attr, ()))

    def symmetric(self, node: Node) -> bool:
        """Whether a matrix is its own transpose, as far as declarations and its making tell."""
        known = self.symmetries.get(node)
        if known is None:
            known = self.symmetries[node] = len(node.shape) == 2 and self._is_symmetric(node)
        return known

    def _is_symmetric(self, node: Node) -> bool:
        if node.op == "term":
            chain = stable.opened(node).chain
            return self.turned(chain) == chain
        if node.op == "lin":
            items = dict(zip(node.args[: len(node.args) - node.attr[1]], node.attr[0], strict=False))
            return all(len(a.shape) != 1 and items.get(self._mirrored(a)) == c for a, c in items.items())
        if node.op in ("mul", "inv", "mpow", "exp", "abs"):
            return all(self.symmetric(a) for a in node.args)
        return self.has(node, SYMMETRIC)

    def _mirrored(self, node: Node) -> Node:
        return node if not node.shape or self.symmetric(node) else self.explicit(Ref(node, True))

    def turned(self, chain: Chain) -> Chain:
        """The transposed product."""
        return tuple([f._replace(flip=False) if f.flip and self.symmetric(f.node) else f for f in turned(chain)])

    def scalar(self, node: Node) -> Val:
        return Val(node.attr) if node.op == "num" else Val(ONE, (node,))

    def array(self, node: Node, role: str, flip: bool = False) -> Val:
        if role == "s":
            return self.scalar(node)
        if node.op == "T":
            node, flip = node.args[0], not flip
        return Val(ONE, chain=(Factor(role, node, flip and not self.symmetric(node)),))

    def ones(self, t: Type) -> Val:
        """All entries 1: a product of columns and rows of ones, so that it is never there as an array."""
        if t.kind == "s":
            return Val(ONE)
        if t.kind == "t":
            return Val(ONE, chain=(Factor("N", self.graph.make("ones", shape=tuple(t.rows))),))  # type: ignore[arg-type]
        column = Factor("c", self.graph.make("ones", shape=(t.rows,)))
        row = Factor("r", self.graph.make("ones", shape=(t.cols,)))
        return Val(ONE, chain={"c": (column,), "r": (row,), "m": (column, row)}[t.kind])

    def eye(self, n: Dim) -> Val:
        return Val(ONE, chain=(Factor("D", self.graph.make("ones", shape=(n,))),))

    # -- values to nodes ------------------------------------------------------------

    def ref(self, v: Val) -> Ref:
        """The node that holds the value as an array, or its transpose."""
        if not v.coef:
            shape = shape_of(v.chain)
            return Ref(self.graph.make("zeros", shape=shape) if shape else self.graph.make("num", attr=v.coef))
        v = stable.finished(self, v)
        plain = v.coef == 1 and not v.nums and not v.dens
        if not v.chain:
            if plain or not (v.nums or v.dens):
                return Ref(self.one if plain else self.graph.make("num", attr=v.coef))
            if v.coef == 1 and len(v.nums) == 1 and not v.dens:
                return Ref(v.nums[0])
        elif plain and len(v.chain) == 1:
            f = v.chain[0]
            if f.role not in "DI":
                return Ref(f.node, f.flip)
            return Ref(self.graph.make("diagm" if f.role == "D" else "inv", (f.node,), None, shape_of(v.chain)), f.flip)
        return self.term(v)

    def term(self, v: Val) -> Ref:
        """A product that is computed as a whole; it is known when its transpose is."""
        shape = shape_of(v.chain)
        op, args, attr = self._term_key(v, v.chain)
        other = self.turned(v.chain)
        if len(shape) != 1 and other != v.chain and self.graph.known(op, args, attr, shape) is None:
            known = self.graph.known(*self._term_key(v, other), shape[::-1])
            if known is not None:
                return Ref(known, len(shape) == 2)
        if len(shape) == 1 and v.chain[0].role == "r":
            return Ref(self.graph.make(*self._term_key(v, other), shape))  # as a column
        return Ref(self.graph.make(op, args, attr, shape))

    def _term_key(self, v: Val, chain: Chain) -> tuple[str, tuple[Node, ...], object]:
        roles = tuple([(f.role, f.flip) for f in chain])
        args = (*v.nums, *v.dens, *[f.node for f in chain])
        return "term", args, (v.coef, len(v.nums), len(v.dens), roles)

    def node(self, v: Val) -> Node:
        found = self.ref(v)
        return self.explicit(found)

    def explicit(self, r: Ref) -> Node:
        """A node for the transpose too, where an operator wants one."""
        if not r.flip:
            return r.node
        return r.node.args[0] if r.node.op == "T" else self.graph.make("T", (r.node,), None, r.node.shape[::-1])

    # -- products ---------------------------------------------------------------------

    def times(self, a: Val, b: Val) -> Val:
        """The product: matrix product where both are arrays."""
        coef = a.coef * b.coef
        chain, closed = self.join(a.chain, b.chain)
        nums, dens = cancel((*a.nums, *b.nums, *closed), (*a.dens, *b.dens))
        return Val(coef, nums, dens, chain)

    def join(self, a: Chain, b: Chain) -> tuple[Chain, tuple[Node, ...]]:
        """``a`` then ``b``; a row that meets a column closes to a scalar, which is given apart."""
        if not a or not b:
            return a or b, ()
        if len(a) == 1 and a[0].role == "D" and is_ones(a[0]):
            return b, ()
        if len(b) == 1 and b[0].role == "D" and is_ones(b[0]):
            return a, ()
        if a[-1].role == "D" and b[0].role == "c" and is_ones(b[0]):  # diag(v) 1 = v
            return self.join(a[:-1], (Factor("c", a[-1].node), *b[1:]))
        if b[0].role == "D" and a[-1].role == "r" and is_ones(a[-1]):
            return self.join((*a[:-1], Factor("r", b[0].node)), b[1:])
        if a[-1].role == b[0].role == "D":
            powers: Powers = {}
            for f in (a[-1], b[0]):
                add_power(powers, Ref(f.node), ONE)
            v = self.from_powers(powers, "c", a[-1].node.shape)
            return self.join(a[:-1], (Factor("D", self.node(v)), *b[1:]))
        start = next((i for i, f in enumerate(a) if f.role == "r"), None)
        end = next((j for j, f in enumerate(b) if f.role == "c"), None)
        if start is None or end is None:
            return a + b, ()
        return a[:start] + b[end + 1 :], (self.closed(a[start:] + b[: end + 1]),)

    def closed(self, chain: Chain) -> Node:
        """The scalar ``row · matrices · column``."""
        if len(chain) == 2 and is_ones(chain[0]) and is_ones(chain[1]):
            return self.size(chain[0].node.shape[0])
        return self.ref(Val(ONE, chain=chain)).node

    def size(self, d: Dim) -> Node:
        return self.graph.make("num", attr=Fraction(d)) if isinstance(d, int) else self.graph.make("dim", attr=d)

    def over(self, a: Val, s: Val) -> Val:
        """Division by a scalar."""
        if not s.coef:
            return self.times(a, Val(ONE, (), (self.graph.make("num", attr=Fraction(0)),)))
        return self.times(a, Val(1 / s.coef, s.dens, s.nums))

    def flip(self, v: Val) -> Val:
        return v._replace(chain=self.turned(v.chain))

    def inverse(self, v: Val) -> Val:
        """Inverse of a scalar or square matrix."""
        if not v.chain or not v.coef:
            return self.over(Val(ONE), v)
        scalars = Val(1 / v.coef, v.dens, v.nums)
        f = v.chain[0]
        if len(v.chain) == 1 and f.role == "I":
            return scalars._replace(chain=(Factor("M", f.node, f.flip),))
        if len(v.chain) == 1 and f.role == "D":
            return scalars._replace(chain=(Factor("D", self.reciprocal(f.node)),))
        node, flip = self.ref(Val(ONE, chain=v.chain))
        return scalars._replace(chain=(Factor("I", node, flip and not self.symmetric(node)),))

    def reciprocal(self, vector: Node) -> Node:
        powers = {Ref(vector): -ONE}
        return vector if vector.op == "ones" else self.node(self.from_powers(powers, "c", vector.shape))

    def power(self, v: Val, k: int) -> Val:
        """Integer power of a scalar."""
        if k < 0:
            return self.over(Val(ONE), self.power(v, -k))
        if k > 12 or (v.coef != 1 and len(v.nums) + len(v.dens) > 3):
            return self.scalar(self.graph.make("pow", (self.node(v),), Fraction(k)))
        return Val(v.coef**k, v.nums * k, v.dens * k)

    # -- entrywise products --------------------------------------------------------------

    def hadamard(self, factors: Sequence[tuple[Val, Fraction]], t: Type) -> Val:
        """The entrywise product of arrays of one type, each with an integer exponent."""
        scalars = Val(ONE)
        parts: dict[str, Powers] = {"all": {}, "c": {}, "r": {}}
        for v, e in factors:
            whole = Val(v.coef, v.nums, v.dens)
            if not v.coef:
                return ZERO._replace(chain=self.ones(t).chain) if e > 0 else self.over(self.ones(t), ZERO)
            scalars = self.times(scalars, self.power(whole, int(e)))
            self.collect(parts, v.chain, e)
        scalars = stable.fold(self, parts, scalars, t)
        role = role_of(t)
        ends = {"c": t.rows, "r": t.cols}
        if role != "M" or parts["all"]:
            body = self.from_powers(parts["all"], role, self._public(t))
            left, right = (self._diagonal(parts[k], ends[k]) for k in "cr")
            return self.times(self.times(self.times(scalars, left), body), right)
        column, row = (self.from_powers(parts[k], k, (ends[k],)) for k in "cr")
        return self.times(self.times(scalars, column), row)

    def _public(self, t: Type) -> tuple[Dim, ...]:
        if t.kind == "t":
            return t.rows  # type: ignore[return-value]
        return {"c": (t.rows,), "r": (t.cols,), "m": (t.rows, t.cols)}[t.kind]

    def _diagonal(self, powers: Powers, n: Dim) -> Val:
        if not powers:
            return Val(ONE)
        v = self.from_powers(powers, "c", (n,))
        return v._replace(chain=(Factor("D", self.node(Val(ONE, chain=v.chain))),))

    def collect(self, parts: dict[str, Powers], chain: Chain, e: Fraction) -> None:
        """Add the entrywise factors of a product: what varies along rows only, columns only, and the rest."""
        vector = len(shape_of(chain)) == 1
        start, end = 0, len(chain)
        while end - start > 1 and chain[start].role == "D":
            add_power(parts["all" if vector else "c"], Ref(chain[start].node), e)
            start += 1
        while end - start > 1 and chain[end - 1].role == "D":
            add_power(parts["all" if vector else "r"], Ref(chain[end - 1].node), e)
            end -= 1
        chain = chain[start:end]
        middle = next((i for i, f in enumerate(chain) if f.role == "r"), None)
        if vector or middle is None or not any(f.role == "c" for f in chain):
            if not (len(chain) == 1 and is_ones(chain[0]) and chain[0].role != "D"):
                add_power(parts["all"], self.ref(Val(ONE, chain=chain)), e)
            return
        for key, side in (("c", chain[:middle]), ("r", chain[middle:])):
            if not is_ones(side[0]) or len(side) > 1:
                add_power(parts[key], self.ref(Val(ONE, chain=side)), e)

    def from_powers(self, powers: Powers, role: str, shape: tuple[Dim, ...]) -> Val:
        """The entrywise product as a value of a role."""
        if not powers:
            node = self.graph.make("ones", shape=shape)
            if role != "M":
                return self.array(node, role)
            return self.ones(Type("m", shape[0], shape[1]))
        items = sorted(powers.items(), key=lambda item: (item[0].node.number, item[0].flip))
        flip = role == "M" and items[0][0].flip
        if len(items) == 1 and items[0][1] == 1:
            return self.array(items[0][0].node, role, flip)
        args = tuple([self.explicit(Ref(r.node, r.flip != flip)) for r, _ in items])
        node = self.graph.make("mul", args, tuple([e for _, e in items]), shape[::-1] if flip else shape)
        return self.array(node, role, flip)

    # -- sums ------------------------------------------------------------------------------

    def add(self, parts: Sequence[Val], t: Type) -> Val:
        """The sum of values of one type; terms in the same array are collected."""
        entries: dict[Node, Fraction] = {}
        diagonal: dict[Node, Fraction] = {}
        units: dict[Node, Val] = {}
        refs: list[tuple[Ref, Val]] = []
        for v in parts:
            unit = v._replace(coef=ONE)
            if v.coef and t.kind == "m" and len(v.chain) == 1 and v.chain[0].role == "D":
                key = self.node(self._on_diagonal(unit))
                accumulate(diagonal, key, v.coef)
                units[key] = unit
            elif v.coef:
                refs.append((self.spread(unit), v))
        if t.kind == "m" and not diagonal and refs and all(r.node.op == "col" or not r.node.shape for r, _ in refs):
            return self._column_sum(refs, t)
        flip = t.kind == "m" and self._mostly_flipped([r for r, _ in refs])
        for r, v in refs:
            key = self.explicit(self._turn(r)) if flip else self.explicit(r)
            accumulate(entries, key, v.coef)
            units[key] = v._replace(coef=ONE)
        if not entries and not diagonal:
            return ZERO._replace(chain=self.ones(t).chain)
        if len(entries) + len(diagonal) == 1:
            ((key, c),) = (*entries.items(), *diagonal.items())
            return units[key]._replace(coef=c * units[key].coef)
        if not entries:
            return self._diagonal_sum([self._on_diagonal(units[k])._replace(coef=c) for k, c in diagonal.items()], t.rows)
        folded = stable.one_minus(self, entries, role_of(t), flip) if not diagonal else None
        return folded or self._registered(entries, diagonal, t, flip)

    def _on_diagonal(self, v: Val) -> Val:
        """The diagonal: a vector, or a scalar for a multiple of the identity."""
        f = v.chain[0]
        return v._replace(chain=() if is_ones(f) else (Factor("c", f.node),))

    def _column_sum(self, refs: Sequence[tuple[Ref, Val]], t: Type) -> Val:
        """u 1' + v 1' = (u + v) 1'"""
        column = Type("c", t.rows, 1)
        parts = [
            (self.array(r.node.args[0], "c") if r.node.shape else self.times(self.scalar(r.node), self.ones(column)))
            for r, _ in refs
        ]
        total = self.add([self.times(Val(v.coef), p) for p, (_, v) in zip(parts, refs, strict=True)], column)
        return self.times(total, Val(ONE, chain=self.ones(t).chain[1:]))

    def _diagonal_sum(self, parts: Sequence[Val], n: Dim) -> Val:
        """diag(u) + diag(v) = diag(u + v)"""
        if not any(v.chain for v in parts):
            return self.times(self.add(parts, SCALAR), self.eye(n))
        t = Type("c", n, 1)
        v = self.add([v if v.chain else self.times(v, self.ones(t)) for v in parts], t)
        return v._replace(chain=(Factor("D", self.node(Val(ONE, chain=v.chain))),))

    def _mostly_flipped(self, refs: list[Ref]) -> bool:
        whole = [r for r in refs if len(r.node.shape) == 2 and 1 not in r.node.shape]
        return bool(whole) and min(whole, key=lambda r: (r.node.number, r.flip)).flip

    def _turn(self, r: Ref) -> Ref:
        """The transpose of a term, also of one that broadcasts."""
        if r.node.op == "col":
            return Ref(r.node.args[0])
        if len(r.node.shape) == 1:
            return Ref(self.column(r.node))
        return Ref(r.node, not r.flip and bool(r.node.shape))

    def column(self, vector: Node) -> Node:
        """The vector as an n×1 array, that broadcasts along rows."""
        return self.graph.make("col", (vector,), None, (vector.shape[0], 1))

    def spread(self, v: Val) -> Ref:
        """The node of a term in a sum, no larger than broadcasting needs."""
        chain = v.chain
        first, last = (chain[0], chain[-1]) if chain else (None, None)
        if first is None or last is None:
            return self.ref(v)
        if len(chain) == 1:
            return self.ref(v._replace(chain=())) if is_ones(first) and first.role != "D" else self.ref(v)
        if first.role == "c" and is_ones(first) and chain[1].role == "r":
            rest = () if len(chain) == 2 and is_ones(last) else chain[1:]
            return self.ref(v._replace(chain=rest))
        if last.role == "r" and is_ones(last) and chain[-2].role == "c":
            return Ref(self.column(self.node(v._replace(chain=chain[:-1]))))
        return self.ref(v)

    def _registered(self, entries: dict[Node, Fraction], diagonal: dict[Node, Fraction], t: Type, flip: bool) -> Val:
        """A sum that is a multiple of an earlier one is that one, scaled."""
        items = [*entries.items(), *[(self.graph.make("onto", (n,)), c) for n, c in diagonal.items()]]
        first = min(items, key=lambda item: item[0].number)[1]
        key = frozenset([(n, c / first) for n, c in items])
        if key not in self.sums:
            same = len({abs(c) for _, c in items}) == 1
            divisor = abs(first) if same else ONE
            coefs = tuple([c / divisor for _, c in items])
            args = (*entries, *diagonal)
            shape = broadcast([n.shape for n in entries]) if not diagonal else (t.rows, t.cols)
            self.sums[key] = self.graph.make("lin", args, (coefs, len(diagonal)), shape), first / divisor
        node, scale = self.sums[key]
        return self.array_or_spread(node, t, flip)._replace(coef=first / scale)

    def array_or_spread(self, node: Node, t: Type, flip: bool) -> Val:
        """A node as a value of the type; one that broadcasts becomes a product with ones."""
        ones = self.ones(t).chain
        if not node.shape and t.kind != "s":
            return Val(ONE, (node,), (), ones)
        if t.kind == "m" and len(node.shape) == 1:
            vector = (Factor("r", node),) if not flip else (Factor("c", node),)
            return Val(ONE, chain=(ones[0], *vector) if not flip else (*vector, ones[1]))
        return self.array(node, role_of(t), flip)


def add_power(powers: Powers, r: Ref, e: Fraction) -> None:
    """Multiply by ``r ** e``; a product is entered factor by factor."""
    if r.node.op == "T":
        r = Ref(r.node.args[0], not r.flip)
    inner = [(r, ONE)]
    if r.node.op == "mul" and len(r.node.args) <= 16:
        pairs = zip(r.node.args, r.node.attr, strict=True)
        inner = [(Ref(n.args[0], not r.flip) if n.op == "T" else Ref(n, r.flip), k) for n, k in pairs]
    for key, k in inner:
        total = powers.get(key, Fraction(0)) + k * e
        if total:
            powers[key] = total
        else:
            del powers[key]


def accumulate(entries: dict[Node, Fraction], key: Node, c: Fraction) -> None:
    total = entries.get(key, Fraction(0)) + c
    if total:
        entries[key] = total
    else:
        del entries[key]
