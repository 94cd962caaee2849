"""Operators modulo a large prime: a kernel for each, exact where it is rational (see exact.py).

Independent of rules/ on purpose: its formulas judge those of the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from matcalc.expr import dims
from matcalc.expr.groups import CARRIED, ENTRY_POWERS, SIZED
from matcalc.expr.table import TABLE
from matcalc.numeric import kernels, linear
from matcalc.numeric.entrywise_functions import Array
from matcalc.numeric.kernels import At, Kernel, extent
from matcalc.numeric.residues import (
    FUNCTIONS,
    MATRIX_FUNCTIONS,
    Residues,
    Undecided,
    adjugate,
    determinant,
    each,
    exp,
    frechet,
    half,
    inverse,
    log,
    matrix_function,
    polynomial,
    power_of,
    pseudo_inverse,
    whole,
)


class Modular(Residues):
    """Stands for the functions of a check, and computes modulo a prime. Of ``opaque`` operators nothing is known."""

    def __init__(self, p: int, seed: int, opaque: frozenset[str] = frozenset()) -> None:
        super().__init__(p, seed)
        self.opaque = opaque

    def kernel(self, op: str) -> Kernel:
        found = _opaque if op in self.opaque else KERNELS.get(op)
        if found is None:
            raise Undecided(op)

        def run(at: At, *arrays: Array) -> Array:
            return np.asarray(found(self, at, *arrays), object) % self.p

        return run


ModularKernel = Callable[..., Any]


def _by_entry(f: Callable[[Modular, int], int]) -> ModularKernel:
    return lambda m, at, x: each(x, lambda v: f(m, v))


def _by_matrix(f: Callable[..., Array]) -> ModularKernel:
    """A kernel on one matrix, over the batch axes."""

    def run(m: Modular, at: At, x: Array, *others: Array) -> Array:
        if x.ndim > 2:
            raise Undecided(at.node.op)
        return f(m, at, x, *others)

    return run


def _shared(m: Modular, at: At, *arrays: Array) -> Array:
    return kernels.run_plainly(at, list(arrays))


def _made(m: Modular, at: At) -> Array:
    return whole(kernels.run_plainly(at, []))


def _exponent(at: At) -> int | None:
    """The exponent, where it is a whole number as written."""
    e, sign = at.node.args[1], 1
    while e.op == "neg":
        e, sign = e.args[0], -sign
    return sign * int(e.attr) if e.op == "num" and e.attr.denominator == 1 else None


def _entry_power(m: Modular, at: At, x: Array, k: Array) -> Array:
    whole = _exponent(at)
    if whole is not None:
        return each(x, lambda v: pow(v, whole, m.p) if whole >= 0 else pow(m.inverse(v), -whole, m.p))
    x, k = np.broadcast_arrays(x, k)
    out = np.empty(x.shape, object)
    for i in np.ndindex(x.shape):
        out[i] = x[i] and m.drawn("power", x[i], k[i])
    return out


def _softmax(axes: tuple[int, ...]) -> ModularKernel:
    def run(m: Modular, at: At, x: Array) -> Array:
        e = each(x, lambda v: exp(m, v))
        return e * each(e.sum(axes, keepdims=True) % m.p, m.inverse)

    return run


def _logsumexp(axes: tuple[int, ...], of: Callable[[Array, Array], Array]) -> ModularKernel:
    def run(m: Modular, at: At, x: Array) -> Array:
        total = each(x, lambda v: exp(m, v)).sum(axes, keepdims=True) % m.p
        return of(x, each(total, lambda v: log(m, v)))

    return run


def _unspecified(m: Modular, at: At, x: Array) -> Array:
    return each(x, lambda v: m.drawn("fn", *at.node.attr, v))


def _opaque(m: Modular, at: At, *arrays: Array) -> Array:
    """An array that depends on the operator and the values of its arguments alone."""
    key = (at.node.op, at.node.attr, *(tuple(map(int, a.reshape(-1))) for a in arrays))
    shape = extent(at.node.type, at.sizes)
    out = np.empty(shape, object)
    for i in np.ndindex(shape):
        out[i] = m.drawn(*key, i)
    return out


# ---------------------------------------------------------------- branches

# Operators with branches: which of them is taken says nothing of other points, so their values are any that depend on
# the entry alone, and 0 at 0; of what is positive everywhere the branch is known.
ENTRYWISE = frozenset([op.name for op in TABLE.values() if op.elementwise and op.breaks])
ITSELF = frozenset(("abs", "relu", "norm1"))  # of what is positive


def _branched(m: Modular, at: At, x: Array) -> Array:
    op = at.node.op
    if TABLE[at.node.args[0].op].positive and TABLE[op].jumps:
        return np.ones_like(x)
    if TABLE[at.node.args[0].op].positive and op in ITSELF:
        return x
    return each(x, lambda v: v and m.drawn("abs" if op == "norm1" else op, v))


def _larger(m: Modular, at: At, x: Array, y: Array) -> Array:
    """max or min of two: symmetric, and of a number and itself the number."""
    x, y = np.broadcast_arrays(x, y)
    out = np.empty(x.shape, object)
    for i in np.ndindex(x.shape):
        out[i] = x[i] if x[i] == y[i] else m.drawn(at.node.op, *sorted((x[i], y[i])))
    return out


# ---------------------------------------------------------------- the table


def _scalar(value: int) -> Array:
    out = np.empty((1, 1), object)
    out[0, 0] = value
    return out


def _beside(s: Array, like: Array) -> Array:
    return s.reshape((1,) * like.ndim)


def _divided(m: Modular, at: At, x: Array, s: Array) -> Array:
    return x * _beside(each(s, m.inverse), x)


def _variance(m: Modular, at: At, x: Array) -> Array:
    over = m.inverse(x.size)
    centred = x - x.sum() * over
    return _scalar((centred * centred).sum() * over)


def _trace_of(f: ModularKernel) -> ModularKernel:
    return lambda m, at, *arrays: linear.trace(f(m, at, *arrays))


def _raised(m: Modular, at: At, x: Array) -> Array:
    return power_of(x, int(at.node.attr), m.p)


def _symbolic_power(m: Modular, at: At, x: Array, k: Array) -> Array:
    whole = _exponent(at)
    return power_of(x, whole, m.p) if whole is not None else polynomial(m, f"power {k.flat[0]}", x)


KERNELS: dict[str, ModularKernel] = {
    **dict.fromkeys(TABLE.keys() - {"sym", "d"}, _opaque),
    **dict.fromkeys(kernels.POLYNOMIAL, _shared),
    **dict.fromkeys(SIZED | {"unit", "commutation"}, _made),
    **dict.fromkeys(ENTRYWISE, _branched),
    **{name: _by_entry(f) for name, f in FUNCTIONS.items()},
    **{name: _by_matrix(lambda m, at, x, name=name: matrix_function(m, name, x)) for name in MATRIX_FUNCTIONS},
    **{f"d{name}": _by_matrix(lambda m, at, x, e, name=name: frechet(m, name, x, e)) for name in MATRIX_FUNCTIONS},
    "num": lambda m, at: _scalar(m.residue(at.node.attr)),
    "const": lambda m, at: _scalar(m.drawn("const", at.node.attr)),
    "dim": lambda m, at: _scalar(dims.value(at.node.attr, at.sizes)),
    "div": _divided,
    "hdiv": lambda m, at, x, y: x * each(y, m.inverse),
    **dict.fromkeys(ENTRY_POWERS, _entry_power),
    "mpow": _by_matrix(_raised),
    "trpow": _by_matrix(_trace_of(_raised)),
    "powm": _by_matrix(_symbolic_power),
    "trpowm": _by_matrix(_trace_of(_symbolic_power)),
    "inv": _by_matrix(lambda m, at, x: inverse(x, m.p)),
    "det": _by_matrix(lambda m, at, x: _scalar(determinant(x, m.p))),
    "logdet": _by_matrix(lambda m, at, x: _scalar(log(m, determinant(x, m.p)))),
    "adj": _by_matrix(lambda m, at, x: adjugate(x, m.p)),
    "pinv": _by_matrix(lambda m, at, x: pseudo_inverse(x, m.p)),
    "variance": _variance,
    "phi": lambda m, at, x: np.tril(x) - x * whole(np.eye(len(x))) * half(m),
    "norm1": lambda m, at, x: _scalar(_branched(m, at, x).sum()),
    "norm2": lambda m, at, x: _scalar(FUNCTIONS["sqrt"](m, int((x * x).sum() % m.p))),
    "max2": _larger,
    "min2": _larger,
    "softmax": _softmax((-2, -1)),
    "softmaxr": _softmax((-1,)),
    "logsumexp": _logsumexp((-2, -1), lambda x, total: total),
    "logsumexpr": _logsumexp((-1,), lambda x, total: total),
    "logsoftmax": _logsumexp((-2, -1), lambda x, total: x - total),
    "logsoftmaxr": _logsumexp((-1,), lambda x, total: x - total),
    "fn": _unspecified,
    **dict.fromkeys(CARRIED, _opaque),
}
