"""Entries, columns and runs of rows: types and limits, counted from 1 with both ends."""

from __future__ import annotations

import pytest

from matcalc.expr.dims import add, sub
from matcalc.expr.nodes import sym
from matcalc.expr.slices import indexed, length, limits, placed, renamed, result, unit
from matcalc.expr.table import SCALAR, Type

COLUMN, MATRIX, ROW = Type("c", "n", 1), Type("m", "m", "n"), Type("r", 1, "n")
x, X = sym("x", COLUMN), sym("X", MATRIX)


def test_types() -> None:
    assert result("entry", (2,), COLUMN) == SCALAR
    assert result("col", (2,), MATRIX) == Type("c", "m", 1)
    assert result("rows", (2, 4), MATRIX) == Type("m", 3, "n") and result("rows", (2, 4), COLUMN) == Type("c", 3, 1)
    assert result("padrows", (2, "p"), COLUMN) == Type("c", "p", 1)


@pytest.mark.parametrize(("op", "t"), [("entry", MATRIX), ("col", COLUMN), ("rows", ROW), ("rows", SCALAR)])
def test_arrays_that_have_no_such_part(op: str, t: Type) -> None:
    with pytest.raises(KeyError):
        result(op, (1, 1), t)


def test_a_run_has_both_its_ends() -> None:
    assert length((3, 3)) == 1 and length((1, "n")) == "n" and length(("i", "j")) == add(sub("j", "i"), 1)


def test_nodes() -> None:
    assert indexed("rows", x, 1, 3) is indexed("rows", x, 1, 3) and indexed("rows", x, 1, 3).shape == (3,)
    assert placed("col", (X,), (4,), MATRIX) is indexed("col", X, 4)
    assert placed("unit", (), (2,), COLUMN) is unit("n", 2)
    assert renamed(("i", add("i", 1), 3), {"i": 4}) == (4, 5, 3)


def test_limits_keep_the_indices_inside() -> None:
    assert set(limits([indexed("entry", x, "i")])) == {("i", "n")}  # 1 ≤ i is plain: a size is at least 1
    assert set(limits([indexed("col", X, 3)])) == {(3, "n")}
    assert set(limits([indexed("rows", x, 2, "k")])) == {(2, "k"), ("k", "n")}
    assert set(limits([unit("n", "n"), unit("n", 1), indexed("rows", x, 1, "n")])) == set()
    pad = indexed("padrows", x, "i", "p")  # the first row i, then n - 1 more
    assert limits([pad]) == [(add("i", "n"), add("p", 1))]
    assert limits([x, X]) == []


def test_an_index_that_is_never_inside_stays_a_limit() -> None:
    assert limits([indexed("entry", sym("v", Type("c", 3, 1)), 4)]) == [(4, 3)]
    assert limits([indexed("entry", sym("v", Type("c", 3, 1)), 0)]) == [(1, 0)]
