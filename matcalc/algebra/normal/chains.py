"""The laws of products of matrices: chains, transposes, inverses, traces and sums, under declared properties."""

from __future__ import annotations

from matcalc.algebra.blocks.paddings import ZEROS_AROUND, meet_zeros
from matcalc.algebra.normal import rank_one
from matcalc.algebra.normal.diagonals import product_of_diagonals, scaled_entries
from matcalc.algebra.normal.entrywise import entrywise_chain, entrywise_pair, ones_times_ones, spread
from matcalc.algebra.normal.index_sums import total_of_tensor
from matcalc.algebra.normal.terms import (
    MAX_CHAIN,
    ONE,
    SUMS_TO_ONE,
    SYMMETRIC,
    TWO,
    Chain,
    Factors,
    Linear,
    Normal,
    Rational,
    chain_expr,
    dimension,
    matrix_base,
    merge_factors,
)
from matcalc.expr import nodes
from matcalc.expr.groups import CARRIED, SUMS
from matcalc.expr.nodes import Expr, make, postorder, transpose
from matcalc.expr.order import key
from matcalc.expr.table import Type

# -- products


def join(n: Normal, left: Chain, right: Chain) -> tuple[Rational, Factors, Chain]:
    """Product of two chains: coefficient, scalar factors that split off, and the rest."""
    c: Rational = ONE
    factors: Factors = ()
    if len(left) + len(right) > MAX_CHAIN:
        left = (chain_expr(left),)
    out = list(left)
    for f in right:
        pending = [f]
        while pending:
            g = pending.pop()
            replaced = meet(n, out[-1], g) if out else None
            start = len(out) - 1
            if replaced is None:
                further = scaled_entries(n, out, g)
                if further is None:
                    out.append(g)
                    continue
                start, replaced = further
            del out[start:]
            k, more, parts = replaced
            c, factors = c * k, merge_factors(factors, more)
            pending.extend(reversed(parts))
    if len(out) > 1 and out[0].op == "eye":
        out = out[1:]
    if len(out) > 1 and out[0].type[0] == "r" and out[-1].type[0] == "c":
        k, more = dot(n, tuple(out))
        return c * k, merge_factors(factors, more), ()
    if len(out) == 1 and out[0].type[0] == "s":
        return c, merge_factors(factors, ((out[0], ONE),)), ()
    if len(out) > 2 and any([out[i - 1].type[0] == "c" and out[i].type[0] == "r" for i in range(1, len(out))]):
        return _split_scalars(n, c, factors, out)
    return c, factors, tuple(out)


def _split_scalars(n: Normal, c: Rational, factors: Factors, out: list[Expr]) -> tuple[Rational, Factors, Chain]:
    """x (yᵀ A z) wᵀ = (yᵀ A z) x wᵀ: a row up to the next column is a scalar in the middle of a chain."""
    rest: list[Expr] = []
    i = 0
    while i < len(out):
        if out[i].type[0] == "r":
            end = next((j for j in range(i + 1, len(out)) if out[j].type[0] == "c"), None)
            if end is not None:
                n.note("scalar-in-a-product")
                k, more = dot(n, tuple(out[i : end + 1]))
                c, factors = c * k, merge_factors(factors, more)
                i = end + 1
                continue
        rest.append(out[i])
        i += 1
    return c, factors, tuple(rest)


def meet(n: Normal, a: Expr, b: Expr) -> tuple[Rational, Factors, Chain] | None:
    """What two neighbours in a chain become, or None when they stay side by side."""
    if a.op == "eye" or b.op == "eye":
        n.note("identity-product")
        return ONE, (), (b if a.op == "eye" else a,)
    around = any((e.args[0] if e.op == "T" else e).op in ZEROS_AROUND for e in (a, b))
    if around and (found := meet_zeros(n, a, b)) is not None:
        n.note("unit-vector")
        return found
    if (found := ones_times_ones(n, a, b)) is not None:
        return found
    if a.type[0] == "m" and b.type[0] == "m":
        square = one_power(a, b)
        if square is not None:
            n.note("inverse-cancels" if square[2][0].op == "eye" else "powers-of-a-matrix")
            return square
        if orthogonal(n, a, b):
            n.note("orthogonal", b if a.op == "T" else a)
            return ONE, (), (nodes.eye(a.type[1]),)
    if a.op == b.op == "diagm":
        return product_of_diagonals(n, a, b)
    if a.op == "kron" and b.op == "vec" and (found := _kronecker_times_vec(n, a.args[0], a.args[1], b.args[0])) is not None:
        return found
    if b.op == "ones" and b.type[0] == "c" and a.type[0] == "m" and rows_sum_to_one(n, a):
        n.note("rows-sum-to-one", a)
        return ONE, (), (nodes.ones(Type("c", a.type[1], 1)),)
    if b.type[0] == "c" and (found := rank_one.applied(n, a, b)) is not None:
        return found
    if a.type[0] == "r" and (found := rank_one.applied(n, transpose(b), transpose(a))) is not None:
        return found[0], found[1], n.reverse(found[2])
    if a.op == "diagm" and b.type[0] == "c":
        n.note("diagonal-times-column")
        return entrywise_pair(a.args[0], b)
    if b.op == "diagm" and a.type[0] == "r":
        n.note("diagonal-times-column")
        c, f, chain = entrywise_pair(transpose(a), b.args[0])
        return c, f, n.reverse(chain)
    return None


