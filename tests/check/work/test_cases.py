"""The problem that somebody's work is about, and what may be assumed of it."""

from __future__ import annotations

import numpy as np

import matcalc
from matcalc.check.work.cases import as_derived, case_of


def test_what_is_true_and_what_may_be_assumed() -> None:
    d = matcalc.derive("x'*A*x", wrt="x")
    derived = as_derived(d.problem, d.trace, d.result.data, d.assume, d.functions)
    assert (derived.wrt, derived.kind, derived.plain, str(derived.variable.attr)) == ("x", "gradient", d.result.plain, "x")
    case = case_of(derived, "", {"B": "A + A'"})
    point = case.world.points[0]
    env = {str(s.attr): point.env[s] for s in case.world.problem.symbols.values()}
    assert np.allclose(case.true(case.world)[0].at[0], (env["A"] + env["A"].T) @ env["x"])
    assert np.allclose(case.world.names["B"].at[0], env["A"] + env["A"].T)
    assert [words for words, _ in case.others()] == ["A is symmetric", "A is diagonal", "A is orthogonal"]
