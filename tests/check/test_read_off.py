"""Lines by differentials at a point: true ones have small errors, and each false one is seen in its place."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc
from matcalc.check.in_print import Setting
from matcalc.check.points import Point
from matcalc.check.read_off import check_read_off, is_whole
from matcalc.expr.nodes import make, num
from tests.nodes import read

CASES: list[dict[str, Any]] = [
    {"expression": "x'*A*x", "wrt": "x", "style": "differential"},
    {"expression": "x'*A*x", "wrt": "x", "kind": "hessian"},
    {"expression": "A*x", "wrt": "A", "kind": "jacobian"},
    {"expression": "softmax(A*x)", "wrt": ["A", "x"], "style": "elementwise"},
]


def errors_of(d: Any, steps: Any) -> tuple[list[float], float]:
    point = Point(d.problem, d.trace.waypoints, [d.problem.output], [r.expr for r in d.trace.results], {}, {}, 2)
    errors = [0.0] * len(steps)
    final = check_read_off(Setting(point, d.problem.output, steps, d.trace.waypoints), steps, d.trace.results, errors)
    return errors, final


@pytest.mark.parametrize("case", CASES, ids=[str(case) for case in CASES])
def test_true_lines_and_false_ones(case: dict[str, Any]) -> None:
    d = matcalc.derive(**case, dims={"A": ("n", "n"), "x": ("n",)}, check=False)
    errors, final = errors_of(d, d.trace.steps)
    assert max(errors) < 1e-7 and final < 1e-7
    for i, step in enumerate(d.trace.steps):
        if step.kind not in ("differential", "result", "entries"):
            continue
        steps = list(d.trace.steps)
        steps[i] = step._replace(rhs=step.rhs._replace(expr=make("scale", (num(2), step.rhs.expr))))
        assert max(errors_of(d, steps)[0]) > 1e-3, step.kind


def test_differentials_of_values_and_of_derivatives() -> None:
    x = read("x")
    assert is_whole(make("d", (x,))) and not is_whole(x)


@pytest.mark.sample(2)
@pytest.mark.parametrize("layout", ["shape", "numerator", "denominator"])
@pytest.mark.parametrize("structure", ["symmetric", "diagonal", "lower-triangular", "toeplitz"])
def test_tied_entries_go_on_from_the_line_as_it_is_given(structure: str, layout: str) -> None:
    """X + c I in the line, which is c I + X in the normal form. No row says what the free parameters of a Toeplitz matrix are."""
    d = matcalc.derive("tr(inv(X + c*eye)*A)", wrt="X", dims={"X": ("n", "n"), "A": ("n", "n"), "c": ()},
                       structure={"X": structure}, style="differential", layout=layout)  # fmt: skip
    assert d.check(3).passed and (d.replay() or structure == "toeplitz")
