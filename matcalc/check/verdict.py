"""What is said of two expressions: whether they are equal, how that was found, and where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from matcalc.expr.dims import Dim

if TYPE_CHECKING:
    from matcalc.numeric.evaluation import Array

NORMAL = "normal forms agree"
EXACT = "exactly, modulo large primes at random points"
NUMERIC = "numerically, at random points"
DIGITS = "numerically, at random points and with a thousand digits"
SIZES = "sizes differ"


class Counterexample(NamedTuple):
    """Where two expressions differ: values of the variables and of both sides, and the entry that differs most."""

    values: Mapping[str, Array]
    left: Array
    right: Array
    entry: tuple[int, ...]
    ratio: float | None  # of both sides at this entry; none where the right one is 0
    sampled: tuple[str, ...] = ()  # functions that may be any, for which others stood in
    factor: Fraction | str | None = (
        None  # the left side is this times the right one, whatever the variables are; a text where sizes or logarithms stand in it
    )
    offset: Fraction | str | None = None  # the left side is the right one and this, whatever the variables are
    turned: bool = False  # the left side is the transpose of the right one, whatever the variables are


class Verdict(NamedTuple):
    """Truth, how it was found, and the largest relative difference; true in a condition if equal."""

    equal: bool
    how: str
    error: float
    counterexample: Counterexample | None = None
    sizes: tuple[tuple[Dim, ...], tuple[Dim, ...]] | None = None  # where they differ; of a row both, (1, n)
    notes: tuple[str, ...] = ()  # how the names were read, where the sizes differ; where they are equal, what was not seen

    def __bool__(self) -> bool:
        return self.equal
