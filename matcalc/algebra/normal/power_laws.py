"""The laws of powers and roots: of scalars, and entry by entry."""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt

from matcalc.algebra.normal.entrywise import entrywise_power
from matcalc.algebra.normal.factoring import build
from matcalc.algebra.normal.terms import (
    HALF,
    ONE,
    Factors,
    Linear,
    Normal,
    Rational,
    atom,
    merge_factors,
    power_of,
    ratio,
    too_large,
)
from matcalc.expr import nodes
from matcalc.expr.nodes import Expr, make, num
from matcalc.expr.table import SCALAR, TABLE


def power(n: Normal, node: Expr) -> Linear:
    """(a b)^k = a^k b^k for integer k; a^j a^k = a^(j+k); the square root is the power 1/2."""
    if node.op == "sqrt" and node.type[0] != "s":
        return elementwise_power(n, node)
    exponent = _exponent(n, node)
    if exponent is None:
        return atom(make("pow", (n.build_of(node.args[0]), n.build_of(node.args[1]))))
    if exponent == 0:
        return {((), ()): ONE}
    c, (factors, _) = n.as_term(node.args[0])
    if too_large(c, exponent):
        return atom(make("pow", (n.build_of(node.args[0]), num(exponent))))
    if not c:
        return {} if exponent > 0 else atom(make("pow", (num(0), num(exponent))))
    if exponent.denominator == 1:
        if len(factors) > 1 or (factors and c != 1):
            n.note("power-of-product")
        return {(tuple((b, e * exponent) for b, e in factors), ()): power_of(c, int(exponent))}
    if c == 1 and len(factors) == 1 and factors[0][1] == 1:
        return {(((factors[0][0], exponent),), ()): c}
    return _root(n, node, c, factors, exponent)


def _root(n: Normal, node: Expr, c: Rational, factors: Factors, exponent: Rational) -> Linear:
    """(p q)^k = p^k q^k where p is not negative: (‖x‖²/n)^(1/2) = ‖x‖ n^(-1/2); √(1/2) = √2/2."""
    outside = tuple((b, e * exponent) for b, e in factors if TABLE[b.op].nonnegative)
    within = tuple(f for f in factors if not TABLE[f[0].op].nonnegative)
    if within or c < 0:
        root = n.build_of(node.args[0]) if not outside else build(n, {(within, ()): c}, SCALAR)
        return {(merge_factors(outside, ((root, exponent),)), ()): ONE}
    if exponent.denominator != 2:
        return {(merge_factors(outside, ((num(c), exponent),)) if c != 1 else outside, ()): ONE}
    k = (exponent.numerator - 1) // 2  # (p/q)^(k + 1/2) = (p/q)^k √(p q)/q
    front = ratio(power_of(c, k), c.denominator)
    inside = c.numerator * c.denominator
    side = isqrt(inside)
    if side * side == inside:
        return {(outside, ()): front * side}
    return {(merge_factors(outside, ((num(inside), HALF),)), ()): front}


def _exponent(n: Normal, node: Expr) -> Rational | None:
    """The number that it is; None where it is none."""
    if node.op == "sqrt":
        return HALF
    form = n.linears[node.args[1]]
    return 0 if not form else form.get(((), ())) if len(form) == 1 else None


def elementwise_power(n: Normal, node: Expr) -> Linear:
    exponent = _exponent(n, node)
    base = node.args[0]
    if exponent == 1:
        return n.linears[base]
    if base.type[0] == "r":  # (x')^k = (x^k)'
        column = make(node.op, (nodes.transpose(base), *node.args[1:]))
        return {(f, n.reverse(chain)): c for (f, chain), c in n.visit(column).items()}
    if exponent is None or base.type[0] == "s":
        if base.type[0] == "s" and exponent is not None:
            return power(n, make("pow", node.args))
        return atom(nodes.rebuild(node, tuple([n.build_of(a) for a in node.args])))
    return entrywise_power(n, base, exponent)


POWER_LAWS: dict[str, Callable[[Normal, Expr], Linear]] = {"pow": power, "sqrt": power, "hpow": elementwise_power}
