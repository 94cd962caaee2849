"""What points have shown: which branches were met where it matters, what was 0 so far, and when there is nothing more to see."""

from __future__ import annotations

from typing import Any

import numpy as np

from matcalc.api import read_problem
from matcalc.numeric import evaluation
from matcalc.numeric.seen import Seen, nothing_seen, operator_of, wanted
from matcalc.numeric.stand_ins import from_user, named

SHAPES: dict[str, Any] = {"x": (2,), "y": (2,)}


class Watch:
    def __init__(self, text: str, **assume: str) -> None:
        self.problem = read_problem(text, {k: v for k, v in SHAPES.items() if k in text})
        self.seen: Seen = nothing_seen(self.problem.output, [], {}, {}, {k: frozenset({v}) for k, v in assume.items()})

    def at(self, **arrays: list[float]) -> Seen:
        env, sizes = evaluation.bind(self.problem.symbols.values(), {k: np.array(v) for k, v in arrays.items()})
        self.seen = self.seen.after(evaluation.values([self.problem.output], env, sizes, {}))
        return self.seen


def test_smooth_and_never_zero_leaves_nothing_to_see() -> None:
    watch = Watch("x'*x")
    assert watch.seen.looks  # no point so far
    assert not watch.at(x=[1.0, 2.0]).looks and not watch.seen.missing


def test_both_sides_of_a_kink_are_wanted() -> None:
    watch = Watch("sum(abs(x))")
    assert watch.at(x=[1.0, 2.0]).missing and watch.seen.one_sided()
    assert not watch.at(x=[-1.0, -2.0]).missing and not watch.seen.one_sided()


def test_one_point_may_show_both() -> None:
    assert not Watch("sum(abs(x))").at(x=[1.0, -2.0]).missing


def test_what_is_declared_on_one_side_has_no_other() -> None:
    assert not Watch("sum(abs(x))", x="positive").at(x=[1.0, 2.0]).missing


def test_what_was_zero_everywhere_is_missing() -> None:
    watch = Watch("sum(relu(x) .* y)")
    assert watch.at(x=[-1.0, -2.0], y=[1.0, 1.0]).missing
    assert any(e.op == "relu" for e in watch.seen.zero)
    assert not any(e.op == "relu" for e in watch.at(x=[1.0, -2.0], y=[1.0, 1.0]).zero)


def test_a_branch_counts_only_where_the_answer_depends_on_it() -> None:
    """abs(x) is multiplied by relu(y): where that is 0, the sides of abs are not seen."""
    watch = Watch("sum(abs(x))*sum(relu(y))")
    hidden = watch.at(x=[1.0, -2.0], y=[-1.0, -1.0])
    (node,) = [e for e in hidden.branched if e.op == "abs"]
    assert hidden.branches[node, None] == frozenset() and len(hidden.met[node, None]) == 2
    assert len(watch.at(x=[1.0, -2.0], y=[1.0, 1.0]).branches[node, None]) == 2


def test_a_term_that_drowns_beside_the_other_is_faint() -> None:
    watch = Watch("sum(x) + sum(y)")
    assert len(watch.at(x=[1e-9, 1e-9], y=[1.0, 1.0]).faint) == 1
    assert not watch.at(x=[1.0, 2.0], y=[1.0, 1.0]).faint


def test_functions_that_are_given_have_the_branches_of_their_operator() -> None:
    assert operator_of(named("relu")) == "relu" and operator_of(named("tanh")) is None
    assert operator_of(from_user(lambda z: np.maximum(z, 0))) == "sign"  # nothing is known of it
    assert operator_of(np.tanh) is None


def test_how_many_sides_there_are() -> None:
    problem = read_problem("sum(hardtanh(x)) + sum(abs(x))", {"x": (2,)})
    seen = nothing_seen(problem.output, [], {}, {}, {})
    assert {e.op: wanted((e, None)) for e in seen.branched} == {"hardtanh": 4, "abs": 2}


def test_further_points_have_other_sizes_and_places() -> None:
    seen = Watch("sum(abs(x))").seen
    assert len({tuple(seen.elsewhere(k)[0]) for k in range(7)}) > 3
    assert {seen.elsewhere(k)[1].scale for k in range(8)} >= {1, 16, 512}
