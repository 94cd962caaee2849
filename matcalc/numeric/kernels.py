"""Reference evaluation of each operator on arrays.

Every value that is not a tensor has two trailing axes (rows, columns), after any batch axes. Nothing
conjugates and every branch looks at the real part, so that a step 1e-20i carries a derivative through.
Independent of rules/ on purpose: what is derived by rows is judged by formulas that are written a second time here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from matcalc.expr import dims
from matcalc.expr.errors import ShapeError
from matcalc.expr.groups import JOINTLY, MATRIX_FUNCTIONS
from matcalc.expr.nodes import Expr, shape_of
from matcalc.expr.own_operators import Own, computed
from matcalc.expr.table import TABLE, Type
from matcalc.numeric import entrywise_functions, linear, softmaxes, stand_in_maps
from matcalc.numeric import stand_ins as functions
from matcalc.numeric.entrywise_functions import Array, Derivatives

Kernel = Callable[..., Array]


class At(NamedTuple):
    """Where a kernel runs: its node, the sizes and the functions that stand for unspecified ones."""

    node: Expr
    sizes: Mapping[str, int]
    functions: Mapping[str, Derivatives]


CONSTANTS = {"pi": np.pi, "e": np.e}


def extent(t: Type, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The trailing axes of a value of type ``t``."""
    return tuple(dims.value(d, sizes) for d in (shape_of(t) if t.kind == "t" else (t.rows, t.cols)))


def scalar(value: float) -> Array:
    return np.full((1, 1), float(value))


# ---------------------------------------------------------------- scalars and whole values


def _rank(node: Expr) -> int:
    return len(node.type.rows) if node.type.kind == "t" else 2


def _beside(s: Array, rank: int) -> Array:
    """A scalar, with as many trailing axes as the value it meets."""
    return s.reshape(s.shape[:-2] + (1,) * rank)


def _matmul(at: At, x: Array, y: Array) -> Array:
    """The product; beside diag(v), of rows or columns with the entries of v, so that what has no value in one spoils no other."""
    left, right = at.node.args
    if left.op != "diagm" and right.op != "diagm":
        return np.asarray(x @ y)
    for a, square, other, turned in ((left, x, y, False), (right, y, x, True)):
        v = np.diagonal(square, axis1=-2, axis2=-1) if a.op == "diagm" else None
        if v is not None and np.count_nonzero(square) == np.count_nonzero(v):  # where it is moved it need not be diagonal
            return np.asarray(other * v[..., None, :] if turned else v[..., None] * other)
    return np.asarray(x @ y)


def _fill(at: At, s: Array) -> Array:
    s = _beside(s, _rank(at.node))
    own = extent(at.node.type, at.sizes)
    return np.broadcast_to(s, s.shape[: s.ndim - len(own)] + own)


def _flat(at: At, x: Array) -> Array:
    """All entries of the first argument in one axis."""
    return x.reshape((*x.shape[: x.ndim - _rank(at.node.args[0])], -1))


def _sum(at: At, x: Array) -> Array:
    return np.asarray(_flat(at, x).sum(-1, keepdims=True)[..., None])


def _variance(at: At, x: Array) -> Array:
    flat = _flat(at, x)
    centred = flat - flat.mean(-1, keepdims=True)
    return np.asarray((centred * centred).mean(-1, keepdims=True)[..., None])


def _norm2(at: At, x: Array) -> Array:
    flat = _flat(at, x)
    scale = np.abs(flat.real).max(-1, keepdims=True, initial=0)
    scale = np.where(scale > 0, scale, 1)
    flat = flat / scale
    return np.asarray((scale * np.sqrt((flat * flat).sum(-1, keepdims=True)))[..., None])


def _extreme(direction: int) -> Kernel:
    def run(at: At, x: Array) -> Array:
        flat = _flat(at, x)
        where = (direction * flat.real).argmax(-1)[..., None]
        return np.asarray(np.take_along_axis(flat, where, -1)[..., None])

    return run


def _row_maxima(x: Array) -> Array:
    return np.take_along_axis(x, x.real.argmax(-1)[..., None], -1)


def _row_indicator(x: Array) -> Array:
    return np.asarray(np.eye(x.shape[-1])[x.real.argmax(-1)])


def _either(condition: Array, x: Array, y: Array) -> Array:
    return np.where(condition, x, y)


