"""The graph as text."""

from __future__ import annotations

from matcalc.printers.pictures.tree import to_text
from tests.printers.pictures.drawn import lecture, net


def test_the_tree_of_the_lecture() -> None:
    rows = to_text(lecture().picture).split("\n\n")[1].splitlines()
    assert [row.split() for row in rows[1:4]] == [
        ["f", "=", "a", "b", "6", "1"], ["├─", "a", "=", "x", "+", "y", "3", "2"], ["│", "├─", "x", "1", "2"]
    ]  # fmt: skip
    assert rows[-1].split() == ["└─", "z", "0", "0"] and len(rows) == 8


def test_columns_stand_below_each_other() -> None:
    rows = to_text(lecture().picture).split("\n\n")[1].splitlines()
    assert {row.rstrip()[-1] for row in rows[1:]} == {"1", "2", "3", "0"} and len({len(row) for row in rows[1:]}) == 1


def test_an_operation_used_twice_is_said_once() -> None:
    text = to_text(net(2))
    assert text.count("c  ") >= 2 and text.count("h₁ = tanh(z)") <= 1


def test_all_sections_are_there() -> None:
    text = to_text(lecture().picture)
    for part in ("Where branches meet", "Backward: downstream = upstream × local", "Local gradients\n", "Gates\n"):
        assert part in text
