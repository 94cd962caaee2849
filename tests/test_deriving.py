"""One problem, derived again: of another kind, by the same variables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import matcalc
from matcalc.algebra.book import book
from matcalc.check.work.own_process import Limits
from matcalc.deriving import Argued, checked_code, derivation, of_kind
from matcalc.expr.errors import UsageError


def argued(text: str, wrt: str, seed: int | None = 0, dims: Any = None) -> tuple[Argued, object]:
    problem = matcalc.parse(text, dims)._problem
    return Argued([problem.symbols[wrt]], "shape", "backprop", {}, None, book(), None, {}, seed), problem


def test_checked_where_a_seed_is_given() -> None:
    how, problem = argued("x'*A*x", "x")
    for seed in (0, None):
        d = derivation(how._replace(seed=seed), problem, "gradient")  # type: ignore[arg-type]
        assert matcalc.equal(d.result, "(A + A')*x") and (d.checked is not None) is (seed is not None)


def test_the_kind_is_found_out() -> None:
    for text, kind in (("x'*x", "gradient"), ("2*x", "jacobian")):
        how, problem = argued(text, "x")
        assert of_kind(problem, how.variables, None, None)[1] == kind  # type: ignore[arg-type]


def test_a_differential_takes_no_name_of_the_input() -> None:
    how, problem = argued("x'*dx", "x", dims={"dx": ("n",)})
    with pytest.raises(UsageError, match="'dx' is a name of the input"):
        of_kind(problem, how.variables, "differential", None)  # type: ignore[arg-type]


def test_code_of_somebody_is_checked(tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text("def grad(x):\n    return 3 * x\n", "utf-8")
    d = matcalc.derive("x'*x", wrt="x")
    assert "3/2 times" in checked_code(d, str(file), "grad", {}, "", Limits(60)).to_text()


def test_routes_stand_side_by_side_and_agree() -> None:
    d = matcalc.derive("s = u'*f(W*x + b)", style="all")
    assert [route.style for route in d.routes] == ["backprop", "differential", "elementwise"] and d.style == "all"
    assert [step.lhs.text for step in d.agreement] == ["∇_u s", "∂s/∂W", "∇_x s", "∇_b s"]
    assert all(step.check and step.check.max_relative_error < 1e-9 for step in d.steps)
    assert {step.route for step in d.steps} == {"backprop", "differential", "elementwise", "all"}
    assert sum(step.kind == "definition" for step in d.steps) == 3  # said once
    assert d.replay() and len(d.replay().lines) > 60
    assert d.checked is not None and d.checked.steps == len(d.steps) + sum(len(route.boxes) for route in d.routes) + 2 * 3
    assert d.check(seed=1).passed


def test_routes_have_one_sign_for_one_value() -> None:
    for style in ("both", "all"):
        d, seen = matcalc.derive("x'*A*x/(x'*x)", style=style), dict[str, set[object]]()
        for step in d.steps:
            seen.setdefault(step.lhs.text, set()).add(step.lhs.shape if step.lhs.type.kind != "r" else "row")
        assert all(len(shapes) == 1 for shapes in seen.values()), seen


def test_a_route_that_is_missing_is_said() -> None:
    d = matcalc.derive("tr(expm(A))", wrt="A", style="all")
    assert [route.style for route in d.routes] == ["backprop", "differential"]
    assert any("there is no route 'elementwise'" in warning for warning in d.warnings)
    d = matcalc.derive("A*X*B", wrt="X", style="both")
    assert [route.style for route in d.routes] == ["differential"] and not d.agreement
    assert any("'backprop' and 'differential' are one here" in warning for warning in d.warnings)


@pytest.mark.parametrize("how", [{"kind": "hessian"}, {"kind": "differential"}, {"cases": True}])
def test_what_has_one_route_only_is_refused(how: dict[str, Any]) -> None:
    text, wrt = ("s = -log(softmax(z)[k])", "z") if "cases" in how else ("x'*A*x", "x")
    with pytest.raises(UsageError, match=r"one route only|are told by cases"):
        matcalc.derive(text, wrt=wrt, style="all", **how)
