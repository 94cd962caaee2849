"""Terms of a linear form: exact coefficients, scalar factors whose exponents add up, chains."""

from __future__ import annotations

from fractions import Fraction

from matcalc.algebra.normal.terms import (
    MAX_BITS,
    chain_expr,
    chain_of,
    magnitude,
    matrix_base,
    merge_factors,
    power_of,
    ratio,
    too_large,
)
from matcalc.expr.nodes import transpose
from tests.laws import read

s, t, A, B, x = (read(name) for name in ("s", "t", "A", "B", "x"))


def test_rationals_are_ints_where_they_are_whole() -> None:
    assert ratio(6, 3) == 2 and isinstance(ratio(6, 3), int) and ratio(1, 2) == Fraction(1, 2)
    assert ratio(Fraction(3, 2), Fraction(3, 4)) == 2 and isinstance(ratio(Fraction(3, 2), Fraction(3, 4)), int)
    assert power_of(2, -3) == Fraction(1, 8) and power_of(Fraction(1, 2), -3) == 8 and power_of(-3, 3) == -27
    assert magnitude(Fraction(-1, 2)) == Fraction(1, 2) and magnitude(3) == 3


def test_powers_of_thousands_of_digits_are_left() -> None:
    assert too_large(10, MAX_BITS) and too_large(Fraction(1, 10), -MAX_BITS) and not too_large(10, 5)
    assert not any(too_large(c, 10**9) for c in (0, 1, -1))


def test_equal_factors_are_one() -> None:
    assert merge_factors(((s, 2),), ((s, 3), (t, 1))) == ((s, 5), (t, 1))
    assert merge_factors(((s, 2),), ((s, -2),)) == () and merge_factors((), ((t, 1),)) == ((t, 1),)
    assert merge_factors(((t, 1),), ((s, 1),)) == merge_factors(((s, 1),), ((t, 1),))


def test_the_base_of_a_power_of_a_matrix() -> None:
    for text, base, n in [("inv(A)", A, -1), ("A^3", A, 3), ("inv(A^2)", A, -2), ("inv(A)^2", A, -2), ("A", A, 1)]:
        assert matrix_base(read(text)) == (base, n), text
    turned = transpose(A)
    assert matrix_base(read("(A')^3")) == matrix_base(read("(A^3)'")) == (turned, 3) and matrix_base(read("inv(A')")) == (
        turned,
        -1,
    )


def test_chains() -> None:
    assert chain_of(read("A*(B*x)")) == chain_of(read("(A*B)*x")) == (A, B, x) and chain_of(read("A + B")) == (read("A + B"),)
    assert chain_expr((A, B, x)) is read("(A*B)*x") and chain_expr((x,)) is x
