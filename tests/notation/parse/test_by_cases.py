"""Definitions by cases: values and slopes against np.select, what is refused, and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import MatcalcError, NoRuleError
from matcalc.notation.lex.syntax import Ast
from matcalc.notation.parse.by_cases import alike

Piecewise = Callable[[Any], Any]
READ: dict[str, tuple[str, Piecewise]] = {
    "relu": (r"x & x > 0 \\ 0 & x \le 0", lambda x: np.where(x > 0, x, 0)),
    "words": (r"x & \text{if } x > 0 \\ 0 & \text{otherwise.}", lambda x: np.where(x > 0, x, 0)),
    "commas": (r"2x, & \text{for } x \geq 1, \\ x + 1, & \text{else}", lambda x: np.where(x >= 1, 2 * x, x + 1)),
    "Huber": (
        r"\frac12 x^2 & |x| \le 2 \\ 2(|x| - 1) & |x| > 2",
        lambda x: np.where(abs(x) <= 2, x**2 / 2, 2 * (abs(x) - 1)),
    ),
    "three": (
        r"0 & x < 0 \\ x^2 & 0 \le x < 1 \\ 2x - 1 & x \ge 1",
        lambda x: np.select([x < 0, x < 1], [0 * x, x**2], 2 * x - 1),
    ),
    "smooth hinge": (
        r"0 & x \ge 1 \\ \frac12 - x & x \le 0 \\ \frac12(1-x)^2 & \text{otherwise}",
        lambda x: np.select([x >= 1, x <= 0], [0 * x, 0.5 - x], (1 - x) ** 2 / 2),
    ),
}
POINTS = (-3.1, -0.4, 0.3, 1.7, 2.6)


@pytest.mark.parametrize("case", READ.values(), ids=READ)
def test_values_and_slopes(case: tuple[str, Piecewise]) -> None:
    pieces, value = case
    d = matcalc.derive(rf"f(x) = \begin{{cases}} {pieces} \end{{cases}}", wrt="x", dims={"x": ()})
    assert d.checked is not None and d.checked.passed
    slope = matcalc.parse(d.result.plain, d.dims)
    for x in map(np.float64, POINTS):
        assert np.allclose(d.value.evaluate({"x": x}), value(x), rtol=1e-12)
        assert np.allclose(slope.evaluate({"x": x}), (value(x + 1e-6) - value(x - 1e-6)) / 2e-6, rtol=1e-6, atol=1e-8)


def test_at_the_border_the_condition_decides() -> None:
    closed, opened = (
        matcalc.parse(rf"\begin{{cases}} 5 & x {sign} 1 \\ 3 & \text{{otherwise}} \end{{cases}}", {"x": ()})
        for sign in (r"\ge", ">")
    )
    assert closed.evaluate({"x": 1.0}) == 5 and opened.evaluate({"x": 1.0}) == 3


def test_of_each_entry_under_a_sum_and_in_a_function_of_the_text() -> None:
    z = np.array([-2.0, 0.4, 3.0])
    huber = r"\begin{cases} \frac12 r_i^2 & |r_i| \le 1 \\ |r_i| - \frac12 & \text{otherwise} \end{cases}"
    d = matcalc.derive(rf"\sum_{{i=1}}^n {huber}", wrt="r")
    assert np.allclose(matcalc.parse(d.result.plain, d.dims).evaluate({"r": z}), np.clip(z, -1, 1))
    own = matcalc.derive(r"s = u^T f(x), f(z) = \begin{cases} z & z > 0 \\ 0 & z \le 0 \end{cases}", wrt="x")
    assert np.allclose(matcalc.parse(own.result.plain, own.dims).evaluate({"u": z, "x": z[::-1]}), z * (z[::-1] > 0))


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        (r"x^2 & x = 0 \\ x & x \ne 0", "this condition of a piece is not read"),
        (r"x", "all but the last one need a condition"),
        (r"x & x > 1 \\ -x & x < 0", "leave points to none of the pieces"),
        (r"x & x > 0 \\ e^x - 1 & x \le 0", "exp has none, or overflows"),
        (r"x\log x & x > 0 \\ 0 & \text{otherwise}", "log has none"),
        (r"\frac{\sin x}{x^2} & x > 0 \\ 0 & \text{otherwise}", "a quotient has none"),
        (r"x^{1/2} & x > 0 \\ 0 & \text{otherwise}", "a power has none"),
        (r"x & x > 0 & 3 \\ 0 & \text{otherwise}", "a condition ends here"),
    ],
)
def test_refusals(pieces: str, words: str) -> None:
    with pytest.raises(MatcalcError, match=words) as caught:
        matcalc.parse(rf"f(x) = \begin{{cases}} {pieces} \end{{cases}}", {"x": ()})
    assert caught.value.hint


def test_the_hint_of_a_refusal_works() -> None:
    with pytest.raises(NoRuleError, match="leave points") as caught:
        matcalc.parse(r"\begin{cases} x & x > 1 \\ -x & x < 0 \end{cases}", {"x": ()})
    assert r"\text{otherwise}" in str(caught.value.hint)
    assert matcalc.parse(r"\begin{cases} x & x > 1 \\ -x & \text{otherwise} \end{cases}", {"x": ()}).evaluate({"x": 0.5}) == -0.5


ARRAYS = {
    "np.sum(np.where(np.outer(y, y) > 0.1, np.outer(y, y), 0))": lambda y: np.where(np.outer(y, y) > 0.1, np.outer(y, y), 0).sum(),
    "np.sum(np.where(y > 0, y, np.diag(y) @ (y - np.mean(y))))": lambda y: np.where(y > 0, y, y * (y - y.mean())).sum(),
    "np.sum(np.where(y > 0, softmax(y), np.cumsum(y)))": lambda y: np.where(y > 0, np.exp(y) / np.exp(y).sum(), y.cumsum()).sum(),
}


@pytest.mark.parametrize("text", ARRAYS)
def test_pieces_of_arrays_that_are_finite_everywhere(text: str) -> None:
    y = np.array([0.7, -0.4, 1.2])
    value, slope = matcalc.derive(text, "y", {"y": (3,)}).function()(y=y)
    assert value == pytest.approx(ARRAYS[text](y))
    for i, e in enumerate(1e-6 * np.eye(3)):
        assert slope[i] == pytest.approx((ARRAYS[text](y + e) - ARRAYS[text](y - e)) / 2e-6, rel=1e-6, abs=1e-8)


def test_trees_are_alike_wherever_they_stand() -> None:
    one, other = (Ast("neg", i, i + 2, (Ast("name", i + 1, i + 2, (), "x"),)) for i in (0, 7))
    assert alike(one, other) and not alike(one, other.args[0]) and not alike(one, "x")
