"""What a replay gives back: true where every line was rebuilt, and named where not."""

from __future__ import annotations

import dataclasses

import pytest

from matcalc.check.replay.outcome import ReplayedLine, ReplayError, ReplayReport
from matcalc.expr.errors import CheckError

GOOD, GAP, WRONG = (ReplayedLine(f"line {i}", f"rule-{i}", state, why) for i, (state, why) in enumerate(
    [("replayed", ""), ("gap", "no row reaches it"), ("wrong", "it does not follow")]
))  # fmt: skip


def test_verdicts() -> None:
    assert ReplayReport((GOOD,)) and not ReplayReport((GOOD, GAP)) and not ReplayReport((GOOD, WRONG))
    report = ReplayReport((GOOD, GAP, WRONG))
    assert report.wrong == (WRONG,) and report.gaps == (GAP,) and "rule-0" in report.rules and report.passed is False


def test_the_first_line_that_was_not_rebuilt_is_named() -> None:
    assert ReplayReport((GOOD,)).require().lines == (GOOD,)
    with pytest.raises(ReplayError, match="line 2"):
        ReplayReport((GOOD, WRONG)).require()
    assert issubclass(ReplayError, CheckError)


def test_lines_say_why() -> None:
    assert str(ReplayReport((GOOD, GAP, WRONG))).splitlines()[0] == "1 of 3 lines rebuilt from 1 rules"
    assert str(GOOD) == "line 0" and str(WRONG) == "line 2: it does not follow" and "line 2" in str(ReplayReport((GOOD, WRONG)))
    with pytest.raises(dataclasses.FrozenInstanceError):
        GOOD.state = "wrong"  # type: ignore[misc]