def _kronecker_times_vec(n: Normal, first: Expr, second: Expr, x: Expr) -> tuple[Rational, Factors, Chain] | None:
    """(A ⊗ B) vec(X) = vec(B X Aᵀ)"""
    if not x.type[0] == first.type[0] == second.type[0] == "m" or first.type[2] != x.type[2]:
        return None
    n.note("kronecker-times-vec")
    c, f, chain = n.join((second,), (x,))
    c2, f2, chain = n.join(chain, (n.turn(first),))
    return c * c2, merge_factors(f, f2), (make("vec", (chain_expr(chain),)),)


def rows_sum_to_one(n: Normal, a: Expr) -> bool:
    """The rows of a softmax, of one-hot labels, of probabilities."""
    return a.op == "softmaxr" or (a.op == "sym" and n.has(a, SUMS_TO_ONE))


def one_power(a: Expr, b: Expr) -> tuple[Rational, Factors, Chain] | None:
    """A A⁻¹ = I; A^j A^k = A^(j+k); the same for transposes."""
    base1, e1 = matrix_base(a)
    base2, e2 = matrix_base(b)
    if base1 is not base2 or a.type[1] != a.type[2]:
        return None
    total = e1 + e2
    return ONE, (), (nodes.eye(a.type[1]),) if not total else raise_factor(base1, total)


def raise_factor(base: Expr, n: int) -> Chain:
    """Aⁿ as a chain of one factor; the exponent goes inside a transpose and an inverse."""
    if base.type[0] == "s":
        return ()
    inner, k = matrix_base(base)
    n *= k
    if n == 0:
        return (nodes.eye(base.type[1]),)
    turned = inner.op == "T"
    core = inner.args[0] if turned else inner
    if core.op == "eye":
        return (core,)
    if n < 0:
        core, n = make("inv", (core,)), -n
    core = core if n == 1 else make("mpow", (core,), n)
    return (transpose(core),) if turned else (core,)


def orthogonal(n: Normal, a: Expr, b: Expr) -> bool:
    q = b if a.op == "T" else a
    return transpose(a) is b and n.has(q, frozenset(("orthogonal",)))


def reverse(n: Normal, chain: Chain) -> Chain:
    """Transpose of a chain."""
    return tuple([n.turn(f) for f in reversed(chain)])


def turn(n: Normal, f: Expr) -> Expr:
    """Transpose of one factor; a symmetric one is itself."""
    if f.op == "T" and f.type[0] != "m":
        return f.args[0]
    if f.type[0] == "m" and n.has(f.args[0] if f.op == "T" else f, SYMMETRIC):
        core = f.args[0] if f.op == "T" else f
        n.note("symmetric", core)
        return core
    if f.op == "ones" and f.type[0] == "m":
        return nodes.ones(f.type._replace(rows=f.type.cols, cols=f.type.rows))
    if f.op == "T":
        return f.args[0]
    if f.op == "kron" and f.type[0] == "m" and all(a.type[0] == "m" for a in f.args):
        n.note("transpose-of-kronecker")
        return make("kron", (n.turn(f.args[0]), n.turn(f.args[1])))
    return transpose(f)


