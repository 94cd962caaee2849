"""Borders are found wherever they are on a ray, and every part of it between them is looked at."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest

from matcalc.check.rays import Stop, stops, unsaturated
from matcalc.expr.nodes import Expr, postorder, zeros
from matcalc.numeric.evaluation import WithGeneric
from tests.nodes import read


class OnRay(NamedTuple):
    """A stop at which some variables are multiplied by one number."""

    moved: frozenset[Expr]
    factor: Fraction


def everywhere(text: str, env: dict[str, Any], assume: dict[str, frozenset[str]] | None = None, alone: bool = True) -> list[Stop]:
    e = read(text)
    at = {s: np.asarray(env[str(s.attr)], float) for s in postorder((e,)) if s.op == "sym"}
    return list(stops([e, zeros(e.type)], at, {"n": 2}, WithGeneric(), assume or {}, alone))


def stopped(*asked: Any, **options: Any) -> list[OnRay]:
    found = [dict(stop.factors) for stop in everywhere(*asked, **options)]
    factors = [(f, t) for f in found for t in {*f.values()} if len({*f.values()}) == 1]
    return [OnRay(frozenset(f), t) for f, t in factors if isinstance(t, Fraction)]


X = {"x": [[1.0], [-2.0]]}


@pytest.mark.parametrize("border", [10.0**k for k in (-9, -3, 0, 6, 12, 30)])
def test_a_border_is_passed_closely_on_both_sides(border: float) -> None:
    found = [float(s.factor) for s in stopped(f"sum(max(x, 10^({round(np.log10(border))})))", X)]
    for first, sign in ((border, 1), (-border / 2, -1)):  # where the entries 1 and -2 meet it
        near = [t for t in found if t * sign > 0 and 0.1 < t / first < 10]
        assert any(abs(t) < abs(first) for t in near) and any(abs(t) > abs(first) for t in near)


def test_a_window_between_two_borders_is_looked_into() -> None:
    found = stopped("sum(relu(x - 10^6) .* relu(10^6 + 1 - x))", X)
    assert any(1e6 < float(s.factor) < 1e6 + 1 for s in found)


@pytest.mark.sample(2)
@pytest.mark.parametrize("text, inside", [
    ("1 - abs(x - 10^5)", (1e5 - 1, 1e5 + 1)), ("1 - (x - 12345).^2", (12344, 12346)),
    ("10^(-6) - abs(x - 1/3)", (1 / 3 - 1e-6, 1 / 3 + 1e-6)),
    ("1 - abs(x + 10^5)", (-1e5 - 1, -1e5 + 1)), ("10^(-3) - (x.^2 - 2).^2", (1.403, 1.425)),
])  # fmt: skip
def test_a_window_that_only_one_operator_has_is_looked_into(text: str, inside: tuple[float, float]) -> None:
    found = stopped(f"sum(relu({text}))", {"x": [[1.0], [1.0]]})
    assert any(inside[0] < float(s.factor) < inside[1] for s in found)


@pytest.mark.parametrize("text", ["1 + x.^2", "2 + cos(x)"])
def test_a_distance_that_turns_above_0_leaves_no_place_of_its_own(text: str) -> None:
    found = {abs(float(s.factor)) for s in stopped(f"sum(relu({text}))", {"x": [[1.0], [1.0]]}, alone=False)}
    assert found <= {10.0**k for k in range(-20, 21)}


def test_what_is_declared_positive_stays_so_and_other_properties_are_left_alone() -> None:
    both = {"x": X["x"], "y": [[1.0], [1.0]]}
    found = stopped("sum(max(x, y) + max(x, 3))", both, {"y": frozenset({"positive"})})
    assert {s.factor > 0 for s in found if any(m.attr == "y" for m in s.moved)} == {True}
    assert {s.factor > 0 for s in found if all(m.attr == "x" for m in s.moved)} == {True, False}
    assert all(m.attr == "x" for s in stopped("sum(max(x, y))", both, {"y": frozenset({"unit"})}) for m in s.moved)


def test_one_variable_moves_while_others_stay() -> None:
    both = {"x": [[1.0], [1.0]], "y": [[1e6], [1e6]]}
    moved = [s for s in stopped("sum(max(x, y))", both) if 1e6 < float(s.factor) < 3e6]
    assert moved and all(len(s.moved) == 1 for s in moved)
    assert all(len(s.moved) == 2 for s in stopped("sum(max(x, y))", both, alone=False))


BOTH = {"x": [[1.0], [1.0]], "y": [[1.0], [1.0]]}


@pytest.mark.sample(2)
@pytest.mark.parametrize("text, inside", [
    ("relu(x - 10^6)*relu(10^(-6) - abs(y))", lambda x, y: x > 1e6 and abs(y) < 1e-6),
    ("relu(x - 10^7)*relu(-y - 10^9)", lambda x, y: x > 1e7 and y < -1e9),
    ("relu(y - 10^9*x)*relu(x - 10^9)", lambda x, y: y > 1e9 * x > 1e18),
    ("relu(1 - abs(x - 10^4))*relu(-y - 10^7)", lambda x, y: abs(x - 1e4) < 1 and y < -1e7),
])  # fmt: skip
def test_what_only_variables_of_different_sizes_show_is_looked_at(text: str, inside: Any) -> None:
    found = [
        {str(s.attr): float(t[i][0] if isinstance(t, tuple) else t) for s, t in stop.factors}
        for stop in everywhere(f"sum({text.replace('*relu', '.*relu')})", BOTH)
        for i in range(2)
    ]
    assert any(len(at) == 2 and inside(at["x"], at["y"]) for at in found)


@pytest.mark.parametrize("text, inside", [
    ("relu(x[1] - 10^6)*relu(10^(-6) - abs(x[2]))", lambda a, b: a > 1e6 and abs(b) < 1e-6),
    ("relu(x[1] - 10^6*x[2])*relu(x[2] - 10^6)", lambda a, b: a > 1e6 * b > 1e12),
])  # fmt: skip
def test_entries_of_one_variable_have_sizes_of_their_own(text: str, inside: Any) -> None:
    factors = [f for stop in everywhere(text, {"x": [[1.0], [1.0]]}) for _, f in stop.factors if isinstance(f, tuple)]
    assert any(inside(*[float(t) for (t,) in f]) for f in factors)


def test_properties_hold_also_where_all_have_sizes_of_their_own() -> None:
    for stop in everywhere("sum(max(x, y))", BOTH, {"y": frozenset({"positive"})}):
        assert all(isinstance(t, Fraction) and t > 0 for s, t in stop.factors if s.attr == "y")


def told_apart(text: str) -> list[float]:
    e = read(f"sum({text})")
    at: dict[Expr, Any] = {s: np.asarray([[1.0], [1.0]]) for s in postorder((e,)) if s.op == "sym"}
    return [float(stop.factors[0][1]) for stop in unsaturated([e], at, {"n": 2}, WithGeneric(), {})]


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    "text", ["exp(x - 10^6)", "softplus(x - 10^6)", "tanh(x - 10^6)", "erf(10^6*x - 10^12)", "logsumexp([sum(x)/2; 10^6])"]
)
def test_what_is_saturated_is_looked_at_where_it_is_not(text: str) -> None:
    assert any(abs(t - 1e6) < 1 for t in told_apart(text))
    assert any(abs(float(s.factor) - 1e6) < 1 for s in stopped(f"sum({text})", {"x": [[1.0], [1.0]]}))


@pytest.mark.parametrize("text", ["exp(x)", "max(x, 10^6)", "x.^2 + 10^6", "tanh(x) - 10^6"])
def test_what_is_not_saturated(text: str) -> None:
    assert told_apart(text) == []