def _indicator(direction: int) -> Kernel:
    def run(at: At, x: Array) -> Array:
        flat = (direction * _flat(at, x)).real
        found = np.zeros(flat.shape)
        np.put_along_axis(found, flat.argmax(-1)[..., None], 1, -1)
        return found.reshape(x.shape)

    return run


# ---------------------------------------------------------------- rearrangements


def _kron(x: Array, y: Array) -> Array:
    product = x[..., :, None, :, None] * y[..., None, :, None, :]
    *batch, m, p, n, q = product.shape
    return np.asarray(product.reshape((*batch, m * p, n * q)))


def _vec(x: Array) -> Array:
    return linear.transpose(x).reshape((*x.shape[:-2], -1, 1))


def _unvec(at: At, x: Array) -> Array:
    rows, cols = extent(at.node.type, at.sizes)
    return linear.transpose(x.reshape((*x.shape[:-2], cols, rows)))


def _joined(axis: int) -> Kernel:
    def run(*parts: Array) -> Array:
        batch = np.broadcast_shapes(*(p.shape[:-2] for p in parts))
        return np.concatenate([np.broadcast_to(p, batch + p.shape[-2:]) for p in parts], axis)

    return run


def _indices(at: At, length: int) -> tuple[int, int]:
    """First and last index of a slice, from 0 on and from 1 on. Raises ``ShapeError`` for what is outside."""
    places = [dims.value(d, at.sizes) for d in at.node.attr]
    first, last = places[0], places[-1]
    if not 1 <= first <= last <= length:
        raise ShapeError(f"entry {first if first < 1 else last} of {length} is outside", hint="indices count from 1")
    return first - 1, last


def _entry(at: At, x: Array) -> Array:
    i, end = _indices(at, x.shape[-2])
    return x[..., i:end, :]


def _column_of(at: At, x: Array) -> Array:
    j, end = _indices(at, x.shape[-1])
    return x[..., :, j:end]


def _padrows(at: At, x: Array) -> Array:
    first, total = (dims.value(d, at.sizes) for d in at.node.attr)
    if not 1 <= first <= total - x.shape[-2] + 1:
        raise ShapeError(f"{x.shape[-2]} rows from {first} on are more than {total}")
    out = np.zeros((*x.shape[:-2], total, x.shape[-1]), x.dtype)
    out[..., first - 1 : first - 1 + x.shape[-2], :] = x
    return out


def _unit(at: At) -> Array:
    n = extent(at.node.type, at.sizes)[0]
    i, _ = _indices(at, n)
    return np.eye(n)[:, i : i + 1]


def _commutation(m: int, n: int) -> Array:
    """K with K vec(X) = vec(X') for X of m rows and n columns."""
    return np.eye(m * n)[np.arange(m * n).reshape(n, m).T.ravel()]


def _phi(x: Array) -> Array:
    return np.asarray(np.tril(x) - np.where(np.eye(x.shape[-1]) > 0, x / 2, 0))


_OUT: dict[str, Any] = {"s": (..., 0, 0), "c": (..., 0), "r": (..., 0, slice(None)), "m": ..., "t": ...}
_IN: dict[str, Any] = {**_OUT, "s": (..., None, None), "c": (..., None), "r": (..., None, slice(None))}


def outward(x: Array, kind: str) -> Array:
    """Without the axes of size 1 that a scalar, column or row has inside."""
    return np.asarray(x[_OUT[kind]])


def inward(x: Array, kind: str) -> Array:
    return np.asarray(x[_IN[kind]])


def _einsum(at: At, *arrays: Array) -> Array:
    """Indices in parentheses make one axis, the first the most significant."""
    left, right = at.node.attr.replace(" ", "").split("->")
    parts = [outward(x, a.type.kind) for x, a in zip(arrays, at.node.args, strict=True)]
    scripts = left.split(",")
    sizes = _letter_sizes(scripts, [p.shape[p.ndim - len(_axes(s)) :] for s, p in zip(scripts, parts, strict=True)])
    opened = [_open(s, p, sizes) for s, p in zip(scripts, parts, strict=True)]
    flat = right.replace("(", "").replace(")", "")
    whole = _contracted([s.replace("(", "").replace(")", "") for s in scripts], opened, flat)
    batch = whole.shape[: whole.ndim - len(flat)]
    whole = whole.reshape(batch + tuple(math.prod(sizes[c] for c in axis) for axis in _axes(right)))
    return inward(whole, at.node.type.kind)


