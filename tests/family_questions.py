"""Programs in NumPy and sums in LaTeX, drawn at random with the derivative that they should have.

The truth comes from running the program, or from plain loops over the indices, and central differences.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from tests.soundness_generator import names_in

RTOL = 2e-5  # differences are this good


class Question(NamedTuple):
    """A text, what goes with it, and the derivative at some arrays."""

    text: str
    options: Mapping[str, Any]
    arrays: Mapping[str, Any]
    truth: Any


class Unfit(Exception):
    """The random point is too near a kink or pole to say anything."""


# ---------------------------------------------------------------- differences


def slopes(f: Callable[[Mapping[str, Any]], Any], arrays: Mapping[str, Any], name: str) -> Any:
    """∂f/∂name by central differences at two steps; axes of f, then of the variable. Raises ``Unfit`` where they disagree."""
    x = np.asarray(arrays[name], float)

    def column(index: tuple[int, ...], h: float) -> Any:
        ends = []
        for sign in (1, -1):
            moved = x.copy()
            moved[index] += sign * h
            ends.append(np.asarray(f({**arrays, name: moved}), float))
        return (ends[0] - ends[1]) / (2 * h)

    found = {}
    for h in (1e-3, 5e-4):
        columns = [column(index, h) for index in np.ndindex(x.shape)]
        found[h] = np.stack(columns, -1).reshape((*columns[0].shape, *x.shape))
    rough, fine = found.values()
    best = (4 * fine - rough) / 3
    if not np.isfinite(best).all() or np.abs(fine - rough).max(initial=0.0) > 1e-3 * (1 + np.abs(best).max(initial=0.0)):
        raise Unfit
    return best


def agrees(got: Any, want: Any, rtol: float = RTOL) -> bool:
    got, want = np.asarray(got, float), np.asarray(want, float)
    if got.shape != want.shape or not np.isfinite(got).all():
        return False
    return bool(np.abs(got - want).max(initial=0.0) <= rtol * (1 + np.abs(want).max(initial=0.0)))


# ---------------------------------------------------------------- NumPy programs

SIZES = {"n": 4, "d": 3, "k": 2}
NUMPY_DIMS = {
    "X": ("n", "d"),
    "Z": ("n", "d"),
    "W": ("d", "k"),
    "A": ("d", "d"),
    "S": ("n", "n"),
    "y": ("n",),
    "t": ("n",),
    "w": ("d",),
    "b": ("d",),
    "c": ("k",),
    "alpha": (),
    "beta": (),
}
ENTRYWISE = (
    "np.exp({})",
    "np.tanh({})",
    "np.sin({})",
    "np.cos({})",
    "np.square({})",
    "({})**2",
    "np.abs({})",
    "np.log1p(np.exp({}))",
    "1/(1 + np.exp(-({})))",
    "np.maximum({}, 0)",
    "np.sqrt(1 + ({})**2)",
    "np.log(2 + ({})**2)",
    "np.where({0} > 0, {0}, 0.1*({0}))",
    "np.clip({}, -0.8, 0.8)",
    "({})**3",
    "np.arctan({})",
    "np.logaddexp(0, {})",
    "np.minimum({}, 0.5)",
)
Size = tuple[str, ...]


class Programmer:
    """Writes NumPy expressions of a wanted shape (names of sizes; "1" for an axis that was kept)."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.lines: list[str] = []
        self.named: dict[str, Size] = {}

    def leaf(self, shape: Size) -> str:
        fits = [n for n, s in {**NUMPY_DIMS, **self.named}.items() if s == shape]
        if fits:
            return self.rng.choice(fits)
        if len(shape) == 2 and shape[::-1] in NUMPY_DIMS.values():
            return self.leaf(shape[::-1]) + ".T"
        if len(shape) == 2 and "1" not in shape:
            return f"np.outer({self.leaf(shape[:1])}, {self.leaf(shape[1:])})"
        return {
            ("n", "1"): "y[:, None]",
            ("1", "d"): "w[None, :]",
            ("d", "1"): "w[:, None]",
            ("1", "n"): "y[None, :]",
            ("k", "1"): "c[:, None]",
            ("1", "k"): "c[None, :]",
        }[shape]

    def make(self, shape: Size, depth: int) -> str:
        if depth <= 0 or self.rng.random() < 0.08:
            return self.leaf(shape)
        ways = [self._entrywise, self._pair, self._pair, self._scaled]
        ways += [self._reduced] * 2 if len(shape) < 2 or "1" in shape else [self._wide] * 2
        ways += [self._matrix] if shape and "1" not in shape else []
        return self.rng.choice(ways)(shape, depth)

    def _entrywise(self, shape: Size, depth: int) -> str:
        return self.rng.choice(ENTRYWISE).format(self.make(shape, depth - 1))

    def _pair(self, shape: Size, depth: int) -> str:
        a, b = self.make(shape, depth - 1), self.make(shape, depth - 2)
        sign = self.rng.choice("++-*")
        if sign == "*":
            return f"np.multiply({a}, {b})" if len(shape) == 2 else f"({a}) * ({b})"
        if self.rng.random() < 0.15:
            return f"({a}) / (2 + ({b})**2)"
        return f"({a} {sign} {b})"

    def _scaled(self, shape: Size, depth: int) -> str:
        factor = self.rng.choice(("0.5", "2", "alpha", "beta", "(1 + alpha**2)", "-1"))
        return f"{factor} * ({self.make(shape, depth - 1)})"

    def _wide(self, shape: Size, depth: int) -> str:
        """Broadcast: something narrower beside a matrix."""
        n, d = shape
        narrow = self.rng.choice(((d,), (n, "1"), (d,), ()))
        a, b = self.make(shape, depth - 1), self.make(narrow, depth - 2)
        sign = self.rng.choice(("+", "-", "/", "+"))
        return f"({a} {sign} {b})" if sign != "/" else f"({a}) / (2 + ({b})**2)"

    def _reduced(self, shape: Size, depth: int) -> str:
        call = self.rng.choice(("np.sum({}{})", "np.mean({}{})", "({}).sum({})", "({}).mean({})", "np.sum(({})**2{})"))
        inner, axis = self._before(shape)
        kept = "1" in shape
        words = ", ".join([f"axis={axis}"] * (axis is not None) + ["keepdims=True"] * kept)
        text = self.make(inner, depth - 1)
        lead = "" if call.startswith("(") or not words else ", "
        if axis is None and self.rng.random() < 0.45:
            return self._scalar(depth)
        return call.format(text, lead + words)

    def _before(self, shape: Size) -> tuple[Size, int | None]:
        """A shape and the axis to reduce along, that give ``shape``."""
        if not shape:
            return self.rng.choice((("n", "d"), ("n",), ("d",), ("d", "d"), ("k",), ("n", "k"))), None
        if "1" in shape:
            axis = shape.index("1")
            (other,) = [s for s in shape if s != "1"]
            new = self.rng.choice([s for s in SIZES if s != other])
            return ((new, other) if axis == 0 else (other, new)), self.rng.choice((axis, axis - 2))
        new = self.rng.choice([s for s in SIZES if s != shape[0]])
        axis = self.rng.choice((0, 1))
        return ((new, shape[0]) if axis == 0 else (shape[0], new)), self.rng.choice((axis, axis - 2))

    def _scalar(self, depth: int) -> str:
        one = self.rng.choice(("n", "d", "k"))
        v, u, m = self.make((one,), depth - 2), self.make((one,), depth - 2), self.make(("d", "d"), depth - 2)
        return self.rng.choice(
            (
                f"np.dot({v}, {u})",
                f"({v}) @ ({u})",
                f"np.linalg.norm({v})",
                f"np.trace({m})",
                f"np.linalg.norm({m}, 'fro')",
                f"np.log(np.sum(np.exp({v})))",
                f"w @ ({m}) @ b",
                f"np.linalg.slogdet(({m}) @ ({m}).T + 2*np.eye(len(w)))[1]",
                f"np.einsum('i,i->', {v}, {u})",
                f"np.sum({v})**2",
                f"np.einsum('ij,ji->', {m}, A)",
                f"np.var({v})",
            )
        )

    def _matrix(self, shape: Size, depth: int) -> str:
        inner = self.rng.choice(list(SIZES))
        left = self.make((shape[0], inner), depth - 1)
        if len(shape) == 2 and self.rng.random() < 0.15:
            return f"np.outer({self.make(shape[:1], depth - 1)}, {self.make(shape[1:], depth - 1)})"
        right = self.make((inner, *shape[1:]), depth - 1)
        if shape == ("d",) and self.rng.random() < 0.15:
            return f"np.linalg.solve(({self.make(('d', 'd'), depth - 2)}) @ A.T + 4*np.eye(len(w)), {self.make(('d',), depth - 2)})"
        return self.rng.choice(("({}) @ ({})", "np.dot({}, {})", "({}).dot({})")).format(left, right)

    def program(self) -> tuple[str, Size]:
        for name in self.rng.sample(("z", "h", "r", "q"), self.rng.choice((0, 0, 1, 2))):
            shape = self.rng.choice((("n", "d"), ("n",), ("d",), ()))
            body = self.make(shape, 2)
            if body not in {**NUMPY_DIMS, **self.named}:
                self.lines.append(f"{name} = {body}")
                self.named[name] = shape
        shape = self.rng.choice(((), (), (), (), ("n",), ("d",)))
        return "\n".join([*self.lines, self.make(shape, self.rng.choice((2, 3, 4)))]), shape


