"""From a linear form back to an expression: common factors out, scalars in front, like a textbook."""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd

from matcalc.algebra.blocks.joining import join_paddings
from matcalc.algebra.normal.entrywise import entrywise_chain, entrywise_times, is_ones, spread
from matcalc.algebra.normal.minus import positive
from matcalc.algebra.normal.rank_one import laplacians
from matcalc.algebra.normal.terms import (
    ONE,
    Chain,
    Factors,
    Linear,
    Normal,
    Rational,
    Term,
    block_type,
    chain_expr,
    magnitude,
    merge_factors,
    ratio,
    transposed,
)
from matcalc.algebra.normal.trace_sums import joined
from matcalc.algebra.normal.written_terms import scaled, sum_expr, term_key
from matcalc.expr import nodes
from matcalc.expr.nodes import Expr, make
from matcalc.expr.order import key
from matcalc.expr.table import SCALAR, Type

MANY = 5  # transposes
MAX_TERMS = 64  # sums of more terms are collected but not searched for common factors


def build(n: Normal, form: Linear, type: Type) -> Expr:
    """The expression of a linear form."""
    if not form:
        return nodes.zeros(type)
    if len(form) == 1:
        (((factors, chain), c),) = form.items()
        return positive(n, c, factors, chain, type)
    turned = _turned(n, form) if type[0] == "m" else None
    if turned is not None:
        return nodes.transpose(build(n, turned, transposed(type)))
    if len(form) > MAX_TERMS:
        return sum_expr(form, type)
    content, common, rest = common_scalars(form)
    if content not in (1, -1) or common:
        n.note("common-factor")
    rest = grouped(n, rest, type) if type[0] != "s" else joined(n, rest)
    if len(rest) == 1:
        ((term, c),) = rest.items()
        return positive(n, content * c, merge_factors(common, term[0]), term[1], type)
    inner = sum_expr(rest, type)
    return inner if content == 1 and not common else scaled(content, common, inner)


def _turned(n: Normal, form: Linear) -> Linear | None:
    """A sum of products of transposes turned round: (X A + A X)ᵀ for Aᵀ Xᵀ + Xᵀ Aᵀ; None where something is no transpose."""
    factors = [f for _, chain in form for f in chain]
    if (
        not all([f.op == "T" and f.type[0] == "m" for f in factors]) or sum([f.args[0].op != "inv" for f in factors]) < MANY
    ):  # Z⁻ᵀ is one sign
        return None
    at = len(n.noted)
    turned = {(f, n.reverse(chain)): c for (f, chain), c in form.items()}
    del n.noted[at:]
    n.note("transpose-of-product")
    return turned if not _transposes(turned) else None


def as_term(n: Normal, e: Expr) -> tuple[Rational, Term]:
    """``e`` as one term: a sum becomes a single factor, its common content in front."""
    form = n.linears[e]
    if len(form) == 1:
        ((term, c),) = form.items()
        return c, term
    if not form:
        return 0, ((), ())
    done = n.factors.get(e)
    if done is None:
        done = n.factors[e] = as_factor(n, form, e.type)
    return done


def as_factor(n: Normal, form: Linear, type: Type) -> tuple[Rational, Term]:
    """A sum of several terms as one term: content and sign in front, the canonical sum as a single factor."""
    if type[0] in "rm":  # a row is the transpose of a column, Aᵀ - Bᵀ that of A - B
        at = len(n.noted)
        reverse = {(f, n.reverse(ch)): k for (f, ch), k in form.items()}
        del n.noted[at:]
        if type[0] == "r" or _transposes(reverse) < _transposes(form):
            c, (factors, chain) = as_factor(n, reverse, transposed(type))
            at = len(n.noted)
            turned = n.reverse(chain)
            del n.noted[at:]
            return c, (factors, turned)
    content, common, rest = common_scalars(form)
    if content not in (1, -1) or common:
        n.note("common-factor")
    if _leading(rest) < 0:
        content, rest = -content, {t: -c for t, c in rest.items()}
    parts = grouped(n, rest, type) if type[0] != "s" else rest
    if not parts:  # A X + B X = (A + B) X, and A + B cancels
        return 0, ((), ())
    if len(parts) == 1:
        (((factors, chain), c),) = parts.items()
        return content * c, (merge_factors(common, factors), chain)
    whole = sum_expr(parts, type)
    n.linears.setdefault(whole, rest)
    n.built.setdefault(whole, whole)
    if type[0] == "s":
        return content, (merge_factors(common, ((whole, ONE),)), ())
    return content, (common, (whole,))


