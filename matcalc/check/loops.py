"""Sums over indices evaluated as they were written: one plain loop for each index, entry by entry.

The referee of the vectorisation. It knows neither how a sum became a product of matrices nor that product:
it follows the tree of the input, takes entries out of the arrays and adds them up one by one.
Independent of rules/ on purpose: what the rows and laws made of the sum is judged by the sum itself.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from matcalc.expr import dims
from matcalc.expr.errors import CheckError
from matcalc.expr.nodes import make, sym
from matcalc.expr.table import CALLS, SCALAR, Type
from matcalc.notation.lex.syntax import Ast
from matcalc.notation.meaning import norms
from matcalc.notation.meaning.problem import Lift
from matcalc.notation.sums.lifts import EACH, Places
from matcalc.numeric import evaluation, stand_ins
from matcalc.numeric.entrywise_functions import Array

LIMIT = 20_000  # terms of one sum; with more of them a loop takes too long


def value(lift: Lift, env: evaluation.Env, sizes: Mapping[str, int], table: evaluation.Functions) -> Array | None:
    """The sum at a point; None where it has too many terms. Raises ``CheckError`` where it makes no sense."""
    loop = _Loop(evaluation.evaluate(lift.values, env, sizes, table), sizes, table)
    try:
        with np.errstate(all="ignore"):
            return loop.run(lift.body)
    except _TooLong:
        return None
    except (IndexError, KeyError, ValueError, TypeError) as error:
        raise CheckError(f"a sum over indices could not be followed term by term: {error}",
                         hint="this is a defect in matcalc; please report it") from error  # fmt: skip


class _TooLong(Exception):
    """The sum has more terms than a loop is given time for."""


def _matches(a: Array, b: Array) -> None:
    if a.ndim and b.ndim and a.shape != b.shape:
        raise ValueError(f"sizes {a.shape} and {b.shape} do not fit")


def _times(a: Array, b: Array) -> Array:
    """A product with a scalar, or a matrix product; one entry is a scalar."""
    if not a.ndim or not b.ndim or 1 in (a.size, b.size):
        return np.asarray(a * b)
    return _plain(a @ b)


def _plain(a: Array) -> Array:
    return a.reshape(()) if a.size == 1 else a


def _vector(a: Array) -> Array:
    if a.ndim == 2 and 1 not in a.shape:
        raise ValueError("a vector is expected, not a matrix")
    return a.reshape(-1)


def _softmax(a: Array) -> Array:
    e = np.exp(a - a.max())
    return np.asarray(e / e.sum())


def _logsumexp(a: Array) -> Array:
    return np.asarray(a.max() + np.log(np.exp(_vector(a) - a.max()).sum()))


_ADD: dict[str, Callable[[Any, Any], Any]] = {
    "sum": lambda a, b: a + b,
    "prod": lambda a, b: a * b,
    "max": np.maximum,
    "min": np.minimum,
}
_VECTORS: dict[str, Callable[[Array], Array]] = {
    "softmax": _softmax,
    "logsoftmax": lambda a: a - _logsumexp(a),
    "logsumexp": _logsumexp,
    "sum": lambda a: np.asarray(a.sum()),
    "norm1": lambda a: np.asarray(np.abs(a).sum()),
    "norm2": lambda a: np.asarray(np.sqrt((a * a).sum())),
}
_HOLDS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_NORMS = {**dict.fromkeys(norms.EUCLIDEAN, "norm2"), "1": "norm1"}


class _Loop:
    """Values of the constants, and where the indices stand at the moment."""

    def __init__(self, arrays: Sequence[Array], sizes: Mapping[str, int], table: evaluation.Functions) -> None:
        self.arrays = arrays
        self.sizes = sizes
        self.table = table
        self.at: dict[str, int] = {}
        self.spans: dict[str, set[int]] = {}  # along what these indices run
        self.terms = 0

    def run(self, node: Ast) -> Array:
        return _RUN[node.kind](self, node)

    # -- leaves --------------------------------------------------------------------------

    def number(self, node: Ast) -> Array:
        return np.asarray(float(node.value))

    def constant(self, node: Ast) -> Array:
        return _plain(self.arrays[node.value])

    def size(self, node: Ast) -> Array:
        return np.asarray(float(dims.value(node.value, self.sizes)))

    def sized(self, node: Ast) -> Array:
        """A literal number that is a size."""
        return _plain(evaluation.evaluate([node.value[1]], {}, self.sizes, self.table)[0])

    def place(self, node: Ast) -> Array:
        return np.asarray(float(self.at[node.value] + 1))

    def entry(self, node: Ast) -> Array:
        k, places, _ = node.value
        return self.taken(self.arrays[k], places)

    def index(self, node: Ast) -> Array:
        return self.taken(np.atleast_2d(self.run(node.args[0])), node.value)

    def taken(self, array: Array, places: Places) -> Array:
        """One entry, or with a colon a row or a column, as a column."""
        if len(places) == 1:
            array = _vector(array)
        if len(places) != array.ndim:
            raise ValueError(f"{len(places)} indices for {array.ndim} axes")
        found = array[tuple(slice(None) if p == ":" else self.at[p] for p in places)]
        return _plain(found[:, None]) if found.ndim else np.asarray(found)

    def label(self, node: Ast) -> Array:
        """Where the one of a one-hot vector stands."""
        k, letters = node.value
        hot = self.arrays[k][self.at[letters[0]]] if letters else self.arrays[k]
        return np.asarray(float(np.argmax(hot) + 1))

    def picked(self, node: Ast) -> Array:
        """An entry, a row or a column at the place of a label."""
        base, *places = node.args
        array = self.arrays[base.value] if base.kind == "value" else self.run(base)
        if len(places) == 1 and 1 in array.shape:
            array = _vector(array)
        found = array[tuple([self.spot(p) for p in places])]
        return _plain(found[:, None]) if found.ndim else np.asarray(found)

    def spot(self, place: Ast) -> int | slice:
        return slice(None) if place.value == ":" else int(self.run(place)) - 1

    def indicator(self, node: Ast) -> Array:
        left, right = (self.run(a) for a in node.args)
        return np.asarray(float(_HOLDS[node.value](left, right)))

    # -- arithmetic ------------------------------------------------------------------------

    def total(self, node: Ast) -> Array:
        out = np.zeros(())
        for sign, term in zip(node.value, node.args, strict=True):
            right = self.run(term)
            _matches(out, right)
            out = out + right if sign == "+" else out - right
        return out

    def negative(self, node: Ast) -> Array:
        return -self.run(node.args[0])

    def multiplied(self, node: Ast) -> Array:
        out = self.run(node.args[0])
        for op, factor in zip(node.value, node.args[1:], strict=True):
            out = self.joined(op, out, self.run(factor))
        return out

    def joined(self, op: str, a: Array, b: Array) -> Array:
        if op in (".*", "./"):
            _matches(a, b)
            return np.asarray(a * b if op == ".*" else a / b)
        if op == "/":
            if b.ndim:
                raise ValueError("division by an array")
            return np.asarray(a / b)
        if op == "kron" and a.ndim and b.ndim:
            return np.kron(a, b)
        return _times(a.T if op == "dot" and a.ndim and a.shape == b.shape and a.shape[1] == 1 else a, b)

    def transpose(self, node: Ast) -> Array:
        return self.run(node.args[0]).T

    def power(self, node: Ast) -> Array:
        base, exponent = (self.run(a) for a in node.args)
        if exponent.ndim or (base.ndim and node.value == "^"):
            raise ValueError("a power of an array")
        return np.asarray(np.power(base, exponent))

    def norm(self, node: Ast) -> Array:
        if len(node.args) > 1:
            x, metric = (self.run(a) for a in node.args)
            return np.asarray(np.sqrt((x.T @ metric @ x).reshape(()) if x.ndim else x * metric * x))
        return _VECTORS[_NORMS[node.value]](self.run(node.args[0]))

    def bars(self, node: Ast) -> Array:
        return _VECTORS["norm2"](self.run(node.args[0]))

    def angle(self, node: Ast) -> Array:
        a, b = (self.run(x) for x in node.args)
        _matches(a, b)
        return np.asarray((a * b).sum())

    # -- functions ---------------------------------------------------------------------------

    def call(self, node: Ast) -> Array:
        name, arguments = node.value[0], [self.run(a) for a in node.args]
        if len(arguments) == 2 and name in ("max", "min"):
            _matches(*arguments)
            return np.asarray(_ADD[name](*arguments))
        (x,) = arguments
        if name in _VECTORS:
            _vector(x)
            return _VECTORS[name](x)
        named = stand_ins.named(name)
        if named is not None:
            return np.asarray(named(0)(x))
        return self.by_kernel(name, x)

    def by_kernel(self, name: str, x: Array) -> Array:
        """A function of entries that has no other evaluation than that of its operator."""
        row = CALLS[name][0]
        if not row.elementwise:
            raise ValueError(f"{name} under a sum")
        stand_in = sym("~", SCALAR if not x.ndim else Type("m", *x.shape))
        env = {stand_in: np.atleast_2d(x)}
        (found,) = evaluation.evaluate([make(row.name, (stand_in,))], env, {}, self.table)
        return found.reshape(x.shape)

    def given(self, node: Ast) -> Array:
        """A function of the user's, or one that stands for any."""
        name, order = node.value
        (x,) = (self.run(a) for a in node.args)
        return np.asarray(stand_ins.apply(self.table, name, order, x))

    def applied(self, node: Ast) -> Array:
        """A function that the text defines, its body put in place."""
        return self.run(node.args[0])

    # -- big operators -------------------------------------------------------------------------

    def loop(self, node: Ast) -> Array:
        name, binder = node.value
        outside, spans = dict(self.at), self.spans
        self.at.update(dict.fromkeys(binder.names, 0))
        ranges, repeated = self.ranges(node)
        collected: list[Array] = []
        out: Array | None = None
        for places in product(*ranges):
            self.at.update(zip(binder.names, places, strict=True))
            self.terms += 1
            if self.terms > LIMIT:
                raise _TooLong
            conditions = [self.run(a) for a in node.args[1:]]
            if not all(conditions):
                continue
            term = self.run(node.args[0])
            for inside in conditions:
                term = term * inside
            if name == EACH:
                collected.append(term)
                continue
            if out is not None:
                _matches(out, term)
            out = term if out is None else np.asarray(_ADD[name](out, term))
        self.at, self.spans = outside, spans
        if collected:
            return np.asarray(collected)
        if out is None and name == "sum" and len(node.args) > 1:
            return np.zeros(())
        if out is None:
            raise ValueError(f"a {name} without terms")
        if name in ("max", "min"):
            return out
        return np.asarray(out * repeated if name == "sum" else np.power(out, repeated))

    def ranges(self, node: Ast) -> tuple[list[range], float]:
        """The values of each index, and how often each term stands there for indices that do not occur."""
        binder = node.value[1]
        lower = float(self.run(binder.lower)) if binder.lower else 1.0
        by_name = {name: set(self.extents(node.args, name)) for name in binder.names}
        known = self.spans | by_name
        for condition in node.args[1:]:  # i ≠ j: one runs as far as the other, also where that is the index of a sum around it
            related = [str(a.value) for a in condition.args if a.kind == "name" and a.value in known]
            both = set[int]().union(*(known[name] for name in related))
            by_name.update({name: both for name in related if name in by_name and not by_name[name]})
        self.spans = self.spans | by_name
        found = [by_name[name] for name in binder.names]
        counts = any(found) or node.value[0] in ("sum", "prod")  # the largest of equal terms is one of them
        upper = float(self.run(binder.upper)) if binder.upper and counts else None
        ranges, repeated = [], 1.0
        for name, sizes in zip(binder.names, found, strict=True):
            if not sizes:
                if upper is None and node.value[0] in ("sum", "prod"):
                    raise ValueError(f"how many values {name} has is not known")
                repeated *= 1.0 if upper is None else upper - lower + 1
                ranges.append(range(1))
                continue
            if len(sizes) > 1:
                raise ValueError(f"axes of {sorted(sizes)} entries share the index {name}")
            (size,) = sizes
            stop = size if upper is None or lower == 0 else int(upper)
            if stop > size:
                raise ValueError(f"{name} runs to {stop}, over {size} entries")
            ranges.append(range(max(int(lower), 1) - 1, stop))
        return ranges, repeated

    def extents(self, nodes: Sequence[Ast], name: str) -> Iterator[int]:
        """Sizes of the axes along which the index runs."""
        for node in nodes:
            if node.kind == "bigop":
                self.at = dict.fromkeys(node.value[1].names, 0) | self.at
            if node.kind == "entry" and name in node.value[1]:
                yield from self.along(self.arrays[node.value[0]], node.value[1], name)
            elif node.kind == "index" and name in node.value:
                yield from self.along(self.run(node.args[0]), node.value, name)
            elif node.kind == "label" and name in node.value[1]:
                yield self.arrays[node.value[0]].shape[0]
            elif node.kind == "indicator" and any(a.kind == "name" and a.value == name for a in node.args):
                yield from [max(self.arrays[a.value[0]].shape[len(a.value[1]) :]) for a in node.args if a.kind == "label"]
            if node.kind != "bigop" or name not in node.value[1].names:
                yield from self.extents(node.args, name)

    def along(self, array: Array, places: Places, name: str) -> Iterator[int]:
        shape = (array.size,) if len(places) == 1 else array.shape
        yield from (size for size, p in zip(shape, places, strict=True) if p == name)


_RUN: dict[str, Callable[[_Loop, Ast], Array]] = {
    "num": _Loop.number, "value": _Loop.constant, "size": _Loop.size, "sized": _Loop.sized, "name": _Loop.place,
    "entry": _Loop.entry, "index": _Loop.index, "sum": _Loop.total, "neg": _Loop.negative,
    "prod": _Loop.multiplied, "T": _Loop.transpose, "pow": _Loop.power, "norm": _Loop.norm,
    "bars": _Loop.bars, "angle": _Loop.angle, "call": _Loop.call, "fn": _Loop.given,
    "label": _Loop.label, "picked": _Loop.picked, "indicator": _Loop.indicator, "applied": _Loop.applied, "bigop": _Loop.loop,
}  # fmt: skip

__all__ = ["LIMIT", "value"]
