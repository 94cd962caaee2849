"""Borders are found wherever they are on a ray, and every part of it between them is looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from matcalc.check.rays import Stop, stops
from matcalc.expr.nodes import postorder
from matcalc.numeric.evaluation import WithGeneric
from tests.nodes import read


def stopped(text: str, env: dict[str, Any], assume: dict[str, frozenset[str]] | None = None, alone: bool = True) -> list[Stop]:
    e = read(text)
    at = {s: np.asarray(env[str(s.attr)], float) for s in postorder((e,)) if s.op == "sym"}
    return list(stops([e], at, {"n": 2}, WithGeneric(), assume or {}, alone))


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
    found = {abs(float(s.factor)) for s in stopped(f"sum(relu({text}))", {"x": [[1.0], [1.0]]})}
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