def _transposes(form: Linear) -> int:
    return sum(f.op == "T" for _, chain in form for f in chain)


def common_scalars(form: Linear) -> tuple[Rational, Factors, Linear]:
    """The rational content and the scalar factors that all terms share; negative if all terms are."""
    top = bottom = 0
    for c in form.values():
        top = gcd(top, c.numerator)
        bottom = bottom * c.denominator // gcd(bottom, c.denominator) if bottom else c.denominator
    content = ratio(top, bottom)
    shared: dict[Expr, Rational] | None = None
    for factors, _ in form:
        have = dict(factors)
        shared = dict(have) if shared is None else {b: e for b, k in shared.items() if b in have and (e := _shared(k, have[b]))}
        if not shared:
            break
    common = tuple(sorted((shared or {}).items(), key=lambda f: key(f[0])))
    inverse = tuple((b, -e) for b, e in common)
    if all([c < 0 for c in form.values()]):
        content = -content
    if content == 1 and not common:
        return content, common, form
    rest = {(merge_factors(f, inverse), chain): ratio(c, content) for (f, chain), c in form.items()}
    return content, common, rest


def _shared(a: Rational, b: Rational) -> Rational:
    """The exponent that can be put in front: √n of √n and 1/√n; 0 for none of n and 1/n."""
    if (a > 0) == (b > 0):
        return min(a, b) if a > 0 else max(a, b)
    return max(a, b) if a.denominator != 1 and (a - b).denominator == 1 else 0


def _leading(form: Linear) -> Rational:
    """Coefficient of the term that decides the sign of a factor: a constant, else the largest term."""

    def place(term: Term) -> tuple[object, ...]:
        factors, chain = term
        level = chain and is_ones(chain[0])
        constant = not factors and all(is_ones(f) for f in chain)
        return (not constant, bool(factors and level), *term_key(term))  # x - 1 mean(x): the mean does not decide

    return form[min(form, key=place)]


def join_diagonals(n: Normal, form: Linear) -> Linear:
    """diag(u) + diag(v) = diag(u + v)."""
    terms = [t for t in form if len(t[1]) == 1 and t[1][0].op in ("diagm", "eye")]
    diagonal = next((t[1][0] for t in terms if t[1][0].op == "diagm"), None)
    if len(terms) < 2 or diagonal is None:
        return form
    n.note("sum-of-diagonals")
    inner: Linear = {}
    column = diagonal.args[0].type
    for factors, (d,) in terms:
        if d.op == "eye":  # I = diag(1)
            one = (factors, (nodes.ones(column),))
            inner[one] = inner.get(one, 0) + form[(factors, (d,))]
            continue
        for (f, chain), c in n.visit(d.args[0]).items():
            term = (merge_factors(factors, f), chain)
            inner[term] = inner.get(term, 0) + c * form[(factors, (d,))]
    whole = build(n, {t: c for t, c in inner.items() if c}, column)
    n.linears.setdefault(whole, {t: c for t, c in inner.items() if c})
    rest = {t: c for t, c in form.items() if t not in terms}
    if nodes.is_zero(whole):
        return rest
    c, (factors, chain) = n.as_term(whole)
    rest[(factors, (make("diagm", (chain_expr(chain),)),))] = c
    return rest


def grouped(n: Normal, form: Linear, type: Type) -> Linear:
    """Terms put together: what they share is written once."""
    if len(form) < 2:
        return form
    form = group_chains(n, group_multiples(n, form), type)
    form = group_entrywise(n, join_paddings(n, join_diagonals(n, form)), type)
    laplacian = laplacians(n, form) if type[0] == "c" else form
    form = form if laplacian is form else group_chains(n, laplacian, type)
    return group_scalars(n, form, type)


