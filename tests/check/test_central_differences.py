"""Every entry of a gradient against differences: values by hand, planted faults, kinks, a large h, the sweep."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.check.central_differences import SAME, GradientCheck, apart, check_gradient
from matcalc.expr.errors import LimitError, MatcalcError, UsageError

ONE = {"x": [1.0, 2.0, -1.0]}


def checked(text: str, at: Any = None, h: float = 1e-4, **more: Any) -> GradientCheck:
    return matcalc.derive(text, **{k: v for k, v in more.items() if k != "sweep"}).check_gradient(
        at, h, sweep=more.get("sweep", False)
    )


def planted(text: str, at: Any, wrong: Any, name: str = "x", h: float = 1e-4) -> GradientCheck:
    """With a gradient that was changed."""
    problem = matcalc.derive(text).problem
    d = matcalc.derive(text)
    gradients = {name: lambda arrays: wrong(np.array(d[name].evaluate(arrays)))}
    return check_gradient(problem, gradients, [], {}, {}, at, 0, h, False, lambda done, of: None)


def test_values_are_those_of_the_quotient() -> None:
    """x³ has the quotient 3x² + h², by hand."""
    report = checked("sum(x.^3)", ONE, 0.01)
    found = {e.place: e for e in report.entries}
    for i, x in enumerate(ONE["x"], 1):
        assert found[i,].analytic == pytest.approx(3 * x**2) and found[i,].numeric == pytest.approx(3 * x**2 + 1e-4, rel=1e-9)
    assert report.value == 8 and report.passed and report.shapes == {"x": (3,)}


def test_sizes_that_are_declared_are_those_of_the_random_point() -> None:
    report = checked("s = u^T tanh(W x + b)", dims={"W": (9, 12)})
    assert report.passed and report.shapes == {"u": (9,), "W": (9, 12), "x": (12,), "b": (9,)} and len(report.entries) == 138
    assert checked("logdet(A)", dims={"A": (8, 8)}, assume={"A": "spd"}).shapes == {"A": (8, 8)}
    assert checked("-log(softmax(W*x + b)[y])", dims={"W": (10, 3)}, wrt="W").shapes["W"] == (10, 3)


def test_more_entries_than_can_be_moved_are_refused() -> None:
    with pytest.raises(LimitError, match="100000000 entries are more than 100000") as error:
        checked("sum(W)", dims={"W": (10000, 10000)})
    assert "smaller sizes" in str(error.value.hint)


def test_the_worst_entry_comes_first_and_indices_count_from_1() -> None:
    report = checked("s = u^T tanh(W x + b)")
    errors = [e.error for e in report.entries]
    assert report.passed and errors == sorted(errors, reverse=True)
    assert {e.place for e in report.entries if e.name == "W"} == {(i, j) for i in (1, 2) for j in (1, 2, 3)}


def test_the_example_of_the_lecture() -> None:
    d = matcalc.derive("f = (x+y)*max(y,z)", dims={"x": (), "y": (), "z": ()})
    report = d.check_gradient({"x": 1, "y": 2, "z": 0})
    assert {e.name: (e.place, round(e.numeric, 6)) for e in report.entries} == {"x": ((), 2.0), "y": ((), 5.0), "z": ((), 0.0)}


@pytest.mark.parametrize("wrong", [lambda g: g * 1.001, lambda g: -g, lambda g: g[::-1], lambda g: g + np.array([0, 0, 1e-2])])
def test_a_planted_fault_is_seen(wrong: Any) -> None:
    report = planted("sum(sin(x).*x)", ONE, wrong)
    assert not report.passed and not report.entries[0].agrees and report.entries[0].error > SAME
    assert planted("sum(sin(x).*x)", ONE, lambda g: g).passed


def test_a_planted_fault_is_seen_beside_large_truncation() -> None:
    """A large h alone excuses nothing: with a smaller one they have to agree."""
    assert planted("sum(exp(x))", ONE, lambda g: g, h=0.5).passed
    assert not planted("sum(exp(x))", ONE, lambda g: 1.01 * g, h=0.5).passed


def test_a_kink_within_h_and_a_kink_at_the_point() -> None:
    report = checked("sum(relu(x))", {"x": [0.0, 1.0, -2.0, 3e-5]})
    why = {e.place: e.why for e in report.entries}
    assert why == {(1,): "not differentiable here: a convention counts", (2,): "", (3,): "",
                   (4,): "h is too large here: with a smaller one they agree"}  # fmt: skip
    assert (
        report.passed
        and report.error < SAME
        and report.kinks == ("relu(x) is not differentiable here: an argument is 0 (step(0) = 0 is taken)",)
    )


def test_rounding_is_no_difference() -> None:
    """0 against what is left of large values."""
    assert checked("norm2(x)^2 - x'*x + 1000000*sum(x.^0)", {"x": [1.0, 2.0]}).passed
    report = checked("sum(softmax(x)) + 1e6*sum(x.^0)", {"x": [1.0, 2.0]})
    assert report.passed and all(e.lost or e.error == 0 for e in report.entries)
    assert apart(1.0, 1.01) == pytest.approx(0.01 / 1.01) and apart(0.0, 0.0) == 0
    assert apart(float("nan"), 1.0) == float("inf") == apart(1.0, float("inf"))


def test_a_step_at_which_nothing_is_seen_is_refused() -> None:
    """With it a false gradient would agree too."""
    for h in (1e-300, 1e-17):
        with pytest.raises(UsageError, match="is too small here") as error:
            checked("sum(x.^2)", ONE, h)
        assert error.value.hint == "take h=0.0001 (--h 0.0001)"
    assert not planted("sum(x.^2)", ONE, lambda g: 1.5 * g, h=1e-11).passed


def test_costs() -> None:
    report = checked("s = u^T tanh(W x + b)")
    formula, every, one, step = report.costs
    assert (formula.evaluations, every.evaluations, one.evaluations, step.evaluations) == (1, 2 * 13, 2, 1)
    assert one.error is not None and one.error < 1e-6 and step.error is not None and step.error < 1e-12
    assert all(c.seconds > 0 for c in report.costs)


def test_the_sweep_shows_truncation_and_rounding() -> None:
    """sin at 1: two-sided truncation is h²/6, one-sided h·tan(1)/2; rounding grows below."""
    rows = {row.h: row for row in checked("sin(s)", {"s": 1.0}, dims={"s": ()}, sweep=True).sweep}
    for h in (0.1, 0.01, 1e-3):
        assert rows[h].two_sided == pytest.approx(h**2 / 6, rel=1e-2)
        assert rows[h].one_sided == pytest.approx(h * np.tan(1) / 2, rel=0.1)
    best = min(rows, key=lambda h: rows[h].two_sided)
    assert 1e-7 < best < 1e-3 and rows[1e-13].two_sided > 100 * rows[best].two_sided
    assert checked("sin(s)", {"s": 1.0}, dims={"s": ()}).sweep == ()


def test_a_sweep_over_many_entries_takes_some_of_them() -> None:
    report = checked("sum(tanh(X))", {"X": np.linspace(-1, 1, 400).reshape(20, 20)}, dims={"X": ("m", "n")}, sweep=True)
    assert len(report.entries) == 400 and len(report.sweep) == 13 and report.sweep[3].two_sided < 1e-7


def test_labels_stay_what_they_are() -> None:
    report = matcalc.derive("-log(softmax(W*x)[y])", wrt=["W", "x"]).check_gradient({"W": np.eye(3), "x": [1.0, 0.5, 0.2], "y": 1})
    assert report.passed and {e.name for e in report.entries} == {"W", "x"}


def test_it_is_told_how_far_it_is() -> None:
    seen: list[tuple[int, int]] = []
    matcalc.derive("x'*x").check_gradient(ONE, tick=lambda done, of: seen.append((done, of)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("u'*f(x)", None, "'f' is any function"), ("x'*x", {"y": [1.0]}, "no value was given for 'x'"),
        ("sum(log(x))", {"x": [-1.0, 1.0]}, "there is no value at these numbers"),
    ],
)  # fmt: skip
def test_errors(text: str, at: Any, message: str) -> None:
    with pytest.raises(MatcalcError, match=message):
        checked(text, at)


def test_only_gradients_of_free_entries() -> None:
    for more in ({"kind": "hessian"}, {"layout": "numerator"}, {"structure": {"A": "symmetric"}}):
        with pytest.raises(UsageError, match="only gradients of free entries"):
            matcalc.derive("tr(A*A)", wrt="A", dims={"A": ("n", "n")}, **more).check_gradient()  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="h is 0"):
        matcalc.derive("x'*x").check_gradient(h=0)
