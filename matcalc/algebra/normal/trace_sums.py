"""Traces that share all but one factor are one trace: a tr(A C) + b tr(B C) = tr((a A + b B) C)."""

from __future__ import annotations

from matcalc.algebra.normal.terms import Chain, Factors, Linear, Normal, Term, block_type, chain_expr, chain_of
from matcalc.algebra.normal.written_terms import sum_expr
from matcalc.expr.nodes import Expr, make, times


def joined(n: Normal, form: Linear) -> Linear:
    """The terms of a scalar with such traces put together, those first that share the most."""
    while (shared := _sharing(form)) is not None:
        context, terms = shared
        inner: Linear = {(factors, (factor,)): form[term] for term, (factors, factor) in terms.items()}
        matrix = sum_expr(inner, block_type(next(iter(inner))[1]))
        at = len(n.noted)
        whole = n.visit(make("tr", (times(matrix, chain_expr(context)),)))
        del n.noted[at:]
        if len(whole) != 1:  # sums are multiplied out
            return form
        n.note("trace-is-linear" if len({factor for _, factor in terms.values()}) > 1 else "common-factor")
        form = {t: c for t, c in form.items() if t not in terms}
        for t, c in whole.items():
            form[t] = form.get(t, 0) + c
    return form


def _sharing(form: Linear) -> tuple[Chain, dict[Term, tuple[Factors, Expr]]] | None:
    """The longest product that several traces share, and these terms: the factors before the trace, and what is not shared."""
    found: dict[Chain, dict[Term, tuple[Factors, Expr]]] = {}
    for term in form:
        traces = [e for e, k in term[0] if e.op == "tr" and k == 1]
        chain = chain_of(traces[0].args[0]) if len(traces) == 1 else ()
        for i in range(len(chain)) if len(chain) > 1 else ():
            before = tuple([f for f in term[0] if f[0] is not traces[0]])
            found.setdefault(chain[i + 1 :] + chain[:i], {}).setdefault(term, (before, chain[i]))
    several = [context for context, terms in found.items() if len(terms) > 1]
    context = max(several, key=lambda c: (len(c), len(found[c])), default=())
    return (context, found[context]) if context else None