def invert(n: Normal, chain: Chain) -> tuple[Rational, Factors, Chain]:
    if len(chain) > 1 and all(f.type[0] == "m" and f.type[1] == f.type[2] for f in chain):
        n.note("inverse-of-product")
        out: Chain = ()
        for factor in reversed(chain):
            out += invert(n, (factor,))[2]
        return ONE, (), out
    whole = chain_expr(chain)
    if whole.op == "eye":
        return ONE, (), (whole,)
    if whole.op == "diagm":  # diag(v)⁻¹ = diag(1 ⊘ v)
        n.note("inverse-of-diagonal")
        powers: dict[Expr, Rational] = {}
        spread(powers, whole.args[0], -ONE)
        return ONE, (), (make("diagm", (chain_expr(entrywise_chain(powers, whole.args[0])),)),)
    if whole.type[0] != "m":
        return ONE, (), (make("inv", (whole,)),)
    return ONE, (), raise_factor(whole, -1)


# -- scalars made of chains


def dot(n: Normal, chain: Chain) -> tuple[Rational, Factors]:
    """Row … column: the same scalar as its transpose; the smaller writing is taken."""
    if len(chain) == 2:
        row, col = chain
        if transpose(row).op == "ones" or col.op == "ones":
            n.note("ones-sum")
            return total(n, (col if transpose(row).op == "ones" else transpose(row),))
        if transpose(row) is col:
            n.note("squared-norm-as-product")
            return ONE, ((make("norm2", (col,)), TWO),)
        cancelled = _cancelled(transpose(row), col)
        if cancelled is not None:
            n.note("entrywise-quotient-cancels")
            return total(n, cancelled)
    if len(chain) % 2 == 0 and len(chain) > 2:
        half = len(chain) // 2
        if n.reverse(chain[half:]) == chain[:half]:
            n.note("squared-norm-as-product")
            return ONE, ((make("norm2", (chain_expr(chain[half:]),)), TWO),)
    at = len(n.noted)
    other = n.reverse(chain)
    if [key(f) for f in other] < [key(f) for f in chain]:
        n.note("transpose-of-scalar")
        chain = other
    else:
        del n.noted[at:]
    return ONE, ((chain_expr(chain), ONE),)


def _cancelled(x: Expr, y: Expr) -> Chain | None:
    """xᵀ y = sum(x ∘ y), where factors of the one divide the other: pᵀ (y ⊘ p) = sum(y)."""
    if "hdiv" not in (x.op, y.op):
        return None
    powers: dict[Expr, Rational] = {}
    spread(powers, x, ONE)
    inside = set(powers)
    spread(powers, y, ONE)
    return entrywise_chain(powers, x) if any(b not in powers for b in inside) else None


def trace(n: Normal, chain: Chain) -> tuple[Rational, Factors]:
    """tr of a chain: cyclic, and equal to the trace of the transpose; the smallest writing is taken."""
    if len(chain) == 1 and chain[0].op == "eye":
        n.note("trace-of-identity")
        return ONE, dimension(chain[0].type.rows)
    for i, f in enumerate(chain):
        if f.type[0] == "r":  # tr(x yᵀ) = yᵀ x
            n.note("trace-of-outer-product")
            c, factors, rest = n.join(chain[i:], chain[:i])
            if not rest:
                return c, factors
    if len(chain) > MAX_CHAIN:
        return ONE, ((make("tr", (chain_expr(chain),)), ONE),)
    if len(chain) > 1:
        at = len(n.noted)
        n.note("trace-is-cyclic")
        c, factors, joined = n.join((chain[-1],), chain[:1])
        if len(joined) < 2 and not factors and c == 1:  # neighbours around the end combine
            rest_c, rest_f, rest = n.join(chain[1:-1], joined)
            k, more = trace(n, rest) if rest else (ONE, ())
            return rest_c * k, merge_factors(rest_f, more)
        del n.noted[at:]
    if len(chain) == 2 and chain[0] is not chain[1] and n.turn(chain[0]) is chain[1]:
        n.note("trace-as-norm")
        return ONE, ((make("norm2", (chain[1] if chain[0].op == "T" else chain[0],)), TWO),)
    return ONE, ((_trace_of_one(n, chain[0]) if len(chain) == 1 else _least_trace(n, chain), ONE),)


def _trace_of_one(n: Normal, f: Expr) -> Expr:
    if f.op == "T":
        n.note("trace-of-transpose")
        f = f.args[0]
    return make("trpow", f.args, f.attr) if f.op == "mpow" else make("tr", (f,))


def _least_trace(n: Normal, chain: Chain) -> Expr:
    """The least of all rotations of a chain and of its transpose."""
    at = len(n.noted)
    turned = n.reverse(chain)
    candidates = [c[i:] + c[:i] for c in (chain, turned) for i in range(len(chain))]
    best = min(candidates, key=lambda c: (sum(f.op == "T" for f in c), [key(f) for f in c]))
    place = candidates.index(best)
    if place < len(chain):
        del n.noted[at:]
    else:
        n.note("trace-of-transpose")
    if place % len(chain):
        n.note("trace-is-cyclic")
    return make("tr", (chain_expr(best),))


