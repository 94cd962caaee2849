"""A minus sign in front of a product goes into a difference."""

from __future__ import annotations

from matcalc.algebra.normal.terms import Chain, Factors, Normal, Rational, merge_factors
from matcalc.algebra.normal.written_terms import sum_expr, term_expr
from matcalc.expr.groups import SUMS
from matcalc.expr.nodes import Expr, make
from matcalc.expr.table import TABLE, Type


def positive(n: Normal, c: Rational, factors: Factors, chain: Chain, type: Type) -> Expr:
    """One term; a minus sign in front of a product goes into a difference: -A (B - C) = A (C - B)."""
    if c < 0:
        for i, factor in enumerate(chain):
            other = _negated(n, factor)
            if other is not None:
                return term_expr(-c, factors, (*chain[:i], other, *chain[i + 1 :]), type)
        for base, e in factors:
            other = _negated(n, base) if e % 2 == 1 else None
            if other is not None:
                others = tuple([f for f in factors if f[0] is not base])
                return term_expr(-c, merge_factors(others, ((other, e),)), chain, type)
    return term_expr(c, factors, chain, type)


def _negated(n: Normal, factor: Expr) -> Expr | None:
    """C - B for the factor B - C, also where it stands in a linear operator; None where there is no difference."""
    for i, a in enumerate(factor.args):
        other = _negated(n, a) if TABLE[factor.op].is_linear(i) else None
        if other is not None:
            return make(factor.op, (*factor.args[:i], other, *factor.args[i + 1 :]), factor.attr, factor.type)
    form = n.linears.get(factor) if factor.op in SUMS else None
    if form is None or not any(k < 0 for k in form.values()):
        return None
    return sum_expr({t: -k for t, k in form.items()}, factor.type)
