"""Differentials along a graph, and with them the derivatives of elementwise functions, entry by entry."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from matcalc.algebra.book import book
from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.pullbacks import Compiler
from matcalc.expr import nodes
from matcalc.expr.errors import NoRuleError
from matcalc.expr.nodes import Expr, fill, make, num, sym
from matcalc.expr.table import TABLE, Type


def tangents(compiler: Compiler, roots: tuple[Expr, ...], seeds: Mapping[Expr, Expr]) -> dict[Expr, Expr]:
    """The differential of each node below ``roots`` that depends on a key of ``seeds``; linear in the graph."""
    found: dict[Expr, Expr] = dict(seeds)
    for node in nodes.postorder(roots):
        if node in found:
            continue
        moving = [(slot, found[a]) for slot, a in enumerate(node.args) if a in found]
        if moving:
            found[node] = nodes.added([compiler.tangent(node, i).build([d, *node.args, node]) for i, d in moving])
    return found


@lru_cache(maxsize=1)
def _compiler() -> Compiler:
    return Compiler(book())


@lru_cache(maxsize=256)
def has_slope(op: str, order: int = 1) -> bool:
    """Whether it is an elementwise function that has derivatives up to an order, by its rows."""
    if not TABLE[op].elementwise:
        return False
    try:
        derivative(make(op, (sym("z", Type("s", 1, 1)),)), order)
    except NoRuleError:
        return False
    return True


def slope(e: Expr) -> Expr:
    """f'(z) for e = f(z): what the row says of d(f(z)) where every entry of d(z) is 1."""
    return _compiler().tangent(e, 0).build([fill(num(1), e.type), *e.args, e])


def derivative(e: Expr, order: int) -> Expr:
    """f^(order)(z) for e = f(z), z as it stands. Raises ``NoRuleError`` where a row is missing on the way."""
    (z,), found = e.args, e
    for _ in range(order):
        moved = tangents(_compiler(), (found,), {z: fill(num(1), z.type)})
        found = Normalizer().normal(moved[found]) if found in moved else nodes.zeros(e.type)
    return found
