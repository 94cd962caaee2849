"""The laws of products of matrices: chains, transposes, inverses, traces and sums, under declared properties."""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.algebra.blocks.paddings import ZEROS_AROUND, meet
from matcalc.algebra.normal.diagonals import scaled_entries
from matcalc.algebra.normal.entrywise import EntrywiseLaws, entrywise_chain, spread
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
    Rational,
    Term,
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


class Chains(EntrywiseLaws):
    """The laws of products of matrices, under declared properties of variables."""

    def __init__(self, properties: Mapping[str, frozenset[str]]) -> None:
        self.properties = properties
        self.symmetric: dict[Expr, bool] = {}
        self.linears: dict[Expr, Linear] = {}
        self.built: dict[Expr, Expr] = {}
        self.factors: dict[Expr, tuple[Rational, Term]] = {}

    def atom(self, node: Expr) -> Linear:
        if node.type[0] == "s":
            return {(((node, ONE),), ()): ONE}
        return {((), (node,)): ONE}

    def has(self, e: Expr, names: frozenset[str]) -> bool:
        if e.op == "sym":
            found = self.properties.get(e.attr)
            return bool(found and found & names)
        if names is SYMMETRIC:
            return e.type[0] == "m" and e.type[1] == e.type[2] and self.is_symmetric(e)
        return e.op in ("softmax",) and names is SUMS_TO_ONE

    def is_symmetric(self, e: Expr) -> bool:
        """Symmetric by its structure: diag(v), A + Aᵀ, A Aᵀ, X S Xᵀ, inverses and powers of these."""
        done = self.symmetric.get(e)
        if done is None:
            done = self.symmetric[e] = self._symmetric(e)
        return done

    def _symmetric(self, e: Expr) -> bool:
        if e.op in ("diagm", "eye"):
            return True
        if e.op in ("inv", "mpow", "neg", "T"):
            return self.has(e.args[0], SYMMETRIC)
        if e.op in ("scale", "div"):
            return self.has(e.args[1 if e.op == "scale" else 0], SYMMETRIC)
        if e.op in ("add", "sub"):
            if all(self.has(a, SYMMETRIC) for a in e.args):
                return True
            a, b = e.args
            return e.op == "add" and (transpose(a) is b or transpose(b) is a)
        if e.op == "matmul":
            chain = chain_of(e)
            middle = len(chain) // 2
            ends = all(transpose(f) is g for f, g in zip(chain[:middle], reversed(chain), strict=False))
            return ends and (len(chain) % 2 == 0 or self.has(chain[middle], SYMMETRIC))
        return False

    # -- products -----------------------------------------------------------------

    def join(self, left: Chain, right: Chain) -> tuple[Rational, Factors, Chain]:
        """Product of two chains: coefficient, scalar factors that split off, and the rest."""
        c: Rational = ONE
        factors: Factors = ()
        if len(left) + len(right) > MAX_CHAIN:
            left = (self.close(left),)
        out = list(left)
        for f in right:
            pending = [f]
            while pending:
                g = pending.pop()
                replaced = self.meet(out[-1], g) if out else None
                start = len(out) - 1
                if replaced is None:
                    further = scaled_entries(self, out, g)
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
            k, more = self.dot(tuple(out))
            return c * k, merge_factors(factors, more), ()
        if len(out) == 1 and out[0].type[0] == "s":
            return c, merge_factors(factors, ((out[0], ONE),)), ()
        if len(out) > 2 and any([out[i - 1].type[0] == "c" and out[i].type[0] == "r" for i in range(1, len(out))]):
            return self._split_scalars(c, factors, out)
        return c, factors, tuple(out)

    def _split_scalars(self, c: Rational, factors: Factors, out: list[Expr]) -> tuple[Rational, Factors, Chain]:
        """x (yᵀ A z) wᵀ = (yᵀ A z) x wᵀ: a row up to the next column is a scalar in the middle of a chain."""
        rest: list[Expr] = []
        i = 0
        while i < len(out):
            if out[i].type[0] == "r":
                end = next((j for j in range(i + 1, len(out)) if out[j].type[0] == "c"), None)
                if end is not None:
                    k, more = self.dot(tuple(out[i : end + 1]))
                    c, factors = c * k, merge_factors(factors, more)
                    i = end + 1
                    continue
            rest.append(out[i])
            i += 1
        return c, factors, tuple(rest)

    def meet(self, a: Expr, b: Expr) -> tuple[Rational, Factors, Chain] | None:
        """What two neighbours in a chain become, or None when they stay side by side."""
        if a.op == "eye":
            return ONE, (), (b,)
        if b.op == "eye":
            return ONE, (), (a,)
        if (a.args[0] if a.op == "T" else a).op in ZEROS_AROUND or (b.args[0] if b.op == "T" else b).op in ZEROS_AROUND:
            found = meet(self, a, b)
            if found is not None:
                return found
        if a.type[0] == "m" and b.type[0] == "m":
            square = self.powers(a, b)
            if square is not None:
                return square
            if self.orthogonal(a, b):
                return ONE, (), (nodes.eye(a.type[1]),)
        if a.op == b.op == "diagm":
            powers: dict[Expr, Rational] = {}
            spread(powers, a.args[0], ONE)
            spread(powers, b.args[0], ONE)
            return ONE, (), (make("diagm", (self.close(entrywise_chain(powers, a.args[0])),)),)
        if a.op == "kron" and b.op == "vec":  # kron(A, B) vec(X) = vec(B X A')
            first, second, x = a.args[0], a.args[1], b.args[0]
            if x.type[0] == first.type[0] == second.type[0] == "m" and first.type[2] == x.type[2]:
                c, f, chain = self.join((second,), (x,))
                c2, f2, chain = self.join(chain, (self.turn(first),))
                return c * c2, merge_factors(f, f2), (make("vec", (self.close(chain),)),)
        if b.op == "ones" and b.type[0] == "c" and a.type[0] == "m" and self.rows_sum_to_one(a):
            return ONE, (), (nodes.ones(Type("c", a.type[1], 1)),)
        if a.op == "diagm" and b.type[0] == "c":
            return self.entrywise_pair(a.args[0], b)
        if b.op == "diagm" and a.type[0] == "r":
            c, f, chain = self.entrywise_pair(transpose(a), b.args[0])
            return c, f, self.reverse(chain)
        return None

    def rows_sum_to_one(self, a: Expr) -> bool:
        """The rows of a softmax, of one-hot labels, of probabilities."""
        return a.op == "softmaxr" or (a.op == "sym" and self.has(a, SUMS_TO_ONE))

    def entrywise_pair(self, v: Expr, x: Expr) -> tuple[Rational, Factors, Chain]:
        """diag(v) x = v ∘ x."""
        powers: dict[Expr, Rational] = {}
        spread(powers, v, ONE)
        spread(powers, x, ONE)
        return ONE, (), entrywise_chain(powers, x)

    def powers(self, a: Expr, b: Expr) -> tuple[Rational, Factors, Chain] | None:
        """A A⁻¹ = I; A^j A^k = A^(j+k); the same for transposes."""
        base1, e1 = matrix_base(a)
        base2, e2 = matrix_base(b)
        if base1 is not base2 or a.type[1] != a.type[2]:
            return None
        total = e1 + e2
        return ONE, (), (nodes.eye(a.type[1]),) if not total else self.raise_factor(base1, total)

    def raise_factor(self, base: Expr, n: int) -> Chain:
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

    def orthogonal(self, a: Expr, b: Expr) -> bool:
        q = b if a.op == "T" else a
        return transpose(a) is b and self.has(q, frozenset(("orthogonal",)))

    def reverse(self, chain: Chain) -> Chain:
        """Transpose of a chain."""
        return tuple([self.turn(f) for f in reversed(chain)])

    def turn(self, f: Expr) -> Expr:
        """Transpose of one factor; a symmetric one is itself."""
        if f.op == "T" and f.type[0] != "m":
            return f.args[0]
        if f.type[0] == "m" and self.has(f.args[0] if f.op == "T" else f, SYMMETRIC):
            return f.args[0] if f.op == "T" else f
        if f.op == "ones" and f.type[0] == "m":
            return nodes.ones(f.type._replace(rows=f.type.cols, cols=f.type.rows))
        if f.op == "T":
            return f.args[0]
        if f.op == "kron" and f.type[0] == "m" and all(a.type[0] == "m" for a in f.args):
            return make("kron", (self.turn(f.args[0]), self.turn(f.args[1])))
        return transpose(f)

    def invert(self, chain: Chain) -> tuple[Rational, Factors, Chain]:
        if len(chain) > 1 and all(f.type[0] == "m" and f.type[1] == f.type[2] for f in chain):
            out: Chain = ()
            for factor in reversed(chain):
                out += self.invert((factor,))[2]
            return ONE, (), out
        whole = self.close(chain)
        if whole.op == "eye":
            return ONE, (), (whole,)
        if whole.op == "diagm":  # diag(v)⁻¹ = diag(1 ⊘ v)
            powers: dict[Expr, Rational] = {}
            spread(powers, whole.args[0], -ONE)
            return ONE, (), (make("diagm", (self.close(entrywise_chain(powers, whole.args[0])),)),)
        if whole.type[0] != "m":
            return ONE, (), (make("inv", (whole,)),)
        return ONE, (), self.raise_factor(whole, -1)

    def close(self, chain: Chain) -> Expr:
        """A chain as one expression."""
        return chain_expr(chain)

    # -- scalars made of chains -----------------------------------------------------

    def dot(self, chain: Chain) -> tuple[Rational, Factors]:
        """Row … column: the same scalar as its transpose; the smaller writing is taken."""
        if len(chain) == 2:
            row, col = chain
            if transpose(row).op == "ones":
                return self.total((col,))
            if col.op == "ones":
                return self.total((transpose(row),))
            if transpose(row) is col:
                return ONE, ((make("norm2", (col,)), TWO),)
            cancelled = self._cancelled(transpose(row), col)
            if cancelled is not None:
                return self.total(cancelled)
        if len(chain) % 2 == 0 and len(chain) > 2:
            half = len(chain) // 2
            if self.reverse(chain[half:]) == chain[:half]:
                return ONE, ((make("norm2", (self.close(chain[half:]),)), TWO),)
        other = self.reverse(chain)
        if [key(f) for f in other] < [key(f) for f in chain]:
            chain = other
        return ONE, ((self.close(chain), ONE),)

    def _cancelled(self, x: Expr, y: Expr) -> Chain | None:
        """xᵀ y = sum(x ∘ y), where factors of the one divide the other: pᵀ (y ⊘ p) = sum(y)."""
        if "hdiv" not in (x.op, y.op):
            return None
        powers: dict[Expr, Rational] = {}
        spread(powers, x, ONE)
        inside = set(powers)
        spread(powers, y, ONE)
        return entrywise_chain(powers, x) if any(b not in powers for b in inside) else None

    def trace(self, chain: Chain) -> tuple[Rational, Factors]:
        """tr of a chain: cyclic, and equal to the trace of the transpose; the smallest writing is taken."""
        if len(chain) == 1 and chain[0].op == "eye":
            return ONE, _dimension(chain[0].type.rows)
        for i, f in enumerate(chain):
            if f.type[0] == "r":  # tr(x yᵀ) = yᵀ x
                c, factors, rest = self.join(chain[i:], chain[:i])
                if not rest:
                    return c, factors
        if len(chain) > MAX_CHAIN:
            return ONE, ((make("tr", (self.close(chain),)), ONE),)
        if len(chain) > 1:
            c, factors, joined = self.join((chain[-1],), chain[:1])
            if len(joined) < 2 and not factors and c == 1:  # neighbours around the end combine
                rest_c, rest_f, rest = self.join(chain[1:-1], joined)
                k, more = self.trace(rest) if rest else (ONE, ())
                return rest_c * k, merge_factors(rest_f, more)
        if len(chain) == 2:
            squared = self._frobenius(chain)
            if squared is not None:
                return ONE, ((squared, TWO),)
        if len(chain) == 1:
            return ONE, ((self._trace_of_one(chain[0]), ONE),)
        candidates = [chain[i:] + chain[:i] for i in range(len(chain))]
        candidates += [self.reverse(c) for c in candidates]
        best = min(candidates, key=lambda c: (sum(f.op == "T" for f in c), [key(f) for f in c]))
        return ONE, ((make("tr", (self.close(best),)), ONE),)

    def _trace_of_one(self, f: Expr) -> Expr:
        core = f.args[0] if f.op == "T" else f
        return make("trpow", core.args, core.attr) if core.op == "mpow" else make("tr", (core,))

    def _frobenius(self, chain: Chain) -> Expr | None:
        """tr(AᵀA) = ‖A‖²."""
        a, b = chain
        if self.turn(a) is b and a is not b:
            return make("norm2", (b if a.op == "T" else a,))
        return None

    def total(self, chain: Chain) -> tuple[Rational, Factors]:
        """sum of a chain: 1ᵀ(…)1 where that is a product of vectors."""
        if len(chain) > 1 and chain[0].type[0] == "c":
            k1, f1 = self.total(chain[:1])
            k2, f2 = self.total(chain[1:])
            return k1 * k2, merge_factors(f1, f2)
        if not chain:
            return ONE, ()
        only = chain[0] if len(chain) == 1 else None
        if only is not None:
            core = only.args[0] if only.op == "T" else only
            if core.type[0] == "t":
                return total_of_tensor(self, core)
            if self.has(core, SUMS_TO_ONE) and core.type[0] == "c":
                return ONE, ()
            if core.op == "ones":
                return ONE, merge_factors(_dimension(core.type.rows), _dimension(core.type.cols))
            if core.op in ("eye", "unit"):
                return ONE, _dimension(core.type.rows if core.op == "eye" else 1)
            if core.op == "hadamard" and core.type[0] == "c":
                c, f, rest = self.join((transpose(core.args[0]),), (core.args[1],))
                if not rest:
                    return c, f
            if core.op == "diagm":
                return self.total((core.args[0],))
            if core.op in ("add", "sub"):
                whole = make("sum", (core,))
                self.visit(whole)
                c, (f, _) = self.as_term(whole)
                return c, f
            if core.op == "hpow" and core.args[0].op == "eye" and core.args[1].op == "num" and core.args[1].attr > 0:  # I ∘ I = I
                return ONE, _dimension(core.type.rows)
            if core.op == "hpow" and core.args[1].op == "num" and core.args[1].attr == 2:
                return ONE, ((make("norm2", core.args[:1]), TWO),)
            product = self._trace_of_product(core) if core.op == "hadamard" else None
            if product is not None:
                return product
            return ONE, ((make("sum", (core,)), ONE),)
        return ONE, ((make("sum", (self.close(chain),)), ONE),)

    def _trace_of_product(self, e: Expr) -> tuple[Rational, Factors] | None:
        """sum(A ∘ Bᵀ) = tr(A B), where that is shorter; sum(A ∘ I) = tr(A)."""
        forms = [self.visit(a) for a in e.args]
        if any(len(f) != 1 for f in forms) and not any(a.op == "eye" for a in e.args):
            return None
        (c1, (f1, left)), (c2, (f2, right)) = (self.as_term(a) for a in e.args)
        k, more, joined = self.join(left, self.reverse(right))
        c, factors = self.trace(joined)
        if len(factors) != 1 or c != 1 or len(postorder((factors[0][0],))) > len(postorder((e,))):
            return None
        return c1 * c2 * k, merge_factors(merge_factors(f1, f2), merge_factors(more, factors))

    def diagonal(self, op: str, chain: Chain) -> list[tuple[Rational, Factors, Chain]]:
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
        return [(ONE, (), (make(op, (self.close(chain),)),))]


def _dimension(d: Dim) -> Factors:
    if d == 1:
        return ()
    e = nodes.dimension(d)
    return ((e, ONE),)
