"""How blocks and slices lie: what is written is read back."""

from __future__ import annotations

import pytest

from matcalc.expr.nodes import make
from matcalc.notation.write.layout import grid, is_blocks, place_text, slice_of
from matcalc.notation.write.render import render
from matcalc.notation.write.styles import PLAIN
from tests.meanings import read


@pytest.mark.parametrize(
    "text", ["[A, A; B, B]", "[A; B]", "[x; y]", "[A, x; x', s]", "x[2]", "A[1,:]", "A[:,2]", "A[1:2,2:3]", "x[2:n]", "A[1,2]"]
)
def test_what_is_written_is_read_back(text: str) -> None:
    e = read(text)
    assert render(e) == text and read(render(e)) is e


def test_grids() -> None:
    rows = grid(read("[A, A; B, B]"))
    assert [[cell.node for cell in row] for row in rows] == [[read("A")] * 2, [read("B")] * 2]
    assert is_blocks(read("[A; B]")) and not is_blocks(read("A*B")) and len(grid(read("A"))) == 1


def test_a_named_block_is_not_opened() -> None:
    inner = read("[x; y]")
    whole = make("vcat", (inner, read("x")))
    assert len(grid(whole)) == 3 and len(grid(whole, {inner})) == 2


def test_slices() -> None:
    found = slice_of(read("A[1,:]"))
    assert found is not None and found.base is read("A") and found.rows == (1,) and found.cols == ()
    entry = slice_of(read("x[2]"))
    assert entry is not None and entry.rows == (2,) and entry.cols is None and slice_of(read("A*x")) is None


def test_places() -> None:
    assert [place_text(place, PLAIN) for place in ((), (3,), (1, "n"))] == [":", "3", "1:n"]
