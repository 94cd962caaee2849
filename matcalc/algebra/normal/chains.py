"""The laws of products of matrices: chains, transposes, inverses, traces and sums, under declared properties."""

from __future__ import annotations

from matcalc.algebra.blocks.paddings import ZEROS_AROUND, meet_zeros
from matcalc.algebra.normal.diagonals import scaled_entries
from matcalc.algebra.normal.entrywise import entrywise_chain, entrywise_pair, spread
from matcalc.algebra.normal.index_sums import total_of_tensor
from matcalc.algebra.normal.terms import (
    MAX_CHAIN,
    ONE,
    SUMS_TO_ONE,
    SYMMETRIC,
    TWO,
    Chain,
    Factors,
    Normal,
    Rational,
    chain_expr,
    chain_of,
    matrix_base,
    merge_factors,
)
from matcalc.expr import nodes
from matcalc.expr.dims import Dim
from matcalc.expr.nodes import Expr, make, postorder, transpose
from matcalc.expr.order import key
from matcalc.expr.table import Type


def has(n: Normal, e: Expr, names: frozenset[str]) -> bool:
    if e.op == "sym":
        found = n.properties.get(e.attr)
        return bool(found and found & names)
    if names is SYMMETRIC:
        return e.type[0] == "m" and e.type[1] == e.type[2] and is_symmetric(n, e)
    return e.op in ("softmax",) and names is SUMS_TO_ONE


def is_symmetric(n: Normal, e: Expr) -> bool:
    """Symmetric by its structure: diag(v), A + Aᵀ, A Aᵀ, X S Xᵀ, inverses and powers of these."""
    done = n.symmetric.get(e)
    if done is None:
        done = n.symmetric[e] = _symmetric(n, e)
    return done


def _symmetric(n: Normal, e: Expr) -> bool:
    if e.op in ("diagm", "eye"):
        return True
    if e.op in ("inv", "mpow", "neg", "T"):
        return n.has(e.args[0], SYMMETRIC)
    if e.op in ("scale", "div"):
        return n.has(e.args[1 if e.op == "scale" else 0], SYMMETRIC)
    if e.op in ("add", "sub"):
        if all(n.has(a, SYMMETRIC) for a in e.args):
            return True
        a, b = e.args
        return e.op == "add" and (transpose(a) is b or transpose(b) is a)
    if e.op == "matmul":
        chain = chain_of(e)
        middle = len(chain) // 2
        ends = all(transpose(f) is g for f, g in zip(chain[:middle], reversed(chain), strict=False))
        return ends and (len(chain) % 2 == 0 or n.has(chain[middle], SYMMETRIC))
    return False


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
                k, more = dot(n, tuple(out[i : end + 1]))
                c, factors = c * k, merge_factors(factors, more)
                i = end + 1
                continue
        rest.append(out[i])
        i += 1
    return c, factors, tuple(rest)


def meet(n: Normal, a: Expr, b: Expr) -> tuple[Rational, Factors, Chain] | None:
    """What two neighbours in a chain become, or None when they stay side by side."""
    if a.op == "eye":
        return ONE, (), (b,)
    if b.op == "eye":
        return ONE, (), (a,)
    if (a.args[0] if a.op == "T" else a).op in ZEROS_AROUND or (b.args[0] if b.op == "T" else b).op in ZEROS_AROUND:
        found = meet_zeros(n, a, b)
        if found is not None:
            return found
    if a.type[0] == "m" and b.type[0] == "m":
        square = one_power(a, b)
        if square is not None:
            return square
        if orthogonal(n, a, b):
            return ONE, (), (nodes.eye(a.type[1]),)
    if a.op == b.op == "diagm":
        powers: dict[Expr, Rational] = {}
        spread(powers, a.args[0], ONE)
        spread(powers, b.args[0], ONE)
        return ONE, (), (make("diagm", (chain_expr(entrywise_chain(powers, a.args[0])),)),)
    if a.op == "kron" and b.op == "vec":  # kron(A, B) vec(X) = vec(B X A')
        first, second, x = a.args[0], a.args[1], b.args[0]
        if x.type[0] == first.type[0] == second.type[0] == "m" and first.type[2] == x.type[2]:
            c, f, chain = n.join((second,), (x,))
            c2, f2, chain = n.join(chain, (n.turn(first),))
            return c * c2, merge_factors(f, f2), (make("vec", (chain_expr(chain),)),)
    if b.op == "ones" and b.type[0] == "c" and a.type[0] == "m" and rows_sum_to_one(n, a):
        return ONE, (), (nodes.ones(Type("c", a.type[1], 1)),)
    if a.op == "diagm" and b.type[0] == "c":
        return entrywise_pair(a.args[0], b)
    if b.op == "diagm" and a.type[0] == "r":
        c, f, chain = entrywise_pair(transpose(a), b.args[0])
        return c, f, n.reverse(chain)
    return None


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
        return f.args[0] if f.op == "T" else f
    if f.op == "ones" and f.type[0] == "m":
        return nodes.ones(f.type._replace(rows=f.type.cols, cols=f.type.rows))
    if f.op == "T":
        return f.args[0]
    if f.op == "kron" and f.type[0] == "m" and all(a.type[0] == "m" for a in f.args):
        return make("kron", (n.turn(f.args[0]), n.turn(f.args[1])))
    return transpose(f)