def run_program(text: str, arrays: Mapping[str, Any]) -> Any:
    """What Python makes of the program: the value of its last line."""
    *lines, last = text.split("\n")
    space: dict[str, Any] = {"np": np, **arrays}
    with np.errstate(all="ignore"):
        for line in lines:
            exec(line, space)
        return eval(last, space)


def numpy_question(seed: int) -> Question:
    rng = random.Random(f"numpy:{seed}")
    draw = np.random.default_rng(seed)
    for _ in range(300):
        writer = Programmer(rng)
        text, shape = writer.program()
        names = [n for n in NUMPY_DIMS if n in names_in(text)]
        if not names or "@" not in text + "np." or len(text) > 400 or not _used(writer, text):
            continue
        arrays = {n: draw.standard_normal([SIZES[s] for s in NUMPY_DIMS[n]]) for n in names}
        wrt = rng.choice(names)
        try:
            value = run_program(text, arrays)
            if np.shape(value) != tuple(SIZES[s] for s in shape) or not np.isfinite(value).all() or np.abs(value).max() > 1e4:
                continue
            truth = slopes(lambda at, text=text: run_program(text, at), arrays, wrt)
        except Unfit:
            continue
        if np.abs(truth).max(initial=0.0) > 1e4:
            continue
        return Question(text, {"wrt": wrt, "dims": {n: NUMPY_DIMS[n] for n in names}}, arrays, truth)
    raise RuntimeError(f"no program for seed {seed}")


