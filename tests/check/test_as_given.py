"""What the input itself says: its equalities and its sums."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.api import read_problem
from matcalc.check.as_given import check_members, check_sums
from matcalc.check.points import Point
from matcalc.expr.errors import UsageError


def test_members_of_an_equation_of_the_text_must_agree() -> None:
    problem = read_problem("s = x'*A*x = x'*A'*x", {"A": ("n", "n")})
    check_members(problem, {}, {}, 0)
    false = read_problem("s = x'*A*x = 2*x'*A*x", {"A": ("n", "n")})
    with pytest.raises(UsageError):
        check_members(false, {}, {}, 0)


@pytest.mark.sample(6)
@pytest.mark.parametrize(
    "text",
    [
        "s = sum(max(x, -10^6)) = sum(x)", "s = sum(relu(x - 10^6)) = 0*sum(x)", "s = sum(x) + 10^(-9)*sum(y) = sum(x)",
        "s = sum(min(x, 50)) = sum(x)", "s = sqrt(sum(x)^2) = sum(x)", "s = 10^(-12)*sum(x) = 1.001*10^(-12)*sum(x)",
    ],
)  # fmt: skip
def test_members_that_are_equal_in_part_or_nearly_are_not(text: str) -> None:
    for seed in range(4):
        with pytest.raises(UsageError, match="members of this equality differ"):
            matcalc.derive(text, dims={"x": ("n",), "y": ("n",)} if "y" in text else {"x": ("n",)}, seed=seed)


@pytest.mark.slow
@pytest.mark.rounding
@pytest.mark.parametrize("text", ["s = (sum(x) + 10^10) - 10^10 = sum(x)", "s = sum(relu(x)) - sum(relu(-x)) = sum(x)"])
def test_rounding_makes_no_members_differ(text: str) -> None:
    for seed in range(4):
        assert matcalc.derive(text, dims={"x": ("n",)}, seed=seed).checked is not None


def test_sums_are_held_against_loops() -> None:
    d = matcalc.derive(r"\sum_{i=1}^n x_i y_i", dims={"x": ("n",), "y": ("n",)}, check=False)
    point = Point(d.problem, d.trace.waypoints, [d.problem.output], [], {}, {}, 0)
    errors = [0.0] * len(d.trace.steps)
    assert check_sums(point, d.problem.lifts, d.trace.steps, errors) == set() and max(errors) < 1e-12
    (lift,) = d.problem.lifts
    false = lift._replace(values=lift.values[::-1] if lift.values[0] is not lift.values[-1] else lift.values, expr=lift.expr)
    assert false.expr is lift.expr  # the line that is judged is found by what the sum became
