"""Diagonal matrices in products: diag(h) A x = h ∘ (A x), the same for rows, and diag(a) diag(b) = diag(a ∘ b)."""

from __future__ import annotations

from matcalc.algebra.normal.entrywise import entrywise_chain, entrywise_pair, spread
from matcalc.algebra.normal.terms import ONE, Chain, Factors, Normal, Rational, chain_expr
from matcalc.expr.nodes import Expr, make


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


def product_of_diagonals(n: Normal, a: Expr, b: Expr) -> tuple[Rational, Factors, Chain]:
    """diag(a) diag(b) = diag(a ∘ b)."""
    n.note("product-of-diagonals")
    powers: dict[Expr, Rational] = {}
    spread(powers, a.args[0], ONE)
    spread(powers, b.args[0], ONE)
    return ONE, (), (make("diagm", (chain_expr(entrywise_chain(powers, a.args[0])),)),)