def invert(n: Normal, chain: Chain) -> tuple[Rational, Factors, Chain]:
    if len(chain) > 1 and all(f.type[0] == "m" and f.type[1] == f.type[2] for f in chain):
        out: Chain = ()
        for factor in reversed(chain):
            out += invert(n, (factor,))[2]
        return ONE, (), out
    whole = chain_expr(chain)
    if whole.op == "eye":
        return ONE, (), (whole,)
    if whole.op == "diagm":  # diag(v)⁻¹ = diag(1 ⊘ v)
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
        if transpose(row).op == "ones":
            return total(n, (col,))
        if col.op == "ones":
            return total(n, (transpose(row),))
        if transpose(row) is col:
            return ONE, ((make("norm2", (col,)), TWO),)
        cancelled = _cancelled(n, transpose(row), col)
        if cancelled is not None:
            return total(n, cancelled)
    if len(chain) % 2 == 0 and len(chain) > 2:
        half = len(chain) // 2
        if n.reverse(chain[half:]) == chain[:half]:
            return ONE, ((make("norm2", (chain_expr(chain[half:]),)), TWO),)
    other = n.reverse(chain)
    if [key(f) for f in other] < [key(f) for f in chain]:
        chain = other
    return ONE, ((chain_expr(chain), ONE),)


def _cancelled(n: Normal, x: Expr, y: Expr) -> Chain | None:
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
        return ONE, _dimension(chain[0].type.rows)
    for i, f in enumerate(chain):
        if f.type[0] == "r":  # tr(x yᵀ) = yᵀ x
            c, factors, rest = n.join(chain[i:], chain[:i])
            if not rest:
                return c, factors
    if len(chain) > MAX_CHAIN:
        return ONE, ((make("tr", (chain_expr(chain),)), ONE),)
    if len(chain) > 1:
        c, factors, joined = n.join((chain[-1],), chain[:1])
        if len(joined) < 2 and not factors and c == 1:  # neighbours around the end combine
            rest_c, rest_f, rest = n.join(chain[1:-1], joined)
            k, more = trace(n, rest) if rest else (ONE, ())
            return rest_c * k, merge_factors(rest_f, more)
    if len(chain) == 2:
        squared = _frobenius(n, chain)
        if squared is not None:
            return ONE, ((squared, TWO),)
    if len(chain) == 1:
        return ONE, ((_trace_of_one(n, chain[0]), ONE),)
    candidates = [chain[i:] + chain[:i] for i in range(len(chain))]
    candidates += [n.reverse(c) for c in candidates]
    best = min(candidates, key=lambda c: (sum(f.op == "T" for f in c), [key(f) for f in c]))
    return ONE, ((make("tr", (chain_expr(best),)), ONE),)


def _trace_of_one(n: Normal, f: Expr) -> Expr:
    core = f.args[0] if f.op == "T" else f
    return make("trpow", core.args, core.attr) if core.op == "mpow" else make("tr", (core,))