def total(n: Normal, chain: Chain) -> tuple[Rational, Factors]:
    """sum of a chain: 1ᵀ(…)1 where that is a product of vectors."""
    if len(chain) > 1 and chain[0].type[0] == "c":
        n.note("sum-of-outer-product")
        k1, f1 = total(n, chain[:1])
        k2, f2 = total(n, chain[1:])
        return k1 * k2, merge_factors(f1, f2)
    if not chain:
        return ONE, ()
    if len(chain) == 1:
        return _total_of_one(n, chain[0].args[0] if chain[0].op == "T" else chain[0])
    return ONE, ((make("sum", (chain_expr(chain),)), ONE),)


def _total_of_one(n: Normal, core: Expr) -> tuple[Rational, Factors]:
    """sum of one factor; of its transpose it is the same."""
    if core.type[0] == "t":
        return total_of_tensor(n, core)
    if n.has(core, SUMS_TO_ONE) and core.type[0] == "c":
        n.note("sum-of-probabilities", core)
        return ONE, ()
    if core.op == "ones":
        n.note("sum-of-ones")
        return ONE, merge_factors(dimension(core.type.rows), dimension(core.type.cols))
    if core.op in ("eye", "unit"):
        return ONE, dimension(core.type.rows if core.op == "eye" else 1)
    if core.op == "hadamard" and core.type[0] == "c":
        n.note("sum-of-products")
        c, f, rest = n.join((transpose(core.args[0]),), (core.args[1],))
        if not rest:
            return c, f
    if core.op == "diagm":
        n.note("sum-of-diagonal-matrix")
        return total(n, (core.args[0],))
    if core.op in SUMS:
        whole = make("sum", (core,))
        n.visit(whole)
        c, (f, _) = n.as_term(whole)
        return c, f
    if core.op == "hpow" and core.args[0].op == "eye" and core.args[1].op == "num" and core.args[1].attr > 0:  # I ∘ I = I
        return ONE, dimension(core.type.rows)
    if core.op == "hpow" and core.args[1].op == "num" and core.args[1].attr == 2:
        n.note("sum-of-squares")
        return ONE, ((make("norm2", core.args[:1]), TWO),)
    product = _trace_of_product(n, core) if core.op == "hadamard" else None
    if product is not None:
        return product
    return ONE, ((make("sum", (core,)), ONE),)


def _trace_of_product(n: Normal, e: Expr) -> tuple[Rational, Factors] | None:
    """sum(A ∘ Bᵀ) = tr(A B), where that is shorter; sum(A ∘ I) = tr(A)."""
    forms = [n.visit(a) for a in e.args]
    if any(len(f) != 1 for f in forms) and not any(a.op == "eye" for a in e.args):
        return None
    at = len(n.noted)
    n.note("sum-as-trace")
    (c1, (f1, left)), (c2, (f2, right)) = (n.as_term(a) for a in e.args)
    k, more, joined = n.join(left, n.reverse(right))
    c, factors = trace(n, joined)
    if len(factors) != 1 or c != 1 or len(postorder((factors[0][0],))) > len(postorder((e,))):
        del n.noted[at:]
        return None
    return c1 * c2 * k, merge_factors(merge_factors(f1, f2), merge_factors(more, factors))


def by_traces(n: Normal, chain: Chain) -> Linear:
    """sum(∂K/∂t ∘ G) = tr(Gᵀ ∂K/∂t), term by term of G: how derivatives by a number are written; nothing for another sum."""
    core = chain[0].args[0] if len(chain) == 1 and chain[0].op == "T" else chain[0] if len(chain) == 1 else None
    if core is None or core.op != "hadamard" or core.type[0] != "m" or not any(a.op in CARRIED for a in core.args):
        return {}
    slope, other = core.args if core.args[0].op in CARRIED else core.args[::-1]
    out: Linear = {}
    n.note("sum-as-trace")
    for (factors, other_chain), c in n.visit(other).items():
        k, more, joined = n.join(n.reverse(other_chain), (slope,))
        one, traced = trace(n, joined)
        term = merge_factors(merge_factors(factors, more), traced), ()
        out[term] = out.get(term, 0) + c * k * one
    return {t: c for t, c in out.items() if c}