def _contracted(scripts: list[str], parts: list[Array], output: str) -> Array:
    """Σ over all letters but those of ``output``, two factors at a time where there are more.

    Python numbers go through einsum pair by pair: it gives a number for a scalar, which it does not take in the next pair.
    """
    script = ",".join("..." + s for s in scripts) + "->..." + output
    if len(parts) < 3 or not any(p.dtype == object for p in parts):
        return np.asarray(np.einsum(script, *parts, optimize=len(parts) > 2))
    order = np.einsum_path(script, *[np.broadcast_to(0.0, p.shape) for p in parts], optimize="greedy")[0][1:]
    scripts, parts = list(scripts), list(parts)
    for picked in order:
        pair = [(scripts.pop(i), parts.pop(i)) for i in sorted(picked, reverse=True)]
        letters = dict.fromkeys("".join([s for s, _ in pair]))
        kept = output if not scripts else "".join([c for c in letters if c in output or any(c in s for s in scripts)])
        scripts.append(kept)
        parts.append(np.asarray(np.einsum(",".join(["..." + s for s, _ in pair]) + "->..." + kept, *[p for _, p in pair])))
    return parts[0]


def _axes(script: str) -> list[str]:
    return [a or b for a, b in re.findall(r"\(([^)]*)\)|(.)", script)]


def _letter_sizes(scripts: list[str], shapes: list[tuple[int, ...]]) -> dict[str, int]:
    """Size of each index; one unknown part of a composite axis is found by division."""
    pairs = [pair for s, shape in zip(scripts, shapes, strict=True) for pair in zip(_axes(s), shape, strict=True)]
    sizes = {axis: n for axis, n in pairs if len(axis) == 1}
    composite = [(axis, n) for axis, n in pairs if len(axis) > 1]
    for _ in composite:
        for axis, n in composite:
            unknown = [c for c in axis if c not in sizes]
            if len(unknown) == 1:
                sizes[unknown[0]] = n // math.prod(sizes[c] for c in axis if c in sizes)
    return sizes


def _open(script: str, x: Array, sizes: Mapping[str, int]) -> Array:
    if "(" not in script:
        return x
    letters = script.replace("(", "").replace(")", "")
    batch = x.shape[: x.ndim - len(_axes(script))]
    return x.reshape(batch + tuple(sizes[c] for c in letters))


def _matrix_power(x: Array, k: Array) -> Array:
    """X^k; whole exponents by multiplication, so that X may be any square matrix."""
    first = k.flat[0]
    if not np.iscomplexobj(k) and (k == first).all() and float(first).is_integer():
        return np.asarray(np.linalg.matrix_power(x, int(first)))
    return np.asarray(linear.expm(k * linear.matrix_function("logm")(x)))


# ---------------------------------------------------------------- the table

# Operators that need arrays only.
PLAIN: dict[str, Kernel] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "neg": lambda x: -x,
    "T": linear.transpose,
    "hadamard": lambda x, y: x * y,
    "hdiv": lambda x, y: x / y,
    "pow": entrywise_functions.power,
    "epow": entrywise_functions.power,
    "tr": linear.trace,
    "diagm": lambda x: np.where(np.eye(x.shape[-2]) > 0, x, 0),
    "diagv": lambda x: np.diagonal(x, axis1=-2, axis2=-1)[..., None],
    "vec": _vec,
    "kron": _kron,
    "rowsum": lambda x: x.sum(-1)[..., None],
    "colsum": lambda x: x.sum(-2)[..., None],
    "rowmax": _row_maxima,
    "rowargmax1": _row_indicator,
    "conv": linear.convolve,
    "corr": linear.correlate,
    "vcat": _joined(-2),
    "hcat": _joined(-1),
    "powm": _matrix_power,
    "trpowm": lambda x, k: linear.trace(_matrix_power(x, k)),
    "prod": lambda x: x.prod(-2, keepdims=True),
    "prodothers": linear.products_of_others,
    "prodpairs": linear.products_of_other_pairs,
    "tril": np.tril,
    "diagonalsums": linear.diagonal_sums,
    "phi": _phi,
    "inv": np.linalg.inv,
    "det": lambda x: np.linalg.det(x)[..., None, None],
    "logdet": linear.logdet,
    "adj": linear.adjugate,
    "pinv": linear.pinv,
    "chol": linear.chol,
    **linear.SPECTRA,
    **{f"d{name}": linear.frechet(name) for name in MATRIX_FUNCTIONS},
    "expm": linear.expm,
    "logm": linear.matrix_function("logm"),
    "sqrtm": linear.sqrtm,
    "sinm": linear.matrix_function("sinm"),
    "cosm": linear.matrix_function("cosm"),
    "huber2": entrywise_functions.huber,
    "max2": lambda x, y: _either(x.real >= y.real, x, y),
    "min2": lambda x, y: _either(x.real <= y.real, x, y),
    "softmax": softmaxes.softmax(softmaxes.ALL),
    "softmaxr": softmaxes.softmax(softmaxes.ROW),
    "logsumexp": softmaxes.logsumexp(softmaxes.ALL),
    "logsumexpr": softmaxes.logsumexp(softmaxes.ROW),
    "logsoftmax": softmaxes.logsoftmax(softmaxes.ALL),
    "logsoftmaxr": softmaxes.logsoftmax(softmaxes.ROW),
    **(stand_in_maps.KERNELS | {name: orders(0) for name, orders in entrywise_functions.NAMED.items()}),
}