def group_multiples(n: Normal, form: Linear) -> Linear:
    """p x - y x = (p - y) x, where each term has a scalar factor."""
    multiples: dict[Chain, list[Factors]] = {}
    for factors, chain in form:
        if factors and chain and not is_ones(chain[0]):  # b (x - mean(x)) + c 1 stays
            multiples.setdefault(chain, []).append(factors)
    for chain, several in multiples.items():
        if len(several) > 1 and ((), chain) not in form:
            n.note("like-terms")
            c, (factors, _) = as_factor(n, {(f, ()): form[f, chain] for f in several}, SCALAR)
            form = {t: k for t, k in form.items() if t[1] != chain}
            form[factors, chain] = c
    return form


def group_entrywise(n: Normal, form: Linear, type: Type) -> Linear:
    """p ∘ x - p ∘ y = p ∘ (x - y), p - p ∘ y = p ∘ (1 - y) and x ⊘ p + y ⊘ p = (x + y) ⊘ p."""
    if len(form) < 2 or type[0] == "r":
        return form
    powers = {term: bases for term in form if (bases := _entrywise_factors(term)) is not None}
    while (terms := _sharing(powers)) is not None:
        n.note("common-entrywise-factor")
        taken = _shared_by_all({t: powers[t] for t in terms}, common_scalars({t: form[t] for t in terms})[2])
        inner: Linear = {}
        for term in terms:
            others = {b: left for b, e in powers.pop(term).items() if (left := e - taken.get(b, 0))}
            inner[(term[0], entrywise_chain(others, term[1][0]))] = form[term]
        form = {t: c for t, c in form.items() if t not in terms}
        c, (factors, chain) = as_factor(n, inner, type)
        if c:
            whole = factors, entrywise_times(taken, chain, next(iter(taken)))
            form[whole] = form.get(whole, 0) + c
            if (bases := _entrywise_factors(whole)) is not None:
                powers[whole] = bases
    return {t: c for t, c in form.items() if c}


Powers = dict[Expr, Rational]


def _entrywise_factors(term: Term) -> Powers | None:
    """The factors of a term that is an entrywise product; None where scalars stand before what is none."""
    factors, chain = term
    if len(chain) != 1 or (factors and chain[0].op not in PRODUCTS):
        return None
    powers: Powers = {}
    spread(powers, chain[0], ONE)
    return powers


def _sharing(powers: Mapping[Term, Powers]) -> list[Term] | None:
    """The terms that share a factor, or a divisor: the largest that several of them have."""
    uses: dict[tuple[Expr, int], list[Term]] = {}
    for term, bases in powers.items():
        for base, e in bases.items():
            if e.denominator == 1:
                uses.setdefault((base, 1 if e > 0 else -1), []).append(term)
    shared = [use for use, terms in uses.items() if len(terms) > 1]
    return uses[max(shared, key=lambda use: (key(use[0])[0], len(uses[use]), key(use[0])))] if shared else None


def _shared_by_all(powers: Mapping[Term, Powers], inside: Linear) -> Powers:
    """What all have, taken out at once: one factor after the other, each would have the sum inside built anew.

    A term with scalars ``inside`` keeps its last factor: e p + p is not p ∘ (e 1 + 1).
    """
    scaled = [bool(factors) for factors, _ in inside]
    counts = [sum(map(magnitude, bases.values())) for bases in powers.values()]
    shared: Powers = {}
    for base in sorted(next(iter(powers.values())), key=lambda base: (key(base)[0], key(base)), reverse=True):
        exponents = [bases.get(base, 0) for bases in powers.values()]
        low, high = min(exponents), max(exponents)
        sign = 1 if low > 0 else -1 if high < 0 else 0
        if not sign or any(e.denominator != 1 for e in exponents):
            continue
        while magnitude(shared.get(base, 0)) < min(map(magnitude, exponents)):
            if shared and any(s and left <= 1 for s, left in zip(scaled, counts, strict=True)):
                return shared
            shared[base] = shared.get(base, 0) + sign
            counts = [left - 1 for left in counts]
    return shared


PRODUCTS = frozenset(("hadamard", "hdiv", "hpow"))


