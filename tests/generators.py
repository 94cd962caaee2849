"""Random expressions of every operator that users can write, their text, and their value with plain NumPy.

``expression(pick, kind, …)`` draws a node; ``pick`` chooses from a list, so that hypothesis can shrink it.
``spelled`` writes a node with every bracket, without the package's printer; ``value`` computes it without
the package's evaluator. Both know the operators by name only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from matcalc.expr.nodes import Expr, dimension, eye, fill, make, num, ones, postorder, sym, times, transpose
from matcalc.expr.table import SCALAR, Type

Pick = Callable[[Sequence[Any]], Any]

SIZES = {"n": 2, "m": 3, "k": 4}
DIMS: dict[str, tuple[str, ...]] = {
    **{"a": (), "c": (), "lambda": (), "t_1": ()},
    **{"x": ("n",), "y": ("n",), "u": ("m",), "beta": ("m",), "w_0": ("k",)},
    **{
        "A": ("n", "n"),
        "B": ("n", "n"),
        "W": ("m", "n"),
        "V": ("m", "n"),
        "S": ("m", "m"),
        "Phi": ("n", "k"),
    },
}
SYMBOLS = {
    name: sym(name, Type("m", s[0], s[1]) if len(s) == 2 else Type("c", s[0], 1) if s else SCALAR) for name, s in DIMS.items()
}

SMOOTH = ("exp", "sin", "cos", "tanh", "sinh", "cosh", "atan", "asinh", "sigmoid", "softplus", "logsigmoid", "erf")
PARTIAL = ("log", "sqrt", "tan", "asin", "acos", "acosh", "atanh", "lgamma", "digamma")  # not defined everywhere
KINKED = ("relu", "abs", "sign", "step")
GENERIC = (("f", 0), ("f", 1), ("g", 0), ("g", 2))
NUMBERS = (1, 2, 3, Fraction(1, 2), Fraction(5, 3), -1, -2, Fraction(-1, 2), Fraction(-5, 3))
EXPONENTS = (2, 3, 4, -1, -2, Fraction(1, 2))


def expression(pick: Pick, kind: str, rows: str = "n", cols: str = "n", depth: int = 3, rich: bool = True) -> Expr:
    """A random node of that kind and size; ``rich``: operators that are not defined everywhere as well."""
    return _Maker(pick, rich).make(kind, rows, cols, depth)


def some_expression(pick: Pick, depth: int = 3, rich: bool = True) -> Expr:
    kind, rows, cols = pick([("s", "n", "n"), ("c", "n", "n"), ("c", "m", "n"), ("r", "n", "m"), ("m", "n", "n"), ("m", "m", "n")])
    return expression(pick, kind, rows, cols, depth, rich)


class _Maker:
    def __init__(self, pick: Pick, rich: bool) -> None:
        self.pick = pick
        self.functions = (*SMOOTH, *PARTIAL, *KINKED) if rich else SMOOTH
        self.rich = rich

    def make(self, kind: str, rows: str, cols: str, depth: int) -> Expr:
        if depth <= 0 or self.pick((0, 0, 0, 0, 1)):
            return self.leaf(kind, rows, cols)
        return {"s": self.scalar, "c": self.column, "r": self.row, "m": self.matrix}[kind](rows, cols, depth - 1)

    # -- leaves -------------------------------------------------------------------

    def leaf(self, kind: str, rows: str, cols: str) -> Expr:
        if kind == "s":
            return self.pick([*self.symbols(()), *map(num, NUMBERS), dimension(rows), make("const", (), "pi", SCALAR)])
        if kind == "c":
            return self.pick([*self.symbols((rows,)), *self.symbols((rows,)), ones(Type("c", rows, 1))])
        if kind == "r":
            return transpose(self.leaf("c", cols, ""))
        found = self.symbols((rows, cols)) + [transpose(e) for e in self.symbols((cols, rows))]
        found += [eye(rows)] if rows == cols else []
        return self.pick([*found, ones(Type("m", rows, cols))])

    def symbols(self, shape: tuple[str, ...]) -> list[Expr]:
        return [SYMBOLS[name] for name, s in DIMS.items() if s == shape]

    def size(self) -> str:
        return self.pick(("n", "m", "k"))

    # -- operators of every kind ----------------------------------------------------

    def shared(self, kind: str, rows: str, cols: str, depth: int) -> list[Callable[[], Expr]]:
        """Operators whose result has the kind of their operands."""

        def same() -> Expr:
            return self.make(kind, rows, cols, depth)

        def scalar() -> Expr:
            return self.make("s", self.size(), "n", depth)

        def function() -> Expr:
            a = same()
            return make(self.pick(self.functions), (a,)) if self.pick((0, 1)) else make("fn", (a,), self.pick(GENERIC))

        def pair() -> tuple[Expr, Expr]:
            a, b = same(), same()
            if kind != "s" and self.pick((0, 0, 1)):  # a scalar beside an array stands in every entry
                return (fill(scalar(), a.type), b) if self.pick((0, 1)) else (a, fill(scalar(), b.type))
            return a, b

        def quotient() -> Expr:
            a, b = pair()
            return make("div", (a, b.args[0])) if b.op == "fill" else make("hdiv", (a, b))

        def powers() -> Expr:
            a, b = pair()
            return make("hpow", (a, b.args[0])) if b.op == "fill" else make("epow", (a, b))

        def divided() -> Expr:
            top, bottom = same(), scalar()
            return num(Fraction(1, 3)) if top.op == bottom.op == "num" else make("div", (top, bottom))

        makers: list[Callable[[], Expr]] = [
            lambda: make("add", pair()),
            lambda: make("sub", pair()),
            lambda: _negated(same()),
            lambda: make("scale", (scalar(), same())),
            divided,
            function,
        ]
        if self.rich:
            makers.append(lambda: make(self.pick(("max2", "min2")), pair()))
        if self.rich and kind != "s":
            makers.append(powers)
        if kind != "s":
            makers += [
                lambda: make("hadamard", (same(), same())),
                quotient,
                lambda: make("hpow", (same(), num(self.pick((*NUMBERS, *EXPONENTS))))),
            ]
        return makers

    def scalar(self, rows: str, cols: str, depth: int) -> Expr:
        def vector() -> Expr:
            return self.make(self.pick("cr"), self.size(), self.size(), depth)

        def matrix(square: bool = False) -> Expr:
            a, b = self.size(), self.size()
            return self.make("m", a, a if square else b, depth)

        def anything() -> Expr:
            return vector() if self.pick((0, 1)) else matrix()

        def dot() -> Expr:
            n = self.size()
            return times(self.make("r", "", n, depth), self.make("c", n, "", depth))

        def trace() -> Expr:
            a = matrix(True)
            return make("trpow", a.args, a.attr) if a.op == "mpow" else make("tr", (a,))

        def power() -> Expr:
            base, exponent = self.make("s", rows, cols, depth), self.pick(EXPONENTS)
            if base.op == "norm2" and exponent == 2:
                return make("sqnorm", base.args)
            return base if base.op == "num" else make("pow", (base, num(exponent)))

        makers = [
            *self.shared("s", rows, cols, depth),
            dot,
            dot,
            trace,
            power,
            lambda: make("sum", (anything(),)),
            lambda: make(self.pick(("norm2", "sqnorm")), (anything(),)),
            lambda: make(self.pick(("det", "logdet") if self.rich else ("det",)), (matrix(True),)),
            lambda: make("logsumexp", (vector(),)),
        ]
        if self.rich:
            makers += [
                lambda: make(self.pick(("max", "min", "norm1")), (anything(),)),
                lambda: make("sum", (make("vec", (matrix(),)),)),
                lambda: make("sum", (make("kron", (matrix(), matrix())),)),
            ]
        return self.pick(makers)()

    def column(self, rows: str, cols: str, depth: int) -> Expr:
        def product() -> Expr:
            n = self.size()
            return times(self.make("m", rows, n, depth), self.make("c", n, "", depth))

        makers = [
            *self.shared("c", rows, cols, depth),
            product,
            product,
            lambda: transpose(self.make("r", "", rows, depth)),
            lambda: make("diagv", (self.make("m", rows, rows, depth),)),
            lambda: make(self.pick(("softmax", "logsoftmax")), (self.make("c", rows, "", depth),)),
            lambda: make("rowsum", (self.make("m", rows, self.size(), depth),)),
            lambda: make("colsum", (self.make("m", self.size(), rows, depth),)),
            lambda: make("logsumexpr", (self.make("m", rows, self.size(), depth),)),
        ]
        return self.pick(makers)()

    def row(self, rows: str, cols: str, depth: int) -> Expr:
        def product() -> Expr:
            n = self.size()
            return times(self.make("r", "", n, depth), self.make("m", n, cols, depth))

        makers = [
            *self.shared("r", rows, cols, depth),
            product,
            lambda: transpose(self.make("c", cols, "", depth)),
            lambda: transpose(self.make("c", cols, "", depth)),
            lambda: make("softmax", (self.make("r", rows, cols, depth),)),
        ]
        return self.pick(makers)()

    def matrix(self, rows: str, cols: str, depth: int) -> Expr:
        def product() -> Expr:
            n = self.size()
            return times(self.make("m", rows, n, depth), self.make("m", n, cols, depth))

        makers = [
            *self.shared("m", rows, cols, depth),
            product,
            product,
            lambda: transpose(self.make("m", cols, rows, depth)),
            lambda: times(self.make("c", rows, "", depth), self.make("r", "", cols, depth)),
            lambda: make(self.pick(("softmaxr", "logsoftmaxr")), (self.make("m", rows, cols, depth),)),
        ]
        if rows == cols:
            makers += [
                lambda: make("diagm", (self.make("c", rows, "", depth),)),
                lambda: make("inv", (self.make("m", rows, cols, depth),)),
                lambda: make("mpow", (self.make("m", rows, cols, depth),), self.pick((2, 3))),
            ]
        return self.pick(makers)()


def _negated(e: Expr) -> Expr:
    return e if e.op == "num" else make("neg", (e,))  # a reader folds the sign of a number


# ---------------------------------------------------------------- text, with every bracket

INFIX = {"add": "+", "sub": "-", "scale": "*", "div": "/", "matmul": "*", "hadamard": ".*", "hdiv": "./", "epow": ".^"}
CALLED = {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
    "diagm": "diag",
    "diagv": "diag",
    "softmaxr": "softmax",
    "logsoftmaxr": "logsoftmax",
    "logsumexpr": "logsumexp",
    "max2": "max",
    "min2": "min",
}


def spelled(root: Expr) -> str:
    """Plain notation with a pair of brackets around every operand."""
    done: dict[Expr, str] = {}
    for node in postorder((root,)):
        done[node] = _spelled(node, [done[a] for a in node.args])
    return done[root]


def _spelled(node: Expr, args: list[str]) -> str:
    op, attr = node.op, node.attr
    if op in INFIX:
        return f"(({args[0]}) {INFIX[op]} ({args[1]}))"
    if op == "num":
        return str(attr) if attr.denominator == 1 else f"({attr.numerator}/{attr.denominator})"
    if op in ("sym", "const", "dim"):
        return str(attr)
    if op in ("eye", "ones"):
        sizes = {"eye": [node.type.rows], "ones": [d for d in node.type[1:] if d != 1]}[op]
        return f"{op}({', '.join(map(str, sizes))})" + ("'" if node.type.kind == "r" else "")
    if op in ("pow", "hpow"):
        return f"({args[0]}){'^' if op == 'pow' else '.^'}({args[1]})"
    simple = {
        "T": "({0})'",
        "neg": "(-({0}))",
        "fill": "({0})",
        "sqnorm": "norm2({0})^2",
        "mpow": "({0})^{attr}",
        "trpow": "tr(({0})^{attr})",
    }
    if op in simple:
        return simple[op].format(*args, attr=attr)
    if op == "fn":
        return f"{attr[0]}{chr(39) * attr[1]}({args[0]})"
    return f"{CALLED.get(op, op)}({', '.join(args)})"


# ---------------------------------------------------------------- values

Arrays = Mapping[str, Any]


def arrays(seed: int = 0) -> dict[str, Any]:
    """An array for every symbol: 0-D scalars, 1-D vectors."""
    rng = np.random.default_rng(seed)
    return {name: 0.6 * rng.standard_normal(tuple(SIZES[s] for s in shape)) for name, shape in DIMS.items()}


def _f(order: int) -> Callable[[Any], Any]:
    """f(x) = sin(0.7 x) + 0.1 x², with derivatives."""
    poly = {0: lambda x: 0.1 * x**2, 1: lambda x: 0.2 * x, 2: lambda x: 0.2 + 0 * x}.get(order, lambda x: 0 * x)
    return lambda x: 0.7**order * np.sin(0.7 * x + order * np.pi / 2) + poly(x)


def _g(order: int) -> Callable[[Any], Any]:
    """g(x) = exp(x/2), with derivatives."""
    return lambda x: 0.5**order * np.exp(0.5 * x)


FUNCTIONS = {"f": tuple(_f(k) for k in range(5)), "g": tuple(_g(k) for k in range(5))}


def _softmax(x: Any) -> Any:
    e = np.exp(x)
    return e / e.sum(-1, keepdims=True)


_ERF = np.vectorize(math.erf)
_LGAMMA = np.vectorize(lambda x: math.lgamma(x) if x > 0 else np.nan)


def _digamma(x: Any) -> Any:
    """By recurrence and the asymptotic series, for positive arguments."""
    x = np.where(np.asarray(x) > 0, x, np.nan)
    shift = sum(1 / (x + k) for k in range(12))
    y = x + 12
    return np.log(y) - 1 / (2 * y) - 1 / (12 * y**2) + 1 / (120 * y**4) - 1 / (252 * y**6) - shift


_UNARY: dict[str, Callable[[Any], Any]] = {
    "neg": np.negative,
    "prod": np.prod,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "logsigmoid": lambda x: -np.log(1 + np.exp(-x)),
    "relu": lambda x: np.maximum(x, 0),
    "abs": np.abs,
    "sign": np.sign,
    "step": lambda x: np.asarray(x > 0, float),
    "erf": _ERF,
    "lgamma": _LGAMMA,
    "digamma": _digamma,
    "T": np.transpose,
    "sum": np.sum,
    "tr": np.trace,
    "diagm": np.diag,
    "diagv": np.diagonal,
    "vec": lambda x: x.ravel(order="F"),
    "rowsum": lambda x: x.sum(1),
    "colsum": lambda x: x.sum(0),
    "inv": np.linalg.inv,
    "det": np.linalg.det,
    "logdet": lambda x: np.log(np.abs(np.linalg.det(x))),
    "norm1": lambda x: np.abs(x).sum(),
    "norm2": lambda x: np.sqrt((x * x).sum()),
    "sqnorm": lambda x: (x * x).sum(),
    "max": np.max,
    "min": np.min,
    "softmax": _softmax,
    "softmaxr": _softmax,
    "logsoftmax": lambda x: np.log(_softmax(x)),
    "logsoftmaxr": lambda x: np.log(_softmax(x)),
    "logsumexp": lambda x: np.log(np.exp(x).sum()),
    "logsumexpr": lambda x: np.log(np.exp(x).sum(1)),
}
_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "scale": np.multiply,
    "div": np.divide,
    "hadamard": np.multiply,
    "hdiv": np.divide,
    "pow": np.power,
    "hpow": np.power,
    "epow": np.power,
    "max2": np.maximum,
    "min2": np.minimum,
    "kron": np.kron,
}


def value(root: Expr, env: Arrays, sizes: Mapping[str, int] = SIZES) -> Any:
    """The value of a node in public form (0-D, 1-D, 2-D); nan or inf where it is not defined."""
    done: dict[Expr, Any] = {}
    with np.errstate(all="ignore"):
        for node in postorder((root,)):
            done[node] = np.asarray(_value(node, [done[a] for a in node.args], env, sizes), float)
    return done[root]


def _value(node: Expr, args: list[Any], env: Arrays, sizes: Mapping[str, int]) -> Any:
    op = node.op
    shape = tuple(d if isinstance(d, int) else _size(d, sizes) for d in node.shape)
    if op == "sym":
        return env[node.attr]
    if op in ("num", "const", "dim"):
        return {
            "num": lambda: float(node.attr),
            "const": lambda: np.pi,
            "dim": lambda: _size(node.attr, sizes),
        }[op]()
    if op in ("ones", "zeros", "eye"):
        return np.eye(*shape) if op == "eye" else np.full(shape, float(op == "ones"))
    if op == "fill":
        return np.full(shape, args[0])
    if op == "fn":
        name, order = node.attr
        return FUNCTIONS[name][order](args[0])
    if op in ("mpow", "trpow"):
        power = np.linalg.matrix_power(args[0], node.attr)
        return power if op == "mpow" else np.trace(power)
    if op == "matmul":
        return np.outer(*args) if node.args[0].kind == "c" else args[0] @ args[1]
    if op in ("inv", "det", "logdet") and not np.isfinite(args[0]).all():
        return np.full(shape, np.nan)
    if op == "inv" and np.linalg.cond(args[0]) > 1e6:
        return np.full(shape, np.nan)
    return _UNARY[op](*args) if len(args) == 1 else _BINARY[op](*args)


def _size(d: Any, sizes: Mapping[str, int]) -> int:
    if isinstance(d, (int, str)):
        return sizes[d] if isinstance(d, str) else d
    return sum(c * int(np.prod([sizes[str(a)] for a in mono], dtype=int)) for mono, c in d.terms)
