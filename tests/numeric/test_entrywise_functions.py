"""Elementwise functions on arrays: derivatives of every order, values against NumPy and SciPy far out, and the complex step."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special
import scipy.stats

from matcalc.expr.table import TABLE
from matcalc.numeric.entrywise_functions import NAMED, absolute, cbrt, huber, polygamma, power, sigmoid, softplus

POINTS = np.array([0.31, 0.52, 0.77])
STEP = 1e-20j


@pytest.mark.parametrize("name", sorted(NAMED))
@pytest.mark.parametrize("order", range(5))
def test_each_derivative_is_that_of_the_one_before(name: str, order: int) -> None:
    points = POINTS + (TABLE[name].domain == "above-one")
    step = np.imag(NAMED[name](order)(points + 1e-20j)) / 1e-20
    assert np.allclose(NAMED[name](order + 1)(points), step, rtol=1e-9, atol=1e-12)


def test_every_elementwise_operator_is_there() -> None:
    assert {op.name for op in TABLE.values() if op.elementwise} - {"fn"} == set(NAMED)


def test_powers_of_a_negative_base_keep_their_step() -> None:
    x = np.array([-2.0, -0.5, 3.0])
    for k in (0, 1, 2, 3, 7, -1, -2):
        found = power(x + STEP, np.array(float(k)))
        assert np.allclose(found.real, x**k, rtol=1e-14)
        assert np.allclose(found.imag / 1e-20, k * x ** (k - 1), rtol=1e-13)
    assert np.allclose(power(np.abs(x), np.array(0.5)), np.sqrt(np.abs(x)), rtol=1e-15)


def test_far_out_nothing_overflows_and_no_digit_is_lost() -> None:
    far = np.array([-800.0, -40.0, 40.0, 800.0])
    with np.errstate(over="raise", invalid="raise"):
        assert np.array_equal(softplus(far), [0.0, np.log1p(np.exp(-40.0)), 40.0, 800.0])
        assert np.allclose(sigmoid(far), scipy.special.expit(far), rtol=1e-15, atol=0)
        assert np.allclose(NAMED["normcdf"](0)(np.array([-30.0])), scipy.stats.norm.cdf(-30.0), rtol=1e-12, atol=0)
        assert np.allclose(NAMED["logsigmoid"](0)(far[:1]), [-800.0])


def test_a_step_passes_through_functions_with_branches() -> None:
    x = np.array([-2.0, 3.0]) + STEP
    assert np.array_equal(absolute(x).imag / 1e-20, [-1.0, 1.0])
    assert np.allclose(cbrt(x).imag / 1e-20, 1 / (3 * np.cbrt(np.array([-2.0, 3.0])) ** 2), rtol=1e-14)
    assert cbrt(np.array([-8.0]))[0] == -2.0


def test_huber_is_a_parabola_inside_and_a_line_outside() -> None:
    x = np.array([-3.0, -1.0, 0.5, 2.0, 2.5])
    assert np.allclose(huber(x, np.array(2.0)), scipy.special.huber(2.0, x), rtol=1e-15)


@pytest.mark.parametrize("order", range(4))
def test_polygamma_takes_a_step_in_the_next_one(order: int) -> None:
    found = polygamma(order)(POINTS + STEP)
    assert np.allclose(found.real, scipy.special.polygamma(order, POINTS), rtol=1e-13)
    assert np.allclose(found.imag / 1e-20, scipy.special.polygamma(order + 1, POINTS), rtol=1e-13)
