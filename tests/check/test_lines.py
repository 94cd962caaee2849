"""The check of lines at a point: errors, layouts, tied entries; a false member, remark or shape is seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.check.in_print import Setting
from matcalc.check.lines import check_point
from matcalc.check.points import Point
from matcalc.expr.nodes import make, num

TEXT = "s = u'*tanh(W*x + b)"


def derived() -> tuple[Any, Point]:
    d = matcalc.derive(TEXT, check=False)
    return d, Point(d.problem, d.trace.waypoints, [d.problem.output], [r.expr for r in d.trace.results], {}, {}, 2)


def errors_of(d: Any, point: Point, steps: list[Any]) -> list[float]:
    errors = [0.0] * len(steps)
    check_point(Setting(point, d.problem.output, steps, d.trace.waypoints), steps, d.trace.results, errors)
    return errors


def test_true_lines_have_small_errors() -> None:
    d, point = derived()
    assert max(errors_of(d, point, list(d.trace.steps))) < 1e-10


@pytest.mark.sample(2)
@pytest.mark.parametrize("factor", [2, -1])
def test_each_false_line_is_seen_in_its_place(factor: int) -> None:
    d, _ = derived()
    for i, step in enumerate(d.trace.steps):
        if step.kind not in ("chain", "shape", "local"):
            continue
        wrong = make("scale", (num(factor), step.rhs.expr))
        steps = list(d.trace.steps)
        steps[i] = step._replace(rhs=step.rhs._replace(expr=wrong))
        _, point = derived()
        assert errors_of(d, point, steps)[i] > 0.1, step.kind


@pytest.mark.parametrize("text", ["sum(sigmoid(a'*X))", "sum(exp(a'*X).^2)", "tanh(a'*X)*b"])
def test_the_entries_of_a_row_are_those_of_the_row(text: str) -> None:
    """z_k = Σ_l a_l X_lk of the row z."""
    dims = {"a": ("n",), "X": ("n", "m")} | ({"b": ("m",)} if "*b" in text else {})
    d = matcalc.derive(text, wrt="X", dims=dims, style="elementwise")
    assert d.check(3).passed and d.replay()


@pytest.mark.parametrize("text", ["det(S*S' + eye(1))", "logdet(S*S' + eye(1))", "y'*f(S')", "x'*x"])
@pytest.mark.parametrize("layout", ["shape", "numerator", "denominator"])
def test_results_by_rows_are_judged_as_they_are_laid_out(text: str, layout: str) -> None:
    """By a 1×n S the derivative is a column in numerator layout, also where no line says the result; 0 where S does not occur."""
    rng = np.random.default_rng(3)
    given = {"S": rng.normal(size=3), "y": rng.normal(size=3), "x": rng.normal(size=3)}
    d = matcalc.derive(text, "S", dims={"S": (1, "n"), "y": ("n",), "x": ("n",)}, layout=layout, functions={"f": "tanh"})
    square = given["S"] @ given["S"]
    want = {
        "det(S*S' + eye(1))": 2 * given["S"],
        "logdet(S*S' + eye(1))": 2 * given["S"] / (1 + square),
        "y'*f(S')": given["y"] / np.cosh(given["S"]) ** 2,
        "x'*x": np.zeros(3),
    }[text]
    got = d.result.evaluate({name: value for name, value in given.items() if name in d.dims or name in text})
    assert np.allclose(np.ravel(got), want)
    assert d.checked is not None and d.checked.passed and d.results[0].expr.type.kind == ("c" if layout == "numerator" else "r")
