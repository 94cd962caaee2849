"""Parts of arrays that are made of blocks, paddings, ones and units: each against the slice of the value."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.algebra.blocks.cutting import below, cut_col, cut_entry, cut_rows, ending, padded, same, shifted, stack, stacked
from matcalc.expr.dims import add
from matcalc.expr.nodes import Expr, eye, num, ones, sym, zeros
from matcalc.expr.slices import indexed, unit
from matcalc.expr.table import Type
from tests.nodes import evaluated

SHAPES: dict[str, tuple[int, ...]] = {"x": (3,), "y": (4,), "A": (3, 4), "B": (2, 4), "C": (3, 2)}
RNG = np.random.default_rng(6)
ARRAYS = {name: RNG.normal(size=shape) for name, shape in SHAPES.items()}


def value(e: Expr) -> np.ndarray:
    return evaluated(e, {k: v for k, v in ARRAYS.items() if f"sym[{k}]" in str(e)})


def read(text: str) -> Expr:
    import matcalc

    return matcalc.parse(text, dict(SHAPES)).node


COLUMNS = ["x", "[x; y]", "[x; y; x]", "padrows(x, 3, 8)", "unit(7, 4)", "ones(7)", "[zeros(2); x; zeros(3)]", "[x; y][2:6]"]
MATRICES = ["A", "[A; B]", "[A, C]", "[B; A; B]", "padrows(A, 2, 6)", "[A; B]'", "[A, C]'", "padrows(B, 2, 5)'", "eye(5)"]


@pytest.mark.parametrize("text", COLUMNS + MATRICES)
def test_rows(text: str) -> None:
    x = read(text)
    array, n = value(x), int(x.type.rows)
    for first in range(1, n + 1):
        for last in range(first, n + 1):
            found = cut_rows(x, first, last)
            assert found.shape == array[first - 1 : last].shape and np.array_equal(value(found), array[first - 1 : last]), (
                first,
                last,
            )


@pytest.mark.parametrize("text", COLUMNS)
def test_entries(text: str) -> None:
    x = read(text)
    array = value(x)
    assert [float(value(cut_entry(x, i))) for i in range(1, len(array) + 1)] == list(array)


@pytest.mark.parametrize("text", MATRICES)
def test_columns(text: str) -> None:
    x = read(text)
    array = value(x)
    for j in range(1, int(x.type.cols) + 1):
        assert np.array_equal(value(cut_col(x, j)), array[:, j - 1])


def test_parts_of_blocks_are_blocks_and_not_slices() -> None:
    x, y, A, C = (read(name) for name in "xyAC")
    assert cut_rows(read("[x; y]"), 1, 3) is x and cut_rows(read("[x; y]"), 4, 7) is y
    assert cut_entry(unit("n", 2), 2) is num(1) and cut_entry(unit("n", 2), 3) is num(0) and cut_entry(ones(x.type), 1) is num(1)
    assert cut_col(eye("n"), "j") is unit("n", "j") and cut_col(read("[A, C]"), 5) is cut_col(C, 1) and cut_col(A, 2).op == "col"


def test_where_it_depends_on_the_sizes_nothing_is_decided() -> None:
    x, y = sym("x", Type("c", "n", 1)), sym("y", Type("c", "m", 1))
    whole = stacked([x, y])
    assert cut_entry(whole, "k").op == "entry" and cut_entry(whole, 1) is indexed("entry", x, 1)
    assert cut_rows(whole, 1, "n") is x and cut_rows(whole, add("n", 1), add("n", "m")) is y


def test_neighbours_that_belong_together_become_one() -> None:
    x = sym("x", Type("c", "n", 1))
    assert stacked([indexed("rows", x, 1, 2), indexed("rows", x, 3, "n")]) is x
    assert stacked([ones(Type("c", 2, 1)), ones(Type("c", 3, 1))]) is ones(Type("c", 5, 1))
    assert stacked([zeros(Type("c", 2, 1)), x]) is indexed("padrows", x, 3, add("n", 2))


def test_paddings_of_paddings_and_units() -> None:
    x = sym("x", Type("c", 3, 1))
    assert padded(x, 1, 3) is x and padded(padded(x, 2, 5), 3, 9) is indexed("padrows", x, 4, 9)
    assert padded(unit(3, 2), 4, 9) is unit(9, 5) and padded(zeros(x.type), 2, 9) is zeros(Type("c", 9, 1))


def test_sizes() -> None:
    assert same(add("n", 1), add(1, "n")) and not same("n", "m") and below("n", add("n", 1)) and not below("n", "m")
    assert shifted(3, 1) == 3 and shifted("i", 2) == add("i", 1) and ending(2, sym("x", Type("c", "n", 1))) == add("n", 1)


def test_stacks() -> None:
    x, y = read("x"), read("y")
    assert stack(read("[x; y]")) == (x, y) and stack(x) is None and stack(read("[A, x]'")) is None
    assert stack(read("[A, C]'")) == (read("A'"), read("C'"))