def group_chains(n: Normal, form: Linear, type: Type) -> Linear:
    """A x + B x = (A + B) x and A x + A y = A (x + y), where all but the shared factor is written once."""
    for at in (-1, 0):
        groups: dict[Expr, list[Term]] = {}
        for term in form:
            chain = term[1]
            if len(chain) > 1:
                groups.setdefault(chain[at], []).append(term)
        for terms in groups.values():
            if len(terms) > 1:
                return group_chains(n, _grouped(n, form, terms, at), type)
    return form


def _grouped(n: Normal, form: Linear, terms: list[Term], at: int) -> Linear:
    """The factors with which all the terms end (or begin) behind (or before) their sum: all at once, as one after the other
    would have the sum built anew for each."""
    n.note("common-matrix-on-the-right" if at else "common-matrix-on-the-left")
    run = _common(n, [chain for _, chain in terms], at)
    parts = [chain[: -len(run)] if at else chain[len(run) :] for _, chain in terms]
    inner: Linear = {}
    for (factors, chain), part in zip(terms, parts, strict=True):
        for (f, ch), c in _opened(n, factors, part).items():
            inner[(f, ch)] = inner.get((f, ch), 0) + c * form[(factors, chain)]
    inner = {t: c for t, c in inner.items() if c}
    rest = {t: c for t, c in form.items() if t not in terms}
    if not inner:
        return rest
    if len(inner) > 1:
        c, (factors, chain) = as_factor(n, inner, block_type(parts[0]))
    else:
        (((factors, chain), c),) = inner.items()
    joined = n.join(chain, run) if at else n.join(run, chain)
    term = (merge_factors(factors, joined[1]), joined[2])
    rest[term] = rest.get(term, 0) + c * joined[0]
    return {t: k for t, k in rest.items() if k}


def _common(n: Normal, chains: list[Chain], at: int) -> Chain:
    """The factors with which all begin, or end (``at`` is -1); of each is something left, and the sum is not turned round."""
    first, most = chains[0], min([len(chain) for chain in chains]) - 1
    if most == 1:
        return first[-1:] if at else first[:1]
    turned = sum([_turns(n, f) for chain in chains for f in chain])
    k = 1
    while k < most:
        last, f = (first[-k], first[~k]) if at else (first[k - 1], first[k])
        turned -= len(chains) * _turns(n, last)
        kind = block_type(first[:-k] if at else first[k:])[0]
        if kind == "r" or (kind == "m" and turned > 0) or any(chain[~k if at else k] is not f for chain in chains):
            break
        k += 1
    return first[-k:] if at else first[:k]


def _turns(n: Normal, f: Expr) -> int:
    """How many transposes fewer there are when a factor is transposed."""
    at = len(n.noted)
    turns = (f.op == "T") - (n.turn(f).op == "T")
    del n.noted[at:]
    return turns


def group_scalars(n: Normal, form: Linear, type: Type) -> Linear:
    """s x - s y + z = s (x - y) + z for a scalar s that is an expression of its own."""
    if len(form) < 3:
        return form
    uses: dict[Expr, list[Term]] = {}
    for term in form:
        for base, _ in term[0]:
            if base.args:
                uses.setdefault(base, []).append(term)
    shared = [b for b, terms in uses.items() if 1 < len(terms) < len(form)]
    if not shared:
        return form
    terms = uses[max(shared, key=lambda b: (key(b)[0], len(uses[b]), key(b)))]
    content, common, inner = common_scalars({t: form[t] for t in terms})
    rest = {t: c for t, c in form.items() if t not in terms}
    if not common:
        return form
    n.note("common-factor")
    c, (factors, chain) = as_factor(n, inner, type)
    rest[(merge_factors(common, factors), chain)] = content * c
    return group_scalars(n, rest, type)


def _opened(n: Normal, factors: Factors, part: Chain) -> Linear:
    """A part of a chain as terms: a sum that stands alone is opened, so that sums flatten."""
    if len(part) == 1 and part[0].op in ("add", "sub", "neg", "scale"):
        form = n.visit(part[0])
        if len(form) > 1:
            return {(merge_factors(factors, f), ch): c for (f, ch), c in form.items()}
    return {(factors, part): ONE}
