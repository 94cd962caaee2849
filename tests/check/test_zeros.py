"""Derivatives that vanish: proved by exact arithmetic, told with the reason, and not believed where only the points say so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.api import read_problem
from matcalc.check.zeros import Asked, does_not_move, glance, is_proved, is_steady, points_of, vanishes_everywhere
from matcalc.engine.derivation import Equation
from matcalc.expr.errors import CheckError
from matcalc.numeric.sampling import VARIED

SHAPES: dict[str, Any] = {"A": ("n", "n"), "B": ("n", "n"), "x": ("n",), "y": ("n",)}


def asked(text: str, **assume: str) -> Asked:
    problem = read_problem(text, {k: v for k, v in SHAPES.items() if k in text})
    return Asked(problem, (), {k: frozenset({v}) for k, v in assume.items()}, {}, 0)


@pytest.mark.parametrize("text", ["tr(A*B) - tr(B*A)", "sum(softmax(x)) - 1", "inv(A)*A*x - x", "relu(x) - relu(-x) - x"])
def test_zero_everywhere(text: str) -> None:
    question = asked(text)
    found = vanishes_everywhere(question.problem, question.problem.output, {})
    assert found is ("relu" not in text)  # what has branches is not decided


@pytest.mark.parametrize("text", ["A*B - B*A", "x - y", "relu(x)", "x.^3 - x"])
def test_not_zero(text: str) -> None:
    question = asked(text)
    assert not vanishes_everywhere(question.problem, question.problem.output, {})


def test_what_does_not_move() -> None:
    question = asked("sum(softmax(x))*y'*y")
    x, y = question.problem.symbols["x"], question.problem.symbols["y"]
    assert does_not_move(question, x) and not does_not_move(question, y)


def test_a_formula_for_a_derivative_that_cancels_is_proved_zero() -> None:
    question = asked("sum(softmax(x))")
    x = question.problem.symbols["x"]
    p = read_problem("softmax(x) - sum(softmax(x))*softmax(x)", {"x": ("n",)}).output
    assert is_proved(question, p, x)
    question = asked("sum(x.^2)")
    assert not is_proved(question, read_problem("2*x", {"x": ("n",)}).output, question.problem.symbols["x"])


def test_points_have_sizes_of_all_kinds() -> None:
    question = asked("x'*A*x")
    found = points_of(question, [])
    assert len(found) == len(VARIED) and {at.sizes["n"] for at in found} >= {1, 2, 3}
    with pytest.raises(CheckError):
        points_of(asked("log(-x'*x)"), [])


def test_a_glance_tells_what_is_plainly_not_zero() -> None:
    question = asked("x'*A*x")
    share = glance(question.problem, {})
    assert share(question.problem.output) > 1e-4 and share(read_problem("x - x", {"x": ("n",)}).output) < 1e-9
    kinked = asked("norm2(x - x) + log(x'*x)")  # a point may be at a kink
    assert not glance(kinked.problem, {})(kinked.problem.output.args[0])


def test_a_small_number_that_stays_is_no_rest() -> None:
    assert is_steady(np.array([1e-300]), np.array([1e-300 * (1 + 1e-12)])) and not is_steady(np.array([1e-50]), np.array([3e-51]))
    assert not is_steady(np.array([0.0]), np.array([0.0]))


def test_the_reason_is_told() -> None:
    d = matcalc.derive("sum(softmax(x))")
    assert d.result.plain == "zeros(n)" and "the terms cancel" in d.to_text()
    (about,) = [a for s in d.steps for a in s.about if isinstance(a, Equation)]
    assert about.lhs.text == "sum(softmax(x))" and about.rhs.text == "1"


def test_an_inverse_has_to_exist() -> None:
    d = matcalc.derive("x'*inv(A)*A*x", wrt="A", dims=SHAPES)
    assert d.result.plain == "zeros(n, n)" and any("only where" in w and "exists" in w for w in d.warnings)
    declared = matcalc.derive("x'*inv(A)*A*x", wrt="A", dims=SHAPES, assume={"A": "invertible"})
    assert not any("only where" in w for w in declared.warnings)
