"""Whether the points at which an expression is smooth hang together: only then what is zero near some of them is zero at all.

An analytic function that is zero around one point is zero wherever a path leads through points at which it is analytic, or
around those at which it is not. √((x − 100)²) + x − 100 is zero at all points near 0 and not beyond 100: the root has a border
where its argument is 0, and there no path goes through, nor around. What is not shown here to be of one piece may be so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from matcalc.expr.groups import JOINTLY, POWERS, SUMS
from matcalc.expr.nodes import Expr, postorder
from matcalc.expr.table import TABLE
from matcalc.numeric.branches import ALL

CONVEX = frozenset(("positive", "power", "unit-interval", "above-one", "above-minus-one", "spd"))  # domains
ABOVE = frozenset(("positive", "power", "above-minus-one"))  # with all that is positive
FREE = frozenset(("symmetric", "spd", "invertible", "near-identity"))  # properties that leave entries free enough
SPREAD = frozenset(("T", "neg", "vec", "inv"))  # the same entries, or as many


def is_of_one_piece(roots: Iterable[Expr], assume: Mapping[str, frozenset[str]]) -> bool:
    """Whether nothing in the expressions can divide the points where they have a value and are smooth; not, where an operator
    takes one of several branches: of what does not move either, for sizes stand for others."""
    order = postorder(roots)
    moving: set[Expr] = set()
    for n in order:
        if n.op == "sym" or not moving.isdisjoint(n.args):
            moving.add(n)
    return all(n.op not in ALL and (n not in moving or _divides_nothing(n, moving, assume)) for n in order)


def _divides_nothing(n: Expr, moving: set[Expr], assume: Mapping[str, frozenset[str]]) -> bool:
    op = TABLE[n.op]
    slot, _, domain = op.domain.rpartition(":")
    x = n.args[int(slot or 0)] if n.args else n
    if op.jumps or op.divides:
        return x not in moving
    if op.kink:  # where the largest of two coincide, or all entries are 0: too few points to divide the others, if all are met
        return x not in moving or _is_free(x, moving, assume)
    if op.many:
        return not any(TABLE[m.op].domain for m in postorder((x,))) and (not op.domain or _is_affine(x, moving))
    if domain not in CONVEX and domain != "near-identity":
        return True
    whole = domain == "power" and n.args[1].op == "num" and n.args[1].attr.denominator == 1
    inside = domain in ABOVE and (_sign(x) == "+" or _is_square(x, moving, assume))
    convex = _is_affine(x, moving) if domain in CONVEX else x.op == "sym"
    return whole or inside or convex


def _is_affine(e: Expr, moving: set[Expr]) -> bool:
    """Whether it is affine in all that moves, so that convex sets stay convex."""
    stack = [e]
    while stack:
        n = stack.pop()
        if n not in moving or n.op == "sym":
            continue
        slots = [i for i, a in enumerate(n.args) if a in moving]
        if n.op not in JOINTLY and not (len(slots) == 1 and TABLE[n.op].is_linear(slots[0])):
            return False
        stack += [n.args[i] for i in slots]
    return True


def _is_free(e: Expr, moving: set[Expr], assume: Mapping[str, frozenset[str]]) -> bool:
    """Whether each entry takes any value by itself: it is an array of variables, with something added."""
    while e.op in SPREAD:
        e = e.args[0]
    if e.op in SUMS:
        first, second = (_symbols(a) for a in e.args)
        return first.isdisjoint(second) and any(a in moving and _is_free(a, moving, assume) for a in e.args)
    return e.op == "sym" and e.kind != "s" and assume.get(str(e.attr), frozenset()) <= FREE


def _is_square(e: Expr, moving: set[Expr], assume: Mapping[str, frozenset[str]]) -> bool:
    """Whether it is the sum of squares of entries that are free, so that it is 0 at few points: no border between others."""
    if e.op in ("sqnorm", "norm2"):
        return _is_free(e.args[0], moving, assume)
    return _is_own_product(e) and _is_free(e.args[1], moving, assume)


def _is_own_product(e: Expr) -> bool:
    """x'x"""
    return e.op == "matmul" and e.kind == "s" and e.args[0].op == "T" and e.args[0].args[0] is e.args[1]


def _symbols(e: Expr) -> set[Expr]:
    return {n for n in postorder((e,)) if n.op == "sym"}


def _sign(e: Expr) -> str:
    """``+`` or ``0+`` where no entry is ever negative, as far as signs of operators say it; else nothing."""
    done: dict[Expr, str] = {}
    for n in postorder((e,)):
        signs = [done[a] for a in n.args]
        row = TABLE[n.op]
        found = "0+" if _is_own_product(n) else row.sign * (row.sign != "kept")
        if n.op == "num":
            found = "+" if n.attr > 0 else "0+" if n.attr == 0 else ""
        elif n.op in POWERS and n.args[1].op == "num" and n.args[1].attr.denominator == 1:
            found = signs[0] if signs[0] == "+" else "0+" if n.args[1].attr > 0 and n.args[1].attr % 2 == 0 else ""
        elif row.sign == "kept" and all(signs):
            found = "+" if all(s == "+" for s in signs) or (n.op == "add" and "+" in signs) else "0+"
        done[n] = found
    return done[e]
