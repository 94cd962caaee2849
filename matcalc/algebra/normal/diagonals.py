"""A diagonal matrix on the way to a vector: diag(h) A x = h ∘ (A x), and the same for rows."""

from __future__ import annotations

from matcalc.algebra.normal.entrywise import entrywise_pair
from matcalc.algebra.normal.terms import Chain, Factors, Normal, Rational, chain_expr
from matcalc.expr.nodes import Expr


def scaled_entries(n: Normal, out: list[Expr], g: Expr) -> tuple[int, tuple[Rational, Factors, Chain]] | None:
    """What the end of the chain ``out`` and the factor ``g`` after it become, and where that end begins."""
    if len(out) < 2:
        return None
    if g.type[0] == "c":
        for i in range(len(out) - 1, -1, -1):
            if out[i].type[0] != "m":
                return None
            if out[i].op == "diagm":
                return i, entrywise_pair(out[i].args[0], chain_expr((*out[i + 1 :], g)))
    if g.op == "diagm":
        for i in range(len(out) - 1, -1, -1):
            if out[i].type[0] == "r":
                c, factors, chain = entrywise_pair(chain_expr(n.reverse(tuple(out[i:]))), g.args[0])
                return i, (c, factors, n.reverse(chain))
            if out[i].type[0] != "m":
                return None
    return None
