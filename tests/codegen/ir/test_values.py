"""Values as products: scalars apart, transposes free, a row that meets a column a number."""

from __future__ import annotations

from fractions import Fraction

from matcalc.codegen.ir.entrywise_values import Algebra
from matcalc.codegen.ir.graph import Factor, Node, Val
from matcalc.codegen.ir.values import accumulate, role_of
from matcalc.expr.table import SCALAR, Type

ALGEBRA = Algebra({"S": frozenset({"symmetric"}), "Q": frozenset({"orthogonal"})})


def leaf(name: str, *shape: str) -> Node:
    return ALGEBRA.graph.make("sym", (), name, shape)


S, B, x, y, s = leaf("S", "n", "n"), leaf("B", "n", "n"), leaf("x", "n"), leaf("y", "n"), leaf("s")
column, row, matrix = ALGEBRA.array(x, "c"), ALGEBRA.array(y, "r"), ALGEBRA.array(B, "M")


def test_roles() -> None:
    assert [role_of(t) for t in (Type("c", "n", 1), Type("r", 1, "n"), Type("m", "n", "n"))] == ["c", "r", "M"]


def test_a_row_that_meets_a_column_is_a_number() -> None:
    product = ALGEBRA.times(row, column)
    assert product.chain == () and len(product.nums) == 1 and product.nums[0].shape == ()
    outer = ALGEBRA.times(column, row)
    assert [f.role for f in outer.chain] == ["c", "r"] and outer.nums == ()


def test_scalars_stand_apart_and_cancel() -> None:
    v = ALGEBRA.times(ALGEBRA.scalar(s), matrix)
    assert v.nums == (s,) and v.chain == matrix.chain
    assert ALGEBRA.over(v, ALGEBRA.scalar(s)) == matrix
    assert ALGEBRA.over(matrix, ALGEBRA.scalar(s)).dens == (s,)


def test_transposes_are_free_and_of_a_symmetric_matrix_none() -> None:
    assert ALGEBRA.flip(matrix).chain == (Factor("M", B, True),) and ALGEBRA.flip(ALGEBRA.flip(matrix)) == matrix
    assert ALGEBRA.flip(ALGEBRA.array(S, "M")).chain == (Factor("M", S),)
    assert ALGEBRA.symmetric(S) and not ALGEBRA.symmetric(B) and ALGEBRA.has(S, frozenset({"symmetric"}))


def test_inverses() -> None:
    assert [f.role for f in ALGEBRA.inverse(matrix).chain] == ["I"]
    assert [f.role for f in ALGEBRA.times(ALGEBRA.inverse(matrix), column).chain] == ["I", "c"]  # solved, not inverted
    assert ALGEBRA.inverse(ALGEBRA.scalar(s)) == Val(Fraction(1), (), (s,))


def test_powers_of_numbers() -> None:
    assert ALGEBRA.power(ALGEBRA.scalar(s), 3).nums == (s, s, s) and ALGEBRA.power(ALGEBRA.scalar(s), -2).dens == (s, s)


def test_ones_are_never_an_array() -> None:
    assert [f.role for f in ALGEBRA.ones(Type("m", "n", "n")).chain] == ["c", "r"] and ALGEBRA.ones(SCALAR) == Val(Fraction(1))


def test_what_adds_up_to_nothing_is_dropped() -> None:
    entries: dict[Node, Fraction] = {}
    accumulate(entries, x, Fraction(2))
    accumulate(entries, x, Fraction(-2))
    assert entries == {}


def test_ones_that_meet_ones_are_the_size() -> None:
    both = ALGEBRA.times(ALGEBRA.flip(ALGEBRA.ones(Type("c", "n", 1))), ALGEBRA.ones(Type("c", "n", 1)))
    assert both.chain == () and both.nums == (ALGEBRA.size("n"),)  # 1ᵀ1 = n
    total = ALGEBRA.times(ALGEBRA.flip(ALGEBRA.ones(Type("c", "n", 1))), column)
    assert total.nums != both.nums and len(total.nums) == 1  # 1ᵀx is the sum of x
