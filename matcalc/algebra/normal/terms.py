"""Terms of a linear form: a rational coefficient, scalar factors that commute, a chain of factors that do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Protocol

from matcalc.expr import nodes
from matcalc.expr.dims import Dim
from matcalc.expr.nodes import Expr, operands, times, transpose
from matcalc.expr.order import key
from matcalc.expr.table import Type

Rational = Fraction | int  # an int wherever it is whole: this arithmetic is on the hot path
Factors = tuple[tuple[Expr, Rational], ...]
Chain = tuple[Expr, ...]
Term = tuple[Factors, Chain]
Linear = dict[Term, Rational]
Ground = tuple[str, Expr | None]  # a law by its name, and what has the property that it needs
Product = tuple[Rational, Factors, Chain]  # what a product of chains is: coefficient, scalars that split off, the rest
ONE = 1
TWO = 2
HALF = Fraction(1, 2)
MAX_BITS = 4096
MAX_CHAIN = 24  # longer chains are kept as they are: flattening them all would cost quadratic time
SYMMETRIC = frozenset(("symmetric", "spd", "diagonal", "laplacian", "symmetric-toeplitz"))
SUMS_TO_ONE = frozenset(("one-hot", "probability"))


class Normal(Protocol):
    """What the laws need of the normalizer: what it knows of expressions, and products of chains."""

    properties: Mapping[str, frozenset[str]]
    opaque: frozenset[Expr]  # what is taken as it stands
    linears: dict[Expr, Linear]
    built: dict[Expr, Expr]
    factors: dict[Expr, tuple[Rational, Term]]
    others: bool  # whether a product of the other entries has been seen
    along: bool  # whether sums of rows or columns have been seen
    symmetric: dict[Expr, bool]
    noting: bool  # whether the laws that are used are asked for
    noted: list[Ground]

    def note(self, law: str, of: Expr | None = None) -> None: ...
    def visit(self, e: Expr) -> Linear: ...
    def by_rows(self, e: Expr) -> Linear: ...
    def build_of(self, e: Expr) -> Expr: ...
    def as_term(self, e: Expr) -> tuple[Rational, Term]: ...
    def terms(self, e: Expr) -> list[tuple[Rational, Term]]: ...
    def bilinear(self, a: Expr, b: Expr, combine: Callable[[Term, Term], Product]) -> Linear: ...
    def has(self, e: Expr, names: frozenset[str]) -> bool: ...
    def join(self, left: Chain, right: Chain) -> Product: ...
    def reverse(self, chain: Chain) -> Chain: ...
    def turn(self, f: Expr) -> Expr: ...


def atom(node: Expr) -> Linear:
    """The linear form of what no law looks into."""
    if node.type[0] == "s":
        return {(((node, ONE),), ()): ONE}
    return {((), (node,)): ONE}


def ratio(a: Rational, b: Rational) -> Rational:
    """a / b, exactly; an int where it is whole."""
    if b == 1:
        return a
    q = Fraction(a) / Fraction(b)
    return q.numerator if q.denominator == 1 else q


def too_large(c: Rational, k: Rational) -> bool:
    """Whether c^k would be a number of thousands of digits; then it is left as a power."""
    return c not in (0, 1, -1) and magnitude(k) * max(c.numerator.bit_length(), c.denominator.bit_length()) > MAX_BITS


def magnitude(c: Rational) -> Rational:
    return c if c >= 0 else -c


def power_of(c: Rational, k: int) -> Rational:
    value: Rational = Fraction(c) ** abs(k) if isinstance(c, Fraction) else int(c ** abs(k))
    return value if k >= 0 else ratio(1, value)


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


def chain_expr(chain: Chain) -> Expr:
    """The product of a chain."""
    total = chain[0]
    for f in chain[1:]:
        total = times(total, f)
    return total


def chain_of(e: Expr) -> Chain:
    """The factors of a matrix product."""
    return tuple(operands(e, ("matmul",))) if e.op == "matmul" else (e,)


def block_type(part: Chain) -> Type:
    """That of the product of a chain."""
    rows, cols = part[0].type[1], part[-1].type[2]
    if part[0].type[0] == "r":
        return Type("r", 1, cols)
    if part[-1].type[0] == "c":
        return Type("c", rows, 1)
    return Type("m", rows, cols)


def transposed(t: Type) -> Type:
    return Type({"r": "c", "c": "r"}.get(t[0], t[0]), t[2], t[1])


def dimension(d: Dim) -> Factors:
    """A size as a factor; none of 1."""
    return () if d == 1 else ((nodes.dimension(d), ONE),)
