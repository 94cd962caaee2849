"""The laws of entrywise products: commutative, with exponents that add up and quotients at the end."""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.algebra.normal.terms import (
    HALF,
    ONE,
    Chain,
    Factors,
    Linear,
    Normal,
    Product,
    Rational,
    Term,
    chain_expr,
    chain_of,
    dimension,
    merge_factors,
    power_of,
    ratio,
    too_large,
)
from matcalc.expr import nodes
from matcalc.expr.groups import SUMS
from matcalc.expr.nodes import Expr, make, num, transpose
from matcalc.expr.order import key
from matcalc.expr.table import Type

ONE_HOT = frozenset(("one-hot",))


def entrywise(n: Normal, a: Expr, b: Expr, sign: int) -> Linear:
    """a ∘ b or a ⊘ b: commutative, associative, ones are neutral, exponents of equal factors add up."""
    if a.type[0] == "r":  # a row is written as the transpose of a column
        column, other = transpose(a), transpose(b)
        n.visit(column)
        n.visit(other)
        return {(f, n.reverse(ch)): c for (f, ch), c in entrywise(n, column, other, sign).items()}
    c1, (f1, left) = n.as_term(a)
    c2, (f2, right) = n.as_term(b)
    if not c1 * c2:
        return {} if c2 or sign > 0 else {((), (make("hdiv", (n.build_of(a), nodes.zeros(b.type))),)): ONE}
    powers: dict[Expr, Rational] = {}
    spread(powers, chain_expr(left), ONE)
    before = dict(powers) if n.noting else {}
    spread(powers, chain_expr(right), sign)
    for base, e in before.items():
        if powers.get(base) != e:
            n.note("entrywise-powers" if base in powers else "entrywise-quotient-cancels")
    c = c1 * c2 if sign > 0 else ratio(c1, c2)
    factors = merge_factors(f1, f2 if sign > 0 else tuple((base, -e) for base, e in f2))
    opened = cancelling_sum(n, powers)
    if opened is not None:
        n.note("entrywise-quotient-cancels")
        return {(merge_factors(factors, f), ch): c * k for (f, ch), k in spread_over(n, opened, powers, a).items()}
    if len(powers) == 1 and set(powers.values()) == {1}:  # the other side was ones: what is left are its own terms
        (whole,) = powers
        return {(merge_factors(factors, f), ch): c * k for (f, ch), k in n.visit(whole).items()}
    scalars, chain = picked(n, powers, a) if n.properties else ((), entrywise_chain(powers, a))
    return {(merge_factors(factors, scalars), chain): c}


def picked(n: Normal, powers: dict[Expr, Rational], like: Expr) -> tuple[Factors, Chain]:
    """y ∘ x = (yᵀ x) y for a one-hot column y."""
    y = next((b for b, e in powers.items() if e > 0 and b.type[0] == "c" and n.has(b, ONE_HOT)), None)
    rest = {b: e for b, e in powers.items() if b is not y}
    if y is None or not rest:
        return (), entrywise_chain(powers, like)
    n.note("one-hot")
    _, factors, _ = n.join((transpose(y),), entrywise_chain(rest, like))
    return factors, (y,)


def cancelling_sum(n: Normal, powers: Mapping[Expr, Rational]) -> Expr | None:
    """A factor that is a sum of quotients by another factor: h ∘ (a ⊘ h + b) is worth multiplying out."""
    others = {b for b, e in powers.items() if e > 0}
    for base, e in powers.items():
        if e == 1 and base.op in SUMS:
            inside: dict[Expr, Rational] = {}
            for _, chain in n.visit(base):
                if len(chain) == 1 and chain[0].op == "hdiv":
                    spread(inside, chain[0], ONE)
            if any(k < 0 and b in others for b, k in inside.items()):
                return base
    return None


def spread_over(n: Normal, base: Expr, powers: Mapping[Expr, Rational], like: Expr) -> Linear:
    out: Linear = {}
    for (factors, chain), c in n.visit(base).items():
        term = (factors, entrywise_times({b: e for b, e in powers.items() if b is not base}, chain, like))
        out[term] = out.get(term, 0) + c
    return {t: c for t, c in out.items() if c}


def entrywise_expanded(n: Normal, a: Expr, b: Expr, sign: int) -> Linear:
    """(a + b) ∘ c = a ∘ c + b ∘ c, and (a + b) ⊘ c = a ⊘ c + b ⊘ c."""

    def combine(t1: Term, t2: Term) -> tuple[Rational, Factors, Chain]:
        powers: dict[Expr, Rational] = {}
        spread(powers, chain_expr(t1[1]), ONE)
        spread(powers, chain_expr(t2[1]), sign)
        undo = () if sign > 0 else tuple((base, -2 * e) for base, e in t2[0])
        return ONE, undo, entrywise_chain(powers, a)

    if sign < 0:
        c2, t2 = n.as_term(b)
        if not c2:
            return entrywise(n, a, b, sign)
        form: Linear = {}
        for c1, t1 in n.terms(a):
            if not c1:  # a sum whose terms cancel
                continue
            c, factors, chain = combine(t1, t2)
            term = (merge_factors(merge_factors(t1[0], t2[0]), factors), chain)
            form[term] = form.get(term, 0) + ratio(c * c1, c2)
        return {t: c for t, c in form.items() if c}
    return n.bilinear(a, b, combine)


