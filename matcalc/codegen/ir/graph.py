"""The graph that code is generated from: arrays with NumPy's axes, each computation there once.

There are no rows and columns here: a vector is 1-D whichever way it lay. Orientation lives in the
factors of a product only, so that transposing a vector or a whole product costs nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fractions import Fraction
from typing import Any, NamedTuple

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.nodes import postorder

Shape = tuple[Dim, ...]
ONE = Fraction(1)
TYPICAL = 1000  # what a size that is only a name counts as when costs are compared
FEW = 100  # and one that is small beside the others by its name


class Node:
    """An operator on nodes, with the shape of its array (1 for an axis that broadcasts)."""

    __slots__ = ("args", "attr", "number", "op", "shape")

    def __init__(self, op: str, args: tuple[Node, ...], attr: Any, shape: Shape, number: int) -> None:
        self.op = op
        self.args = args
        self.attr = attr
        self.shape = shape
        self.number = number

    def __repr__(self) -> str:
        inner = ", ".join(map(repr, self.args))
        return f"{self.op}{'' if self.attr is None else f'[{self.attr}]'}({inner})"


class Graph:
    """Makes nodes; the same operator, arguments and attribute give the same node."""

    def __init__(self) -> None:
        self.table: dict[tuple[Any, ...], Node] = {}

    def make(self, op: str, args: tuple[Node, ...] = (), attr: Any = None, shape: Shape = ()) -> Node:
        key = (op, args, attr, shape)
        node = self.table.get(key)
        if node is None:
            node = self.table[key] = Node(op, args, attr, shape, len(self.table))
        return node

    def known(self, op: str, args: tuple[Node, ...], attr: Any, shape: Shape) -> Node | None:
        """The node, if it is there already."""
        return self.table.get((op, args, attr, shape))


class Factor(NamedTuple):
    """One factor of a matrix product.

    ``role``: ``M`` a matrix, ``c`` a column, ``r`` a row, ``D`` the diagonal matrix of a vector, ``I``
    the inverse of a matrix, ``N`` an array with more axes (alone in its product).
    ``flip`` transposes M and I.
    """

    role: str
    node: Node
    flip: bool = False


Chain = tuple[Factor, ...]


class Val(NamedTuple):
    """``coef · nums / dens · chain``: a number, scalars, and factors that do not commute."""

    coef: Fraction
    nums: tuple[Node, ...] = ()
    dens: tuple[Node, ...] = ()
    chain: Chain = ()


ZERO = Val(Fraction(0))


class Ref(NamedTuple):
    """A node, or its transpose."""

    node: Node
    flip: bool = False


Powers = dict[Ref, Fraction]  # entrywise factors with their exponents


_TURNED = {"c": "r", "r": "c"}


def turned(chain: Chain) -> Chain:
    """The transposed product."""
    return tuple([Factor(_TURNED.get(f.role, f.role), f.node, not f.flip if f.role in "MI" else False) for f in reversed(chain)])


def extent(f: Factor, axis: int) -> Dim:
    """Size of a matrix factor along its first or last axis."""
    if f.role == "D":
        return f.node.shape[0]
    return f.node.shape[1 - axis if f.flip else axis]


def shape_of(chain: Chain) -> Shape:
    """Shape of the array that the product makes."""
    if not chain:
        return ()
    first, last = chain[0], chain[-1]
    if first.role == "N":
        return first.node.shape
    left = () if first.role == "r" else (first.node.shape[0] if first.role == "c" else extent(first, 0),)
    right = () if last.role == "c" else (last.node.shape[0] if last.role == "r" else extent(last, 1),)
    return (*left, *right)


def is_ones(f: Factor) -> bool:
    return f.node.op == "ones"


def broadcast(shapes: Iterable[Shape]) -> Shape:
    """The common shape, by NumPy's rules: aligned at the end, 1 gives way."""
    out: list[Dim] = []
    for shape in shapes:
        out[:0] = [1] * (len(shape) - len(out))
        for i in range(1, len(shape) + 1):
            if out[-i] == 1:
                out[-i] = shape[-i]
    return tuple(out)


def nominal(d: Dim, few: Collection[str] = ()) -> int:
    """What a size counts as; names of sizes that are ``few`` are small."""
    return d if isinstance(d, int) else dims.value(d, {str(name): FEW if name in few else TYPICAL for name in dims.atoms(d)})


def count_uses(roots: Iterable[Node]) -> dict[Node, int]:
    """How often each node is an argument; being asked for counts once."""
    roots = list(roots)
    uses: dict[Node, int] = {}
    for node in postorder(roots):
        uses.setdefault(node, 0)
        for a in node.args:
            uses[a] += 1
    for root in roots:
        uses[root] += 1
    return uses


def cancel(nums: tuple[Node, ...], dens: tuple[Node, ...]) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """Scalars above and below the line, without those on both, in a canonical order."""
    if not dens or not nums:
        return tuple(sorted(nums, key=_number)), tuple(sorted(dens, key=_number))
    above, below = list(nums), []
    for d in dens:
        if d in above:
            above.remove(d)
        else:
            below.append(d)
    return tuple(sorted(above, key=_number)), tuple(sorted(below, key=_number))


def _number(node: Node) -> int:
    return node.number


def opened(node: Node) -> Val:
    """The product that a term computes, or the node as a value."""
    if node.op != "term":
        return Val(ONE, (node,)) if not node.shape else Val(ONE, chain=(Factor("Mc"[len(node.shape) == 1], node),))
    coef, nums, dens, roles = node.attr
    rest = node.args[nums + dens :]
    chain = tuple([Factor(role, n, flip) for (role, flip), n in zip(roles, rest, strict=True)])
    return Val(coef, node.args[:nums], node.args[nums : nums + dens], chain)