def _used(writer: Programmer, text: str) -> bool:
    *_, last = text.split("\n")
    rest = "\n".join(line.split(" = ", 1)[-1] for line in text.split("\n"))
    return all(name in names_in(rest) for name in writer.named) and bool(last)


# ---------------------------------------------------------------- LaTeX sums

# An index expression and what it is as Python, at integers i, j; the letters that it needs.
TERMS = (
    (r"(y_{i} - x_{i}^\top w)^2", "(y[i] - X[i] @ w)**2"),
    (r"y_{i} \log(1 + e^{-x_{i}^\top w})", "y[i]*np.log(1 + np.exp(-X[i] @ w))"),
    (r"t_{i} y_{i}^2", "t[i]*y[i]**2"),
    (r"\exp(y_{i}) t_{i}", "np.exp(y[i])*t[i]"),
    (r"\tanh(w^\top x_{i}) y_{i}", "np.tanh(w @ X[i])*y[i]"),
    (r"\|x_{i} - b\|^2", "((X[i] - b)**2).sum()"),
    (r"t_{i} \|A x_{i}\|_2^2", "t[i]*((A @ X[i])**2).sum()"),
    (r"x_{i}^\top A x_{i}", "X[i] @ A @ X[i]"),
    (r"\sin(y_{i} t_{i})", "np.sin(y[i]*t[i])"),
    (r"\frac{y_{i}}{1 + t_{i}^2}", "y[i]/(1 + t[i]**2)"),
    (r"\log(1 + \|x_{i} - w\|^2)", "np.log(1 + ((X[i] - w)**2).sum())"),
)
DOUBLE = (
    (r"S_{ij} y_{i} t_{j}", "S[i, j]*y[i]*t[j]"),
    (r"S_{ij} (y_{i} - y_{j})^2", "S[i, j]*(y[i] - y[j])**2"),
    (r"S_{ij}^2 t_{i}", "S[i, j]**2*t[i]"),
    (r"y_{i} y_{j} x_{i}^\top x_{j}", "y[i]*y[j]*(X[i] @ X[j])"),
    (r"S_{ij} \|x_{i} - x_{j}\|^2", "S[i, j]*((X[i] - X[j])**2).sum()"),
    (r"S_{ij} S_{ji}", "S[i, j]*S[j, i]"),
    (r"\exp(S_{ij}) y_{j}", "np.exp(S[i, j])*y[j]"),
    (r"S_{ij} x_{i}^\top A x_{j}", "S[i, j]*(X[i] @ A @ X[j])"),
)
SUM_DIMS = {k: NUMPY_DIMS[k] for k in ("X", "A", "S", "y", "t", "w", "b")}
OUTSIDE = (
    ("{}", "{}"),
    (r"\frac{{1}}{{n}} {}", "({})/n"),
    (r"\frac{{1}}{{2}} {}", "({})/2"),
    (r"-{}", "-({})"),
    (r"\lambda {}", "lam*({})"),
    (r"\log\left(1 + \left({}\right)^2\right)", "np.log(1 + ({})**2)"),
    (r"\left({}\right)^2", "({})**2"),
)


