"""Nodes that are computed by one line of NumPy each, and the small choices in making them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from matcalc.codegen.ir.graph import ONE, Graph, Node, Ref, Shape, broadcast

NORMS = frozenset(("norm2", "guard"))
LONGEST = 8  # terms or factors in one line


class Scalars(NamedTuple):
    """What a product is multiplied by: a number, scalars above and below the line."""

    coef: Fraction = ONE
    nums: tuple[Node, ...] = ()
    dens: tuple[Node, ...] = ()

    @property
    def trivial(self) -> bool:
        return self == UNIT


UNIT = Scalars()


class Kernels(Graph):
    """Makes the nodes of a plan."""

    def map(self, op: str, x: Node, attr: object = None) -> Node:
        """A function of each entry."""
        return self.make(op, (x,), attr, x.shape)

    def number(self, value: int) -> Node:
        return self.make("num", attr=Fraction(value))

    def explicit(self, r: Ref) -> Node:
        if not r.flip or len(r.node.shape) != 2:
            return r.node
        if r.node.op == "outer":
            return self.make("outer", r.node.args[::-1], None, r.node.shape[::-1])
        return r.node.args[0] if r.node.op == "T" else self.make("T", (r.node,), None, r.node.shape[::-1])

    def column(self, vector: Node) -> Node:
        return self.make("col", (vector,), None, (vector.shape[0], 1))

    def aligned(self, refs: Sequence[Ref]) -> tuple[list[Node], bool]:
        """The operands of an entrywise operator; all matrices transposed is the result transposed."""
        whole = [r for r in refs if len(r.node.shape) == 2 and 1 not in r.node.shape]
        flip = bool(whole) and all(r.flip for r in whole)
        if not flip:
            return [self.explicit(r) for r in refs], False
        return [r.node if r in whole else self.turned(r.node) for r in refs], True

    def turned(self, node: Node) -> Node:
        """What broadcasts, the other way round."""
        if node.op == "col":
            return node.args[0]
        return self.column(node) if len(node.shape) == 1 else self.explicit(Ref(node, True))

    def prod(self, args: Sequence[Node], signs: Sequence[int], coef: Fraction = ONE) -> Node:
        """``coef`` times the arguments with sign 1, divided by those with sign -1."""
        pairs = [(a, s) for a, s in zip(args, signs, strict=True) if a.op != "num"]
        for a, s in zip(args, signs, strict=True):
            if a.op == "num" and (a.attr or s > 0):
                coef *= a.attr**s
            elif a.op == "num":
                pairs.append((a, s))
        if coef == 1 and len(pairs) == 1 and pairs[0][1] == 1:
            return pairs[0][0]
        if not pairs:
            return self.make("num", attr=coef)
        while len(pairs) > LONGEST:
            head, pairs = pairs[:LONGEST], pairs[LONGEST:]
            pairs.insert(0, (self.prod([a for a, _ in head], [s for _, s in head]), 1))
        args = tuple([a for a, _ in pairs])
        attr = (coef, tuple([s for _, s in pairs]))
        return self.make("prod", args, attr, broadcast([a.shape for a in args]))

    def power(self, x: Node, k: int) -> Node:
        """A whole power, by squaring."""
        if k == 1:
            return x
        if not x.shape and k != 2:
            return self.map("pow", x, Fraction(k))
        return self.map("square", self.power(x, k // 2)) if k % 2 == 0 else self.prod([x, self.power(x, k - 1)], (1, 1))

    def lin(self, args: Sequence[Node], coefs: Sequence[Fraction]) -> Node:
        """The sum of the arguments, each times its number."""
        if len(args) == 1:
            return self.prod(args, (1,), coefs[0])
        args, coefs = list(args), list(coefs)
        while len(args) > LONGEST:
            head = self.lin(args[:LONGEST], coefs[:LONGEST])
            args[:LONGEST], coefs[:LONGEST] = [head], [ONE]
        first = next((i for i, c in enumerate(coefs) if c > 0), 0)
        order = [first, *[i for i in range(len(args)) if i != first]]
        shape = broadcast([a.shape for a in args])
        return self.make("lin", tuple([args[i] for i in order]), tuple([coefs[i] for i in order]), shape)

    def scaled(self, x: Node, s: Scalars) -> Node:
        if s.trivial:
            return x
        norms = [d for d in s.dens if d.op in NORMS]  # divided by twice: the square of a norm may vanish
        groups = (s.nums, [d for d in s.dens if d.op not in NORMS])
        nums, dens = [[self.power(n, group.count(n)) for n in dict.fromkeys(group)] for group in groups]
        dens += norms
        return self.prod([*nums, *dens, x], [1] * len(nums) + [-1] * len(dens) + [1], s.coef)

    def dot(self, a: Node, b: Node) -> Node:
        a, b = (b, a) if a.number > b.number else (a, b)
        return self.make("dot", (a, b))

    def inner(self, a: Ref, b: Ref) -> Node:
        """The sum of the entrywise product of two matrices."""
        if a.node.number > b.node.number:
            a, b = b, a
        return self.make("inner", (a.node, b.node), a.flip != b.flip)

    def total(self, x: Node, axis: int | None = None) -> Node:
        return self.make("sum", (x,), axis, () if axis is None else (x.shape[1 - axis],))

    def expand(self, x: Node, shape: Shape) -> Node:
        """An array of the whole shape, from one that broadcasts to it."""
        return x if x.shape == shape else self.make("expand", (x,), None, shape)

    def along(self, v: Node, axis: int | None) -> Node:
        """The result of a reduction along an axis, so that it broadcasts with what was reduced."""
        return self.column(v) if axis == 1 else v
