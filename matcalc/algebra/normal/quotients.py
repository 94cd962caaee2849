"""Scalar factors that a sum beside them is divided by: p (a/p + b) = a + p b, wherever that is no longer."""

from __future__ import annotations

from matcalc.algebra.normal.factoring import as_factor
from matcalc.algebra.normal.terms import Factors, Linear, Normal, Rational, Term, magnitude, merge_factors
from matcalc.expr.groups import SUMS
from matcalc.expr.nodes import Expr
from matcalc.expr.order import key
from matcalc.expr.table import SCALAR


def cancelled(n: Normal, form: Linear) -> Linear:
    """The same terms, each factor that is a sum of quotients multiplied out with what cancels there."""
    if not any([base.op in SUMS for factors, _ in form for base, _ in factors]):
        return form
    out: Linear = {}
    for term, c in form.items():
        for t, k in _opened(n, term).items():
            out[t] = out.get(t, 0) + c * k
    return {t: c for t, c in out.items() if c}


def _opened(n: Normal, term: Term) -> Linear:
    """The term; or its terms, where a quotient cancels. Before a matrix what is left of the sum stays one factor."""
    factors, chain = term
    for base, e in factors:
        found = _spread(n, base, tuple([f for f in factors if f[0] is not base])) if base.op in SUMS and e == 1 else None
        if found is None:
            continue
        n.note("quotient-cancels")
        if not chain:
            return cancelled(n, found)
        c, (rest, _) = as_factor(n, found, SCALAR)
        return {(rest, chain): c} if c else {}
    return {term: 1}


def _spread(n: Normal, base: Expr, others: Factors) -> Linear | None:
    """The other factors in each term of a sum; None where nothing cancels, a quotient is left, or what is written gets longer."""
    terms, have = n.visit(base), {b for b, e in others if e > 0}
    if not any([e < 0 and b in have for factors, _ in terms for b, e in factors]):
        return None
    out: Linear = {}
    for (factors, _), c in terms.items():
        product = merge_factors(others, factors)
        if any([e < 0 and (b, e) not in others for b, e in product]):
            return None
        out[product, ()] = out.get((product, ()), 0) + c
    before = _size(others) + sum([_size(factors) for factors, _ in terms])
    return out if sum([_size(factors) for factors, _ in out]) <= before else None


def _size(factors: Factors) -> Rational:
    return sum([magnitude(e) * key(base)[0] for base, e in factors])
