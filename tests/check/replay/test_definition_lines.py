"""Lines before the first derivative: rewritten parts, named values."""

from __future__ import annotations

from tests.replays import altered, derived

D = derived("s = y'*log(softmax(W*x))")
KINDS = ("definition", "rewrite")


def test_true_lines_are_rebuilt() -> None:
    report = D.replay()
    assert report and {s.kind for s in D.trace.steps} >= set(KINDS)


def test_an_altered_line_does_not_follow() -> None:
    found = list(altered(D, *KINDS))
    assert len(found) >= len(KINDS)
    for step, report in found:
        assert report.wrong, (step.kind, step.rule)
