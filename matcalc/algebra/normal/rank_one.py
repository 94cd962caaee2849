"""Entrywise products with an outer product, applied to a column; and what that makes of differences: graph Laplacians."""

from __future__ import annotations

from matcalc.algebra.normal.entrywise import entrywise_chain, entrywise_pair, is_ones, spread
from matcalc.algebra.normal.terms import ONE, Chain, Linear, Normal, Product, Rational, Term, chain_expr, chain_of
from matcalc.expr.nodes import Expr, make, ones, transpose


def applied(n: Normal, a: Expr, z: Expr) -> Product | None:
    """(A ∘ x yᵀ) z = x ∘ A (y ∘ z), and (A ∘ x yᵀ)ᵀ z = y ∘ Aᵀ (x ∘ z); None for another matrix."""
    core = a.args[0] if a.op == "T" else a
    if core.op != "hadamard":
        return None
    powers: dict[Expr, Rational] = {}
    spread(powers, core, ONE)
    outer = next((b for b, e in powers.items() if e == 1 and b.op == "matmul" and _is_outer(chain_of(b))), None)
    if outer is None or len(powers) < 2:
        return None
    x, row = chain_of(outer)
    y = transpose(row)
    whole = entrywise_chain({b: e for b, e in powers.items() if b is not outer}, core)
    if len(whole) != 1:  # what is left is an outer product itself
        return None
    (rest,) = whole
    if a.op == "T":
        x, y, rest = y, x, n.turn(rest)
    n.note("entrywise-with-outer-product")
    _, _, inside = entrywise_pair(y, z)
    c, factors, product = n.join((rest,), inside)
    return c, factors, entrywise_pair(x, chain_expr(product))[2]


def _is_outer(chain: Chain) -> bool:
    return len(chain) == 2 and chain[0].type[0] == "c" and chain[1].type[0] == "r"


def laplacians(n: Normal, form: Linear) -> Linear:
    """x ∘ (A 1) - A x = (diag(A 1) - A) x: two terms that begin and end alike are given that end."""
    for (factors, chain), c in form.items():
        if len(chain) < 2 or chain[-1].type[0] != "c" or is_ones(chain[-1]):
            continue
        *before, x = chain
        degrees = chain_expr((*before, ones(x.type)))
        other: Term = (factors, entrywise_pair(x, degrees)[2])
        if form.get(other) == -c:
            n.note("graph-laplacian")
            whole: Term = (factors, (make("diagm", (degrees,)), x))
            return {whole if t == other else t: k for t, k in form.items()}
    return form
