"""Where a value that somebody has named stands in what is differentiated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matcalc.check.measure import relative
from matcalc.check.points import Point
from matcalc.expr.groups import SUMS
from matcalc.expr.nodes import Expr, added, make, postorder, rebuild, times, transpose

EQUAL = 1e-10  # relative difference below which two values at random points are one


def cut_at(points: Sequence[Point], whole: Expr, part: Expr) -> Expr | None:
    """``whole`` with ``part`` as one of its nodes wherever its value stands: by itself, turned, among the factors of a product or
    the terms of a sum. None where it stands nowhere."""
    if part.op == "sym":
        return whole if part in postorder((whole,)) else None
    done: dict[Expr, Expr] = {}
    for node in postorder((whole,)):
        args = tuple(done[a] for a in node.args)
        done[node] = _with_part(points, node, node if args == node.args else rebuild(node, args), part)
    found = done[whole]
    return found if part in postorder((found,)) else None


def _with_part(points: Sequence[Point], node: Expr, made: Expr, part: Expr) -> Expr:
    if node is part:
        return part
    for turned in dict.fromkeys((part, transpose(part))):
        if node.type == turned.type and all(relative(p.value(node), p.value(turned)) < EQUAL for p in points):
            return turned
        if node.op == "matmul" and (product := _in_product(made, turned)) is not None:
            return product
    return _in_sum(made, part) or made


def _factors(e: Expr) -> list[Expr]:
    return [f for a in e.args for f in _factors(a)] if e.op == "matmul" else [e]


def _in_product(node: Expr, part: Expr) -> Expr | None:
    """A product in which the factors of ``part`` stand beside each other."""
    every, inside = _factors(node), _factors(part)
    for i in range(len(every) - len(inside) + 1):
        if len(inside) > 1 and every[i : i + len(inside)] == inside:
            rest = [*every[:i], part, *every[i + len(inside) :]]
            product = rest[-1]
            for factor in rest[-2::-1]:
                product = times(factor, product)
            return product
    return None


def _in_sum(node: Expr, part: Expr) -> Expr | None:
    inside = list(_terms(part, 1))
    rest = _without(list(_terms(node, 1)), inside) if node.type == part.type and len(inside) > 1 else None
    return added([part, *(t if s > 0 else make("neg", (t,)) for s, t in rest)]) if rest else None


def _terms(e: Expr, sign: int) -> Iterator[tuple[int, Expr]]:
    if e.op in SUMS:
        for k, term in enumerate(e.args):
            yield from _terms(term, -sign if k and e.op == "sub" else sign)
    elif e.op == "neg":
        yield from _terms(e.args[0], -sign)
    else:
        yield sign, e


def _without(terms: list[tuple[int, Expr]], inside: list[tuple[int, Expr]]) -> list[tuple[int, Expr]] | None:
    for term in inside:
        if term not in terms:
            return None
        terms.remove(term)
    return terms
