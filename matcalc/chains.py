"""Terms of a linear form: scalar factors that commute, and chains of matrix factors that do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from matcalc import expr
from matcalc.expr import Expr, make, num, transpose
from matcalc.order import key

Rational = Fraction | int  # an int wherever it is whole: this arithmetic is on the hot path
Factors = tuple[tuple[Expr, Rational], ...]
Chain = tuple[Expr, ...]
Term = tuple[Factors, Chain]
Linear = dict[Term, Rational]
ONE = 1
TWO = 2
HALF = Fraction(1, 2)
MAX_CHAIN = 24  # longer chains are kept as they are: flattening them all would cost quadratic time
SYMMETRIC = frozenset(("symmetric", "spd", "diagonal", "laplacian", "symmetric-toeplitz"))
SUMS_TO_ONE = frozenset(("one-hot", "probability"))


def ratio(a: Rational, b: Rational) -> Rational:
    """a / b, exactly; an int where it is whole."""
    if b == 1:
        return a
    q = Fraction(a) / Fraction(b)
    return q.numerator if q.denominator == 1 else q


def power_of(c: Rational, k: int) -> Rational:
    return c**k if k >= 0 else ratio(1, c**-k)


def merge_factors(a: Factors, b: Factors) -> Factors:
    """Product of scalar factors: exponents of equal bases add up; the order is canonical."""
    if not a:
        return b
    if not b:
        return a
    total = dict(a)
    for base, e in b:
        total[base] = total.get(base, 0) + e
    return tuple(sorted(((b, e) for b, e in total.items() if e), key=lambda f: key(f[0])))


class Chains:
    """The laws of products of matrices, under declared properties of variables."""

    def __init__(self, properties: Mapping[str, frozenset[str]]) -> None:
        self.properties = properties
        self.symmetric: dict[Expr, bool] = {}

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
            return e.op == "add" and a.op in ("sym", "T") and b.op in ("sym", "T") and transpose(a) is b
        if e.op == "matmul":
            chain = _chain_of(e)
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
                if replaced is None:
                    out.append(g)
                    continue
                out.pop()
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
        split = next((i for i in range(1, len(out)) if out[i - 1].type[0] == "c" and out[i].type[0] == "r"), None)
        if split is not None:
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
        if a.type[0] == "m" and b.type[0] == "m":
            square = self.powers(a, b)
            if square is not None:
                return square
            if self.orthogonal(a, b):
                return ONE, (), (expr.eye(a.type[1]),)
        if a.op == b.op == "diagm":
            powers: dict[Expr, Rational] = {}
            _spread(powers, a.args[0], ONE)
            _spread(powers, b.args[0], ONE)
            return ONE, (), (make("diagm", entrywise_chain(powers, a.args[0])),)
        if a.op == "kron" and b.op == "vec":  # kron(A, B) vec(X) = vec(B X A')
            first, second, x = a.args[0], a.args[1], b.args[0]
            if x.type[0] == first.type[0] == second.type[0] == "m" and first.type[2] == x.type[2]:
                c, f, chain = self.join((second,), (x,))
                c2, f2, chain = self.join(chain, (self.turn(first),))
                return c * c2, merge_factors(f, f2), (make("vec", (self.close(chain),)),)
        if a.op == "diagm" and b.type[0] == "c":
            return self._entrywise_pair(a.args[0], b)
        if b.op == "diagm" and a.type[0] == "r":
            c, f, chain = self._entrywise_pair(transpose(a), b.args[0])
            return c, f, self.reverse(chain)
        return None

    def _entrywise_pair(self, v: Expr, x: Expr) -> tuple[Rational, Factors, Chain]:
        """diag(v) x = v ∘ x."""
        powers: dict[Expr, Rational] = {}
        _spread(powers, v, ONE)
        _spread(powers, x, ONE)
        return ONE, (), entrywise_chain(powers, x)

    def powers(self, a: Expr, b: Expr) -> tuple[Rational, Factors, Chain] | None:
        """A A⁻¹ = I; A^j A^k = A^(j+k); the same for transposes."""
        base1, e1 = matrix_base(a)
        base2, e2 = matrix_base(b)
        if base1 is not base2 or a.type[1] != a.type[2]:
            return None
        total = e1 + e2
        return ONE, (), (expr.eye(a.type[1]),) if not total else self.raise_factor(base1, total)

    def raise_factor(self, base: Expr, n: int) -> Chain:
        """Aⁿ as a chain of one factor; the exponent goes inside a transpose and an inverse."""
        if base.type[0] == "s":
            return ()
        inner, k = matrix_base(base)
        n *= k
        if n == 0:
            return (expr.eye(base.type[1]),)
        turned = inner.op == "T"
        core = inner.args[0] if turned else inner
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
        if f.type[0] == "m" and self.has(f.args[0] if f.op == "T" else f, SYMMETRIC):
            return f.args[0] if f.op == "T" else f
        if f.op == "ones" and f.type[0] == "m":
            return expr.ones(f.type._replace(rows=f.type.cols, cols=f.type.rows))
        if f.op == "T":
            return f.args[0]
        if f.op == "kron" and f.type[0] == "m" and all(a.type[0] == "m" for a in f.args):
            return make("kron", (self.turn(f.args[0]), self.turn(f.args[1])))
        return make("T", (f,)) if f.type[0] != "s" else f

    def invert(self, chain: Chain) -> tuple[Rational, Factors, Chain]:
        if len(chain) > 1 and all(f.type[1] == f.type[2] for f in chain):
            out: Chain = ()
            for f in reversed(chain):
                out += self.invert((f,))[2]
            return ONE, (), out
        whole = self.close(chain)
        if whole.op == "eye":
            return ONE, (), (whole,)
        if whole.type[0] != "m":
            return ONE, (), (make("inv", (whole,)),)
        return ONE, (), self.raise_factor(whole, -1)

    def close(self, chain: Chain) -> Expr:
        """A chain as one expression."""
        from matcalc.factoring import chain_expr

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
        if len(chain) % 2 == 0 and len(chain) > 2:
            half = len(chain) // 2
            if self.reverse(chain[half:]) == chain[:half]:
                return ONE, ((make("norm2", (self.close(chain[half:]),)), TWO),)
        other = self.reverse(chain)
        if [key(f) for f in other] < [key(f) for f in chain]:
            chain = other
        return ONE, ((self.close(chain), ONE),)

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
                k, f = self.trace(rest) if rest else (ONE, ())
                return rest_c * k, merge_factors(rest_f, f)
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
        if self.turn(a) is b and not (a is b):
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
            if self.has(core, SUMS_TO_ONE) and core.type[0] == "c":
                return ONE, ()
            if core.op == "ones":
                return ONE, merge_factors(_dimension(core.type.rows), _dimension(core.type.cols))
            if core.op == "eye":
                return ONE, _dimension(core.type.rows)
            if core.op == "hadamard" and core.type[0] == "c":
                c, f, rest = self.join((make("T", (core.args[0],)),), (core.args[1],))
                if not rest:
                    return c, f
            if core.op in ("diagm",):
                return self.total((core.args[0],))
            return ONE, ((make("sum", (core,)), ONE),)
        return ONE, ((make("sum", (self.close(chain),)), ONE),)

    def diagonal(self, op: str, chain: Chain) -> list[tuple[Rational, Factors, Chain]]:
        """diag of a chain, both ways."""
        only = chain[0] if len(chain) == 1 else None
        if op == "diagv" and only is not None:
            if only.op == "diagm":
                return [(ONE, (), (only.args[0],))]
            if only.op == "eye":
                return [(ONE, (), (expr.ones(expr.Type("c", only.type.rows, 1)),))]
            if only.op == "T":
                return [(ONE, (), (make("diagv", only.args),))]
        if op == "diagv" and len(chain) == 2 and chain[0].type[0] == "c":
            powers: dict[Expr, Rational] = {}
            _spread(powers, chain[0], ONE)
            _spread(powers, transpose(chain[1]), ONE)
            return [(ONE, (), entrywise_chain(powers, chain[0]))]
        if op == "diagm" and only is not None and only.op == "ones":
            return [(ONE, (), (expr.eye(only.type.rows),))]
        return [(ONE, (), (make(op, (self.close(chain),)),))]

    # -- entrywise products -----------------------------------------------------------

    def entrywise(self, a: Expr, b: Expr, sign: int) -> Linear:
        """a ∘ b or a ⊘ b: commutative, associative, ones are neutral, exponents of equal factors add up."""
        if a.type[0] == "r":  # a row is written as the transpose of a column
            columns = [transpose(a), transpose(b)]
            for column in columns:
                self.visit(column)
            return {(f, self.reverse(ch)): c for (f, ch), c in self.entrywise(*columns, sign).items()}
        c1, (f1, left) = self.as_term(a)
        c2, (f2, right) = self.as_term(b)
        if not c1 * c2:
            return {} if c2 or sign > 0 else {((), (make("hdiv", (self.close(left), expr.zeros(b.type))),)): ONE}
        powers: dict[Expr, Rational] = {}
        _spread(powers, self.close(left), ONE)
        _spread(powers, self.close(right), sign)
        inverse = f2 if sign > 0 else tuple((base, -e) for base, e in f2)
        opened = self.cancelling_sum(powers)
        if opened is not None:
            c = c1 * c2 if sign > 0 else ratio(c1, c2)
            factors = merge_factors(f1, inverse)
            return {(merge_factors(factors, f), ch): c * k for (f, ch), k in self.spread_over(opened, powers, a).items()}
        chain = entrywise_chain(powers, a)
        return {(merge_factors(f1, inverse), chain): c1 * c2 if sign > 0 else ratio(c1, c2)}

    def cancelling_sum(self, powers: Mapping[Expr, Rational]) -> Expr | None:
        """A factor that is a sum of quotients by another factor: h ∘ (a ⊘ h + b) is worth multiplying out."""
        others = {b for b, e in powers.items() if e > 0}
        for base, e in powers.items():
            if e == 1 and base.op in ("add", "sub"):
                inside: dict[Expr, Rational] = {}
                for _, chain in self.visit(base):
                    if len(chain) == 1 and chain[0].op == "hdiv":
                        _spread(inside, chain[0], ONE)
                if any(k < 0 and b in others for b, k in inside.items()):
                    return base
        return None

    def spread_over(self, base: Expr, powers: Mapping[Expr, Rational], like: Expr) -> Linear:
        out: Linear = {}
        for (factors, chain), c in self.visit(base).items():
            product = {b: e for b, e in powers.items() if b is not base}
            _spread(product, self.close(chain), ONE)
            term = (factors, entrywise_chain(product, like))
            out[term] = out.get(term, 0) + c
        return {t: c for t, c in out.items() if c}

    def entrywise_expanded(self, a: Expr, b: Expr, sign: int) -> Linear:
        """(a + b) ∘ c = a ∘ c + b ∘ c, and (a + b) ⊘ c = a ⊘ c + b ⊘ c."""

        def combine(t1: Term, t2: Term) -> tuple[Rational, Factors, Chain]:
            powers: dict[Expr, Rational] = {}
            _spread(powers, self.close(t1[1]), ONE)
            _spread(powers, self.close(t2[1]), sign)
            undo = () if sign > 0 else tuple((base, -2 * e) for base, e in t2[0])
            return ONE, undo, entrywise_chain(powers, a)

        if sign < 0:
            c2, t2 = self.as_term(b)
            if not c2:
                return self.entrywise(a, b, sign)
            form = {}
            for c1, t1 in self.terms(a):
                c, factors, chain = combine(t1, t2)
                term = (merge_factors(merge_factors(t1[0], t2[0]), factors), chain)
                form[term] = form.get(term, 0) + ratio(c * c1, c2)
            return {t: c for t, c in form.items() if c}
        return self.bilinear(a, b, combine)

    def entrywise_power(self, base: Expr, exponent: Rational) -> Linear:
        if exponent == 0:
            return {((), (expr.ones(base.type),)): ONE}
        c, (factors, chain) = self.as_term(base)
        whole = self.close(chain) if chain else base
        if exponent.denominator != 1:
            if c != 1 or factors:
                whole = self.build_of(base)
            return {((), entrywise_chain({whole: exponent}, base)): ONE}
        powers: dict[Expr, Rational] = {}
        _spread(powers, whole, exponent)
        if not c:
            return {}
        return {(tuple((b, e * exponent) for b, e in factors), entrywise_chain(powers, base)): power_of(c, int(exponent))}

    def as_term(self, e: Expr) -> tuple[Rational, Term]:
        raise NotImplementedError

    def build_of(self, e: Expr) -> Expr:
        raise NotImplementedError

    def visit(self, e: Expr) -> Linear:
        raise NotImplementedError

    def terms(self, e: Expr) -> list[tuple[Rational, Term]]:
        raise NotImplementedError

    def bilinear(self, a: Expr, b: Expr, combine: Callable[[Term, Term], tuple[Rational, Factors, Chain]]) -> Linear:
        raise NotImplementedError


def _chain_of(e: Expr) -> Chain:
    if e.op != "matmul":
        return (e,)
    out: list[Expr] = []
    stack = [e]
    while stack:
        node = stack.pop()
        if node.op == "matmul":
            stack.extend((node.args[1], node.args[0]))
        else:
            out.append(node)
    return tuple(out)


def _dimension(d: expr.Dim) -> Factors:
    if d == 1:
        return ()
    e = expr.dimension(d)
    return ((e, ONE),)


def matrix_base(f: Expr) -> tuple[Expr, int]:
    """Base and integer exponent of a matrix factor: X⁻² is (X, −2), (Xᵀ)³ is (Xᵀ, 3)."""
    turned = f.op == "T"
    core = f.args[0] if turned else f
    n = 1
    while core.op in ("mpow", "inv"):
        n *= core.attr if core.op == "mpow" else -1
        core = core.args[0]
        if core.op == "T":
            turned, core = not turned, core.args[0]
    return (transpose(core) if turned else core), n


def _spread(powers: dict[Expr, Rational], e: Expr, exponent: Rational) -> None:
    """Add the entrywise factors of ``e`` to ``powers``."""
    stack = [(e, exponent)]
    while stack:
        node, k = stack.pop()
        if node.op == "hadamard":
            stack.extend((a, k) for a in node.args)
        elif node.op == "hdiv":
            stack.extend(((node.args[0], k), (node.args[1], -k)))
        elif node.op == "hpow" and node.args[1].op == "num" and k.denominator == 1:
            stack.append((node.args[0], k * node.args[1].attr))
        elif node.op == "sqrt" and node.type[0] != "s" and k.denominator == 1:
            stack.append((node.args[0], ratio(k, 2)))
        elif node.op != "ones" and not (node.op == "fill" and node.args[0].op == "num" and node.args[0].attr == 1):
            total = powers.get(node, 0) + k
            if total:
                powers[node] = total
            else:
                del powers[node]


def entrywise_chain(powers: Mapping[Expr, Rational], like: Expr) -> Chain:
    """The canonical entrywise product: positive powers first, then a quotient."""
    tops = sorted((b for b, e in powers.items() if e > 0), key=key)
    bottoms = sorted((b for b, e in powers.items() if e < 0), key=key)
    top = _entrywise_product([_entry_power(b, powers[b]) for b in tops])
    bottom = _entrywise_product([_entry_power(b, -powers[b]) for b in bottoms])
    if bottom is None:
        return (top if top is not None else expr.ones(like.type),)
    if top is None:
        top = expr.fill(num(1), bottom.type)
    return (make("hdiv", (top, bottom)),)


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
