"""Inputs for the fuzzer: mostly meaningful, of right shapes, in four notations; a share of them is damaged.

A case is made from its seed alone. ``Maker`` chooses operators by shape, a ``Dialect`` writes them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

SCALARS = ("alpha", "beta", "c", "t", "lambda", "mu")
VECTORS = ("x", "y", "a", "b", "u", "v", "w", "z", "h", "q")
MATRICES = ("X", "A", "B", "C", "W", "M", "Y", "V", "H", "P", "S")
FUNCTIONS = (
    "exp",
    "sin",
    "cos",
    "tanh",
    "sigmoid",
    "relu",
    "abs",
    "softplus",
    "log",
    "sqrt",
    "arctan",
    "arcsinh",
    "erf",
    "gelu",
    "f",
    "g",
)
NUMBERS = ("2", "3", "1", "0.5", "1.5", "10", "0", "1e-3")
KINDS = ("gradient", "jacobian", "hessian", "hvp", "mixed", "differential")
PROPERTIES = ("symmetric", "spd", "diagonal", "orthogonal", "positive", "invertible", "lower-triangular", "skew", "toeplitz")
VECTOR_PROPERTIES = ("positive", "one-hot", "probability", "unit", "sign", "binary", "small")
STRUCTURES = ("symmetric", "diagonal", "skew", "lower-triangular", "upper-triangular", "toeplitz", "symmetric-toeplitz")
Shape = tuple[Any, ...]


class Case(NamedTuple):
    """One call: the text, the keyword arguments of ``derive``, and what is done with the derivation."""

    seed: int
    family: str
    text: str
    options: dict[str, Any]
    uses: tuple[str, ...]


class Dialect:
    """Plain notation."""

    name = "plain"
    places = ("1", "2", "1", "2", "2", "1", "1", "i")
    runs = ("1:2", "2:3", ":", "1:2", "1:n")

    def total(self, a: str, axes: int) -> str:
        return self.call("sum", a)

    def larger(self, a: str, b: str) -> str:
        return self.call("max", a, b)

    def symbol(self, name: str) -> str:
        return name

    def group(self, a: str) -> str:
        return a if re.fullmatch(r"\\?\w+", a) else f"({a})"

    def times(self, a: str, b: str) -> str:
        return f"{self.group(a)}*{self.group(b)}"

    scale = times

    def dot(self, a: str, b: str) -> str:
        return self.times(self.turn(a), b)

    def outer(self, a: str, b: str) -> str:
        return self.times(a, self.turn(b))

    def plus(self, a: str, b: str, sign: str) -> str:
        return f"{a} {sign} {self.group(b) if sign == '-' else b}"

    def over(self, a: str, b: str) -> str:
        return f"{self.group(a)}/{self.group(b)}"

    def each(self, a: str, b: str, sign: str) -> str:
        return f"{self.group(a)} .{sign} {self.group(b)}"

    def turn(self, a: str) -> str:
        return f"{self.group(a)}'"

    def inverse(self, a: str) -> str:
        return f"inv({a})"

    def power(self, a: str, n: str, each: bool = False) -> str:
        return f"{self.group(a)}{'.' if each else ''}^{n}"

    def call(self, name: str, *arguments: str) -> str:
        return f"{name}({', '.join(arguments)})"

    def norm(self, a: str, p: int) -> str:
        return f"norm{p}({a})"

    def ones(self, *sizes: str) -> str:
        return f"ones({', '.join(sizes)})"

    def eye(self, n: str) -> str:
        return f"eye({n})"

    def blocks(self, rows: list[list[str]]) -> str:
        return "[" + "; ".join(", ".join(row) for row in rows) + "]"

    def part(self, a: str, *places: str) -> str:
        return f"{self.group(a)}[{','.join(places)}]"

    def einsum(self, spec: str, *arguments: str) -> str:
        return f"einsum('{spec}', {', '.join(arguments)})"

    def program(self, definitions: list[tuple[str, str]], body: str, r: random.Random) -> str:
        parts = [f"{name} = {text}" for name, text in definitions]
        head = f"{r.choice(('s', 'loss', 'J'))} = {body}" if r.random() < 0.5 else body
        if r.random() < 0.3:
            return "; ".join([head, *parts])
        return r.choice(("; ", "\n")).join([*parts, head])


class Unicode(Dialect):
    name = "unicode"
    GREEK: ClassVar = {"alpha": "α", "beta": "β", "lambda": "λ", "mu": "μ"}

    def symbol(self, name: str) -> str:
        return self.GREEK.get(name, name)

    def times(self, a: str, b: str) -> str:
        return f"{self.group(a)} {self.group(b)}"

    scale = times

    def each(self, a: str, b: str, sign: str) -> str:
        return f"({self.group(a)} {'⊙' if sign == '*' else './'} {self.group(b)})"

    def turn(self, a: str) -> str:
        return f"{self.group(a)}ᵀ"

    def inverse(self, a: str) -> str:
        return f"{self.group(a)}⁻¹"

    def power(self, a: str, n: str, each: bool = False) -> str:
        return f"{self.group(a)}²" if n == "2" and not each else super().power(a, n, each)

    def norm(self, a: str, p: int) -> str:
        return f"‖{a}‖{'₁' if p == 1 else ''}"


class Latex(Dialect):
    name = "latex"

    def total(self, a: str, axes: int) -> str:
        return rf"\mathbf{{1}}^\top {self.group(a)}" + (r" \mathbf{1}" if axes == 2 else "")

    CALLS: ClassVar = {"relu": r"\mathrm{relu}",
             "sigmoid": r"\sigma", "tr": r"\mathrm{tr}", "diag": r"\mathrm{diag}", "vec": r"\mathrm{vec}",
             "exp": r"\exp", "log": r"\log", "sin": r"\sin", "cos": r"\cos", "tanh": r"\tanh", "det": r"\det", "arctan": r"\arctan",
             "max": r"\max", "f": "f", "g": "g"}  # fmt: skip

    def symbol(self, name: str) -> str:
        return rf"\{name}" if len(name) > 1 and name.isalpha() and name not in ("loss",) else name

    def group(self, a: str) -> str:
        return a if re.fullmatch(r"\\?\w+", a) else rf"\left({a}\right)"

    def times(self, a: str, b: str) -> str:
        return f"{self.group(a)} {self.group(b)}"

    scale = times

    def over(self, a: str, b: str) -> str:
        return rf"\frac{{{a}}}{{{b}}}"

    def each(self, a: str, b: str, sign: str) -> str:
        return rf"\left({self.group(a)} \{'odot' if sign == '*' else 'oslash'} {self.group(b)}\right)"

    def turn(self, a: str) -> str:
        return rf"{self.group(a)}^{{\top}}"

    def inverse(self, a: str) -> str:
        return f"{self.group(a)}^{{-1}}"

    def power(self, a: str, n: str, each: bool = False) -> str:
        return f"{self.group(a)}^{{{chr(92) + 'odot ' if each else ''}{n}}}"

    def call(self, name: str, *arguments: str) -> str:
        if name == "abs" and len(arguments) == 1:
            return rf"\left|{arguments[0]}\right|"
        if name == "sqrt":
            return rf"\sqrt{{{arguments[0]}}}"
        if name == "kron":
            return rf"\left({self.group(arguments[0])} \otimes {self.group(arguments[1])}\right)"
        if name == "logdet":
            return rf"\log\det\left({arguments[0]}\right)"
        shown = self.CALLS.get(name, rf"\mathrm{{{name}}}")
        return rf"{shown}\left({', '.join(arguments)}\right)"

    def norm(self, a: str, p: int) -> str:
        return rf"\lVert {a} \rVert_{p}"

    def ones(self, *sizes: str) -> str:
        return rf"\mathbf{{1}}_{{{' '.join(sizes)}}}"

    def eye(self, n: str) -> str:
        return f"I_{n}"

    def blocks(self, rows: list[list[str]]) -> str:
        return r"\begin{bmatrix} " + r" \\ ".join(" & ".join(row) for row in rows) + r" \end{bmatrix}"

    def part(self, a: str, *places: str) -> str:
        return f"{self.group(a)}_{{{','.join(places)}}}"

    def einsum(self, spec: str, *arguments: str) -> str:
        a, b, *c = map(self.group, arguments)
        if spec == "ij,ij->":
            return rf"\mathrm{{tr}}\left({a}^{{\top}} {b}\right)"
        return " ".join([rf"{a}^{{\top}}" if spec in ("i,i->", "i,ij,j->") else a, b, *c])

    def program(self, definitions: list[tuple[str, str]], body: str, r: random.Random) -> str:
        return (r" \\ " if r.random() < 0.3 else "; ").join([*(f"{n} = {t}" for n, t in definitions), body])


class Numpy(Dialect):
    name = "numpy"
    places = ("0", "0", "0", "0", "0", "-1", "1")
    runs = (":2", ":", "0:2", ":2", ":1", "1:")

    def larger(self, a: str, b: str) -> str:
        return f"np.maximum({a}, {b})"

    CALLS: ClassVar = {"tr": "np.trace",
             "det": "np.linalg.det", "kron": "np.kron", "diag": "np.diag", "sum": "np.sum", "max": "np.max",
             "abs": "np.abs", "relu": "np.maximum", "logdet": "np.linalg.slogdet"}  # fmt: skip
    KNOWN = ("exp", "sin", "cos", "tanh", "log", "sqrt", "arctan", "arcsinh", "mean", "prod", "min")

    def times(self, a: str, b: str) -> str:
        return f"{self.group(a)} @ {self.group(b)}"

    def scale(self, a: str, b: str) -> str:
        return f"{self.group(a)} * {self.group(b)}"

    def dot(self, a: str, b: str) -> str:
        return f"{self.group(a)} @ {self.group(b)}"

    def outer(self, a: str, b: str) -> str:
        return f"np.outer({a}, {b})"

    def each(self, a: str, b: str, sign: str) -> str:
        return f"{self.group(a)} {sign} {self.group(b)}"

    def turn(self, a: str) -> str:
        return f"{self.group(a)}.T"

    def inverse(self, a: str) -> str:
        return f"np.linalg.inv({a})"

    def power(self, a: str, n: str, each: bool = False) -> str:
        return f"{self.group(a)}**{n}" if each or n == "2" else f"np.linalg.matrix_power({a}, {n})"

    def call(self, name: str, *arguments: str) -> str:
        if name == "relu":
            return f"np.maximum({arguments[0]}, 0)"
        if name == "logdet":
            return f"np.linalg.slogdet({arguments[0]})[1]"
        if name in self.CALLS:
            return f"{self.CALLS[name]}({', '.join(arguments)})"
        return f"{'np.' if name in self.KNOWN else ''}{name}({', '.join(arguments)})"

    def norm(self, a: str, p: int) -> str:
        return f"np.linalg.norm({a}{', 1' if p == 1 else ''})"

    def ones(self, *sizes: str) -> str:
        return f"np.ones({sizes[0]})" if len(sizes) == 1 else f"np.ones(({', '.join(sizes)}))"

    def eye(self, n: str) -> str:
        return f"np.eye({n})"

    def blocks(self, rows: list[list[str]]) -> str:
        if len(rows) == 1 or len(rows[0]) == 1:
            axis = ", axis=1" if len(rows) == 1 else ""
            return f"np.concatenate([{', '.join(cell for row in rows for cell in row)}]{axis})"
        return f"np.concatenate([{', '.join(self.blocks([row]) for row in rows)}])"

    def part(self, a: str, *places: str) -> str:
        return f"{self.group(a)}[{', '.join(places)}]"

    def einsum(self, spec: str, *arguments: str) -> str:
        return f"np.einsum('{spec}', {', '.join(arguments)})"

    def program(self, definitions: list[tuple[str, str]], body: str, r: random.Random) -> str:
        lines = [f"{n} = {t}" + ("  # a note" if r.random() < 0.1 else "") for n, t in definitions]
        last = r.choice((body, f"loss = {body}", f"return {body}" if lines else body))
        head = ["import numpy as np"] if r.random() < 0.1 else []
        return "\n".join([*head, *lines, last])


DIALECTS: tuple[Dialect, ...] = (Dialect(), Unicode(), Latex(), Numpy())


class Maker:
    """Expressions of a given shape: () is a scalar, (n,) a vector, (m, n) a matrix."""

    def __init__(self, r: random.Random, dialect: Dialect) -> None:
        self.r = r
        self.d = dialect
        self.sizes = r.sample(("n", "m", "k", "p"), 3)
        if r.random() < 0.12:
            self.sizes[0] = r.choice(("1", "2", "3", "1000"))
        self.known: dict[str, Shape] = {}
        self.defined: dict[str, tuple[str, Shape]] = {}
        self.functions: set[str] = set()

    def pick(self, *ways: Callable[[], str]) -> str:
        return self.r.choice(ways)()

    def size(self) -> str:
        return self.r.choice(self.sizes)

    def new(self, shape: Shape) -> str:
        pool = (SCALARS, VECTORS, MATRICES)[len(shape)]
        free = [n for n in pool if n not in self.known and n not in self.defined]
        name = self.r.choice(free) if free else f"{pool[0]}{len(self.known)}"
        self.known[name] = shape
        return self.d.symbol(name)

    def leaf(self, shape: Shape) -> str:
        r = self.r
        names = [n for n, s in self.known.items() if s == shape] + 2 * [n for n, (_, s) in self.defined.items() if s == shape]
        if names and r.random() < 0.65:
            return self.d.symbol(r.choice(names))
        if not shape and r.random() < 0.45:
            return r.choice(NUMBERS) if r.random() < 0.85 else r.choice(("n", "pi"))
        if len(shape) == 1 and r.random() < 0.05:
            return self.d.ones(*shape)
        if len(shape) == 2 and r.random() < 0.1:
            return self.d.eye(shape[0]) if shape[0] == shape[1] else self.d.ones(*shape)
        return self.new(shape)

    def function(self) -> str:
        name = self.r.choice(FUNCTIONS)
        if name in ("f", "g"):
            self.functions.add(name)
        return name

    def make(self, shape: Shape, depth: int) -> str:
        if depth <= 0 or self.r.random() < 0.1:
            return self.leaf(shape)
        return (self.scalar, self.vector, self.matrix)[len(shape)](shape, depth - 1)

    def common(self, shape: Shape, depth: int) -> str:
        """What there is for every shape."""
        d, r = self.d, self.r
        return self.pick(
            lambda: d.plus(self.make(shape, depth), self.make(shape, depth), r.choice("+-")),
            lambda: d.scale(self.make((), depth - 1), self.make(shape, depth)),
            lambda: d.call(self.function(), self.make(shape, depth)),
            lambda: d.call(self.function(), self.make(shape, depth)),
            lambda: d.over(self.make(shape, depth), d.plus(d.power(self.make((), depth - 1), "2", True), "1", "+")),
            lambda: "-" + d.group(self.make(shape, depth)),
        )

    def scalar(self, shape: Shape, depth: int) -> str:
        d, r, n, m = self.d, self.r, self.size(), self.size()
        if r.random() < 0.2:
            return self.common(shape, depth)
        return self.pick(
            lambda: d.dot(self.make((n,), depth), self.make((n,), depth)),
            lambda: d.dot(self.make((n,), depth - 1), d.times(self.make((n, m), depth), self.make((m,), depth - 1))),
            lambda: d.power(d.norm(self.make((n,), depth), 2), "2", True),
            lambda: d.norm(self.make((n,), depth), r.choice((1, 2))),
            lambda: d.power(d.norm(self.make((n, m), depth), 2), "2", True),
            lambda: d.total(self.make((n,), depth), 1),
            lambda: d.total(self.make((n, m), depth), 2),
            lambda: d.call("tr", self.make((n, n), depth)),
            lambda: d.call("tr", d.times(d.turn(self.make((n, m), depth)), self.make((n, m), depth))),
            lambda: d.call("logdet", d.plus(d.times(self.make((n, m), depth - 1), d.turn(self.make((n, m), 0))), d.eye(n), "+")),
            lambda: d.call("det", self.make((n, n), depth)),
            lambda: d.call(r.choice(("max", "logsumexp", "mean", "prod", "min")), self.make((n,), depth)),
            lambda: d.power(self.make((), depth), r.choice(("2", "3", "0.5", "-1")), True),
            lambda: d.part(self.make((n,), min(depth, 1)), r.choice(d.places)),
            lambda: d.einsum("i,i->", self.make((n,), depth), self.make((n,), 0)),
            lambda: d.einsum("ij,ij->", self.make((n, m), depth), self.make((n, m), 0)),
            lambda: d.einsum("i,ij,j->", self.make((n,), 0), self.make((n, m), depth), self.make((m,), 0)),
            lambda: self.common(shape, depth),
        )

    def vector(self, shape: Shape, depth: int) -> str:
        d, r, n, m = self.d, self.r, shape[0], self.size()
        if r.random() < 0.35:
            return self.common(shape, depth)
        return self.pick(
            lambda: d.times(self.make((n, m), depth), self.make((m,), depth)),
            lambda: d.times(self.make((n, m), depth), self.make((m,), depth)),
            lambda: d.times(d.turn(self.make((m, n), depth)), self.make((m,), depth)),
            lambda: d.each(self.make((n,), depth), self.make((n,), depth), r.choice("**/")),
            lambda: d.call("softmax", self.make((n,), depth)),
            lambda: d.call("diag", self.make((n, n), depth)),
            lambda: d.power(self.make((n,), depth), r.choice(("2", "3")), True),
            lambda: d.times(d.inverse(self.make((n, n), depth - 1)), self.make((n,), depth)),
            lambda: d.part(self.make((n, m), min(depth, 1)), ":", r.choice(d.places)),
            lambda: d.einsum("ij,j->i", self.make((n, m), depth), self.make((m,), depth)),
            lambda: d.larger(self.make((n,), depth), self.make((n,), 0)),
            lambda: self.common(shape, depth),
        )

    def matrix(self, shape: Shape, depth: int) -> str:
        d, r, (n, m), k = self.d, self.r, shape, self.size()
        ways: list[Callable[[], str]] = [
            lambda: d.times(self.make((n, k), depth), self.make((k, m), depth)),
            lambda: d.times(self.make((n, k), depth), self.make((k, m), depth)),
            lambda: d.turn(self.make((m, n), depth)),
            lambda: d.outer(self.make((n,), depth), self.make((m,), depth)),
            lambda: d.each(self.make(shape, depth), self.make(shape, depth), r.choice("**/")),
            lambda: d.einsum("ik,kj->ij", self.make((n, k), depth), self.make((k, m), depth)),
            lambda: self.common(shape, depth),
        ]
        if n == m:
            ways += [lambda: d.inverse(self.make(shape, depth)), lambda: d.call("diag", self.make((n,), depth)),
                     lambda: d.power(self.make(shape, depth), "2"), lambda: d.call("expm", self.make(shape, depth))]  # fmt: skip
        return self.r.choice(ways)()

    def oddly_shaped(self, depth: int) -> str:
        """Operators whose results have composite sizes: stacks, Kronecker products, slices."""
        d, r, n, m, k = self.d, self.r, self.size(), self.size(), self.size()
        return self.pick(
            lambda: d.total(d.call("kron", self.make((n, m), depth), self.make((k, n), depth - 1)), 2),
            lambda: d.power(d.norm(d.call("vec", self.make((n, m), depth)), 2), "2", True),
            lambda: d.dot(d.blocks([[self.make((n,), depth)], [self.make((m,), depth)]]), self.make((f"{n}+{m}",), 0)),
            lambda: d.total(d.blocks([[self.make((n, m), depth), self.make((n, k), depth)]]), 2),
            lambda: d.call("logdet", d.blocks([[self.make((n, n), depth), self.make((n, m), 0)],
                                               [self.make((m, n), 0), self.make((m, m), 0)]])),
            lambda: d.power(d.norm(d.part(self.make((n,), 1), r.choice(d.runs)), 2), "2", True),
            lambda: d.total(d.part(self.make((n, m), 1), r.choice(d.runs), r.choice((d.places[0], *d.runs))), 1),
            lambda: d.call("tr", d.times(d.call("kron", self.make((n, n), depth), d.eye(m)), self.make((f"{n}*{m}",) * 2, 0))),
            lambda: d.times(d.times(d.call("kron", d.turn(self.make((n,), 0)), d.eye("3")), self.make((f"3*{n}", m), 0)),
                            self.make((m,), 0)),
        )  # fmt: skip


# ---------------------------------------------------------------- sums over indices

# Binder, term, sizes.
TERMS: tuple[tuple[str, str, dict[str, Shape]], ...] = (
    ("i=1}^{n", r"(y_i - w^\top x_i)^2", {"y": ("n",), "w": ("d",)}),
    ("i", r"\log(1 + \exp(-y_i w^\top x_i))", {"y": ("n",), "w": ("d",)}),
    ("i=1}^{N", r"y_i \log \sigma(x_i^\top w)", {"y": ("N",), "w": ("d",)}),
    ("i,j", r"A_{ij} u_i v_j", {"A": ("n", "m"), "u": ("n",), "v": ("m",)}),
    ("i", r"\max(0, 1 - y_i x_i^\top w)", {"y": ("n",), "w": ("d",)}),
    ("i", r"x_i^\top A x_i", {"A": ("d", "d")}),
    ("i", r"\|x_i - v\|^2", {"v": ("d",)}),
    ("i,j,k", r"T_{ijk} u_i v_j z_k", {"T": ("n", "m", "p")}),
    ("i,j", r"\alpha_i \alpha_j y_i y_j x_i^\top x_j", {"alpha": ("n",), "y": ("n",)}),
    ("i,j", r"u_i u_j Q_{ij}", {"Q": ("n", "n"), "u": ("n",)}),
    ("i", r"e^{-u_i}", {"u": ("n",)}),
    ("i,j", r"(\sum_k B_{ik} C_{kj})^2", {"B": ("n", "m"), "C": ("m", "p")}),
    ("i", r"\frac{y_i}{1 + u_i^2}", {"y": ("n",), "u": ("n",)}),
    ("i", r"f(u_i)", {"u": ("n",)}),
    ("i", r"(A u)_i", {"A": ("n", "m"), "u": ("m",)}),
    ("j=0}^{p", r"\beta_j x_{ij}", {"beta": ("q",), "x": ("n", "q")}),
    ("i", r"|y_i - u_i|", {"y": ("n",), "u": ("n",)}),
    ("i", "x_i^w", {}),
    ("i=1}^{m", r"\log(1-D(G(z^{(i)})))", {}),
    ("k", r"\prod_{i} (1 + c_k u_i)", {"c": ("p",), "u": ("n",)}),
    ("i=1}^{n", r"\log\sigma(\theta^\top x_i^w-\theta^\top x_i^l)", {"theta": ("d",)}),
    ("i=0}^{K", r"\exp(q^\top k_i)", {"q": ("d",)}),
    ("s", r"z_s(\sum_{r,k}(\sum_t u_t \alpha z_r H_{sk}) a_k)", {}),
    ("i", r"w_i \log(w_i / v_i)", {"w": ("n",), "v": ("n",)}),
    ("i \\neq j", r"u_i Q_{ij}", {"Q": ("n", "n"), "u": ("n",)}),
)
BINDERS = (
    "i",
    "i=1",
    "i,j",
    "i=1}^{n",
    "i=1}^{N",
    "j=1}^{m",
    "i=0}^{K",
    "i<j",
    "i \\neq j",
    "i \\in \\Omega",
    "ij",
    "k",
    "s",
    "i,j,k",
)
SLICES = {"x_i": ("X[i,:]", "X[:,i]"), "x_j": ("X[j,:]",), "k_i": ("K[i,:]",), "y_i": ("y[i]",)}


def indexed(r: random.Random) -> tuple[str, dict[str, Any], dict[str, Shape]]:
    """A sum over indices in LaTeX; of some of its tokens is told what slices they are."""
    text, names = _sum(r)
    if r.random() < 0.25:
        other, more = _sum(r)
        text, names = f"{text} {r.choice('+-')} {other}", {**more, **names}
    if r.random() < 0.3:
        text = r.choice(("\\frac{1}{n} ", "-", "\\frac12 ")) + text
    if r.random() < 0.3:
        text += r.choice((" + \\lambda \\|w\\|^2", " + \\frac{c}{2} w^\\top w"))
    options: dict[str, Any] = {}
    if r.random() < 0.8:
        options["dims"] = dict(names)
    slices = {token: r.choice(places) for token, places in SLICES.items() if token in text and r.random() < 0.7}
    if slices:
        options["index"] = slices
    return text, options, names


def _sum(r: random.Random) -> tuple[str, dict[str, Shape]]:
    binder, term, names = r.choice(TERMS)
    if r.random() < 0.1:
        binder = r.choice(BINDERS)
    text = f"\\{r.choice(('sum',) * 8 + ('prod', 'max', 'min'))}_{{{binder}}} {term}"
    if r.random() < 0.15:
        text = r.choice(("\\log ", "\\exp ", "\\sqrt{{{}}}", "\\left({}\\right)^2", "\\tanh\\left({}\\right)"))
        text = (text if "{}" in text.replace("{{{}}}", "{}") else text + "({})").format(f"\\sum_{{{binder}}} {term}")
    return text, names


# ---------------------------------------------------------------- whole cases

USES = (
    "text",
    "latex",
    "document",
    "markdown",
    "html",
    "json",
    "code",
    "call",
    "vec",
    "evaluate",
    "reread",
    "repr",
    "brief",
    "full",
)
FAMILIES = (("expression", 48), ("odd", 14), ("program", 16), ("sum", 20), ("long", 2))


def long(r: random.Random) -> tuple[str, dict[str, Any], dict[str, Shape]]:
    """Much of one thing: nested functions, long sums and products, deep brackets, many definitions."""
    n = r.choice((5, 12, 30, 60))
    layers = "; ".join(["s = norm2(h_0)^2", *(f"h_{i} = {r.choice(('tanh', 'f', 'relu'))}(W*h_{i + 1} + b)" for i in range(n))])
    text, names = r.choice((
        (f"sum({'exp(' * n}x{')' * n})", {"x": ("n",)}),
        (f"sum({'tanh(A*' * n}x{')' * n})", {"A": ("n", "n"), "x": ("n",)}),
        (" + ".join(f"norm2(A*x_{i})^2" for i in range(n)), {"A": ("m", "n"), **{f"x_{i}": ("n",) for i in range(n)}}),
        ("tr(" + "*".join(["A"] * n) + ")", {"A": ("n", "n")}),
        ("*".join(["(x'*A*x)"] * min(n, 12)), {"A": ("n", "n"), "x": ("n",)}),
        ("(" * n + "x'*x" + ")" * n, {"x": ("n",)}),
        (layers, {"W": ("n", "n"), "b": ("n",), f"h_{n}": ("n",)}),
        ("x" + "'" * n + "*x", {"x": ("n",)}),
        (f"sum([{', '.join(['A'] * n)}])", {"A": ("m", "n")}),
        (f"x'*x {'- x' * n}'*x", {"x": ("n",)}),
        (f"t^{'9' * n}", {"t": ()}),
        (f"{'1' * n}*x'*x/{'7' * n}", {"x": ("n",)}),
    ))  # fmt: skip
    return text, {"dims": dict(names)}, dict(names)


MACROS = {r"\vv": r"\mathbf{#1}", r"\nn": r"\lVert #1 \rVert", r"\R": r"\mathbb{R}"}


def generate(seed: int) -> Case:
    """The case of a seed."""
    r = random.Random(f"fuzz {seed}")
    family = r.choices([f for f, _ in FAMILIES], [w for _, w in FAMILIES])[0]
    dialect = r.choices(DIALECTS, (3, 2, 3, 3))[0]
    if family in ("sum", "long"):
        text, options, names = indexed(r) if family == "sum" else long(r)
        dialect = DIALECTS[2 if family == "sum" else 0]
    else:
        text, options, names = _expression(r, dialect, family)
    _choose(r, options, names)
    if r.random() < 0.15:
        text, family = damaged(r, text), family + "+damage"
    if r.random() < 0.05:
        _spoil(r, options)
    if dialect.name == "latex" and r.random() < 0.05:
        text, options["macros"] = rf"{text} + \nn{{\vv{{v}}}}^2", MACROS
    uses = (*r.sample(USES, 3), "cli") if r.random() < 0.05 else r.sample(USES, 3)
    return Case(seed, f"{dialect.name} {family}", text, options, tuple(uses))


def _expression(r: random.Random, dialect: Dialect, family: str) -> tuple[str, dict[str, Any], dict[str, Shape]]:
    m = Maker(r, dialect)
    depth = r.choice((1, 2, 2, 3, 3, 4))
    definitions = []
    if family == "program":
        planned = r.sample(("z", "h", "e", "R", "k1"), r.choice((1, 2, 3)))
        m.known.update(dict.fromkeys(planned, ("defined",)))  # no variable gets such a name
        for name in planned:
            shape: Shape = (m.size(), m.size()) if name == "R" else () if name == "k1" else (m.size(),)
            definitions.append((dialect.symbol(name), m.make(shape, depth)))
            del m.known[name]
            m.defined[name] = ("", shape)
    if family == "odd":
        body = m.oddly_shaped(depth - 1)
    else:
        shape = r.choices(((), (m.size(),), (m.size(), m.size())), (78, 15, 7))[0]
        body = m.make(shape, depth)
        if definitions and not shape:
            for name, (_, s) in m.defined.items():  # each is used
                used = dialect.symbol(name)
                body = dialect.plus(body, dialect.total(used, len(s)) if s else used, "+")
    if not m.known:
        body = dialect.scale(m.new(()), body)
    if m.functions and r.random() < 0.4:
        definitions.append((f"{next(iter(sorted(m.functions)))}(t)", r.choice(("t^2", "exp(t)", "1/(1+exp(-t))", "t*exp(t)"))))
    text = dialect.program(definitions, body, r) if definitions else body
    known = {n: tuple(int(d) if d.isdigit() else d for d in s) for n, s in m.known.items()}
    options: dict[str, Any] = {"dims": known}
    if m.functions and r.random() < 0.5:
        options["functions"] = {f: r.choice(("tanh", "exp", "relu", None)) for f in sorted(m.functions)}
    return text, options, known


def _choose(r: random.Random, options: dict[str, Any], names: dict[str, Shape]) -> None:
    """Variables, kind, layout and the rest; some declarations are left out."""
    chance = r.random
    if chance() < 0.5 and names:
        options["wrt"] = r.choice(list(names)) if chance() < 0.8 else r.sample(list(names), min(2, len(names)))
    if chance() < 0.3:
        options["kind"] = kind = r.choice(KINDS)
        if kind == "hvp" and names:
            options["wrt"] = name = r.choice(list(names))
            options.setdefault("dims", {})["v_1"] = names[name]
            options["direction"] = "v_1"
        if kind == "mixed" and len(names) > 1:
            options["wrt"] = r.sample(list(names), 2)
    if chance() < 0.15:
        options["layout"] = r.choice(("numerator", "denominator"))
    if chance() < 0.3:
        options["style"] = r.choice(("differential", "elementwise"))
    if chance() < 0.2 and names:
        name = r.choice(list(names))
        is_square = len(names[name]) == 2 and names[name][0] == names[name][1]
        options["assume"] = {name: r.choice(PROPERTIES if is_square or chance() < 0.1 else VECTOR_PROPERTIES)}
    square = [n for n, s in names.items() if len(s) == 2 and s[0] == s[1]]
    if chance() < 0.2 and square and (options.get("kind") in (None, "gradient") or chance() < 0.1):
        options["structure"] = {r.choice(square): r.choice(STRUCTURES)}
        options["wrt"] = list(options["structure"])
    if chance() < 0.1:
        options["seed"] = r.randrange(5)
    if chance() < 0.15 and options.get("dims"):
        options["dims"].pop(r.choice(list(options["dims"])))
    if chance() < 0.06:
        options["check"] = False
    if chance() < 0.02:
        options["notation"] = r.choice(("plain", "latex"))


JUNK = (
    *"()[]{}'^_*.,;=|@:&d10-/#`nxAI$~<",
    *(
        "\\",
        "‖",
        "ᵀ",
        "np.",
        "\\\\",
        "\\left",
        "\\right",
        "\\frac",
        "\\sum_i",
        "∂",
        "∇",
        '"',
        "\n",
        "\t",
        "\x00",
        "\u202e",
        "é",
        "²",
    ),
    *(
        "...",
        "f(",
        "softmax(",
        "inv(",
        "==",
        "\\begin{bmatrix}",
        "e^{",
        "if ",
        "for i in range(n):",
        "lambda t: ",
        "**",
        "+=",
        "->",
    ),
)


def tokens(text: str) -> list[str]:
    return re.findall(r"\\[A-Za-z]+|[A-Za-z]\w*|\d+(?:\.\d+)?|\s+|.", text, re.DOTALL)


def damaged(r: random.Random, text: str) -> str:
    """The text with a few tokens deleted, doubled, exchanged or put in."""
    parts = tokens(text)
    for _ in range(r.choice((1, 1, 1, 2, 3))):
        i = r.randrange(len(parts) + 1)
        j = r.randrange(len(parts) + 1)
        what = r.randrange(6)
        if what == 0:
            del parts[i : i + 1]
        elif what == 1:
            parts[i:i] = parts[i : i + 1]
        elif what == 2 and i < len(parts) and j < len(parts):
            parts[i], parts[j] = parts[j], parts[i]
        elif what == 3:
            parts[i:i] = [r.choice(JUNK)]
        elif what == 4:
            parts[i : i + 1] = [r.choice(JUNK)]
        else:
            del parts[min(i, j) : max(i, j)]
    return "".join(parts)


def _spoil(r: random.Random, options: dict[str, Any]) -> None:
    """One option that does not fit: another size, a name that is not there."""
    dims = options.get("dims")
    if dims and r.random() < 0.6:
        name = r.choice(list(dims))
        dims[name] = r.choice(((), ("n",), ("n", "n"), ("m", "n"), (1,), (1, 1), ("n", 1), ("n", "m", "k"), ("2*n",), ("n+1", "n")))
    else:
        options[r.choice(("wrt", "wrt", "output", "direction"))] = r.choice(("nothing", "n", "f", "x"))


__all__ = ["USES", "Case", "damaged", "generate", "tokens"]
