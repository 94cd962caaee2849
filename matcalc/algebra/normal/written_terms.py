"""Terms written as expressions: scalars in front, divisions at the end, sums in one order."""

from __future__ import annotations

from matcalc.algebra.normal.entrywise import is_ones
from matcalc.algebra.normal.terms import HALF, Chain, Factors, Linear, Rational, Term, chain_expr, magnitude
from matcalc.expr import nodes
from matcalc.expr.nodes import Expr, make, num
from matcalc.expr.order import key
from matcalc.expr.table import SCALAR, Type


def term_key(term: Term) -> tuple[object, ...]:
    """Order of terms in a sum: large ones first, then by their symbols; a transpose after what it transposes."""
    factors, chain = term
    size = sum(key(f)[0] for f in chain) + sum(key(b)[0] for b, _ in factors)
    names = [key(f)[1:] for f in chain]
    return (-size, names, [(key(b)[1:], e) for b, e in factors])


def sum_expr(form: Linear, type: Type) -> Expr:
    terms = sorted(form, key=lambda t: (form[t] < 0, *term_key(t)))
    several = len(terms) > 1
    total: Expr | None = None
    for factors, chain in terms:
        c = form[(factors, chain)]
        if several and len(chain) == 1 and is_ones(chain[0]) and type[0] != "s":
            piece = nodes.fill(term_expr(magnitude(c), factors, (), SCALAR), type)
        else:
            piece = term_expr(magnitude(c), factors, chain, type)
        signed = piece if c > 0 else make("neg", (piece,))
        total = signed if total is None else make("add" if c > 0 else "sub", (total, piece))
    return total if total is not None else nodes.zeros(type)


def scaled(c: Rational, factors: Factors, inner: Expr) -> Expr:
    """c · factors · inner, with the sign in front and divisions at the end."""
    sign, c = c < 0, magnitude(c)
    tops = [num(c.numerator)] if c.numerator != 1 else []
    bottoms = [num(c.denominator)] if c.denominator != 1 else []
    for base, e in under_one_root(factors):
        (tops if e > 0 else bottoms).append(power(base, magnitude(e)))
    if inner.op == "num" and inner.attr == 1 and tops:
        out = _product(tops)
    else:
        out = make("scale", (_product(tops), inner)) if tops else inner
    if bottoms:
        out = make("div", (out, _product(bottoms)))
    return make("neg", (out,)) if sign else out


def under_one_root(factors: Factors) -> Factors:
    """√m √n is written √(m n)."""
    broken = [f for f in factors if f[1].denominator != 1 and f[0].op == "dim"]
    if len(broken) < 2:
        return factors
    others = [f for f in factors if f not in broken]
    exponents = sorted({e for _, e in broken})
    return (*((_product([b for b, e in broken if e == k]), k) for k in exponents), *others)


def _product(parts: list[Expr]) -> Expr:
    total = parts[0]
    for p in parts[1:]:
        total = make("scale", (total, p))
    return total


def power(base: Expr, e: Rational) -> Expr:
    if e == 1:
        return base
    if e == HALF:
        return make("sqrt", (base,))
    if e == 2 and base.op == "norm2":
        return make("sqnorm", base.args)
    return make("pow", (base, num(e)))


def term_expr(c: Rational, factors: Factors, chain: Chain, type: Type) -> Expr:
    if c == 1 and not factors and chain:
        return chain[0] if len(chain) == 1 else chain_expr(chain)
    if not chain:
        if not factors:
            return num(c)
        return scaled(c, factors, num(1))
    return scaled(c, factors, chain_expr(chain))
