"""What one value is of another."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from matcalc.check.work.relations import combination, is_diagonal_of, is_stacked, ratio, related, sums
from matcalc.check.work.world import Values
from matcalc.expr.shapes import Type

RNG = np.random.default_rng(3)
POINTS = [RNG.standard_normal((3, 2)), RNG.standard_normal((3, 2)), RNG.standard_normal((2, 5))]
M = Type("m", "n", "k")


def values(*arrays: np.ndarray) -> Values:
    return Values(M, tuple(arrays))


def times(*factors: float) -> Values:
    return values(*(f * x for f, x in zip(factors, POINTS, strict=True)))


def test_equal_and_transposed() -> None:
    whole = values(*POINTS)
    assert related(whole, whole) == "right"
    assert related(values(*(x.T for x in POINTS)), whole) == "layout"
    assert related(times(1, 1, 1.001), whole) is None


def test_multiples() -> None:
    whole = values(*POINTS)
    two = ratio(times(2, 2, 2), whole)
    assert two is not None and two.number == 2
    by_sizes = ratio(times(3, 3, 2), whole)
    assert by_sizes is not None and by_sizes.number is None and by_sizes.by_sizes
    by_values = ratio(times(3, 5, 2), whole)
    assert by_values is not None and not by_values.by_sizes
    assert ratio(values(*(x + 1 for x in POINTS)), whole) is None


def test_numbers_are_multiples_only_where_the_factor_is_the_same_everywhere() -> None:
    one = Values(Type("s", 1, 1), tuple(np.array([[x]]) for x in (1.0, 2.0, 3.0)))
    other = Values(Type("s", 1, 1), tuple(np.array([[x]]) for x in (3.0, 1.0, 2.0)))
    assert ratio(one, other) is None and ratio(one, one) is not None


def test_terms_and_their_numbers() -> None:
    one, other = values(*POINTS), values(*(np.sin(x) for x in POINTS))
    total = values(*(2 * x - np.sin(x) / 3 for x in POINTS))
    assert combination([one, other], total) == [2, Fraction(-1, 3)]


def test_sums_and_diagonals() -> None:
    squares = values(*(RNG.standard_normal((n, n)) for n in (2, 2, 3)))
    assert is_diagonal_of(values(*(np.diag(np.diag(x)) for x in squares.at)), squares)
    found = dict(sums(squares))
    assert np.allclose(found["the trace"].at[0], np.trace(squares.at[0]))
    assert found["the sum over the rows"].at[2].shape == (1, 3)


def test_all_entries_in_one_row_or_column() -> None:
    matrices = values(*POINTS)
    for order in ("F", "C"):
        rows = values(*(np.reshape(x, (1, -1), order=order) for x in POINTS))  # type: ignore[call-overload]
        assert is_stacked(rows, matrices) and is_stacked(values(*(x.T for x in rows.at)), matrices)
    assert not is_stacked(values(*(np.reshape(2 * x, (1, -1)) for x in POINTS)), matrices) and not is_stacked(matrices, matrices)
