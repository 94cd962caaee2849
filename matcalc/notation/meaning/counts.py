"""Literal numbers that are sizes: where x has 1000 entries and its mean is taken, 1000 in the text is that size.

So ``sum(x)/1000 - mean(x)`` is zero for every size that stands for 1000 when a derivation is checked.
"""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from itertools import combinations_with_replacement

from matcalc.expr import dims, nodes
from matcalc.expr.dims import Dim
from matcalc.expr.groups import EXPONENTS
from matcalc.expr.nodes import Expr, make
from matcalc.notation.meaning.tape import Scope

_COUNTED = frozenset(("variance",))  # operators whose derivative has the number of entries in it
_COUNTING = _COUNTED | {"eye", "ones"}  # tr(eye(n)) is n


def counts(scope: Scope) -> frozenset[int]:
    """The numbers above ``SMALL`` that stand for sizes and count something."""
    found = [dims.walk(e.attr) for e in scope.tape if e.op == "dim"]
    for entry in scope.tape:
        if entry.op in _COUNTING:
            t = scope.tape[entry.args[0]].type if entry.args else entry.type
            found += [dims.walk(t.rows), dims.walk(t.cols)]
    return frozenset(d for d in found if isinstance(d, int) and d > dims.SMALL)


def exponents(scope: Scope) -> frozenset[int]:
    """Places on the tape that are exponents: x^1000 is a power, however many entries x has."""
    return frozenset(e.args[1] for e in scope.tape if e.op in EXPONENTS)


def counted_alike(a: Expr, b: Expr) -> tuple[Expr, Expr]:
    """Two expressions that are compared: a literal 1000 in one of them is the size that counts something in the other."""
    order = nodes.postorder((a, b))
    known = {d for d in map(_counted, order) if isinstance(d, int) and d > dims.SMALL}
    if not known:
        return a, b
    done: dict[Expr, Expr] = {}
    for node in order:
        kept = node.args[1:] if node.op in EXPONENTS else ()  # exponents
        args = tuple([x if x in kept else done[x] for x in node.args])
        size = literal(node.attr, known) if node.op == "num" else None
        done[node] = size or (node if args == node.args else nodes.rebuild(node, args))
    return done[a], done[b]


def _counted(node: Expr) -> Dim | None:
    """The size that a node counts."""
    return node.attr if node.op == "dim" else None


def literal(value: Fraction, known: Collection[int]) -> Expr | None:
    """A number of the text as a size, as the product of two, or one over these; None for any other number."""
    whole = value.denominator if value.numerator == 1 else value.numerator if value.denominator == 1 else 0
    size = _size(whole, known)
    if size is None or value.denominator == 1:
        return size
    return make("div", (nodes.num(1), size))


def _size(whole: int, known: Collection[int]) -> Expr | None:
    if whole in known:
        return nodes.dimension(whole)
    pairs = combinations_with_replacement(sorted(known), 2)
    pair = next((p for p in pairs if p[0] * p[1] == whole), None)
    return None if pair is None else make("scale", (nodes.dimension(pair[0]), nodes.dimension(pair[1])))
