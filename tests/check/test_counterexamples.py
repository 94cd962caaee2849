"""Where two expressions differ: a point with short numbers at which NumPy sees it too, and the factor between them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.check.verdict import Counterexample

DIMS: dict[str, Any] = {"A": ("n", "n"), "B": ("n", "n"), "x": ("n",), "s": ()}


def found(left: str, right: str, **more: Any) -> Counterexample:
    verdict = matcalc.equal(left, right, {k: v for k, v in DIMS.items() if k in left + right}, **more)
    assert not verdict and verdict.counterexample is not None
    return verdict.counterexample


def test_the_logistic_function_for_tanh() -> None:
    one = found("tanh(s)", "2*sigmoid(s) - 1")
    s = float(one.values["s"])
    assert one.left == pytest.approx(np.tanh(s)) and one.right == pytest.approx(2 / (1 + np.exp(-s)) - 1)
    assert one.entry == () and one.ratio == pytest.approx(np.tanh(s) / (2 / (1 + np.exp(-s)) - 1)) and one.factor is None
    assert s == round(s, 3)


def test_matrices_that_do_not_commute() -> None:
    one = found("A*B", "B*A")
    a, b = one.values["A"], one.values["B"]
    assert a.shape == (2, 2)  # numbers commute: no smaller one is a counterexample
    assert np.allclose(one.left, a @ b) and np.allclose(one.right, b @ a)
    assert np.abs(a @ b - b @ a)[one.entry] == np.abs(a @ b - b @ a).max()
    below = (b @ a)[one.entry]
    assert one.ratio == (pytest.approx((a @ b)[one.entry] / below) if below else None)


@pytest.mark.parametrize(
    ("left", "right", "factor"),
    [
        ("x'*A*x", "2*x'*A*x", Fraction(1, 2)), ("-x", "x", -1), ("3*x/7", "x", Fraction(3, 7)), ("tr(A)", "sum(A)", None),
        ("x", "x + 0.000001", None), ("abs(s)", "s", None),
    ],
)  # fmt: skip
def test_a_factor_that_is_the_same_everywhere(left: str, right: str, factor: Fraction | None) -> None:
    assert found(left, right).factor == factor


def test_what_is_declared_holds_of_the_values() -> None:
    one = found("logdet(A)", "log(tr(A))", assume={"A": "spd"})
    a = one.values["A"]
    assert np.allclose(a, a.T) and np.linalg.eigvalsh(a).min() > 0
    assert one.left == pytest.approx(np.log(np.linalg.det(a)))
    q = found("A*x", "x", assume={"A": "orthogonal"}).values["A"]
    assert np.allclose(q.T @ q, np.eye(len(q)))


def test_functions_that_may_be_any_are_named() -> None:
    assert found("f(s)", "g(s)").sampled == ("f", "g")
    assert found("f(s)", "g(s)", functions={"f": "tanh", "g": "exp"}).sampled == ()


def test_values_cannot_be_written_to() -> None:
    one = found("A*B", "B*A")
    assert not any(x.flags.writeable for x in (one.left, one.right, *one.values.values()))


def test_none_where_doubles_see_no_difference() -> None:
    verdict = matcalc.equal("s", "s*(1 + 10^(-300))", {"s": ()})
    assert not verdict and verdict.counterexample is None
