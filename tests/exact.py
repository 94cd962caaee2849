"""A second, exact evaluator: expressions over the rationals, and derivatives by dual numbers.

It shares nothing with matcalc.numeric.evaluation. A value is a list of rows of numbers; a number is a ``Fraction`` or a
``Dual``. What is not polynomial, rational or piecewise so has no entry and raises ``KeyError``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product
from math import prod
from random import Random
from typing import Any

from matcalc.expr import dims
from matcalc.expr.nodes import Expr, postorder

Number = Any  # Fraction or Dual
Grid = list[list[Number]]


class Dual:
    """``real + slope·ε`` with ε² = 0: arithmetic that carries an exact derivative along."""

    __slots__ = ("real", "slope")

    def __init__(self, real: Fraction, slope: Fraction = Fraction(0)) -> None:
        self.real = real
        self.slope = slope

    def __add__(self, other: Number) -> Dual:
        o = dual(other)
        return Dual(self.real + o.real, self.slope + o.slope)

    def __neg__(self) -> Dual:
        return Dual(-self.real, -self.slope)

    def __sub__(self, other: Number) -> Dual:
        return self + -dual(other)

    def __rsub__(self, other: Number) -> Dual:
        return dual(other) - self

    def __mul__(self, other: Number) -> Dual:
        o = dual(other)
        return Dual(self.real * o.real, self.slope * o.real + self.real * o.slope)

    def __truediv__(self, other: Number) -> Dual:
        o = dual(other)
        return Dual(self.real / o.real, (self.slope * o.real - self.real * o.slope) / o.real**2)

    def __rtruediv__(self, other: Number) -> Dual:
        return dual(other) / self

    __radd__, __rmul__ = __add__, __mul__


def dual(x: Number) -> Dual:
    return x if isinstance(x, Dual) else Dual(Fraction(x))


def real(x: Number) -> Fraction:
    return x.real if isinstance(x, Dual) else Fraction(x)


def slopes(x: Grid) -> Grid:
    return [[dual(e).slope for e in row] for row in x]


# ---------------------------------------------------------------- operators


def each(f: Callable[..., Number]) -> Callable[..., Grid]:
    """Entry by entry; both operands are of one size."""

    def run(*grids: Grid) -> Grid:
        assert len({(len(g), len(g[0])) for g in grids}) == 1, "sizes differ"
        return [[f(*entries) for entries in zip(*rows, strict=True)] for rows in zip(*grids, strict=True)]

    return run


def one(x: Grid) -> Number:
    ((value,),) = x
    return value


def scaled(s: Grid, x: Grid) -> Grid:
    return [[one(s) * e for e in row] for row in x]


def flat(x: Grid) -> list[Number]:
    return [e for row in x for e in row]


def total(entries: list[Number]) -> Grid:
    return [[sum(entries, Fraction(0))]]


def matmul(a: Grid, b: Grid) -> Grid:
    assert len(a[0]) == len(b), "sizes differ"
    return [[sum((x * y for x, y in zip(row, col, strict=True)), Fraction(0)) for col in zip(*b, strict=True)] for row in a]


def turned(x: Grid) -> Grid:
    return [list(row) for row in zip(*x, strict=True)]


def identity(n: int, m: int | None = None) -> Grid:
    return [[Fraction(i == j) for j in range(m or n)] for i in range(n)]


def minor(x: Grid, i: int, j: int) -> Grid:
    return [row[:j] + row[j + 1 :] for k, row in enumerate(x) if k != i]


def det(x: Grid) -> Number:
    if not x:
        return Fraction(1)
    assert len(x) == len(x[0]), "not square"
    return sum(((-1) ** j * x[0][j] * det(minor(x, 0, j)) for j in range(len(x))), Fraction(0))


def inv(x: Grid) -> Grid:
    n, whole = len(x), det(x)
    return [[(-1) ** (i + j) * det(minor(x, j, i)) / whole for j in range(n)] for i in range(n)]


def whole_power(x: Number, k: Fraction) -> Number:
    assert k.denominator == 1, "not a whole exponent"
    value: Number = Fraction(1)
    for _ in range(abs(int(k))):
        value = value * x
    return value if k >= 0 else 1 / value


def matrix_power(x: Grid, k: int) -> Grid:
    value = identity(len(x))
    for _ in range(k):
        value = matmul(value, x)
    return value


def kron(a: Grid, b: Grid) -> Grid:
    return [[x * y for x in row for y in other] for row in a for other in b]


def sign(x: Number) -> Fraction:
    return Fraction((real(x) > 0) - (real(x) < 0))


def step(x: Number) -> Fraction:
    return Fraction(real(x) > 0)


def indicator(x: Grid, best: Callable[..., Any]) -> Grid:
    where = best(range(len(flat(x))), key=lambda i: real(flat(x)[i]))
    return [[Fraction(where == i * len(row) + j) for j in range(len(row))] for i, row in enumerate(x)]


def larger(x: Number, y: Number) -> Number:
    return x if real(x) >= real(y) else y


def smaller(x: Number, y: Number) -> Number:
    return x if real(x) <= real(y) else y


PLAIN: dict[str, Callable[..., Grid]] = {
    "add": each(lambda x, y: x + y),
    "sub": each(lambda x, y: x - y),
    "neg": each(lambda x: -x),
    "hadamard": each(lambda x, y: x * y),
    "hdiv": each(lambda x, y: x / y),
    "scale": scaled,
    "div": lambda x, s: [[e / one(s) for e in row] for row in x],
    "matmul": matmul,
    "T": turned,
    "inner": lambda x, y: total(flat(PLAIN["hadamard"](x, y))),
    "pow": lambda x, k: [[whole_power(one(x), real(one(k)))]],
    "hpow": lambda x, k: [[whole_power(e, real(one(k))) for e in row] for row in x],
    "sum": lambda x: total(flat(x)),
    "tr": lambda x: total([x[i][i] for i in range(len(x))]),
    "sqnorm": lambda x: total([e * e for e in flat(x)]),
    "norm1": lambda x: total([sign(e) * e for e in flat(x)]),
    "diagm": lambda x: [[x[i][0] if i == j else Fraction(0) for j in range(len(x))] for i in range(len(x))],
    "diagv": lambda x: [[x[i][i]] for i in range(len(x))],
    "vec": lambda x: [[e] for column in zip(*x, strict=True) for e in column],
    "kron": kron,
    "rowsum": lambda x: [[sum(row, Fraction(0))] for row in x],
    "colsum": lambda x: [[sum(column, Fraction(0))] for column in zip(*x, strict=True)],
    "inv": inv,
    "det": lambda x: [[det(x)]],
    "phi": lambda x: [[e * Fraction((i > j) + (i >= j), 2) for j, e in enumerate(row)] for i, row in enumerate(x)],
    "abs": each(lambda x: sign(x) * x),
    "sign": each(sign),
    "step": each(step),
    "relu": each(lambda x: step(x) * x),
    "max": lambda x: [[max(flat(x), key=real)]],
    "min": lambda x: [[min(flat(x), key=real)]],
    "max2": each(larger),
    "min2": each(smaller),
    "argmax1": lambda x: indicator(x, max),
    "prod": lambda x: [[prod(flat(x))]],
    "prodothers": lambda x: [[prod(flat(x[:i] + x[i + 1 :]))] for i in range(len(x))],
    "prodpairs": lambda x: [
        [prod([e for k, (e,) in enumerate(x) if k not in (i, j)]) if i != j else Fraction(0) for j in range(len(x))]
        for i in range(len(x))
    ],
    "argmin1": lambda x: indicator(x, min),
    "conv": lambda x, w: [
        [sum((x[i - j][0] * w[j][0] for j in range(len(w)) if 0 <= i - j < len(x)), Fraction(0))]
        for i in range(len(x) + len(w) - 1)
    ],
    "corr": lambda x, w: [[sum((x[i + j][0] * w[j][0] for j in range(len(w))), Fraction(0))] for i in range(len(x) - len(w) + 1)],
    "vcat": lambda x, y: x + y,
    "hcat": lambda x, y: [a + b for a, b in zip(x, y, strict=True)],
}

Sizes = Mapping[str, int]


def extent(e: Expr, sizes: Sizes) -> tuple[int, int]:
    return dims.value(e.type.rows, sizes), dims.value(e.type.cols, sizes)


def constant(e: Expr, sizes: Sizes, value: Number) -> Grid:
    rows, cols = extent(e, sizes)
    return [[value] * cols for _ in range(rows)]


def unvec(e: Expr, sizes: Sizes, x: Grid) -> Grid:
    rows, cols = extent(e, sizes)
    return [[x[j * rows + i][0] for j in range(cols)] for i in range(rows)]


def axes(subscripts: str) -> list[str]:
    """``(ac)b`` as the axes ``ac`` and ``b``."""
    return [a or b for a, b in re.findall(r"\((\w+)\)|(\w)", subscripts)]


def axis_sizes(e: Expr, sizes: Sizes) -> list[int]:
    rows, cols = extent(e, sizes)
    return {"s": [], "c": [rows], "r": [cols], "m": [rows, cols]}[e.type.kind]


def einsum(e: Expr, sizes: Sizes, *grids: Grid) -> Grid:
    """Σ over all indices that the result does not have; an index in parentheses is part of one axis."""
    left, right = e.attr.split("->")
    scripts, flats = [axes(s) for s in left.split(",")], [flat(g) for g in grids]
    shapes = [axis_sizes(a, sizes) for a in e.args]
    known: dict[str, int] = {}
    for _ in range(3):  # a composite axis gives its last unknown part by division
        for names, shape in zip(scripts, shapes, strict=True):
            for name, n in zip(names, shape, strict=True):
                unknown = [c for c in name if c not in known]
                if len(unknown) == 1:
                    known[unknown[0]] = n // prod(known.get(c, 1) for c in name)
    out = [Fraction(0)] * prod(known[c] for name in axes(right) for c in name)
    for values in product(*(range(n) for n in known.values())):
        at = dict(zip(known, values, strict=True))
        term: Number = Fraction(1)
        for names, entries in zip(scripts, flats, strict=True):
            term = term * entries[position(names, at, known)]
        out[position(axes(right), at, known)] += term
    rows, cols = extent(e, sizes)
    return [out[i * cols : (i + 1) * cols] for i in range(rows)]


def position(names: list[str], at: Mapping[str, int], known: Mapping[str, int]) -> int:
    where = 0
    for c in "".join(names):
        where = where * known[c] + at[c]
    return where


def places(e: Expr, sizes: Sizes, length: int) -> tuple[int, int]:
    """First and last index of a slice, counted from 1."""
    first, last = (dims.value(d, sizes) for d in (e.attr[0], e.attr[-1]))
    assert 1 <= first <= last <= length, "outside"
    return first, last


def rows(e: Expr, sizes: Sizes, x: Grid) -> Grid:
    first, last = places(e, sizes, len(x))
    return [x[i - 1] for i in range(first, last + 1)]


def padded(e: Expr, sizes: Sizes, x: Grid) -> Grid:
    first, total = (dims.value(d, sizes) for d in e.attr)
    assert 1 <= first <= total + 1 - len(x), "outside"
    nothing = [Fraction(0)] * len(x[0])
    return [x[i - first] if first <= i < first + len(x) else nothing for i in range(1, total + 1)]


TYPED: dict[str, Callable[..., Grid]] = {
    "entry": rows,
    "rows": rows,
    "col": lambda e, sizes, x: turned(rows(e, sizes, turned(x))),
    "padrows": padded,
    "unit": lambda e, sizes: turned(rows(e, sizes, identity(extent(e, sizes)[0]))),
    "einsum": einsum,
    "unvec": unvec,
    "num": lambda e, sizes: [[e.attr]],
    "dim": lambda e, sizes: [[Fraction(dims.value(e.attr, sizes))]],
    "eye": lambda e, sizes: identity(*extent(e, sizes)),
    "ones": lambda e, sizes: constant(e, sizes, Fraction(1)),
    "zeros": lambda e, sizes: constant(e, sizes, Fraction(0)),
    "fill": lambda e, sizes, x: constant(e, sizes, one(x)),
    "mpow": lambda e, sizes, x: matrix_power(x, e.attr),
    "trpow": lambda e, sizes, x: PLAIN["tr"](matrix_power(x, e.attr)),
}


def supported(*roots: Expr) -> bool:
    """Whether everything below the roots is exact; exponents are whole numbers."""
    for node in postorder(roots):
        if node.op in ("pow", "hpow") and (node.args[1].op != "num" or node.args[1].attr.denominator != 1):
            return False
        if node.op != "sym" and node.op not in PLAIN and node.op not in TYPED:
            return False
    return True


def evaluate(root: Expr, env: Mapping[Expr, Grid], sizes: Sizes) -> Grid:
    """The value of ``root``; ``env`` gives the symbols."""
    done: dict[Expr, Grid] = {}
    for node in postorder((root,)):
        arguments = [done[a] for a in node.args]
        if node.op == "sym":
            done[node] = env[node]
        else:
            plain = PLAIN.get(node.op)
            done[node] = plain(*arguments) if plain else TYPED[node.op](node, sizes, *arguments)
        assert (len(done[node]), len(done[node][0])) == extent(node, sizes), f"{node.op} has another size"
    return done[root]


def derivative(root: Expr, env: Mapping[Expr, Grid], moves: Mapping[Expr, Grid], sizes: Sizes) -> Grid:
    """The exact derivative of ``root`` when the symbols in ``moves`` move along their directions."""
    at = dict(env)
    for symbol, direction in moves.items():
        at[symbol] = each(Dual)(env[symbol], direction)
    return slopes(evaluate(root, at, sizes))


def random_grid(rng: Random, rows: int, cols: int, *, positive: bool = False) -> Grid:
    """Fractions that are not 0, all of them different."""
    pool = [Fraction(p, q) for p in range(1, 12) for q in (1, 2, 3, 5, 7) if p % q or q == 1]
    rng.shuffle(pool)
    chosen = pool[: rows * cols]
    signs = [1 if positive else rng.choice((-1, 1)) for _ in chosen]
    return [[signs[i * cols + j] * chosen[i * cols + j] for j in range(cols)] for i in range(rows)]
