"""What one value is of another, at random points: the same, its transpose, a multiple, its diagonal, not yet summed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from matcalc.check.measure import relative
from matcalc.check.work.world import Values, transposed
from matcalc.numeric.evaluation import Array
from matcalc.numeric.magnitudes import largest

SAME = 1e-8  # relative difference below which two values are one
LARGEST = 120  # numerator and denominator of a factor that is named


class Ratio(NamedTuple):
    """How many times one value is another: a number, or where it is none, one that the sizes or the variables give."""

    number: Fraction | float | None
    by_sizes: bool
    at: tuple[float, ...] = ()  # at each point


def same(a: Values, b: Values) -> bool:
    return all(x.shape == y.shape and relative(x, y) < SAME for x, y in zip(a.at, b.at, strict=True))


def related(got: Values, want: Values) -> str | None:
    """``right``, or ``layout`` where one is the transpose of the other."""
    if same(got, want):
        return "right"
    return "layout" if same(transposed(got), want) else None


def written_1(want: Values) -> str | None:
    """What people write 1 for: all entries are 1, or it is the identity matrix."""
    if want.type.kind == "s":
        return None
    if all(relative(x, np.ones(x.shape)) < SAME for x in want.at):
        return "ones"
    square = all(x.ndim == 2 and relative(x, np.eye(*x.shape)) < SAME for x in want.at)
    return "the identity matrix" if square else None


def is_stacked(got: Values, want: Values) -> bool:
    """Whether one has all entries of the other, a matrix, in one column or row: its columns, or its rows, one behind the other."""
    pairs = list(zip(got.at, want.at, strict=True))
    if not all(1 in x.shape[-2:] and 1 not in y.shape[-2:] and x.size == y.size for x, y in pairs):
        return False
    return any(all(relative(x.ravel(), y.ravel(order)) < SAME for x, y in pairs) for order in ("F", "C"))


def ratio(got: Values, want: Values) -> Ratio | None:
    """Of values that are multiples of each other at every point."""
    if any(x.shape != y.shape for x, y in zip(got.at, want.at, strict=True)):
        return None
    found = [_multiple(x, y) for x, y in zip(got.at, want.at, strict=True)]
    times = [t for t in found if t is not None]
    if len(times) < len(found) or not times:
        return None
    if max(times) - min(times) < SAME * max(map(abs, times)) or not any(times):
        return Ratio(simple(times[0]), False)
    steady = len(times) > 1 and abs(times[0] - times[1]) < SAME * max(map(abs, times[:2]))
    if not steady and all(x.size < 2 for x in want.at):
        return None  # any two numbers are multiples
    return Ratio(None, steady, tuple(times))


def _multiple(got: Array, want: Array) -> float | None:
    scale = float(np.vdot(want, want))
    if not scale or not np.isfinite(scale):
        return None
    times = float(np.vdot(want, got)) / scale
    return times if largest(got - times * want) < SAME * max(largest(got), abs(times) * largest(want), 1e-300) else None


def combination(terms: Sequence[Values], want: Values) -> list[Fraction | float] | None:
    """Numbers, the same at all points, by which the terms make up the value."""
    if any(x.shape != y.shape for term in terms for x, y in zip(term.at, want.at, strict=True)):
        return None
    columns = np.stack([np.concatenate([x.ravel() for x in term.at]) for term in terms], axis=1)
    right = np.concatenate([y.ravel() for y in want.at])
    if len(right) <= len(terms) + 1:
        return None
    times = np.linalg.lstsq(columns, right, rcond=None)[0]
    if relative(columns @ times, right) >= SAME or np.abs(times).min() < SAME:
        return None
    return [simple(float(t)) for t in times]


def simple(x: float) -> Fraction | float:
    near = Fraction(x).limit_denominator(LARGEST)
    return near if abs(float(near) - x) < SAME * max(1.0, abs(x)) else x


def is_diagonal_of(got: Values, want: Values) -> bool:
    """Whether ``got`` has the diagonal of a square ``want``, and nothing beside it."""
    square = all(y.shape[-1] == y.shape[-2] == x.shape[-1] == x.shape[-2] > 1 for x, y in zip(got.at, want.at, strict=True))
    return square and all(relative(x, np.diag(np.diag(y))) < SAME for x, y in zip(got.at, want.at, strict=True))


_SUMS: Mapping[str, Callable[[Array], Array]] = {
    "the sum over the rows": lambda x: np.sum(x, -2, keepdims=True),
    "the sum over the columns": lambda x: np.sum(x, -1, keepdims=True),
    "the sum of all entries": lambda x: np.sum(x, keepdims=True),
    "the trace": lambda x: np.reshape(np.trace(x), (1, 1)),
}


def sums(got: Values) -> Iterator[tuple[str, Values]]:
    """Sums of the value over its rows, its columns, all entries, and its diagonal."""
    if all(x.size > 1 for x in got.at):
        for words, taken in _SUMS.items():
            yield words, Values(got.type, tuple(map(taken, got.at)))
