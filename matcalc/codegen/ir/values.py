"""Values as products of scalars and of factors that do not commute, and the nodes that hold them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from fractions import Fraction

from matcalc.codegen.ir.graph import ONE, Chain, Factor, Graph, Node, Powers, Ref, Val, cancel, is_ones, opened, shape_of, turned
from matcalc.expr.dims import Dim
from matcalc.expr.table import TABLE, Type

SYMMETRIC = frozenset(("symmetric", "spd", "diagonal", "symmetric-toeplitz", "laplacian"))


def role_of(t: Type) -> str:
    """The role that an array of this type has in a product."""
    return {"s": "s", "c": "c", "r": "r", "m": "M"}.get(t.kind, "N")


class Values(ABC):
    """Makes values. ``properties`` are those that the user declared for variables."""

    def __init__(self, properties: Mapping[str, frozenset[str]] | None = None, once: bool = False) -> None:
        self.graph = Graph()
        self.properties = properties or {}
        self.sums: dict[frozenset[tuple[Node, Fraction]], tuple[Node, Fraction]] = {}
        self.free_roots: set[Node] = set()  # that the value does not divide by
        self.once = once  # all but the value are first derivatives
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
            chain = opened(node).chain
            return self.turned(chain) == chain
        if node.op == "lin":
            coefs, diagonal = node.attr if isinstance(node.attr[0], tuple) else (node.attr, 0)  # the second is a planned sum
            items = dict(zip(node.args[: len(node.args) - diagonal], coefs, strict=False))
            return all(len(a.shape) != 1 and items.get(self._mirrored(a)) == c for a, c in items.items())
        if node.op == "mul" or (node.op in TABLE and TABLE[node.op].symmetric == "kept"):
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
            return Val(ONE, chain=(Factor("N", self.graph.make("ones", shape=tuple(t.rows))),))
        column = Factor("c", self.graph.make("ones", shape=(t.rows,)))
        row = Factor("r", self.graph.make("ones", shape=(t.cols,)))
        return Val(ONE, chain={"c": (column,), "r": (row,), "m": (column, row)}[t.kind])

    def eye(self, n: Dim) -> Val:
        return Val(ONE, chain=(Factor("D", self.graph.make("ones", shape=(n,))),))

    @abstractmethod
    def finished(self, v: Val) -> Val:
        """A whole product in its stable form, before it becomes an array."""

    @abstractmethod
    def add(self, parts: Sequence[Val], t: Type) -> Val:
        """The sum of values of one type."""

    @abstractmethod
    def hadamard(self, factors: Sequence[tuple[Val, Fraction]], t: Type) -> Val:
        """The entrywise product of arrays of one type, each with an integer exponent."""

    @abstractmethod
    def array_or_spread(self, node: Node, t: Type, flip: bool) -> Val:
        """An array of the type, or a scalar in each of its entries."""

    # -- values to nodes ------------------------------------------------------------

    def ref(self, v: Val) -> Ref:
        """The node that holds the value as an array, or its transpose."""
        if not v.coef:
            shape = shape_of(v.chain)
            return Ref(self.graph.make("zeros", shape=shape) if shape else self.graph.make("num", attr=v.coef))
        v = self.finished(v)
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
            return Ref(
                self.graph.make("diagm" if f.role == "D" else "inv", (f.node,), None, shape_of(v.chain)),
                f.flip,
            )
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
        if len(chain) == 2 and self._cancels(*[f.node for f in chain]):
            powers: Powers = {}
            for f in chain:
                add_power(powers, Ref(f.node), ONE)
            rest = self.from_powers(powers, "c", chain[0].node.shape)
            return self.closed((Factor("r", self.graph.make("ones", shape=chain[0].node.shape)), *rest.chain))
        return self.ref(Val(ONE, chain=chain)).node

    def _cancels(self, a: Node, b: Node) -> bool:
        """x' (y ⊘ x) = 1'y"""
        return any(y.op == "mul" and x in y.args and y.attr[y.args.index(x)] < 0 for x, y in ((a, b), (b, a)))

    def size(self, d: Dim) -> Node:
        return self.graph.make("num", attr=Fraction(d)) if isinstance(d, int) else self.graph.make("dim", attr=d)

    def over(self, a: Val, s: Val) -> Val:
        """Division by a scalar."""
        if not s.coef and not a.coef:
            return a._replace(coef=ONE, nums=(self.graph.make("const", attr="nan"),), dens=())
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
