"""Sums over samples added up one by one, against NumPy's own loop."""

from __future__ import annotations

import numpy as np

import matcalc
from matcalc.check.points import Point
from matcalc.check.term_by_term import sampled_error
from matcalc.expr.nodes import make
from matcalc.numeric import evaluation


def test_the_terms_are_those_of_the_rows() -> None:
    d = matcalc.derive("sum_{i=1}^n y_i*exp(w'*x_i)", wrt="w")
    formula = d.trace.boxes[-1].rhs
    assert formula.text == "Σ_{i=1}^n y_i exp(wᵀ x_i) x_i"
    rng = np.random.default_rng(1)
    x, y, w = rng.standard_normal((4, 3)), rng.standard_normal((4, 1)), rng.standard_normal((3, 1))
    want = sum(y[i, 0] * np.exp(w[:, 0] @ x[i]) * x[i] for i in range(4))
    got = evaluation.evaluate(
        [formula.expr], {d.problem.symbols[n]: a for n, a in (("X", x), ("y", y), ("w", w))}, {"n": 4, "m": 3}
    )
    np.testing.assert_allclose(got[0][:, 0], want)


def test_another_term_is_found_out() -> None:
    d = matcalc.derive("sum_{i=1}^n (w'*x_i - y_i)^2", wrt="w")
    formula, problem = d.trace.boxes[-1].rhs, d.problem
    assert formula.samples is not None
    point = Point(problem, d.trace.waypoints, [problem.output], [formula.expr], {}, {}, 0)
    assert sampled_error(point, formula) < 1e-12
    ((letter, total),) = formula.samples.totals.items()
    for term in (
        make("neg", (total.term,)),
        make("scale", (next(a for a in formula.samples.slices if a.type.kind == "s"), total.term)),
    ):
        false = formula._replace(samples=formula.samples._replace(totals={letter: total._replace(term=term)}))
        assert sampled_error(point, false) > 0.1
    assert sampled_error(point, formula._replace(samples=None)) == 0.0
