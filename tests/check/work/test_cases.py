"""The problem that somebody's work is about, and what may be assumed of it."""

from __future__ import annotations

import numpy as np
import pytest

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


@pytest.mark.sample(2)
@pytest.mark.parametrize("answer, verdict, words", [
    ("δ x'", "right", "with δ = ∂s/∂z"), ("δ' x'", "right", "with δ = ∂s/∂z"), ("x δ", "layout", "with δ = ∂s/∂z"),
    ("(u .* f'(z)) x'", "right", "with z = W x + b"), ("h x'", "wrong-other", "with h = f(W x + b)"),
    ("2 δ x'", "factor", "2 times what is right, with δ = ∂s/∂z"), ("δ x'; δ = u .* f'(W*x + b)", "right", "equal"),
    ("δ x'; δ = u", "missing-factor", ""),
])  # fmt: skip
def test_names_of_the_derivation_are_lent(answer: str, verdict: str, words: str) -> None:
    report = matcalc.check_work(answer, "s = u' f(W x + b)", "W")
    assert report.verdict == verdict and words in report.relation


def test_names_of_the_work_are_its_own() -> None:
    """z is another value here than in the derivation, and L what is differentiated."""
    report = matcalc.check_work("z = f(W x + b)\ns = u' z\nds/dW = (u .* f'(W*x + b)) x'", "s = u' f(W x + b)", "W")
    assert report.verdict == "right" and "with" not in report.relation
