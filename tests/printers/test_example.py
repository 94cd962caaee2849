"""An example in which two values differ, in words."""

from __future__ import annotations

import matcalc
from matcalc.printers.example import shown, where


def test_values_both_sides_and_what_relates_them() -> None:
    found = matcalc.equal("2*A*x", "A*x").counterexample
    assert found is not None
    rows = where(found, ("mine", "yours"))
    assert [label for label, _ in rows] == ["where", "", "mine", "yours", "entry", "ratio", "factor"]
    assert rows[0][1] == f"A = {shown(found.values['A'])}" and rows[-2][1] == "2 (mine/yours)"


def test_arrays_are_nested_lists() -> None:
    found = matcalc.equal("2*A*x", "A*x").counterexample
    assert found is not None and shown(found.values["A"]).startswith("[[") and shown(found.values["A"][0, 0]).count("[") == 0
