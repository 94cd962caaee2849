"""The table of conventions: every letter has one kind that costs nothing, or little."""

from __future__ import annotations

from matcalc.notation.kinds import habits


def test_every_row_names_kinds_and_has_a_cheapest() -> None:
    rows = [row for row in vars(habits).values() if isinstance(row, dict) and set(row) <= set("scrm")] + [
        *habits.BY_LETTER.values()
    ]
    assert len(rows) > 20
    for row in rows:
        costs = sorted(row.values())
        assert set(row) <= {"s", "c", "m"} and costs[0] <= 5 and all(isinstance(c, int) for c in costs)


def test_labels_make_numbers_likelier() -> None:
    assert habits.LETTER < habits.DIGIT < 0 < habits.OUTPUT
