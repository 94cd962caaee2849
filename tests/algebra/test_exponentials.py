"""Expressions in exponentials: the same values, and identities that exact arithmetic then decides."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc
from matcalc.algebra.book import book
from matcalc.algebra.exponentials import in_exponentials
from matcalc.check.verdict import EXACT
from matcalc.expr.nodes import postorder
from matcalc.results import Expr

DIMS: dict[str, Any] = {"z": (), "w": (), "x": ("n",), "y": ("n",)}
VALUES: dict[str, Any] = {"z": 0.3, "w": -0.7, "x": [0.5, -0.2], "y": [0.1, 0.9]}


def sizes(*texts: str) -> dict[str, Any]:
    letters = set("".join(texts).replace("exp", "").replace("softplus", ""))
    return {name: shape for name, shape in DIMS.items() if name in letters}


@pytest.mark.parametrize(
    "text",
    [
        "tanh(z)", "sinh(x)", "cosh(z)*expm1(w)", "sigmoid(x)", "silu(z)", "exp(2*z - w/3)", "exp(z/2) + exp(z/3)", "exp(z + 1)",
        "exp(x - y)", "exp(-(x + 2*y))", "exp(exp(z + w))", "tanh(tanh(2*z))", "exp(3)", "exp(z*w + z)", "softplus(z)", "exp(0*z)",
        "exp(100*z)", "exp(-z/2)*z",
    ],
)  # fmt: skip
def test_values_stay_what_they_are(text: str) -> None:
    e = matcalc.parse(text, sizes(text))
    new = Expr(in_exponentials(book(), e.node), e._problem)
    given = {name: value for name, value in VALUES.items() if name in sizes(text)}
    assert new.evaluate(given) == pytest.approx(e.evaluate(given), rel=1e-12)


def test_arguments_are_no_sums() -> None:
    e = in_exponentials(book(), matcalc.parse("tanh(z) + exp(z + 2*w)", sizes("zw")).node)
    assert {n.args[0].op for n in postorder((e,)) if n.op == "exp"} == {"sym"} and not any(n.op == "tanh" for n in postorder((e,)))
    e = in_exponentials(book(), matcalc.parse("exp(z/2) + exp(z/3)", sizes("z")).node)
    assert len([n for n in postorder((e,)) if n.op == "exp"]) == 1  # of z/6


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("tanh(z)", "2*sigmoid(2*z) - 1"), ("tanh(x)", "2*sigmoid(2*x) - 1"), ("tanh(z)", "sinh(z)/cosh(z)"),
        ("exp(z + w)", "exp(z)*exp(w)"), ("exp(x + y)", "exp(x).*exp(y)"), ("silu(z)", "z/2*(1 + tanh(z/2))"),
        ("tanh(z + w)", "(tanh(z) + tanh(w))/(1 + tanh(z)*tanh(w))"), ("cosh(z)^2 - sinh(z)^2", "1"), ("exp(3*z)", "exp(z)^3"),
        ("exp(2)", "exp(1)^2"), ("sigmoid(z)*(1 - sigmoid(z))", "1/(4*cosh(z/2)^2)"),
    ],
)  # fmt: skip
def test_identities_are_decided_exactly(left: str, right: str) -> None:
    verdict = matcalc.equal(left, right, sizes(left, right))
    assert verdict and verdict.how == EXACT


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("tanh(z)", "2*sigmoid(z) - 1"), ("exp(z + w)", "exp(z) + exp(w)"), ("exp(z*w)", "exp(z)*exp(w)"), ("cosh(z)", "sinh(z)"),
        ("exp(z/2)", "exp(z)/2"), ("exp(z)", "exp(1)*z"), ("exp(z)^2", "exp(z^2)"),
    ],
)  # fmt: skip
def test_what_is_not_the_same_is_not(left: str, right: str) -> None:
    assert not matcalc.equal(left, right, sizes(left, right))
