"""The rows of the table of functions, read."""

from __future__ import annotations

from matcalc.expr.formulas import NAMES, ROWS
from matcalc.notation.meaning.formula_rows import EACH, table


def test_every_row_is_read() -> None:
    rows = table()
    assert set(rows) == set(NAMES) and sum(map(len, rows.values())) == len(ROWS)
    assert all(row.body and row.source and row.parameters for found in rows.values() for row in found)


def test_parameters_with_their_kinds() -> None:
    vectors, rows, form = table()["dot"]
    assert [name for name, _, _ in vectors.parameters] == ["x", "y"] and {kind for _, kind, _ in vectors.parameters} == {"c"}
    assert {kind for _, kind, _ in rows.parameters} == {"r"} and [kind for _, kind, _ in form.parameters] == ["c", "m", "c"]
    (mish,) = table()["mish"]
    assert mish.entries and mish.parameters[0][1] == EACH and not vectors.entries


def test_an_axis_stands_in_the_head() -> None:
    heads = {row.head for row in table()["mean"]}
    assert ("X", "axis=0") in heads and ("X", "axis=1") in heads and ("x",) in heads
