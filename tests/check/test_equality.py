"""Whether two expressions are the same: equal ones, different ones, and those that look equal."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest

import matcalc
from matcalc.api import read_problem
from matcalc.check.equality import difference
from tests.slices import draws

SHAPES: dict[str, Any] = {"A": ("n", "n"), "B": ("n", "n"), "x": ("n",), "y": ("n",), "s": ()}


def apart(left: str, right: str, seed: int = 0, **assume: str) -> float:
    one, two = (read_problem(text, {k: v for k, v in SHAPES.items() if k in text}) for text in (left, right))
    return difference(one, two, {k: frozenset({v}) for k, v in assume.items()}, {}, seed)


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("tr(A*B)", "tr(B*A)"), ("x'*A*x", "x'*A'*x"), ("det(A*B)", "det(A)*det(B)"), ("inv(A*B)", "inv(B)*inv(A)"),
        ("abs(x).^2", "x.^2"), ("relu(x) - relu(-x)", "x"), ("exp(s)^2", "exp(2*s)"), ("sum(softmax(x))", "1 + 0*sum(x)"),
    ],
)  # fmt: skip
def test_equal(left: str, right: str) -> None:
    assert apart(left, right) < 1e-9


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("A*B", "B*A"), ("x'*A*y", "y'*A*x"), ("abs(x)", "x"), ("arcsin(sin(s))", "s"), ("min(x, 50)", "x"),
        ("s", "s*(1 + 10^(-300))"), ("sin(s)", "sin(s + 10^(-40))"),
    ],
)  # fmt: skip
def test_different_also_where_few_points_or_digits_show_it(left: str, right: str) -> None:
    assert apart(left, right) > 1e-9


def test_declared_properties_are_used() -> None:
    assert apart("x'*A*y", "y'*A*x", A="symmetric") < 1e-9 and apart("abs(x)", "x", x="positive") < 1e-9


BEYOND = [
    ("max(x, 10^13)", "10^13 + 0*x"), ("relu(10^(-6)*x - 1)", "0*x"), ("relu(x/10^15 - 1)", "0*x"),
    ("relu(1 - 1000*sum(x.^2))", "0*s"),
    ("relu(1 - abs(s - 10^5))", "0*s"), ("relu(10^(-6) - abs(s - 1/3))", "0*s"), ("relu(1 - (s - 10^4)^2)", "0*s"),
    ("relu(10^(-6) - abs(s))", "0*s"), ("sign(x - 10^(-9))", "sign(x)"), ("tanh(10^6*s)", "sign(s)"), ("max(x, 10^9*y)", "10^9*y"),
    ("relu(x - 10^6) .* relu(10^6 + 1 - x)", "0*x"), ("sqrt((x - 10^8).^2)", "10^8 - x"), ("relu(sum(x) - 10^30)", "0*s"),
    ("y + relu(s - 10^6)*relu(10^(-6) - abs(y))", "y"), ("relu(x[1] - 10^6)*relu(10^(-6) - abs(x[2]))", "0*s"),
    ("relu(x[1] - 10^6*x[2])*relu(x[2] - 10^3)", "0*s"), ("logsumexp([s; 10^6])", "10^6 + 0*s"),
    ("s + relu(s - 10^7)*relu(-sum(x) - 10^9)", "s"),
    ("s + relu(1 - abs(s - 10^4))*relu(-sum(x) - 10^7)", "s"), ("relu(sum(y) - 10^9*s)*relu(s - 10^9)", "0*s"),
    ("s + softplus(s - 10^10)", "s"), ("softplus(s/(1 + x'*x) - 10^11)", "0*s"),
    ("tanh(s - 10^6*sum(x) - 10^9)", "-1 + 0*s"), ("log(1 + exp(s - 10^5))", "0*s"),
    ("relu(logsumexp(x) - 10^6)", "relu(max(x) - 10^6)"), ("abs(logsumexp(x) + 10^6)", "abs(max(x) + 10^6)"),
    ("min(logsumexp(x), -10^9)", "min(max(x), -10^9)"), ("relu(logsumexp(A*x) - 10^6)", "relu(max(A*x) - 10^6)"),
    ("relu(softmax(x)'*x - 10^6)", "relu(max(x) - 10^6)"), ("step(logsumexp(x - y) - 10^6)", "step(max(x - y) - 10^6)"),
    ("relu(logsumexp([s; sum(x)]) - 10^7)", "relu(max([s; sum(x)]) - 10^7)"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("seeds", draws(1, 2))
@pytest.mark.parametrize(("left", "right"), BEYOND)
def test_no_border_is_so_far_or_near_that_a_draw_decides(left: str, right: str, seeds: range) -> None:
    for seed in seeds:
        assert apart(left, right, seed) > 1e-9, seed


@pytest.mark.sample(7)
@pytest.mark.parametrize(
    ("left", "right", "declared"),
    [
        ("s + 10^(-20)", "s", {"s": "positive"}), ("max(s, 10^(-12))", "s", {"s": "positive"}),
        ("min(s, 10^6)", "s", {"s": "positive"}),
        ("tr(A) + relu(tr(A) - 1000)", "tr(A)", {"A": "spd"}), ("10^(-20)*s", "2*10^(-20)*s", {"s": "positive"}),
        ("max(x, 10^9*y)", "10^9*y", {"x": "positive", "y": "positive"}), ("sum(x)", "1 + 10^(-30)", {"x": "probability"}),
    ],
)  # fmt: skip
def test_what_is_declared_hides_no_difference(left: str, right: str, declared: dict[str, str]) -> None:
    for seed in range(4):
        assert apart(left, right, seed, **declared) > 1e-9, seed


@pytest.mark.sample(14)
@pytest.mark.parametrize("seeds", draws(1, 3))
@pytest.mark.parametrize(
    ("left", "right", "declared"),
    [
        ("sum(x)", "1", {"x": "probability"}), ("x'*x", "1", {"x": "unit"}), ("A'*A*x", "x", {"A": "orthogonal"}),
        ("abs(x) - x", "0*x", {"x": "positive"}), ("(s + 10^10) - 10^10", "s", {}),
        ("relu(x + 10^10) - 10^10", "max(x, -10^10)", {}),
        ("sum(softmax(x)) - 1", "0*s", {}), ("sqrt((x - 10^8).^2)", "abs(x - 10^8)", {}), ("step(x)", "step(10^8*x)", {}),
        ("max(x, y)", "y + relu(x - y)", {}), ("sigmoid(x - 100)", "1 ./ (1 + exp(100 - x))", {}),
        ("softplus(x - 10^6) - softplus(10^6 - x)", "x - 10^6", {}), ("tanh(s - 10^3)", "2*sigmoid(2*s - 2000) - 1", {}),
        ("relu(s - 10^6)*relu(10^6 - s)", "0*s", {}), ("min(max(s, -10^9), 10^9)", "max(min(s, 10^9), -10^9)", {}),
        ("max(s, sum(x)) + min(s, sum(x))", "s + sum(x)", {}), ("log(exp(x) + 10^(-3)*exp(x))", "x + log(1001/1000)", {}),
    ],
)  # fmt: skip
def test_rounding_makes_no_difference(left: str, right: str, declared: dict[str, str], seeds: range) -> None:
    for seed in seeds:
        assert apart(left, right, seed, **declared) < 1e-9, seed


@pytest.mark.slow
@pytest.mark.parametrize("seeds", draws(1, 4))
def test_rounding_far_away_is_no_difference(seeds: range) -> None:
    """(x + y + |x - y|)/2 of a large -x loses all digits of y in doubles: many digits decide."""
    dims = {"x": ("n",), "y": ("n",)}
    for seed in seeds:
        assert matcalc.equal("max(x,y)", "(x+y+abs(x-y))/2", seed=seed), seed
        assert matcalc.equal("min(x,y)", "(x+y-abs(x-y))/2", seed=seed), seed
        assert not matcalc.equal("max(x,y)", "(x+y+abs(x-y))/2 + relu(x - 10^6*ones(n))", dims=dims, seed=seed), seed


@pytest.mark.sample(6)
@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        ("relu(tanh(s) - 1)", "0*s", "relu(tanh(s) - 1)"), ("relu(-x'*x)", "0*sum(x)", "relu(-xᵀ x)"),
        ("abs(cosh(s) + s)", "cosh(s) + s", "|cosh(s) + s|"), ("relu(s) - relu(-s)", "s", ""),
        ("max(x, y) + min(x, y)", "x + y", ""),
        ("relu(s - 10^9) + s", "max(s, 2*s - 10^9)", ""), ("sum(abs(exp(x)))", "sum(exp(x))", ""), ("abs(s)^2", "s^2", ""),
    ],
)  # fmt: skip
def test_a_side_of_a_kink_that_no_point_was_on_is_named(left: str, right: str, said: str) -> None:
    names = re.findall(r"[a-zA-Z]+", left + " " + right)
    verdict = matcalc.equal(left, right, dims={k: v for k, v in SHAPES.items() if k in names})
    assert verdict and (any(said in note for note in verdict.notes) if said else not verdict.notes)


def test_what_one_side_is_of_the_other() -> None:
    square = {"A": ("n", "n"), "B": ("n", "n")}
    for left, right, offset, turned in (
        ("x'*x + 3/2", "x'*x", Fraction(3, 2), False),
        ("x'*x", "x'*x + 2", Fraction(-2), False),
        ("A*B'", "B*A'", None, True),
        ("A*B", "B*A", None, False),
        ("x'*x", "y'*y", None, False),
        ("abs(sum(x))", "abs(sum(x)) + 1/2", Fraction(-1, 2), False),
        ("sum(log(x))", "sum(log(2*x))", "-n*log(2)", False),
        ("x'*x + log(2*pi)/2", "x'*x", "log(2*pi)/2", False),
        ("log(sum(exp(x)))", "log(mean(exp(x)))", "log(n)", False),
        ("sum(x)", "sum(2*x)", None, False),
    ):
        found = matcalc.equal(left, right, dims={n: d for n, d in square.items() if n in left}).counterexample
        assert found is not None and (found.offset, found.turned) == (offset, turned)
