"""Products of the other entries over the product of all: quotients by the entry that is left out."""

from __future__ import annotations

from matcalc.algebra.normal.terms import ONE, Chain, Factors, Linear, Normal, Term, chain_expr, merge_factors
from matcalc.expr.nodes import Expr, fill, make, num, rebuild
from matcalc.expr.table import TABLE


def over_products(n: Normal, form: Linear) -> Linear:
    """Π_{j≠i} x_j / Π_j x_j = 1/x_i in each term that is divided by a product: where that has a value, no entry is 0."""
    if not any([base.op == "prod" and e < 0 for factors, _ in form for base, e in factors]):
        return form
    out: Linear = {}
    for term, c in form.items():
        found = _cancelled(n, term)
        if found is not None:
            n.note("others-over-product")
        for t, k in ({term: ONE} if found is None else over_products(n, found)).items():
            out[t] = out.get(t, 0) + c * k
    return {t: c for t, c in out.items() if c}


def _cancelled(n: Normal, term: Term) -> Linear | None:
    """The term with one product more of all entries, and a quotient in the place of that of the others."""
    factors, chain = term
    wholes: list[tuple[Expr, Factors, Chain]] = [(chain_expr(chain), (), ())] if chain else []  # each with what it leaves
    wholes += [(base, ((base, -ONE),), chain) for base, e in factors if e == 1]
    for base in [base for base, e in factors if base.op == "prod" and e < 0]:
        for whole, taken, left in wholes:
            inside = _quotient(whole, base.args[0])
            if inside is not None:
                rest = merge_factors(factors, ((base, ONE), *taken))
                return {(merge_factors(rest, f), ch or left): c for (f, ch), c in n.visit(inside).items()}
    return None


def _quotient(e: Expr, x: Expr) -> Expr | None:
    """``e`` with 1 ⊘ x for the products of the other entries of x, where it is linear in them."""
    if e.op == "prodothers" and e.args[0] is x:
        return make("hdiv", (fill(num(1), x.type), x))
    for i, a in enumerate(e.args):
        inside = _quotient(a, x) if TABLE[e.op].is_linear(i) else None
        if inside is not None:
            return rebuild(e, (*e.args[:i], inside, *e.args[i + 1 :]))
    return None
