"""What is said of two expressions."""

from __future__ import annotations

from matcalc.check.verdict import EXACT, NUMERIC, Verdict


def test_a_verdict_is_true_where_they_are_equal() -> None:
    assert Verdict(True, EXACT, 0.0) and not Verdict(False, NUMERIC, 0.5)
    assert Verdict(False, NUMERIC, 0.5)[:3] == (False, NUMERIC, 0.5)
