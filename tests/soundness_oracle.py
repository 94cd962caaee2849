"""Plain notation evaluated on arrays, and derivatives by complex step: an oracle that does not use matcalc.

Inside, a scalar is 1×1, a column n×1 and a row 1×n, after any batch axes; no declared size is ever 1, so what
``*`` means follows from the shapes. Every function branches on the real part and lets a complex step through.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

STEP = 1e-25
STENCIL = ((1, 2 / 3), (-1, -2 / 3), (2, -1 / 12), (-2, 1 / 12))  # times 1/h: fourth order
Shape = tuple[Any, ...]  # (), (n, 1), (1, n) or (m, n); sizes are names, products of names such as m*n, or 1


class Node(NamedTuple):
    """One operator of an expression: ``+ - * / .* ./ ^ .^ T neg``, a leaf, or the name of a function."""

    op: str
    args: tuple[Any, ...] = ()
    attr: Any = None
    shape: Shape | None = None


class Watch:
    """How near an evaluation comes to kinks and poles (``margin``), and its largest value (``top``)."""

    def __init__(self) -> None:
        self.margin = math.inf
        self.top = 0.0

    def near(self, distance: Any, allowed: float = 0.05) -> None:
        """``distance`` from trouble; below ``allowed`` the margin drops under 1."""
        x = np.abs(np.asarray(distance))
        if x.size:
            self.margin = min(self.margin, float(x.min()) / allowed)


class Point(NamedTuple):
    """Where an expression is evaluated."""

    env: Mapping[str, Any]
    sizes: Mapping[str, int]
    functions: Mapping[str, Sequence[Callable[[Any], Any]]]


def f_of(order: int) -> Callable[[Any], Any]:
    tail = ((lambda x: 0.2 * x * x), (lambda x: 0.4 * x), (lambda x: 0.4 + 0 * x), (lambda x: 0 * x))[min(order, 3)]
    return lambda x: 1.3**order * np.sin(1.3 * x + order * math.pi / 2) + tail(x)


def g_of(order: int) -> Callable[[Any], Any]:
    tail = ((lambda x: x), (lambda x: 1 + 0 * x), (lambda x: 0 * x))[min(order, 2)]
    return lambda x: (-0.5) ** order * np.exp(-0.5 * x) + tail(x)


FUNCTIONS = {"f": tuple(f_of(k) for k in range(6)), "g": tuple(g_of(k) for k in range(6))}


# ---------------------------------------------------------------- elementwise


def _unit(x: Any) -> Any:
    e = np.exp(np.where(x.real >= 0, -x, x))
    return np.where(x.real >= 0, 1, e) / (1 + e)


def _erf(x: Any) -> Any:
    from scipy import special

    return special.erf(x)


def _lgamma(x: Any) -> Any:
    from scipy import special

    return special.loggamma(x) if np.iscomplexobj(x) else special.gammaln(x)


def _softplus(x: Any) -> Any:
    return np.where(x.real > 0, x, 0) + np.log(1 + np.exp(np.where(x.real > 0, -x, x)))


def _gelu(x: Any) -> Any:
    return 0.5 * x * (1 + _erf(x / math.sqrt(2)))


SMOOTH: dict[str, Callable[[Any], Any]] = {
    "exp": np.exp, "sin": np.sin, "cos": np.cos, "tanh": np.tanh, "sinh": np.sinh, "cosh": np.cosh,
    "arctan": np.arctan, "arcsinh": np.arcsinh, "sigmoid": _unit, "softplus": _softplus, "erf": _erf, "gelu": _gelu,
    "logsigmoid": lambda x: -_softplus(-x), "silu": lambda x: x * _unit(x),
}  # fmt: skip
POSITIVE = {"log": np.log, "sqrt": np.sqrt, "lgamma": _lgamma}


def _kinked(name: str, x: Any) -> Any:
    if name == "relu":
        return np.where(x.real > 0, x, 0)
    if name == "elu":
        return np.where(x.real > 0, x, np.exp(np.where(x.real > 0, 0, x)) - 1)
    return x * np.sign(x.real)


# ---------------------------------------------------------------- functions of arrays


def transpose(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def is_scalar(x: Any) -> bool:
    return bool(x.shape[-2:] == (1, 1))


def is_vector(x: Any) -> bool:
    return 1 in x.shape[-2:]


def _total(x: Any) -> Any:
    return x.sum(axis=(-2, -1), keepdims=True)


def _softmax(x: Any) -> Any:
    axes = (-2, -1) if is_vector(x) else (-1,)
    e = np.exp(x - x.real.max(axis=axes, keepdims=True))
    return e / e.sum(axis=axes, keepdims=True)


def _logsumexp(x: Any) -> Any:
    axes = (-2, -1) if is_vector(x) else (-1,)
    top = x.real.max(axis=axes, keepdims=True)
    return top + np.log(np.exp(x - top).sum(axis=axes, keepdims=True))


def _extreme(x: Any, sign: int, watch: Watch | None) -> Any:
    flat = x.reshape(*x.shape[:-2], -1)
    order = np.argsort(-sign * flat.real, axis=-1)
    best = np.take_along_axis(flat, order, axis=-1)
    if watch is not None:
        watch.near(best[..., 0].real - best[..., 1].real)
    return best[..., :1, None]


def _diag(x: Any) -> Any:
    if x.shape[-1] == 1:
        return x * np.eye(x.shape[-2])
    return np.diagonal(x, axis1=-2, axis2=-1)[..., None]


def _kron(a: Any, b: Any) -> Any:
    full = a[..., :, None, :, None] * b[..., None, :, None, :]
    return full.reshape(*full.shape[:-4], full.shape[-4] * full.shape[-3], full.shape[-2] * full.shape[-1])


def _vec(x: Any) -> Any:
    return transpose(x).reshape(*x.shape[:-2], -1, 1) if x.shape[-2] > 1 else transpose(x)


def _logdet(x: Any) -> Any:
    d = np.linalg.det(x)[..., None, None]
    return np.log(d * np.sign(d.real))


def _expm(x: Any) -> Any:
    """Scaling and squaring with a Taylor polynomial; batches and complex steps pass."""
    halvings = max(0, math.ceil(math.log2(max(1e-9, float(np.abs(x).sum(axis=-1).max())))) + 4)
    x = x / 2**halvings
    term = total = np.broadcast_to(np.eye(x.shape[-1]), x.shape) + 0 * x
    for k in range(1, 16):
        term = term @ x / k
        total = total + term
    for _ in range(halvings):
        total = total @ total
    return total


def _whole(x: Any, k: int, times: Callable[[Any, Any], Any], one: Any) -> Any:
    result = one
    for _ in range(k):
        result = times(result, x)
    return result


def _power(x: Any, e: Any, node: Node, watch: Watch | None) -> Any:
    whole = constant(node.args[1])
    if whole is not None and float(whole).is_integer():
        k = int(whole)
        if k < 0 and watch is not None:
            watch.near(x)
        y = _whole(x, abs(k), np.multiply, np.ones_like(x))
        return y if k >= 0 else 1 / y
    if watch is not None:
        watch.near(np.maximum(x.real, 0))
    return np.exp(e * np.log(x))


def constant(node: Node) -> float | None:
    """The value of a number written out, such as 3, -2 or 1/2."""
    if node.op == "num":
        return float(node.attr)
    if node.op == "neg":
        inner = constant(node.args[0])
        return None if inner is None else -inner
    if node.op == "/":
        top, bottom = constant(node.args[0]), constant(node.args[1])
        return None if top is None or bottom is None else top / bottom
    return None


def _inverse(x: Any, watch: Watch | None) -> Any:
    if is_scalar(x):
        if watch is not None:
            watch.near(x)
        return 1 / x
    if watch is not None:
        watch.near(1 / np.linalg.cond(x), 1 / 40)
    try:
        return np.linalg.inv(x)
    except np.linalg.LinAlgError:  # exactly singular, as pinv(P) A - P A may be: no point to test at
        return np.full_like(x, np.nan)


# ---------------------------------------------------------------- evaluation


def size(d: Any, sizes: Mapping[str, int]) -> int:
    return d if isinstance(d, int) else math.prod(int(p) if p.isdigit() else sizes[p] for p in d.split("*"))


def value(node: Node, at: Point, watch: Watch | None = None, done: dict[int, Any] | None = None) -> Any:
    """The value of a tree. A node that is shared is computed once."""
    done = {} if done is None else done
    if id(node) not in done:
        with np.errstate(all="ignore"):
            x = _compute(node, at, watch, done)
        if watch is not None:
            watch.top = max(watch.top, float(np.abs(x).max()) if np.isfinite(x).all() else math.inf)
        done[id(node)] = x
    return done[id(node)]


def _compute(node: Node, at: Point, watch: Watch | None, done: dict[int, Any]) -> Any:
    op = node.op
    if op in ("slice", "einsum"):
        raise NotImplementedError(op)
    a = [value(x, at, watch, done) for x in node.args]
    if op in _LEAVES:
        return _leaf(node, at)
    if op == "index":
        return _sliced(a[0], node.attr, at.sizes)
    if op in _OPERATORS:
        return _OPERATORS[op](node, a, watch)
    if op in SMOOTH:
        return SMOOTH[op](a[0])
    if op in POSITIVE:
        if watch is not None:
            watch.near(np.maximum(a[0].real, 0))
        return POSITIVE[op](a[0])
    if op in ("relu", "abs", "elu"):
        if watch is not None:
            watch.near(a[0])
        return _kinked(op, a[0])
    if op == "tan":
        if watch is not None:
            watch.near(np.cos(a[0]), 0.3)
        return np.tan(a[0])
    if op in at.functions:
        return at.functions[op][0](a[0])
    return _ARRAYS[op](a, watch)


_LEAVES = ("sym", "num", "size", "eye", "ones", "pi")


def _leaf(node: Node, at: Point) -> Any:
    if node.op == "sym":
        return at.env[node.attr]
    if node.op == "num":
        return np.array([[float(node.attr)]])
    if node.op == "size":
        return np.array([[float(at.sizes[node.attr])]])
    if node.op == "pi":
        return np.array([[math.pi]])
    if node.shape is None:
        raise ValueError(f"{node.op} without a size")
    rows, cols = (size(d, at.sizes) for d in node.shape)
    return np.eye(rows) if node.op == "eye" else np.ones((rows, cols))


def _product(node: Node, a: list[Any], watch: Watch | None) -> Any:
    return a[0] * a[1] if is_scalar(a[0]) or is_scalar(a[1]) else a[0] @ a[1]


def _quotient(node: Node, a: list[Any], watch: Watch | None) -> Any:
    if watch is not None and constant(node.args[1]) is None:
        watch.near(a[1])
    return a[0] / a[1]


def _caret(node: Node, a: list[Any], watch: Watch | None) -> Any:
    if is_scalar(a[0]):
        return _power(a[0], a[1], node, watch)
    k = int(constant(node.args[1]) or 0)
    base = _inverse(a[0], watch) if k < 0 else a[0]
    return _whole(base, abs(k), np.matmul, np.eye(base.shape[-1]))


_OPERATORS: dict[str, Callable[[Node, list[Any], Watch | None], Any]] = {
    "+": lambda n, a, w: a[0] + a[1],
    "-": lambda n, a, w: a[0] - a[1],
    "neg": lambda n, a, w: -a[0],
    "*": _product,
    ".*": lambda n, a, w: a[0] * a[1],
    "/": _quotient,
    "./": _quotient,
    "^": _caret,
    ".^": lambda n, a, w: _power(a[0], a[1], n, w),
    "T": lambda n, a, w: transpose(a[0]),
    "def": lambda n, a, w: a[0],
    "blocks": lambda n, a, w: _blocks(a, n.attr),
}


def _blocks(a: list[Any], columns: int) -> Any:
    rows = [a[i : i + columns] for i in range(0, len(a), columns)]
    batch = np.broadcast_shapes(*(x.shape[:-2] for x in a))
    full = [[np.broadcast_to(x, (*batch, *x.shape[-2:])) for x in row] for row in rows]
    return np.concatenate([np.concatenate(row, axis=-1) for row in full], axis=-2)


def _sliced(x: Any, places: Sequence[tuple[Any, ...]], sizes: Mapping[str, int]) -> Any:
    """Indices count from 1, both ends included; one row comes out as a column."""

    def number(b: Any) -> int:
        if isinstance(b, tuple):
            return sizes[b[0]] - sizes[b[1]] + 1
        return sizes[b] if isinstance(b, str) else int(b)

    if len(places) == 1:
        places = (*places, ()) if x.shape[-1] == 1 else ((), *places)
    spans = [slice(number(p[0]) - 1, number(p[-1])) if p else slice(None) for p in places]
    out = x[..., spans[0], spans[1]]
    return transpose(out) if len(places[0]) == 1 and not places[1] and x.shape[-1] > 1 else out


def _norm(a: list[Any], watch: Watch | None) -> Any:
    square = _total(a[0] * a[0])
    if watch is not None:
        watch.near(np.sqrt(square), 0.1)
    return np.sqrt(square)


def _norm1(a: list[Any], watch: Watch | None) -> Any:
    if watch is not None:
        watch.near(a[0])
    return _total(_kinked("abs", a[0]))


def _most(sign: int) -> Callable[[list[Any], Watch | None], Any]:
    def run(a: list[Any], watch: Watch | None) -> Any:
        if len(a) == 1:
            return _extreme(a[0], sign, watch)
        if watch is not None:
            watch.near((a[0] - a[1]).real)
        return np.where(sign * a[0].real > sign * a[1].real, a[0], a[1])

    return run


def _determined(f: Callable[[Any], Any], worst: float) -> Callable[[list[Any], Watch | None], Any]:
    def run(a: list[Any], watch: Watch | None) -> Any:
        if watch is not None:
            watch.near(1 / np.linalg.cond(a[0]) if np.isfinite(a[0]).all() else 0.0, 1 / worst)
        return f(a[0])

    return run


_ARRAYS: dict[str, Callable[[list[Any], Watch | None], Any]] = {
    "sum": lambda a, w: _total(a[0]),
    "tr": lambda a, w: np.trace(a[0], axis1=-2, axis2=-1)[..., None, None],
    "det": _determined(lambda x: np.linalg.det(x)[..., None, None], 1000),
    "logdet": _determined(_logdet, 40),
    "inv": lambda a, w: _inverse(a[0], w),
    "norm1": _norm1,
    "norm2": _norm,
    "diag": lambda a, w: _diag(a[0]),
    "vec": lambda a, w: _vec(a[0]),
    "kron": lambda a, w: _kron(a[0], a[1]),
    "softmax": lambda a, w: _softmax(a[0]),
    "logsoftmax": lambda a, w: a[0] - _logsumexp(a[0]),
    "logsumexp": lambda a, w: _logsumexp(a[0]),
    "max": _most(1),
    "min": _most(-1),
    "expm": lambda a, w: _expm(a[0]),
}


# ---------------------------------------------------------------- derivatives


def axes(x: Any) -> tuple[int, ...]:
    """The public shape of a value without batch axes."""
    return tuple(d for d in x.shape[-2:] if d != 1)


def _unit_moves(x: Any) -> Any:
    return np.eye(x.size).reshape(x.size, *x.shape)


def jacobian(tree: Node, at: Point, name: str) -> Any:
    """∂tree/∂name, axes of the output, then of the variable."""
    x = at.env[name]
    moved = value(tree, at._replace(env={**at.env, name: x + 1j * STEP * _unit_moves(x)}))
    out = axes(moved)
    slopes = np.broadcast_to(moved.imag / STEP, (x.size, *moved.shape[-2:])).reshape((x.size, *out))
    return np.moveaxis(slopes, 0, -1).reshape((*out, *axes(x)))


def _second(tree: Node, at: Point, first: str, moves: Any, second: str, h: float) -> Any:
    """Gradient by ``second`` (complex step), along ``moves`` of ``first`` (central differences)."""
    x, y = at.env[first], at.env[second]
    total: Any = 0.0
    for steps, weight in STENCIL:
        shifted = x + steps * h * moves[:, None]  # (moves, 1, rows, cols)
        env = {**at.env, first: shifted}
        env[second] = env[second] + 1j * STEP * _unit_moves(y)
        moved = value(tree, at._replace(env=env))
        slopes = np.broadcast_to(moved.imag / STEP, (len(moves), y.size, 1, 1))
        total = total + weight / h * slopes
    return total.reshape((len(moves), *axes(y)))


def derivative(tree: Node, at: Point, kind: str, wrt: Sequence[str], direction: str | None = None, h: float = 3e-4) -> Any:
    """The derivative in the shapes of the corpus conventions; ``h`` is the step of second differences."""
    if kind in ("gradient", "jacobian"):
        return jacobian(tree, at, wrt[0])
    if kind == "hvp":
        return _second(tree, at, wrt[0], at.env[direction][None], wrt[0], h)[0]
    first, second = wrt[0], wrt[-1]
    x, y = at.env[first], at.env[second]
    return _second(tree, at, first, _unit_moves(x), second, h).reshape((*axes(x), *axes(y)))


def slope_check(tree: Node, at: Point, name: str, rng: Any) -> float:
    """Relative difference between complex step and central differences along one direction."""
    x = at.env[name]
    move = rng.standard_normal(x.shape)
    exact = value(tree, at._replace(env={**at.env, name: x + 1j * STEP * move})).imag / STEP
    h = 1e-4
    ends = [value(tree, at._replace(env={**at.env, name: x + s * h * move})) for s in (1, -1)]
    rough = (ends[0] - ends[1]) / (2 * h)
    if not np.isfinite(rough).all() or not np.isfinite(exact).all():
        return math.inf
    return float(np.abs(exact - rough).max() / max(1.0, np.abs(exact).max()))


# ---------------------------------------------------------------- a small reader of plain notation

_TOKEN = re.compile(r"\s*(\d+\.\d+|\d+|[^\W\d]\w*|\.[*/^]|[-+*/^'(),;:=\[\]])")


class Reader:
    """``x'*A*x`` to a tree; for seeds and known failures, which write eye(n) and ones(n) in full."""

    def __init__(self, text: str, sizes: Sequence[str] = ()) -> None:
        self.tokens: list[str] = []
        self.sizes = set(sizes)
        self.defined: dict[str, Node] = {}
        position = 0
        while text[position:].strip():
            found = _TOKEN.match(text, position)
            if found is None:
                raise ValueError(f"unreadable: {text[position:]}")
            self.tokens.append(found[1])
            position = found.end()
        self.tokens.append("")
        self.i = 0

    def peek(self, *texts: str) -> bool:
        return self.tokens[self.i] in texts

    def take(self, text: str | None = None) -> str:
        token = self.tokens[self.i]
        if text is not None and token != text:
            raise ValueError(f"expected {text!r}, found {token!r}")
        self.i += 1
        return token

    def program(self) -> Node:
        while True:
            name = self.tokens[self.i] if self.tokens[self.i + 1] == "=" else None
            if name is not None:
                self.i += 2
            node = self.sum()
            if name is not None:
                node = Node("def", (node,), name)
                self.defined[name] = node
            if not self.peek(";"):
                self.take("")
                return node
            self.take(";")

    def sum(self) -> Node:
        negative = self.peek("-")
        if self.peek("-", "+"):
            self.take()
        node = self.product()
        if negative:
            node = Node("neg", (node,))
        while self.peek("+", "-"):
            node = Node(self.take(), (node, self.product()))
        return node

    def product(self) -> Node:
        node = self.postfix()
        while self.peek("*", "/", ".*", "./"):
            op = self.take()
            negative = self.peek("-")
            if negative:
                self.take()
            right = self.postfix()
            node = Node(op, (node, Node("neg", (right,)) if negative else right))
        return node

    def postfix(self) -> Node:
        node = self.atom()
        while self.peek("'", "^", ".^", "["):
            op = self.take()
            if op == "[":
                node = self.index(node)
                continue
            if op == "'":
                node = Node("T", (node,))
                continue
            negative = self.peek("-")
            if negative:
                self.take()
            exponent = self.atom()
            node = Node(op, (node, Node("neg", (exponent,)) if negative else exponent))
        return node

    def atom(self) -> Node:
        token = self.take()
        if token == "(":
            node = self.sum()
            self.take(")")
            return node
        if token == "[":
            return self.blocks()
        if token[0].isdigit():
            return Node("num", (), token)
        if self.peek("(") and token not in self.defined:
            self.take("(")
            args = [self.sum()]
            while self.peek(","):
                self.take()
                args.append(self.sum())
            self.take(")")
            return self.call(token, args)
        if token in self.defined:
            return self.defined[token]
        if token == "pi":
            return Node("pi")
        return Node("size" if token in self.sizes else "sym", (), token)

    def index(self, base: Node) -> Node:
        places = [self.place()]
        while self.peek(","):
            self.take()
            places.append(self.place())
        self.take("]")
        return Node("index", (base,), tuple(places))

    def place(self) -> tuple[Any, ...]:
        if self.peek(":"):
            self.take()
            return ()
        first = self.bound()
        if not self.peek(":"):
            return (first,)
        self.take()
        return first, self.bound()

    def bound(self) -> Any:
        """A number, a size, or m-n+1."""
        whole = self.take()
        if not self.peek("-"):
            return int(whole) if whole.isdigit() else whole
        self.take()
        part = self.take()
        self.take("+")
        self.take("1")
        return whole, part

    def blocks(self) -> Node:
        rows = [[self.sum()]]
        while self.peek(",", ";"):
            if self.take() == ";":
                rows.append([self.sum()])
            else:
                rows[-1].append(self.sum())
        self.take("]")
        return Node("blocks", tuple(x for row in rows for x in row), len(rows[0]))

    def call(self, name: str, args: list[Node]) -> Node:
        if name in ("eye", "ones"):
            written = ["*".join(_factors(a)) for a in args]
            other: Any = written[0] if name == "eye" else written[1] if len(args) > 1 else 1
            return Node(name, (), None, (written[0], other))
        return Node(name, tuple(args))


def _factors(node: Node) -> list[str]:
    return _factors(node.args[0]) + _factors(node.args[1]) if node.op == "*" else [str(node.attr)]


def read(text: str, sizes: Sequence[str] = ()) -> Node:
    """The tree of a text in plain notation."""
    return Reader(text, sizes).program()
