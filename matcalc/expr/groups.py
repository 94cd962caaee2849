"""Operators that have a fact in common, by their rows."""

from __future__ import annotations

from collections.abc import Callable

from matcalc.expr.shapes import Op
from matcalc.expr.table import PAIR, ROWS


def having(fact: Callable[[Op], object]) -> frozenset[str]:
    """The names of the operators of which it holds."""
    return frozenset(row.name for row in ROWS if fact(row))


JOINTLY = having(lambda row: row.jointly)
SUMS = having(lambda row: row.jointly and row.shape == PAIR)  # add, sub
JOINED = JOINTLY - SUMS  # blocks
PRODUCTS = having(lambda row: row.linear in ("0 1", "*"))
QUOTIENTS = having(lambda row: row.domain == "1:nonzero")
POWERS = having(lambda row: row.domain == "power")  # with an exponent that may be any number
ENTRY_POWERS = having(lambda row: row.exponent and not row.square)
EXPONENTS = having(lambda row: row.exponent)
WHOLE_POWERS = having(lambda row: row.whole)
PAIRWISE = having(lambda row: row.shape == PAIR)  # entry by entry
CALLED_PAIRWISE = having(lambda row: row.shape == PAIR and not row.signs)
CHOICES = having(lambda row: row.gate == "routes")  # of one of two arguments, entry by entry
SUMS_ALONG = having(lambda row: row.gate == "copies" and "-> c(" in row.shape)  # of rows or columns
SIZED = having(lambda row: row.sized)
SHAPED = having(lambda row: row.shaped)
CARRIED = having(lambda row: row.carried is not None)  # unspecified functions of vectors and numbers
OF_NUMBERS = tuple(row.name for row in ROWS if row.carried is not None and " s -> " in row.shape)  # by the order of the derivative
OF_VECTORS = tuple(row.name for row in ROWS if row.carried is not None and row.name not in OF_NUMBERS)
DERIVED = having(lambda row: row.stands)
SLOPES = having(lambda row: row.slope_of)  # of matrix functions
MATRIX_FUNCTIONS = frozenset(row.slope_of for row in ROWS if row.slope_of)
