"""A slice of the job that checks the checker of work: right work passes, planted slips are caught, in place and by name."""

from __future__ import annotations

from tests import check_work

N = 60


def test_right_work_is_accepted() -> None:
    found = check_work.run(range(N), False, 1)
    wrong = [f"--replay {o.seed}: {check_work.bad(o, False)}: {o.message}" for o in found if check_work.bad(o, False)]
    assert len(found) > N / 2 and not wrong, "\n".join(wrong)


def test_slips_are_caught_and_named() -> None:
    """`python -m tests.check_work` makes a thousand of each."""
    found = check_work.run(range(N), True, 1)
    bad = [check_work.bad(o, True) for o in found]
    assert len(found) > N / 2 and set(bad) <= {"", "kind", "place"}, bad
    assert bad.count("place") <= 1 and bad.count("kind") <= N / 8


def test_a_planted_slip_is_wrong_and_what_it_is_planted_in_is_right() -> None:
    of = check_work.base(0, "backprop")
    assert of is not None
    line = next(x for x in of.lines if x.left == of.wanted)
    tree = line.members[-1]
    assert tree is not None and check_work.is_true(of, line.left, tree)
    assert not check_work.is_true(of, line.left, check_work.Node("neg", (tree,)))