def sums_question(seed: int) -> Question:
    rng = random.Random(f"sums:{seed}")
    draw = np.random.default_rng(seed)
    for _ in range(100):
        latex, python = _sum(rng)
        extra = rng.choice(((" ", ""), (r" + \frac{\lambda}{2} \|w\|^2", " + lam/2*(w @ w)"), (r" - b^\top w", " - b @ w")))
        latex, python = latex + extra[0], python + extra[1]
        names = [n for n in SUM_DIMS if n in names_in(python)]
        if "lam" in names_in(python):
            names.append("lam")
        wrt = rng.choice([n for n in names if n != "lam" or rng.random() < 0.2] or names)
        arrays = {n: draw.standard_normal([SIZES[s] for s in SUM_DIMS.get(n, ())]) * 0.7 for n in names}
        try:
            truth = slopes(lambda at, python=python: _looped(python, at), arrays, wrt)
        except Unfit:
            continue
        dims: dict[str, Any] = {("lambda" if n == "lam" else n): SUM_DIMS.get(n, ()) for n in names}
        options = {"wrt": "lambda" if wrt == "lam" else wrt, "dims": dims}
        if "x_{" in latex:
            options["index"] = {"x_i": "X[i,:]"}
        return Question(latex, options, {("lambda" if n == "lam" else n): a for n, a in arrays.items()}, truth)
    raise RuntimeError(f"no sum for seed {seed}")


def _sum(rng: random.Random) -> tuple[str, str]:
    """A sum, what stands before or around it."""
    i, j = rng.choice((("i", "j"), ("i", "j"), ("k", "l"), ("p", "q")))
    if rng.random() < 0.6:
        chosen = rng.sample(TERMS, rng.choice((1, 1, 2)))
        body, code = r" + ".join(t for t, _ in chosen), " + ".join(c for _, c in chosen)
        head = rng.choice((r"\sum_{i=1}^{n}", r"\sum_{i}", r"\sum_{i=1}^n"))
        body = rf"{head} \left({body}\right)" if len(chosen) > 1 else f"{head} {body}"
        whole = f"sum(({code}) for i in range(n))"
    else:
        body, code = rng.choice(DOUBLE)
        head = rng.choice((r"\sum_{i=1}^{n} \sum_{j=1}^{n}", r"\sum_{i,j}", r"\sum_{i} \sum_{j}"))
        body, whole = f"{head} {body}", f"sum(({code}) for i in range(n) for j in range(n))"
    shape = rng.choice(OUTSIDE)
    latex = shape[0].format(body)
    if (i, j) != ("i", "j"):
        latex = _renamed(latex, i, j)
    return latex, shape[1].format(whole)


def _renamed(latex: str, i: str, j: str) -> str:
    swap = {"i": i, "j": j}
    return re.sub(r"_\{([ij,]+)(=1)?\}", lambda m: "_{" + "".join(swap.get(c, c) for c in m[1]) + (m[2] or "") + "}", latex)


def _looped(python: str, arrays: Mapping[str, Any]) -> Any:
    return eval(python, {"np": np, "n": SIZES["n"], "sum": sum, "range": range, **arrays})