def entrywise_power(n: Normal, base: Expr, exponent: Rational) -> Linear:
    if exponent == 0:
        return {((), (nodes.ones(base.type),)): ONE}
    c, (factors, chain) = n.as_term(base)
    whole = chain_expr(chain) if chain else base
    if exponent.denominator != 1:
        if c != 1 or factors:
            whole = n.build_of(base)
        return {((), entrywise_chain({whole: exponent}, base)): ONE}
    if too_large(c, exponent):
        return {((), entrywise_chain({n.build_of(base): exponent}, base)): ONE}
    powers: dict[Expr, Rational] = {}
    spread(powers, whole, exponent)
    if not c:
        return {}
    return {(tuple((b, e * exponent) for b, e in factors), entrywise_chain(powers, base)): power_of(c, int(exponent))}


def is_ones(e: Expr) -> bool:
    """1, 1', 1 1', or a scalar 1 in every entry: neutral in entrywise products."""
    if e.op == "fill":
        return e.args[0].op == "num" and e.args[0].attr == 1
    if e.op == "matmul":
        return e.args[0].op == "ones" and transpose(e.args[1]).op == "ones"
    return (e.args[0] if e.op == "T" else e).op == "ones"


def entrywise_times(powers: Mapping[Expr, Rational], chain: Chain, like: Expr) -> Chain:
    product = dict(powers)
    spread(product, chain_expr(chain), ONE)
    return entrywise_chain(product, like)


def spread(powers: dict[Expr, Rational], e: Expr, exponent: Rational) -> None:
    """Add the entrywise factors of ``e`` to ``powers``."""
    stack = [(e, exponent)]
    while stack:
        node, k = stack.pop()
        if node.op == "hadamard":
            stack.extend((a, k) for a in node.args)
        elif node.op == "hdiv":
            stack.extend(((node.args[0], k), (node.args[1], -k)))
        elif node.op == "hpow" and node.args[1].op == "num" and k.denominator == 1:
            stack.append((node.args[0], ratio(k * node.args[1].attr.numerator, node.args[1].attr.denominator)))
        elif node.op == "sqrt" and node.type[0] != "s" and k.denominator == 1:
            stack.append((node.args[0], ratio(k, 2)))
        elif not is_ones(node):
            total = powers.get(node, 0) + k
            if total:
                powers[node] = total
            else:
                del powers[node]


def entrywise_chain(powers: Mapping[Expr, Rational], like: Expr) -> Chain:
    """The canonical entrywise product: positive powers first, then a quotient."""
    tops = sorted([b for b, e in powers.items() if e > 0], key=key)
    bottoms = sorted([b for b, e in powers.items() if e < 0], key=key)
    top = _entrywise_product([_entry_power(b, powers[b]) for b in tops])
    bottom = _entrywise_product([_entry_power(b, -powers[b]) for b in bottoms])
    if bottom is None:
        return chain_of(top) if top is not None else (nodes.ones(like.type),)
    if top is None:
        top = nodes.fill(num(1), bottom.type)
    return (make("hdiv", (top, bottom)),)


def entrywise_pair(v: Expr, x: Expr) -> tuple[Rational, Factors, Chain]:
    """diag(v) x = v ∘ x."""
    powers: dict[Expr, Rational] = {}
    spread(powers, v, ONE)
    spread(powers, x, ONE)
    return ONE, (), entrywise_chain(powers, x)


def _entry_power(base: Expr, e: Rational) -> Expr:
    if e == 1:
        return base
    if e == HALF:
        return make("sqrt", (base,))
    return make("hpow", (base, num(e)))


def _entrywise_product(parts: list[Expr]) -> Expr | None:
    if not parts:
        return None
    total = parts[0]
    for p in parts[1:]:
        total = make("hadamard", (total, p))
    return total


def of_unit(n: Normal, unit: Expr, other: Expr, power: int) -> Linear:
    """e_i ∘ v = v_i e_i"""
    entry = make("entry", (other,), unit.attr)
    n.visit(entry)
    c, (factors, _) = n.as_term(entry)
    return {(factors if power > 0 else tuple((b, -e) for b, e in factors), (unit,)): c if power > 0 else ratio(1, c)} if c else {}


def ones_times_ones(n: Normal, a: Expr, b: Expr) -> Product | None:
    """A matrix of ones beside ones: ones, as many times as are added up."""
    if "m" not in (a.type[0], b.type[0]) or not (is_ones(a) and is_ones(b)):
        return None
    n.note("ones-times-ones")
    row = transpose(nodes.ones(Type("c", b.type[2], 1)))
    return ONE, dimension(b.type[1]), (row if a.type[0] == "r" else nodes.ones(b.type._replace(rows=a.type[1])),)
