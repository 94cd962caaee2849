"""A slice of the job that checks the checker of work: right work passes, planted slips are caught, in place and by name."""

from __future__ import annotations

import pytest

from tests import check_work

SLICES = pytest.mark.parametrize("seeds", [range(24), pytest.param(range(24, 60), marks=pytest.mark.slow)], ids=str)


@pytest.mark.slow
@SLICES
def test_right_work_is_accepted(seeds: range) -> None:
    found = check_work.run(seeds, False, 1)
    wrong = [f"--replay {o.seed}: {check_work.bad(o, False)}: {o.message}" for o in found if check_work.bad(o, False)]
    assert len(found) > len(seeds) / 2 and not wrong, "\n".join(wrong)


@pytest.mark.slow
@SLICES
def test_slips_are_caught_and_named(seeds: range) -> None:
    """`python -m tests.check_work` makes a thousand of each."""
    found = check_work.run(seeds, True, 1)
    bad = [check_work.bad(o, True) for o in found]
    assert len(found) > len(seeds) / 2 and set(bad) <= {"", "kind", "place"}, bad
    assert bad.count("place") <= 1 and bad.count("kind") <= len(seeds) / 8


def test_a_planted_slip_is_wrong_and_what_it_is_planted_in_is_right() -> None:
    of = check_work.base(0, "backprop")
    assert of is not None
    line = next(x for x in of.lines if x.left == of.wanted)
    tree = line.members[-1]
    assert tree is not None and check_work.is_true(of, line.left, tree)
    assert not check_work.is_true(of, line.left, check_work.Node("neg", (tree,)))
