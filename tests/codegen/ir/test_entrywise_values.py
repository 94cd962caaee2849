"""Entrywise products and sums in one form: equal computations are one node."""

from __future__ import annotations

from fractions import Fraction

from matcalc.codegen.ir.entrywise_values import Algebra
from matcalc.codegen.ir.graph import Node, Val
from matcalc.expr.table import Type

ALGEBRA = Algebra()
COLUMN, MATRIX = Type("c", "n", 1), Type("m", "n", "n")
ONE, MINUS = Fraction(1), Fraction(-1)


def leaf(name: str, *shape: str) -> Node:
    return ALGEBRA.graph.make("sym", (), name, shape)


x, y = (ALGEBRA.array(leaf(name, "n"), "c") for name in "xy")
A, B = (ALGEBRA.array(leaf(name, "n", "n"), "M") for name in "AB")


def product(*factors: tuple[Val, Fraction]) -> Val:
    return ALGEBRA.hadamard(factors, COLUMN)


def test_products_commute_and_exponents_add_up() -> None:
    assert product((x, ONE), (y, ONE)) == product((y, ONE), (x, ONE))
    assert product((x, ONE), (x, ONE), (y, ONE)) == product((y, ONE), (x, Fraction(2)))
    assert product((product((x, ONE), (y, ONE)), ONE), (y, MINUS)) == x
    assert product((x, ONE), (x, MINUS)) == ALGEBRA.ones(COLUMN)


def test_sums_commute_and_equal_terms_are_collected() -> None:
    assert ALGEBRA.add([x, y], COLUMN) == ALGEBRA.add([y, x], COLUMN)
    assert ALGEBRA.add([x, x], COLUMN) == x._replace(coef=Fraction(2))
    assert ALGEBRA.add([x, x._replace(coef=MINUS)], COLUMN).coef == 0
    assert ALGEBRA.add([ALGEBRA.add([x, y], COLUMN), x._replace(coef=MINUS)], COLUMN) != x  # what is an array stays one


def test_a_sum_is_known_when_its_transpose_is() -> None:
    one = ALGEBRA.add([A, B], MATRIX)
    other = ALGEBRA.add([ALGEBRA.flip(A), ALGEBRA.flip(B)], MATRIX)
    assert one.chain[0].node is other.chain[0].node and other == ALGEBRA.flip(one)


def test_a_diagonal_matrix_in_a_product_keeps_the_diagonal() -> None:
    diagonal = ALGEBRA.array(leaf("d", "n"), "D")
    found = ALGEBRA.hadamard([(diagonal, ONE), (A, ONE)], MATRIX)
    assert ALGEBRA.node(found).shape == ("n", "n")
    assert ALGEBRA.add([diagonal, diagonal], MATRIX) == diagonal._replace(coef=Fraction(2))


def test_scalars_of_a_term_go_out_of_the_product() -> None:
    s = ALGEBRA.scalar(leaf("s"))
    found = product((ALGEBRA.times(s, x), ONE), (y, ONE))
    assert found.nums == s.nums and found._replace(nums=()) == product((x, ONE), (y, ONE))