def _frobenius(n: Normal, chain: Chain) -> Expr | None:
    """tr(AᵀA) = ‖A‖²."""
    a, b = chain
    if n.turn(a) is b and a is not b:
        return make("norm2", (b if a.op == "T" else a,))
    return None


def total(n: Normal, chain: Chain) -> tuple[Rational, Factors]:
    """sum of a chain: 1ᵀ(…)1 where that is a product of vectors."""
    if len(chain) > 1 and chain[0].type[0] == "c":
        k1, f1 = total(n, chain[:1])
        k2, f2 = total(n, chain[1:])
        return k1 * k2, merge_factors(f1, f2)
    if not chain:
        return ONE, ()
    only = chain[0] if len(chain) == 1 else None
    if only is not None:
        core = only.args[0] if only.op == "T" else only
        if core.type[0] == "t":
            return total_of_tensor(n, core)
        if n.has(core, SUMS_TO_ONE) and core.type[0] == "c":
            return ONE, ()
        if core.op == "ones":
            return ONE, merge_factors(_dimension(core.type.rows), _dimension(core.type.cols))
        if core.op in ("eye", "unit"):
            return ONE, _dimension(core.type.rows if core.op == "eye" else 1)
        if core.op == "hadamard" and core.type[0] == "c":
            c, f, rest = n.join((transpose(core.args[0]),), (core.args[1],))
            if not rest:
                return c, f
        if core.op == "diagm":
            return total(n, (core.args[0],))
        if core.op in ("add", "sub"):
            whole = make("sum", (core,))
            n.visit(whole)
            c, (f, _) = n.as_term(whole)
            return c, f
        if core.op == "hpow" and core.args[0].op == "eye" and core.args[1].op == "num" and core.args[1].attr > 0:  # I ∘ I = I
            return ONE, _dimension(core.type.rows)
        if core.op == "hpow" and core.args[1].op == "num" and core.args[1].attr == 2:
            return ONE, ((make("norm2", core.args[:1]), TWO),)
        product = _trace_of_product(n, core) if core.op == "hadamard" else None
        if product is not None:
            return product
        return ONE, ((make("sum", (core,)), ONE),)
    return ONE, ((make("sum", (chain_expr(chain),)), ONE),)


def _trace_of_product(n: Normal, e: Expr) -> tuple[Rational, Factors] | None:
    """sum(A ∘ Bᵀ) = tr(A B), where that is shorter; sum(A ∘ I) = tr(A)."""
    forms = [n.visit(a) for a in e.args]
    if any(len(f) != 1 for f in forms) and not any(a.op == "eye" for a in e.args):
        return None
    (c1, (f1, left)), (c2, (f2, right)) = (n.as_term(a) for a in e.args)
    k, more, joined = n.join(left, n.reverse(right))
    c, factors = trace(n, joined)
    if len(factors) != 1 or c != 1 or len(postorder((factors[0][0],))) > len(postorder((e,))):
        return None
    return c1 * c2 * k, merge_factors(merge_factors(f1, f2), merge_factors(more, factors))


def diagonal_of(op: str, chain: Chain) -> list[tuple[Rational, Factors, Chain]]:
    """diag of a chain, both ways."""
    only = chain[0] if len(chain) == 1 else None
    if op == "diagv" and only is not None:
        if only.op == "diagm":
            return [(ONE, (), (only.args[0],))]
        if only.op == "eye":
            return [(ONE, (), (nodes.ones(Type("c", only.type.rows, 1)),))]
        if only.op == "T":
            return [(ONE, (), (make("diagv", only.args),))]
    if op == "diagv" and len(chain) == 2 and chain[0].type[0] == "c":
        powers: dict[Expr, Rational] = {}
        spread(powers, chain[0], ONE)
        spread(powers, transpose(chain[1]), ONE)
        return [(ONE, (), entrywise_chain(powers, chain[0]))]
    if op == "diagm" and only is not None and only.op == "ones":
        return [(ONE, (), (nodes.eye(only.type.rows),))]
    return [(ONE, (), (make(op, (chain_expr(chain),)),))]


def _dimension(d: Dim) -> Factors:
    if d == 1:
        return ()
    e = nodes.dimension(d)
    return ((e, ONE),)
