"""The terms of a linear expression: its paths from the root to the differential, and their sum.

Of a graph that shares its parts there can be far more paths than nodes. Where they are many, the derivative of (or by) a
shared node is summed there first, and enters what follows as one factor: forward or reverse accumulation (Griewank and
Walther, ch. 3), from the side on which the derivative is a matrix at most.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from itertools import count

from matcalc.algebra.book import book
from matcalc.algebra.index.index_form import STEPS, Factor, Group, Indices, Lowered, Lowering, axes, close
from matcalc.algebra.index.lifting import lift_sum
from matcalc.algebra.match import instantiate
from matcalc.expr import nodes
from matcalc.expr.errors import LimitError
from matcalc.expr.nodes import Expr, make

MAX_TERMS = 2000
MANY = 150  # paths that are still written out: results of ordinary length need no named parts
INSTEAD = "a Hessian along a direction is not multiplied out: kind='hvp', direction='v' (--kind hvp --direction v), with v declared"

Edge = tuple[Expr, int]  # a node, and which of its arguments
Path = tuple[Edge, ...]  # from the root down


class Linear:
    """The part of an expression that lies above ``leaf``, in which it is linear; ``down`` is the way in which paths are summed."""

    def __init__(self, root: Expr, leaf: Expr) -> None:
        self.root, self.leaf = root, leaf
        self.below: dict[Expr, list[Edge]] = {}
        self.above: dict[Expr, list[Edge]] = {}
        for node in nodes.postorder((root,)):
            edges = [(node, slot) for slot, a in enumerate(node.args) if a in self.below]
            if edges or node is leaf:
                self.below[node], self.above[node] = edges, []
                for edge in edges:
                    self.above[node.args[edge[1]]].append(edge)
        self.down = len(axes(leaf.type)) <= len(axes(root.type))

    def end(self, edge: Edge) -> Expr:
        return edge[0].args[edge[1]] if self.down else edge[0]

    def shared(self, sums: bool) -> tuple[list[Expr], int]:
        """Nodes at which paths are summed, in the order in which they can be (none without ``sums``), and how many paths
        there are between these. (Their number can have as many digits as the graph has nodes.)"""
        onward, back = (self.below, self.above) if self.down else (self.above, self.below)
        first, last = (self.leaf, self.root) if self.down else (self.root, self.leaf)
        paths: dict[Expr, int] = {}
        found: dict[Expr, None] = {}
        terms = 0
        for node in self.below if self.down else reversed(self.below):
            ends = [self.end(edge) for edge in onward[node]]
            paths[node] = 1 if node is first else sum([1 if end in found else paths[end] for end in ends])
            if node is last:
                terms += paths[node]
            elif sums and node is not first and len(back[node]) > 1 and len(axes(node.type)) + len(axes(first.type)) <= 2:
                found[node] = None
                terms += paths[node]
        return list(found), terms

    def paths(self, start: Expr, stops: Collection[Expr] = ()) -> Iterator[Path]:
        """The paths between ``start`` and the next stops, or the end."""
        onward, first = (self.below, self.leaf) if self.down else (self.above, self.root)
        stack: list[tuple[Expr, Path]] = [(start, ())]
        while stack:
            node, done = stack.pop()
            if node is first or (node in stops and node is not start):
                yield done
                continue
            for edge in reversed(onward[node]):
                stack.append((self.end(edge), (*done, edge) if self.down else (edge, *done)))

    def lowered(self, start: Expr, known: Mapping[Expr, Expr]) -> list[Lowered]:
        """The terms of the derivative of ``start`` by the leaf, or of the root by ``start``; ``known`` has those of other nodes."""
        root, leaf = (start, self.leaf) if self.down else (self.root, start)
        return [_lowered(root, leaf, path, known, self.down) for path in self.paths(start, known)]


@cache
def vec_row(op: str, slot: int) -> tuple[Expr, Expr] | None:
    """``vec(op(A, L)) = M*vec(L)`` for an argument that is a matrix, where the operator has no index form of its own."""
    for row in book().about("vec", op) if op not in STEPS else ():
        pattern, product = row.sides[0].args[0], row.sides[1]
        moved = make("vec", (pattern.args[slot],))
        if product.op == "matmul" and product.args[1] is moved and pattern.kind == pattern.args[slot].kind == "m":
            return pattern, product.args[0]
    return None


def _by_row(lo: Lowering, node: Expr, slot: int, row: tuple[Expr, Expr], ix: Indices) -> Indices:
    """An operator that is linear in a matrix, by the matrix of its vec row; vec stacks columns, so its index is (j, i)."""
    pattern, product = row
    matrix = instantiate(product, dict(zip(pattern.args, node.args, strict=True)), None)
    inner = lo.fresh(node.args[slot].type)
    lo.factors.append(Factor(matrix, (Group(ix[::-1]), Group(inner[::-1]))))
    return inner


def _lowered(root: Expr, leaf: Expr, path: Path, known: Mapping[Expr, Expr], down: bool) -> Lowered:
    lo = Lowering(count())
    output = lo.fresh(root.type)
    ix = output
    if not down and path and path[0][0] in known:
        ix = lo.fresh(path[0][0].type)
        _times(lo, known[path[0][0]], (*output, *ix))
    for node, slot in path:
        row = vec_row(node.op, slot)
        ix = lo.step(node, node.args[slot], slot, ix) if row is None else _by_row(lo, node, slot, row, ix)
    if down and path and (end := path[-1][0].args[path[-1][1]]) in known:
        free = lo.fresh(leaf.type)
        _times(lo, known[end], (*ix, *free))
        ix = free
    return close(lo, output, ix, leaf)


def _times(lo: Lowering, derivative: Expr, indices: Indices) -> None:
    if indices:
        lo.factors.append(Factor(derivative, indices))
    else:
        lo.scalars.append((derivative, False))


def lower(root: Expr, leaf: Expr) -> list[Lowered]:
    """Terms of an expression linear in ``leaf``. Raises ``NoRuleError`` where an operator has no index form, and
    ``LimitError``, before any term is written, where there are too many."""
    linear = Linear(root, leaf)
    _bounded(linear, linear.shared(sums=False)[1])
    return linear.lowered(root if linear.down else leaf, {}) if leaf in linear.below else []


def coefficient(root: Expr, leaf: Expr, settled: Callable[[Expr], Expr]) -> Expr | None:
    """What ``leaf`` is contracted with in an expression that is linear in it; None where it does not occur. Raises as ``lower``.

    ``settled`` gives the form of a sum that further terms have as a factor."""
    linear = Linear(root, leaf)
    if leaf not in linear.below:
        return None
    shared, terms = linear.shared(sums=False)
    if terms > MANY:
        shared, terms = linear.shared(sums=True)
    _bounded(linear, terms)
    known: dict[Expr, Expr] = {}
    for node in shared:
        total = lift_sum(linear.lowered(node, known))
        assert total is not None  # each of them lies on a path
        known[node] = settled(total)
    return lift_sum(linear.lowered(root if linear.down else leaf, known))


def _bounded(linear: Linear, terms: int) -> None:
    if terms > MAX_TERMS:
        terms = linear.shared(sums=False)[1]
        number = f"{terms:,}" if terms < 10**9 else f"about 10^{len(str(terms)) - 1}"
        raise LimitError(f"the derivative, multiplied out, has {number} terms; the limit is {MAX_TERMS:,}", hint=INSTEAD)