# Operators that look at their node: its type, its attribute, the kinds of its arguments.
TYPED: dict[str, Kernel] = {
    "num": lambda at: scalar(at.node.attr),
    "const": lambda at: scalar(CONSTANTS[at.node.attr]),
    "dim": lambda at: scalar(dims.value(at.node.attr, at.sizes)),
    "eye": lambda at: linear.identity(extent(at.node.type, at.sizes)),
    "ones": lambda at: np.ones(extent(at.node.type, at.sizes)),
    "zeros": lambda at: np.zeros(extent(at.node.type, at.sizes)),
    "scale": lambda at, s, x: _beside(s, _rank(at.node)) * x,
    "div": lambda at, x, s: x / _beside(s, _rank(at.node)),
    "hpow": lambda at, x, s: entrywise_functions.power(x, _beside(s, _rank(at.node))),
    "mpow": lambda at, x: np.linalg.matrix_power(x, int(at.node.attr)),
    "trpow": lambda at, x: linear.trace(np.linalg.matrix_power(x, int(at.node.attr))),
    "fill": _fill,
    "matmul": _matmul,
    "sum": _sum,
    "variance": _variance,
    "inner": lambda at, x, y: _sum(at, x * y),
    "norm1": lambda at, x: _sum(at, entrywise_functions.absolute(x)),
    "norm2": _norm2,
    "sqnorm": lambda at, x: _sum(at, x * x),
    "max": _extreme(1),
    "min": _extreme(-1),
    "argmax1": _indicator(1),
    "argmin1": _indicator(-1),
    "unvec": _unvec,
    "convmatrix": lambda at, x: linear.convolution_matrix(x, extent(at.node.type, at.sizes)[1]),
    "hankel": lambda at, x: linear.hankel(x, extent(at.node.type, at.sizes)[1]),
    "commutation": lambda at: _commutation(*(dims.value(d, at.sizes) for d in at.node.attr)),
    "entry": _entry,
    "rows": _entry,
    "col": _column_of,
    "padrows": _padrows,
    "unit": _unit,
    "einsum": _einsum,
    "fn": lambda at, x: functions.apply(at.functions, at.node.attr[0], at.node.attr[1], x),
}

# Operators whose kernels only add, multiply and move entries, so that they take numbers of any kind.
POLYNOMIAL = (
    JOINTLY
    | {"prod", "prodothers", "prodpairs", "sqnorm"}
    | frozenset(op.name for op in TABLE.values() if op.multilinear and not op.stands)
)


def run(at: At, arrays: list[Array]) -> Array:
    """The value of a node whose arguments have the values ``arrays``, in the arithmetic that the functions stand for."""
    given = at.functions
    if isinstance(at.node.op, Own):
        return computed(at.node, arrays, at.sizes, lambda node, sizes, values: run(At(node, sizes, given), values))
    return given.kernel(at.node.op)(at, *arrays) if isinstance(given, functions.Exact) else run_plainly(at, arrays)


def run_plainly(at: At, arrays: list[Array]) -> Array:
    kernel = PLAIN.get(at.node.op)
    return kernel(*arrays) if kernel else TYPED[at.node.op](at, *arrays)
