"""Gradients of functions in Python: right, wrong, at kinks, in single precision; faults of one entry are seen down to the power."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.check.own_gradients import check_gradient
from matcalc.expr.errors import UsageError

RNG = np.random.default_rng(3)
A, b, x = RNG.standard_normal((4, 3)), RNG.standard_normal(4), RNG.standard_normal(3)
W = RNG.standard_normal((3, 3))


def f(x: Any) -> Any:
    return np.sum((A @ x - b) ** 2)


def df(x: Any) -> Any:
    return 2 * A.T @ (A @ x - b)


@pytest.mark.parametrize(
    ("way", "method"),
    [
        (lambda x: x @ x, "complex steps"),
        (lambda x: abs(x @ x), "central differences"),
        (lambda x: float(np.real(x @ x)), "central differences"),
    ],
)
def test_right_with_complex_steps_and_without(way: Any, method: str) -> None:
    report = matcalc.check_gradient(way, lambda x: 2 * x, x)
    assert report.passed and report and len(report.looks) == 3 and report.method == method


@pytest.mark.parametrize(
    ("grad", "words"),
    [
        (lambda x: df(x) / 2, "0.5 times what is right"),
        (lambda x: -df(x), "-1 times what is right"),
        (lambda x: df(x) / 3, "1/3: a mean for a sum"),
        (lambda x: df(x) + np.array([0, 1e-6, 0]), ""),
    ],
)
def test_wrong(grad: Any, words: str) -> None:
    report = check_gradient(f, grad, x)
    assert not report.passed and words in report.to_text() and report.looks[0].agrees is False


def test_a_transposed_gradient() -> None:
    def grad(W: Any) -> Any:
        return (A.T @ np.ones((4, 3)) @ W.T + W.T @ A.T @ np.ones((4, 3))).T

    assert "transposed" in check_gradient(lambda W: np.sum(A @ W @ W), grad, W).to_text()
    with pytest.raises(UsageError, match="transposed"):
        check_gradient(lambda M: np.sum(M**2), lambda M: 2 * M.T, A)


@pytest.mark.parametrize(("many", "size"), [(False, 30), (True, 5000)])
def test_what_is_larger_than_the_power_is_seen_and_what_is_smaller_is_not(many: bool, size: int) -> None:
    at = RNG.standard_normal(size)
    power = check_gradient(lambda x: np.sum(x**3), lambda x: 3 * x**2, at).power
    for times, passed in ((1e-3, True), (2.5, False)):
        fault = np.where(np.arange(size) == 7, times * power, 0.0)
        report = check_gradient(lambda x: np.sum(x**3), lambda x, fault=fault: 3 * x**2 + fault, at)
        assert report.passed is passed and (report.looks[0].place is None) is many


def test_kinks_are_no_faults() -> None:
    report = check_gradient(lambda x: np.sum(np.maximum(x, 0)), lambda x: (x > 0) * 1.0, np.array([1.0, 0.0, -2.0]))
    assert (
        report.passed
        and [k.place for k in report.looks if k.kink] == [(2,)]
        and "x[2]: the function has a kink" in report.to_text()
    )
    assert check_gradient(lambda x: np.sum(np.abs(x)), np.sign, np.array([1.0, -3.0])).passed


def test_noise_of_single_precision_is_no_fault() -> None:
    def single(x: Any) -> Any:
        return np.float32(f(x.astype(np.float32)))

    assert check_gradient(single, lambda x: df(x).astype(np.float32), x).passed
    assert not check_gradient(single, lambda x: 1.1 * df(x), x).passed


def test_arguments_by_name_and_in_order() -> None:
    def grads(W: Any, b: Any) -> Any:
        return np.outer(1 - np.tanh(W @ b) ** 2, b), W.T @ (1 - np.tanh(W @ b) ** 2)

    def value(W: Any, b: Any) -> Any:
        return np.sum(np.tanh(W @ b))

    assert check_gradient(value, grads, (A, x)).passed
    assert check_gradient(value, lambda W, b: {"b": grads(W, b)[1]}, {"W": A, "b": x}).passed
    assert not check_gradient(value, lambda W, b: {"b": 2 * grads(W, b)[1]}, {"W": A, "b": x}).passed


@pytest.mark.parametrize(
    ("fn", "grad", "at"),
    [
        (f, 3, x),
        (3, df, x),
        (lambda x: x, df, x),
        (f, lambda x: "no", x),
        (f, df, "no"),
        (f, df, {}),
        (f, df, (x, x)),
    ],
)
def test_what_is_refused(fn: Any, grad: Any, at: Any) -> None:
    with pytest.raises(UsageError):
        check_gradient(fn, grad, at)
