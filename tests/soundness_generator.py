"""Random expressions in plain notation, correct in shapes and domains by construction; the baseline family.

A case is made from its seed alone (and from which operators are switched on). Sizes are pairwise different,
so that a transposition shows. Whether a point is far enough from kinks and poles is asked of the oracle.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from tests.soundness_oracle import FUNCTIONS, Node, Point, Shape, Watch, axes, derivative, slope_check, value

KINDS = (("gradient", 45), ("jacobian", 25), ("hessian", 12), ("hvp", 9), ("mixed", 9))
# Operators that may come later: a call that shows whether derive knows them.
FEATURES = {
    "kron": "sum(kron(A, B))",
    "vec": "sum(vec(A))",
    "expm": "tr(expm(A*A'))",
    "blocks": "sum([A, B])",
    "gelu": "sum(gelu(A))",
    "silu": "sum(silu(A))",
    "elu": "sum(elu(A))",
    "erf": "sum(erf(A))",
    "lgamma": "sum(lgamma(A))",
    "logsoftmax": "sum(logsoftmax(A))",
    "tan": "sum(tan(A))",
    "sinh": "sum(sinh(A))",
    "cosh": "sum(cosh(A))",
    "arctan": "sum(arctan(A))",
    "arcsinh": "sum(arcsinh(A))",
    "logsigmoid": "sum(logsigmoid(A))",
}
UNARY = ("exp", "sin", "cos", "tanh", "sigmoid", "softplus", "relu", "abs", "f", "g")
RARE = ("tan", "sinh", "cosh", "arctan", "arcsinh", "erf", "gelu", "silu", "elu", "logsigmoid")
SCALAR_NAMES = ("alpha", "beta", "c", "t", "s", "lambda", "mu", "k", "theta")
VECTOR_NAMES = ("x", "y", "a", "b", "u", "v", "w", "z", "r", "h", "q", "e", "delta", "x1", "p_hat", "b2")
MATRIX_NAMES = ("X", "A", "B", "C", "W", "M", "Y", "U", "V", "Z", "H", "P", "D", "W1", "T", "L", "E", "Sigma")
DEFINED = {"s": ("s1", "ell", "loss", "rho"), "c": ("z1", "h1", "xi", "pred"), "m": ("Z1", "G", "K", "S1")}


class Case(NamedTuple):
    """One question: derive ``text`` by ``wrt``; ``tree`` is what the text means."""

    seed: int
    family: str
    tree: Node
    text: str
    dims: dict[str, tuple[Any, ...]]
    sizes: dict[str, int]
    wrt: tuple[str, ...]
    kind: str
    direction: str | None
    assume: dict[str, str]


def sym(name: str, shape: Shape) -> Node:
    return Node("sym", (), name, shape)


def num(text: str) -> Node:
    return Node("num", (), text, ())


def flip(shape: Shape) -> Shape:
    return shape[::-1]


def times(a: Any, b: Any) -> Any:
    """The product of two sizes, in one order."""
    return "*".join(sorted([*str(a).split("*"), *str(b).split("*")]))


def nodes(tree: Node) -> list[Node]:
    """Every node once, arguments first."""
    seen: dict[int, Node] = {}

    def visit(n: Node) -> None:
        if id(n) not in seen:
            for a in n.args:
                visit(a)
            seen[id(n)] = n

    visit(tree)
    return list(seen.values())


def occurrences(tree: Node) -> dict[str, int]:
    found: dict[str, int] = {}
    stack = [tree]
    while stack:
        n = stack.pop()
        if n.op == "sym":
            found[n.attr] = found.get(n.attr, 0) + 1
        stack.extend(n.args)
    return found


def sizes_in(tree: Node) -> set[str]:
    """The sizes that are written out: as numbers, in eye(n), in ones(m, n)."""
    found: set[str] = set()
    for n in nodes(tree):
        if n.op == "size":
            found.add(n.attr)
        elif n.op == "index":
            for b in (b for place in n.attr for b in place):
                found |= {b} if isinstance(b, str) else set(b) if isinstance(b, tuple) else set()
        elif n.op in ("eye", "ones"):
            found |= {p for d in n.shape or () for p in str(d).split("*") if p != "1"}
    return found


# ---------------------------------------------------------------- text

SUM, PRODUCT, POSTFIX, ATOM = range(4)


class Writer:
    """A tree as plain text, with needed brackets and now and then one more; ``full`` writes every size."""

    def __init__(self, rng: random.Random, full: bool = False, number: dict[str, int] | None = None) -> None:
        self.rng = rng
        self.full = full
        self.number = number  # sizes as numbers instead of names
        self.tight = rng.random() < 0.4
        self.spare = 0.04 if rng.random() < 0.5 else 0.0
        self.done: dict[str, str] = {}

    def program(self, tree: Node, name: str | None = None) -> str:
        body = self.at(tree, SUM)
        parts = [f"{n} = {text}" for n, text in self.done.items()]
        return "; ".join([*parts, f"{name} = {body}" if name else body])

    def at(self, n: Node, level: int) -> str:
        text, own = self.write(n)
        return f"({text})" if own < level or (own < ATOM and self.rng.random() < self.spare) else text

    def join(self, left: str, op: str, right: str) -> str:
        return left + op + right if self.tight and not left[-1].isdigit() else f"{left} {op} {right}"

    def write(self, n: Node) -> tuple[str, int]:
        op = n.op
        if op in ("+", "-"):
            left = self.at(n.args[0], SUM)
            right = self.at(n.args[1], PRODUCT)
            return self.join(left, op, right), SUM
        if op == "neg":
            return "-" + self.at(n.args[0], PRODUCT), SUM
        if op in ("*", "/", ".*", "./"):
            left = self.at(n.args[0], PRODUCT)
            if op == "*" and n.args[1].op == "neg" and self.rng.random() < 0.3:
                return self.join(left, op, "-" + self.at(n.args[1].args[0], POSTFIX)), PRODUCT
            return self.join(left, op, self.at(n.args[1], POSTFIX)), PRODUCT
        if op in ("^", ".^"):
            base = self.at(n.args[0], ATOM if n.args[0].op in ("^", ".^", "num") else POSTFIX)
            return base + op + self.exponent(n.args[1]), POSTFIX
        if op == "T":
            return self.at(n.args[0], POSTFIX) + "'", POSTFIX
        if op == "def":
            if n.attr not in self.done:
                self.done[n.attr] = self.at(n.args[0], SUM)
            return n.attr, ATOM
        if op in ("sym", "num", "size", "eye", "ones", "pi"):
            return self.leaf(n)
        if op == "blocks":
            rows = [n.args[i : i + n.attr] for i in range(0, len(n.args), n.attr)]
            return "[" + "; ".join(", ".join(self.at(x, SUM) for x in row) for row in rows) + "]", ATOM
        if op == "index":
            base = self.at(n.args[0], POSTFIX if n.args[0].op == "T" else ATOM)
            return f"{base}[{','.join(place_text(p, self.number) for p in n.attr)}]", ATOM
        return f"{op}({', '.join(self.at(a, SUM) for a in n.args)})", ATOM

    def exponent(self, e: Node) -> str:
        if e.op == "neg" and e.args[0].op == "num" and self.rng.random() < 0.5:
            return "-" + e.args[0].attr
        return self.at(e, ATOM)

    def leaf(self, n: Node) -> tuple[str, int]:
        if n.op == "pi":
            return "pi", ATOM
        if n.op in ("sym", "num", "size"):
            return (str(self.number[n.attr]) if n.op == "size" and self.number else str(n.attr)), ATOM
        assert n.shape is not None
        if n.attr == "bare" and not self.full:
            return ("eye" if n.op == "eye" else "vector(1)"), ATOM
        sizes = [d for d in n.shape if d != 1] if n.op == "ones" else n.shape[:1]
        return f"{n.op}({', '.join(self.named(d) for d in sizes)})", ATOM

    def named(self, d: Any) -> str:
        if not self.number:
            return str(d)
        total = 1
        for p in str(d).split("*"):
            total *= self.number[p]
        return str(total)


Place = tuple[Any, ...]  # () for all, (i,) for one, (first, last) for a run; of numbers and names of sizes


def place_text(place: Place, number: dict[str, int] | None = None) -> str:
    """An index or a range; a size written as ``m-n+1`` is given by its parts ``("m", "n", 1)``."""
    if not place:
        return ":"
    return ":".join(bound_text(b, number) for b in place)


def bound_text(b: Any, number: dict[str, int] | None) -> str:
    if isinstance(b, tuple):
        whole, part = b
        return f"{number[whole]}-{number[part]}+1" if number else f"{whole}-{part}+1"
    return str(number[b]) if number and isinstance(b, str) else str(b)


def anchored(n: Node) -> bool:
    """Whether the sizes of a node follow from its symbols."""
    if n.op in ("eye", "ones"):
        return n.attr != "bare"
    if n.op == "*" and n.args[0].shape != () != n.args[1].shape:
        return all(anchored(a) for a in n.args)
    arrays = [a for a in n.args if a.shape != ()]
    if n.op in ("kron", "blocks", "index"):
        return all(anchored(a) for a in arrays)
    return any(anchored(a) for a in arrays) if arrays else True


# ---------------------------------------------------------------- the generator


class Generator:
    """The state of one case."""

    def __init__(self, rng: random.Random, features: frozenset[str]) -> None:
        self.r = rng
        self.features = features
        self.sizes = dict(zip(rng.choice(("mnpq", "ndkm", "nmrd")), rng.sample((2, 3, 4, 5), 4), strict=True))
        self.leaves: dict[str, Shape] = {}
        self.assume: dict[str, str] = {}
        self.definitions: list[Node] = []
        self.target: Node | None = None
        self.rare = [u for u in RARE if u in features]
        self.used = set(self.sizes)

    # -- leaves ------------------------------------------------------------------

    def one_size(self) -> str:
        return self.r.choice(list(self.sizes))

    def new(self, shape: Shape, prop: str | None = None) -> Node:
        kind = "s" if shape == () else "c" if 1 in shape else "m"
        pool = {"s": SCALAR_NAMES, "c": VECTOR_NAMES, "m": MATRIX_NAMES}[kind]
        free = [n for n in pool if n not in self.used]
        likely = free[:4] if self.r.random() < 0.6 else free
        name = self.r.choice(likely) if likely else f"{pool[0]}_{len(self.used)}"
        self.used.add(name)
        self.leaves[name] = shape
        if prop:
            self.assume[name] = prop
        return sym(name, shape)

    def leaf(self, shape: Shape) -> Node:
        r = self.r
        defined = [d for d in self.definitions if d.shape == shape]
        if defined and r.random() < 0.5:
            return r.choice(defined)
        if self.target is not None and self.target.shape == shape and r.random() < 0.55:
            return self.target
        if shape == ():
            return self.scalar_leaf()
        if any("*" in str(d) for d in shape):
            return self.composite_leaf(shape)
        if shape[0] == 1:
            return Node("T", (self.leaf(flip(shape)),), None, shape)
        turned = self.target is not None and self.target.shape == flip(shape) != shape
        if turned and 1 not in shape and r.random() < 0.5:
            return Node("T", (self.target,), None, shape)
        known = [n for n, s in self.leaves.items() if s == shape]
        if known and r.random() < 0.6:
            return sym(r.choice(known), shape)
        if r.random() < 0.04:
            return Node("ones", (), None, shape)
        if shape[0] == shape[1] and r.random() < 0.08:
            return Node("eye", (), None, shape)
        prop = None
        if r.random() < 0.05:
            prop = r.choice(("positive", "symmetric", "orthogonal", "spd") if shape[0] == shape[1] else ("positive",))
        return self.new(shape, prop)

    def scalar_leaf(self) -> Node:
        r = self.r
        pick = r.random()
        if pick < 0.3:
            return num(r.choice(("2", "3", "0.5", "4", "1", "1.5")))
        if pick < 0.34:
            return Node("size", (), self.one_size(), ())
        if pick < 0.36:
            return Node("pi", (), None, ())
        known = [n for n, s in self.leaves.items() if s == ()]
        if known and r.random() < 0.6:
            return sym(r.choice(known), ())
        return self.new(())

    def composite_leaf(self, shape: Shape) -> Node:
        """A leaf of a shape such as m*n by 1, or m*p by n*q."""
        r = self.r
        rows, cols = ([1] if d == 1 else str(d).split("*") for d in shape)
        if rows == [1]:
            return Node("T", (self.composite_leaf(flip(shape)),), None, shape)
        if cols == [1] and len(rows) == 2 and "vec" in self.features and r.random() < 0.7:
            a, b = r.sample(rows, 2)
            return Node("vec", (self.leaf((a, b)),), None, shape)
        if len(rows) > 2 or len(cols) > 2 or "kron" not in self.features:
            return Node("ones", (), None, shape)
        left, right = r.sample(rows, len(rows)), r.sample(cols, len(cols))
        parts: list[list[Any]] = [[left[0], right[0]], [*left[1:], 1][:1] + [*right[1:], 1][:1]]
        a, b = (self.leaf(tuple(p)) for p in parts)
        return Node("kron", (a, b), None, shape)

    # -- by shape ------------------------------------------------------------------

    def less(self, d: int) -> int:
        return d - 1 - (self.r.random() < 0.4)

    def any(self, shape: Shape, d: int) -> Node:
        if d <= 0:
            return self.leaf(shape)
        if shape == ():
            return self.choose(self.scalars, shape, d)
        return self.choose(self.arrays, shape, d)

    def choose(self, table: Callable[[Shape, int], list[tuple[float, Callable[[], Node]]]], shape: Shape, d: int) -> Node:
        rows = table(shape, d)
        (make,) = self.r.choices([f for _, f in rows], [w for w, _ in rows])
        return make()

    def node(self, op: str, shape: Shape, *args: Node, attr: Any = None) -> Node:
        return Node(op, args, attr, shape)

    def column(self, d: int, size: str | None = None) -> Node:
        return self.any((size or self.one_size(), 1), d)

    def vector(self, d: int) -> Node:
        v = (self.one_size(), 1)
        return self.any(v if self.r.random() < 0.85 else flip(v), d)

    def matrix(self, d: int) -> Node:
        return self.any((self.one_size(), self.one_size()), d)

    def array(self, d: int) -> Node:
        return self.vector(d) if self.r.random() < 0.5 else self.matrix(d)

    def square(self, d: int) -> Node:
        n = self.one_size()
        return self.any((n, n), d)

    def elementwise(self, shape: Shape, d: int) -> Node:
        r = self.r
        if r.random() < 0.12:
            name = r.choice(("log", "sqrt", "log", "lgamma" if "lgamma" in self.features else "sqrt"))
            return self.node(name, shape, self.positive(shape, self.less(d)))
        name = r.choice(self.rare) if self.rare and r.random() < 0.15 else r.choice(UNARY)
        return self.node(name, shape, self.any(shape, self.less(d)))

    def two(self, op: str, shape: Shape, d: int) -> Node:
        left, right = self.any(shape, self.less(d)), self.any(shape, self.less(d))
        return self.node(op, shape, left, right)

    def power(self, shape: Shape, d: int) -> Node:
        op = "^" if shape == () else ".^"
        pick = self.r.random()
        if pick < 0.6:
            return self.node(op, shape, self.any(shape, self.less(d)), num(self.r.choice("223")))
        base = self.positive(shape, self.less(d))
        if pick < 0.75:
            return self.node(op, shape, base, self.node("neg", (), num(self.r.choice("12"))))
        if pick < 0.92:
            half = self.node("/", (), num(self.r.choice("13")), num("2"))
            return self.node(op, shape, base, self.r.choice((half, num("0.5"), num("1.5"))))
        return self.node(op, shape, base, self.any((), self.less(d)))

    def extreme(self, shape: Shape, d: int) -> Node:
        name = self.r.choice(("max", "min"))
        other = self.any(shape if self.r.random() < 0.6 else (), self.less(d))
        if self.r.random() < 0.2:
            other = num("0")
        pair = [self.any(shape, self.less(d)), other]
        if self.r.random() < 0.2:
            pair.reverse()
        return self.node(name, shape, *pair)

    def quotient(self, shape: Shape, d: int) -> Node:
        if shape == () or self.r.random() < 0.5:
            return self.node("/", shape, self.any(shape, self.less(d)), self.positive((), self.less(d)))
        bottom = self.positive(shape, self.less(d))
        top = self.any(shape if self.r.random() < 0.8 else (), self.less(d))
        return self.node("./", shape, top, bottom)

    def scaled(self, shape: Shape, d: int) -> Node:
        pair = [self.any((), self.less(d)), self.any(shape, self.less(d))]
        if self.r.random() < 0.25:
            pair.reverse()
        return self.node("*" if self.r.random() < 0.9 else ".*", shape, *pair)

    def product(self, shape: Shape, d: int) -> Node:
        inner = 1 if shape == () else self.one_size()
        rows, cols = shape
        if inner == 1 or (1 not in shape and self.r.random() < 0.2):
            return self.node("*", shape, self.any((rows, 1), self.less(d)), self.any((1, cols), self.less(d)))
        left = self.any((rows, inner), self.less(d))
        right = self.any((inner, cols), self.less(d))
        if cols == 1 and self.r.random() < 0.08 and anchored(left):
            right = self.node("ones", (inner, 1), attr="bare")
        return self.node("*", shape, left, right)

    def scalars(self, shape: Shape, d: int) -> list[tuple[float, Callable[[], Node]]]:
        less, node = self.less, self.node
        rows: list[tuple[float, Callable[[], Node]]] = [
            (9, lambda: self.two(self.r.choice("++-"), (), d)),
            (5, lambda: self.two("*", (), d)),
            (1, lambda: node("neg", (), self.any((), less(d)))),
            (3, lambda: self.quotient((), d)),
            (3, lambda: self.power((), d)),
            (5, lambda: self.elementwise((), d)),
            (2, lambda: self.extreme((), d)),
            (0.5, lambda: node("inv", (), self.positive((), less(d)))),
            (8, self.bilinear(d)),
            (8, lambda: self.quadratic(d)),
            (9, lambda: node("sum", (), self.array(less(d)))),
            (8, lambda: node("tr", (), self.square(less(d)))),
            (3, lambda: node("det", (), self.wellset(less(d)))),
            (3, lambda: node("logdet", (), self.wellset(less(d)))),
            (1, lambda: node("log", (), node("det", (), self.definite(self.one_size(), less(d))))),
            (4, lambda: node("norm2", (), self.array(less(d)))),
            (5, lambda: node("^", (), node("norm2", (), self.array(less(d))), num("2"))),
            (3, lambda: node("norm1", (), self.array(less(d)))),
            (4, lambda: node("logsumexp", (), self.vector(less(d)))),
            (2, lambda: node(self.r.choice(("max", "min")), (), self.array(less(d)))),
            (2, lambda: self.trace_power(d)),
        ]
        if "kron" in self.features and "vec" in self.features:
            rows.append((5, lambda: self.composite(d)))
        if "blocks" in self.features:
            rows += [(6, lambda: self.of_blocks(d)), (4, lambda: self.entry(d))]
        return rows

    # -- blocks and slices -----------------------------------------------------------

    def blocks(self, d: int, rows: Sequence[Any], cols: Sequence[Any]) -> Node:
        """Blocks of these sizes; no row of blocks is only made of scalars beside an array."""
        cells = [self.any((a, b) if (a, b) != (1, 1) else (), self.less(d)) for a in rows for b in cols]
        return Node("blocks", tuple(cells), len(cols), None)

    def of_blocks(self, d: int) -> Node:
        """A scalar of blocks: all their entries, or blocks times blocks."""
        r, low = self.r, min(self.less(d), 2)
        heights = [self.one_size() for _ in range(r.choice((1, 2, 2, 3)))]
        widths = [self.one_size() for _ in range(r.choice((1, 2)) if len(heights) > 1 else 2)]
        pick = r.random()
        if pick < 0.3:
            widths = [1]
            heights = heights if len(heights) > 1 else [*heights, self.one_size()]
        elif pick < 0.45:
            widths = [*widths[:1], 1]
        elif pick < 0.6:
            heights = [*heights[:1], 1]
        whole = self.blocks(low, heights, widths)
        if r.random() < 0.2:
            whole = Node("T", (whole,))
            heights, widths = widths, heights
        way = r.random()
        if way < 0.3:
            return self.node("sum", (), Node(r.choice(("exp", "sin", "tanh", "f")), (whole,)))
        if way < 0.55 or heights == [1] or widths == [1]:
            return self.node("^", (), self.node("norm2", (), whole), num("2"))
        other = (
            Node("blocks", tuple(self.any((w, 1) if w != 1 else (), 0) for w in widths), 1)
            if len(widths) > 1
            else self.any((widths[0], 1), 0)
        )
        return self.node("^", (), self.node("norm2", (), self.node("*", None, whole, other)), num("2"))

    def index_of(self, base: Node, shape: Shape, *places: Place) -> Node:
        return Node("index", (base,), places, shape)

    def below_two(self, d: int) -> int:
        return max(0, min(self.less(d), 2))

    def entry(self, d: int) -> Node:
        i, j = (self.r.choice((1, 2)) for _ in "ij")
        if self.r.random() < 0.5:
            n = self.one_size()
            return self.index_of(self.any((n, 1), self.below_two(d)), (), (self.r.choice((i, n)),))
        return self.index_of(self.matrix(self.below_two(d)), (), (i,), (j,))

    def sliced(self, shape: Shape, d: int) -> Node:
        """A column or row of a matrix, or a run of rows or columns of something larger."""
        rows, cols = shape
        larger = [s for s, k in self.sizes.items() if isinstance(rows, str) and k > self.sizes[rows]]
        if cols == 1 and (self.r.random() < 0.6 or not larger):
            other, i = self.one_size(), (self.r.choice((1, 2)),)
            if self.r.random() < 0.5:
                return self.index_of(self.any((rows, other), self.below_two(d)), shape, (), i)
            return self.index_of(self.any((other, rows), self.below_two(d)), shape, i, ())
        if not larger:
            return self.any(shape, self.less(d))
        whole = self.r.choice(larger)
        run = (1, rows) if self.r.random() < 0.5 else ((whole, rows), whole)
        if cols == 1:
            return self.index_of(self.any((whole, 1), self.below_two(d)), shape, run)
        if self.r.random() < 0.5:
            return self.index_of(self.any((whole, cols), self.below_two(d)), shape, run, ())
        turned = self.index_of(self.any((cols, whole), self.below_two(d)), flip(shape), (), run)
        return Node("T", (turned,), None, shape)

    def bilinear(self, d: int) -> Callable[[], Node]:
        def make() -> Node:
            n = self.one_size()
            return self.node("*", (), self.any((1, n), self.less(d)), self.any((n, 1), self.less(d)))

        return make

    def quadratic(self, d: int) -> Node:
        m, n = self.one_size(), self.one_size()
        x = self.column(self.less(d) - 1, m)
        y = x if m == n or self.r.random() < 0.3 else self.column(self.less(d) - 1, n)
        if y is x:
            n = m
        left = self.node("*", (1, n), self.node("T", (1, m), x), self.any((m, n), self.less(d) - 1))
        return self.node("*", (), left, y)

    def trace_power(self, d: int) -> Node:
        base = self.square(self.less(d))
        return self.node("tr", (), self.node("^", base.shape or (), base, num(self.r.choice("234"))))

    def composite(self, d: int) -> Node:
        """A scalar of Kronecker products and vectorisations."""
        r, low = self.r, min(self.less(d), 1)
        a, b, c, e = (self.one_size() for _ in range(4))
        if r.random() < 0.45:
            column = (times(a, b), 1)
            return self.node("*", (), self.any(flip(column), low), self.any(column, low))
        if r.random() < 0.4:
            x, y = (times(a, b), 1), (times(c, e), 1)
            middle = self.node("*", (1, y[0]), self.any(flip(x), 0), self.any((x[0], y[0]), low))
            return self.node("*", (), middle, self.any(y, 0))
        shape = (times(a, b), times(c, e))
        if r.random() < 0.4:
            return self.node("tr", (), self.any((shape[0], shape[0]), low))
        big = self.any(shape if r.random() < 0.6 else (shape[0], 1), low)
        if r.random() < 0.5:
            return self.node("^", (), self.node("norm2", (), big), num("2"))
        return self.node("sum", (), big)

    def arrays(self, shape: Shape, d: int) -> list[tuple[float, Callable[[], Node]]]:
        less, node = self.less, self.node
        rows, cols = shape
        vector, square = 1 in shape, rows == cols
        big = any("*" in str(s) for s in shape)
        table: list[tuple[float, Callable[[], Node]]] = [
            (9, lambda: self.two(self.r.choice("++-"), shape, d)),
            (6, lambda: self.scaled(shape, d)),
            (1.5, lambda: node("neg", shape, self.any(shape, less(d)))),
            (6, lambda: self.two(".*", shape, d)),
            (3, lambda: self.quotient(shape, d)),
            (3, lambda: self.power(shape, d)),
            (8, lambda: self.elementwise(shape, d)),
            (2, lambda: self.extreme(shape, d)),
            (5, lambda: node("T", shape, self.any(flip(shape), less(d)))),
        ]
        if big:
            return [*table, (25, lambda: self.composite_leaf(shape))]
        table.append((12, lambda: self.product(shape, d)))
        if "blocks" in self.features and rows != 1:
            table.append((5, lambda: self.sliced(shape, d)))
        if vector:
            table += [
                (4, lambda: node("softmax", shape, self.any(shape, less(d)))),
                (1.5, lambda: self.shifted(shape, d)),
                (1, lambda: self.with_ones(shape, d)),
            ]
            if "logsoftmax" in self.features:
                table.append((1, lambda: node("logsoftmax", shape, self.any(shape, less(d)))))
        else:
            table += [(4, lambda: node("softmax", shape, self.any(shape, less(d))))]
            if "logsoftmax" in self.features:
                table.append((1, lambda: node("logsoftmax", shape, self.any(shape, less(d)))))
        if cols == 1:
            inner = self.one_size()
            table += [
                (3, lambda: node("diag", shape, self.any((rows, rows), less(d)))),
                (2, lambda: node("logsumexp", shape, self.any((rows, inner), less(d)))),
                (2, lambda: self.solved(rows, d)),
            ]
        if square:
            table += [
                (4, lambda: node("diag", shape, self.any((rows, 1), less(d)))),
                (4, lambda: node("inv", shape, self.definite(rows, less(d)))),
                (2, lambda: node("^", shape, self.any(shape, less(d)), num(self.r.choice("223")))),
                (0.7, lambda: self.negative_power(rows, d)),
                (2, lambda: self.with_eye(shape, d)),
            ]
            if "expm" in self.features:
                table.append((0.5, lambda: node("expm", shape, self.any(shape, min(1, less(d))))))
        return table

    def shifted(self, shape: Shape, d: int) -> Node:
        """A vector plus a scalar in every entry."""
        pair = [self.any(shape, self.less(d)), self.any((), self.less(d))]
        if self.r.random() < 0.3:
            pair.reverse()
        return self.node(self.r.choice("+-"), shape, *pair)

    def with_ones(self, shape: Shape, d: int) -> Node:
        body = self.any(shape, self.less(d))
        one = Node("ones", (), "bare" if anchored(body) and shape[1] == 1 else None, (shape[0], 1))
        if shape[1] != 1:
            one = self.node("T", shape, Node("ones", (), None, (shape[1], 1)))
        return self.node(self.r.choice("+-"), shape, body, one)

    def with_eye(self, shape: Shape, d: int) -> Node:
        body = self.any(shape, self.less(d))
        one = Node("eye", (), "bare" if anchored(body) and self.r.random() < 0.7 else None, shape)
        if self.r.random() < 0.5:
            one = self.node("*", shape, self.any((), self.less(d) - 1), one)
        pair = [body, one]
        if self.r.random() < 0.4:
            pair.reverse()
        return self.node(self.r.choice("+-"), shape, *pair)

    def solved(self, rows: str, d: int) -> Node:
        inverse = self.node("inv", (rows, rows), self.definite(rows, self.less(d)))
        return self.node("*", (rows, 1), inverse, self.any((rows, 1), self.less(d)))

    def negative_power(self, n: str, d: int) -> Node:
        exponent = self.node("neg", (), num(self.r.choice("112")))
        return self.node("^", (n, n), self.definite(n, self.less(d)), exponent)

    # -- domains -------------------------------------------------------------------

    def positive(self, shape: Shape, d: int) -> Node:
        """Entries away from zero on the positive side."""
        r, node, less = self.r, self.node, self.less
        pick = r.random()
        if d <= 0 and pick < 0.45:
            known = [n for n, p in self.assume.items() if p == "positive" and self.leaves[n] == shape]
            if shape != () and shape[0] == 1:
                return node("T", shape, self.positive(flip(shape), d))
            if any("*" in str(s) for s in shape):
                return node("exp", shape, self.leaf(shape))
            target = self.target
            if target is not None and target.shape == shape and target.attr not in self.assume and r.random() < 0.4:
                self.assume[target.attr] = "positive"
                return target
            return sym(known[0], shape) if known and r.random() < 0.6 else self.new(shape, "positive")
        if pick < 0.65:
            op = "^" if shape == () else ".^"
            squared = node(op, shape, self.any(shape, less(d)), num("2"))
            return node("+", shape, squared, num("1")) if r.random() < 0.7 else node("+", shape, num("1"), squared)
        if pick < 0.8:
            return node("exp", shape, self.any(shape, less(d)))
        if pick < 0.9:
            return node("softplus", shape, self.any(shape, less(d)))
        if shape == () and pick < 0.96:
            return node("norm2", (), self.array(less(d)))
        return node("+", shape, node("abs", shape, self.any(shape, less(d))), num("1"))

    def definite(self, n: str, d: int) -> Node:
        """Square, with determinant above zero and a small condition number."""
        r, node, less = self.r, self.node, self.less
        shape = (n, n)
        pick = r.random()
        if pick < 0.25 or (d <= 0 and pick < 0.4):
            target = self.target
            if target is not None and target.shape == shape and r.random() < 0.6:
                if target.attr not in self.assume:
                    self.assume[target.attr] = "spd"
                return target
            known = [k for k, p in self.assume.items() if p == "spd" and self.leaves[k] == shape]
            return sym(known[0], shape) if known and r.random() < 0.6 else self.new(shape, "spd")
        one = Node("eye", (), "bare", shape)
        if pick < 0.75:
            m = self.one_size()
            a = self.any((m, n), less(d))
            gram = node("*", shape, node("T", (n, m), a), a)
            if not anchored(a):
                one = one._replace(attr=None)
            if r.random() < 0.3:
                one = node("*", shape, self.positive((), 0), one)
            return node("+", shape, gram, one)
        if pick < 0.85:
            return node("diag", shape, self.positive((n, 1), less(d)))
        if pick < 0.93:
            x = self.column(less(d), n)
            one = one if anchored(x) else one._replace(attr=None)
            return node("+", shape, one, node("*", shape, x, node("T", (1, n), x)))
        return node("T", shape, self.definite(n, less(d)))

    def wellset(self, d: int) -> Node:
        """For determinants: any square matrix, mostly a definite one."""
        if self.r.random() < 0.7:
            return self.definite(self.one_size(), d)
        return self.square(min(d, 1))


# ---------------------------------------------------------------- cases


def kind_of(rng: random.Random) -> str:
    return rng.choices([k for k, _ in KINDS], [w for _, w in KINDS])[0]


def generate(seed: int, features: frozenset[str], family: str = "wide") -> Case:
    """The case of a seed: of ``family`` "wide", or "baseline" (reliability.md)."""
    if family == "baseline":
        return baseline(seed)
    for attempt in range(200):
        case = _attempt(seed, random.Random(f"{seed}:{attempt}"), features)
        if case is not None and points(case, 1):
            return case
    raise RuntimeError(f"no case for seed {seed}")


def _attempt(seed: int, rng: random.Random, features: frozenset[str]) -> Case | None:
    g = Generator(rng, features)
    kind = kind_of(rng)
    pick = rng.random()
    n, m = rng.sample(list(g.sizes), 2)
    shape: Shape = () if pick < 0.1 else (n, 1) if pick < 0.5 else (n, n) if pick < 0.72 else (n, m)
    g.target = g.new(shape)
    depth = rng.choice((2, 3, 3, 4, 4, 5) if kind in ("gradient", "jacobian") else (2, 2, 3, 3, 4))
    if rng.random() < 0.22:
        _define(g, rng)
    tree = g.any(_output_shape(rng, g, kind), depth)
    count = occurrences(tree)
    if g.target.attr not in count or len(nodes(tree)) > 45:
        return None
    wrt = [g.target.attr]
    if kind == "mixed":
        others = [k for k in count if k != wrt[0]]
        if not others:
            return None
        wrt = [wrt[0], rng.choice(others)]
        rng.shuffle(wrt)
    leaves = {k: g.leaves[k] for k in g.leaves if k in count}
    if not sizes_in(tree) <= {d for s in leaves.values() for d in s}:
        return None
    direction = None
    if kind == "hvp":
        direction = g.new(g.leaves[wrt[0]]).attr
        leaves[direction] = g.leaves[direction]
    assume = {k: v for k, v in g.assume.items() if k in leaves}
    return assemble(seed, rng, tree, leaves, g.sizes, wrt, kind, direction, assume)


def _define(g: Generator, rng: random.Random) -> None:
    for _ in range(rng.choice((1, 1, 2, 3))):
        pick = rng.random()
        shape: Shape = () if pick < 0.25 else (g.one_size(), 1) if pick < 0.7 else (g.one_size(), g.one_size())
        kind = "s" if shape == () else "c" if 1 in shape else "m"
        free = [n for n in DEFINED[kind] if n not in g.used]
        body = g.any(shape, rng.choice((1, 2)))
        if free and body.op not in ("sym", "def", "num"):
            g.used.add(free[0])
            g.definitions.append(Node("def", (body,), free[0], shape))


def _output_shape(rng: random.Random, g: Generator, kind: str) -> Shape:
    if kind != "jacobian":
        return ()
    pick = rng.random()
    if pick < 0.1:
        return ()
    if pick < 0.5:
        return (g.one_size(), 1)
    if pick < 0.58:
        return (1, g.one_size())
    if pick < 0.64 and {"vec", "kron"} <= g.features:
        return (times(g.one_size(), g.one_size()), 1)
    if pick < 0.68 and {"vec", "kron"} <= g.features:
        return (times(g.one_size(), g.one_size()), times(g.one_size(), g.one_size()))
    return (g.one_size(), g.one_size())


def assemble(seed: int, rng: random.Random, tree: Node, leaves: dict[str, Shape], sizes: dict[str, int],
             wrt: Sequence[str], kind: str, direction: str | None, assume: dict[str, str],
             family: str = "wide") -> Case:  # fmt: skip
    numbers = sizes if rng.random() < 0.06 else None
    writer = Writer(rng, number=numbers)
    text = writer.program(tree, "J" if rng.random() < 0.06 else None)
    public = {k: tuple(d for d in s if d != 1) for k, s in leaves.items()}
    dims = {k: tuple(numbers[d] if numbers else d for d in s) for k, s in public.items()}
    return Case(seed, family, tree, text, dims, sizes, tuple(wrt), kind, direction, assume)


def full_text(case: Case) -> str:
    """The text with every size written out, as the reader of the oracle wants it."""
    return Writer(random.Random(1), full=True).program(case.tree)


# ---------------------------------------------------------------- points


def draw(rng: Any, shape: tuple[int, ...], prop: str | None, scale: float) -> Any:
    n = shape[0] if shape else 1
    if prop == "positive":
        return rng.uniform(0.5, 1.5, shape)
    if prop == "spd":
        b = rng.standard_normal((n, n))
        return b @ b.T / n + 0.6 * np.eye(n)
    if prop == "symmetric":
        b = rng.standard_normal((n, n)) * scale
        return (b + b.T) / 2
    if prop == "orthogonal":
        return np.linalg.qr(rng.standard_normal((n, n)))[0]
    if prop == "shifted":
        return rng.standard_normal(shape) + 3 * np.eye(n)
    if not shape:
        return rng.uniform(0.5, 1.4) * rng.choice([-1.0, 1.0]) * scale
    return rng.standard_normal(shape) * scale


def points(case: Case, count: int, salt: int = 0) -> list[dict[str, Any]]:
    """Arrays by name at which the case is smooth, finite and well conditioned; fewer if need be."""
    found: list[dict[str, Any]] = []
    for k in range(14):
        if k == 7 and not found:
            break
        rng = np.random.default_rng([abs(case.seed), 77 + salt, k])
        scale = (1.0, 0.8, 0.6, 0.4)[min(k // 3, 3)]
        arrays = {}
        for name, shape in case.dims.items():
            concrete = tuple(d if isinstance(d, int) else case.sizes[d] for d in shape)
            arrays[name] = draw(rng, concrete, case.assume.get(name), scale)
        watch = Watch()
        at = point_of(case, arrays)
        value(case.tree, at, watch)
        if watch.margin < 1 or not watch.top < 300:
            continue
        if max(slope_check(case.tree, at, w, rng) for w in case.wrt) < 1e-5:
            found.append(arrays)
            if len(found) == count:
                break
    return found


def point_of(case: Case, arrays: dict[str, Any]) -> Point:
    env = {}
    for name, x in arrays.items():
        x = np.asarray(x, float)
        env[name] = x.reshape(1, 1) if x.ndim == 0 else x[:, None] if x.ndim == 1 else x
    return Point(env, case.sizes, FUNCTIONS)


def truth(case: Case, arrays: dict[str, Any], h: float = 3e-4) -> Any:
    return derivative(case.tree, point_of(case, arrays), case.kind, case.wrt, case.direction, h)


def plain_value(case: Case, arrays: dict[str, Any]) -> Any:
    x = value(case.tree, point_of(case, arrays))
    return x.reshape(axes(x))


# ---------------------------------------------------------------- the baseline of reliability.md


def baseline(seed: int) -> Case:
    """Matrices of A, B, X (3×3) by product, sum, Hadamard, transpose, inverse, doubling; scalars of them."""
    for attempt in range(200):
        rng = random.Random(f"baseline:{seed}:{attempt}")
        tree = _baseline_scalar(rng, 2)
        if "X" not in occurrences(tree):
            continue
        leaves: dict[str, Shape] = {k: ("n", 1) if k in "ab" else ("n", "n") for k in sorted(occurrences(tree))}
        text = Writer(rng).program(tree)
        public = {k: tuple(d for d in s if d != 1) for k, s in leaves.items()}
        case = Case(seed, "baseline", tree, text, public, {"n": 3}, ("X",), "gradient", None, {"X": "shifted"})
        if points(case, 1):
            return case
    raise RuntimeError(f"no baseline case for seed {seed}")


SQUARE: Shape = ("n", "n")


def _baseline_matrix(rng: random.Random, d: int) -> Node:
    if d == 0:
        return sym(rng.choice("AABXXX"), SQUARE)
    op = rng.choice(("*", "+", ".*", "T", "inv", "double"))
    first = _baseline_matrix(rng, d - 1)
    if op == "T":
        return Node("T", (first,), None, SQUARE)
    if op == "inv":
        return Node("inv", (first,), None, SQUARE)
    if op == "double":
        return Node("*", (num("2"), first), None, SQUARE)
    return Node(op, (first, _baseline_matrix(rng, d - 1)), None, SQUARE)


def _baseline_scalar(rng: random.Random, d: int) -> Node:
    if d == 0 or rng.random() < 0.35:
        op = rng.choice(("tr", "bilinear", "logdet"))
        m = _baseline_matrix(rng, max(d, 1))
        if op == "tr":
            return Node("tr", (m,), None, ())
        if op == "bilinear":
            left = Node("*", (Node("T", (sym("a", ("n", 1)),), None, (1, "n")), m), None, (1, "n"))
            return Node("*", (left, sym("b", ("n", 1))), None, ())
        gram = Node("*", (Node("T", (m,), None, SQUARE), m), None, SQUARE)
        return Node("log", (Node("det", (gram,), None, ()),), None, ())
    first = _baseline_scalar(rng, d - 1)
    op = rng.choice(("+", "*", "square", "shift", "exp"))
    if op == "square":
        return Node("^", (first, num("2")), None, ())
    if op == "shift":
        return Node("+", (first, num("3")), None, ())
    if op == "exp":
        return Node("exp", (Node("/", (first, num("100")), None, ()),), None, ())
    return Node(op, (first, _baseline_scalar(rng, d - 1)), None, ())


# ---------------------------------------------------------------- smaller ones


def smaller(case: Case) -> list[Case]:
    """The case with one part replaced by something smaller of the same shape."""
    found: list[Case] = []
    base = len(nodes(case.tree))
    for part in nodes(case.tree)[::-1]:
        for other in _replacements(case, part):
            tree = replace(case.tree, part, other)
            if len(nodes(tree)) < base:
                found.append(rebuilt(case, tree))
    return [c for c in found if set(c.wrt) <= set(occurrences(c.tree))]


def _replacements(case: Case, part: Node) -> list[Node]:
    inside = [n for n in nodes(part)[:-1] if n.shape == part.shape]
    shaped = {k: n.shape for n in nodes(case.tree) if n.op == "sym" for k in [n.attr]}
    same = [sym(k, s) for k, s in shaped.items() if s == part.shape]
    if part.shape == () and part.op != "num":
        same.append(num("2"))
    return sorted([*inside, *same], key=lambda n: len(nodes(n)))


def replace(tree: Node, part: Node, other: Node) -> Node:
    done: dict[int, Node] = {}
    for n in nodes(tree):
        if n is part:
            done[id(n)] = other
        else:
            args = tuple(done[id(a)] for a in n.args)
            done[id(n)] = n if all(a is b for a, b in zip(args, n.args, strict=True)) else n._replace(args=args)
    return done[id(tree)]


def rebuilt(case: Case, tree: Node) -> Case:
    count = occurrences(tree)
    keep = {*count, *case.wrt, case.direction}
    number = case.sizes if any(isinstance(d, int) for s in case.dims.values() for d in s) else None
    text = Writer(_Plain(), number=number).program(tree)
    return case._replace(
        tree=tree,
        text=text,
        dims={k: s for k, s in case.dims.items() if k in keep},
        assume={k: v for k, v in case.assume.items() if k in keep},
    )


class _Plain(random.Random):
    """Never an ornament."""

    def random(self) -> float:
        return 0.999


def names_in(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d]\w*", text))
