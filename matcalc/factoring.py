"""From a linear form back to an expression: common factors out, scalars in front, like a textbook."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

from matcalc import dims, expr
from matcalc.chains import Chains
from matcalc.cutting import same
from matcalc.dims import Dim
from matcalc.entrywise import is_ones
from matcalc.expr import Expr, make, num
from matcalc.ops import SCALAR, Type
from matcalc.order import key
from matcalc.terms import (
    HALF,
    ONE,
    Chain,
    Factors,
    Linear,
    Rational,
    Term,
    chain_expr,
    magnitude,
    merge_factors,
    ratio,
)

MAX_TERMS = 64  # sums of more terms are collected but not searched for common factors


def build(n: Chains, form: Linear, type: Type) -> Expr:
    """The expression of a linear form."""
    if not form:
        return expr.zeros(type)
    if len(form) == 1:
        (((factors, chain), c),) = form.items()
        return positive(n, c, factors, chain, type)
    if len(form) > MAX_TERMS:
        return sum_expr(form, type)
    content, common, rest = common_scalars(form)
    if type[0] != "s":
        rest = group_scalars(n, join_paddings(n, join_diagonals(n, group_chains(n, rest, type))), type)
    if len(rest) == 1:
        ((term, c),) = rest.items()
        return positive(n, content * c, merge_factors(common, term[0]), term[1], type)
    inner = sum_expr(rest, type)
    return inner if content == 1 and not common else scaled(content, common, inner)


def positive(n: Chains, c: Rational, factors: Factors, chain: Chain, type: Type) -> Expr:
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


def _negated(n: Chains, factor: Expr) -> Expr | None:
    """C - B for the factor B - C, also where it stands in a linear operator; None where there is no difference."""
    if factor.op in LINEAR:
        for i, a in enumerate(factor.args):
            other = _negated(n, a)
            if other is not None:
                return make(factor.op, (*factor.args[:i], other, *factor.args[i + 1 :]), factor.attr, factor.type)
        return None
    form = n.linears.get(factor) if factor.op in ("add", "sub") else None
    if form is None or not any(k < 0 for k in form.values()):
        return None
    return sum_expr({t: -k for t, k in form.items()}, factor.type)


LINEAR = ("T", "kron", "einsum", "hadamard", "diagm")  # in each operand


def as_factor(n: Chains, form: Linear, type: Type) -> tuple[Rational, Term]:
    """A sum of several terms as one term: content and sign in front, the canonical sum as a single factor."""
    if type[0] in "rm":  # a row is the transpose of a column, Aᵀ - Bᵀ that of A - B
        reverse = {(f, n.reverse(ch)): k for (f, ch), k in form.items()}
        if type[0] == "r" or _transposes(reverse) < _transposes(form):
            c, (factors, chain) = as_factor(n, reverse, transposed(type))
            return c, (factors, n.reverse(chain))
    content, common, rest = common_scalars(form)
    if _leading(rest) < 0:
        content, rest = -content, {t: -c for t, c in rest.items()}
    grouped = join_paddings(n, join_diagonals(n, group_chains(n, rest, type))) if type[0] != "s" else rest
    if not grouped:  # A X + B X = (A + B) X, and A + B cancels
        return 0, ((), ())
    if len(grouped) == 1:
        (((factors, chain), c),) = grouped.items()
        return content * c, (merge_factors(common, factors), chain)
    whole = sum_expr(grouped, type)
    n.linears.setdefault(whole, rest)
    n.built.setdefault(whole, whole)
    if type[0] == "s":
        return content, (merge_factors(common, ((whole, ONE),)), ())
    return content, (common, (whole,))


def transposed(t: Type) -> Type:
    return Type({"r": "c", "c": "r"}.get(t[0], t[0]), t[2], t[1])


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
    if all(c < 0 for c in form.values()):
        content = -content
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
        constant = not factors and (not chain or level)
        return (not constant, bool(factors and level), *term_key(term))  # x - 1 mean(x): the mean does not decide

    return form[min(form, key=place)]


def term_key(term: Term) -> tuple[object, ...]:
    """Order of terms in a sum: large ones first, then by their symbols; a transpose after what it transposes."""
    factors, chain = term
    size = sum(key(f)[0] for f in chain) + sum(key(b)[0] for b, _ in factors)
    names = [key(f)[1:] for f in chain]
    return (-size, names, [(key(b)[1:], e) for b, e in factors])


def join_diagonals(n: Chains, form: Linear) -> Linear:
    """diag(u) + diag(v) = diag(u + v)."""
    terms = [t for t in form if len(t[1]) == 1 and t[1][0].op in ("diagm", "eye")]
    diagonal = next((t[1][0] for t in terms if t[1][0].op == "diagm"), None)
    if len(terms) < 2 or diagonal is None:
        return form
    inner: Linear = {}
    column = diagonal.args[0].type
    for factors, (d,) in terms:
        if d.op == "eye":  # I = diag(1)
            one = (factors, (expr.ones(column),))
            inner[one] = inner.get(one, 0) + form[(factors, (d,))]
            continue
        for (f, chain), c in n.visit(d.args[0]).items():
            term = (merge_factors(factors, f), chain)
            inner[term] = inner.get(term, 0) + c * form[(factors, (d,))]
    whole = build(n, {t: c for t, c in inner.items() if c}, column)
    n.linears.setdefault(whole, {t: c for t, c in inner.items() if c})
    rest = {t: c for t, c in form.items() if t not in terms}
    if expr.is_zero(whole):
        return rest
    c, (factors, chain) = n.as_term(whole)
    rest[(factors, (make("diagm", (n.close(chain),)),))] = c
    return rest


Block = tuple[Dim, Expr, Expr]  # first row, what stands there, one of the paddings


def join_paddings(n: Chains, form: Linear) -> Linear:
    """Blocks with zeros around them that stand on, or next to, each other are one block."""
    for turned in (False, True):
        form = _joined_paddings(n, form, turned)
    return form


def _paddings(form: Linear, turned: bool) -> Iterator[tuple[Term, Expr]]:
    for term in form:
        (f,) = term[1] if len(term[1]) == 1 else (None,)
        core = f.args[0] if f is not None and turned and f.op == "T" else None if turned else f
        if core is not None and core.op == "padrows":
            yield term, core


def _joined_paddings(n: Chains, form: Linear, turned: bool) -> Linear:
    found = list(_paddings(form, turned))
    if len(found) < 2:
        return form
    groups: list[Block] = []
    for term, pad in found:
        inner = build(n, {(term[0], (pad.args[0],)): form[term]}, pad.args[0].type)
        at = next((i for i, (first, x, _) in enumerate(groups) if same(first, pad.attr[0]) and x.type == inner.type), None)
        if at is None:
            groups.append((pad.attr[0], inner, pad))
        else:
            first, x, _ = groups[at]
            groups[at] = first, make("add", (x, inner)), pad
    merged = _neighbours(groups)
    if len(merged) == len(found):
        return form
    rest = {t: c for t, c in form.items() if all(t is not term for term, _ in found)}
    for first, x, pad in merged:
        whole = make("padrows", (x,), (first, pad.attr[1]), pad.type)
        if same(x.type.rows, pad.attr[1]):
            whole = x
        for (f, chain), c in n.visit(whole).items():
            term = (f, n.reverse(chain) if turned else chain)
            rest[term] = rest.get(term, 0) + c
    return {t: c for t, c in rest.items() if c}


def _neighbours(groups: list[Block]) -> list[Block]:
    """Blocks of which one ends where another begins, below each other."""
    groups = list(groups)
    while True:
        pair = next(
            ((a, b) for a in groups for b in groups if a is not b and same(dims.add(a[0], a[1].type.rows), b[0])),
            None,
        )
        if pair is None:
            return groups
        (first, x, pad), (_, y, _) = pair
        groups = [g for g in groups if g is not pair[0] and g is not pair[1]]
        groups.append((first, make("vcat", (x, y)), pad))


def group_chains(n: Chains, form: Linear, type: Type) -> Linear:
    """A x + B x = (A + B) x and A x + A y = A (x + y), where all but the shared factor is written once."""
    for at in (-1, 0):
        groups: dict[Expr, list[Term]] = {}
        for term in form:
            chain = term[1]
            if len(chain) > 1:
                groups.setdefault(chain[at], []).append(term)
        for shared, terms in groups.items():
            if len(terms) > 1:
                return group_chains(n, _grouped(n, form, shared, terms, at), type)
    return form


def _grouped(n: Chains, form: Linear, shared: Expr, terms: list[Term], at: int) -> Linear:
    inner: Linear = {}
    for factors, chain in terms:
        part = chain[:-1] if at else chain[1:]
        for (f, ch), c in _opened(n, factors, part).items():
            inner[(f, ch)] = inner.get((f, ch), 0) + c * form[(factors, chain)]
    inner = {t: c for t, c in inner.items() if c}
    rest = {t: c for t, c in form.items() if t not in terms}
    if not inner:
        return rest
    rows, cols = (terms[0][1][0].type[1], shared.type[1]) if at else (shared.type[2], terms[0][1][-1].type[2])
    kind = _block_type(terms[0][1], at, rows, cols)
    if len(inner) > 1:
        c, (factors, chain) = as_factor(n, inner, kind)
    else:
        (((factors, chain), c),) = inner.items()
    joined = n.join(chain, (shared,)) if at else n.join((shared,), chain)
    term = (merge_factors(factors, joined[1]), joined[2])
    rest[term] = rest.get(term, 0) + c * joined[0]
    return {t: k for t, k in rest.items() if k}


def group_scalars(n: Chains, form: Linear, type: Type) -> Linear:
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
    c, (factors, chain) = as_factor(n, inner, type)
    rest[(merge_factors(common, factors), chain)] = content * c
    return group_scalars(n, rest, type)


def _block_type(chain: Chain, at: int, rows: Dim, cols: Dim) -> Type:
    part = chain[:-1] if at else chain[1:]
    first, last = part[0].type[0], part[-1].type[0]
    if first == "r":
        return Type("r", 1, cols)
    if last == "c":
        return Type("c", rows, 1)
    return Type("m", rows, cols)


def _opened(n: Chains, factors: Factors, part: Chain) -> Linear:
    """A part of a chain as terms: a sum that stands alone is opened, so that sums flatten."""
    if len(part) == 1 and part[0].op in ("add", "sub", "neg", "scale"):
        form = n.visit(part[0])
        if len(form) > 1:
            return {(merge_factors(factors, f), ch): c for (f, ch), c in form.items()}
    return {(factors, part): ONE}


def sum_expr(form: Linear, type: Type) -> Expr:
    terms = sorted(form, key=lambda t: (form[t] < 0, *term_key(t)))
    several = len(terms) > 1
    total: Expr | None = None
    for factors, chain in terms:
        c = form[(factors, chain)]
        if several and len(chain) == 1 and is_ones(chain[0]) and type[0] != "s":
            piece = expr.fill(term_expr(magnitude(c), factors, (), SCALAR), type)
        else:
            piece = term_expr(magnitude(c), factors, chain, type)
        signed = piece if c > 0 else make("neg", (piece,))
        total = signed if total is None else make("add" if c > 0 else "sub", (total, piece))
    return total if total is not None else expr.zeros(type)


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
