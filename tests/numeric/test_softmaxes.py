"""Softmax and its relatives along axes, against SciPy; arguments whose exponentials overflow."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special

from matcalc.numeric.softmaxes import ALL, ROW, logsoftmax, logsumexp, softmax

X = np.random.default_rng(2).normal(size=(5, 2, 3))


@pytest.mark.parametrize("axes", [ALL, ROW])
@pytest.mark.parametrize("shift", [0.0, 1000.0, -1000.0])
def test_values(axes: tuple[int, ...], shift: float) -> None:
    x = X + shift
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert np.allclose(softmax(axes)(x), scipy.special.softmax(x, axis=axes), rtol=1e-13)
        assert np.allclose(logsoftmax(axes)(x), scipy.special.log_softmax(x, axis=axes), rtol=1e-13)
        assert np.allclose(logsumexp(axes)(x), scipy.special.logsumexp(x, axis=axes, keepdims=True), rtol=1e-13)


def test_shapes() -> None:
    assert logsumexp(ROW)(X).shape == (5, 2, 1) and logsumexp(ALL)(X).shape == (5, 1, 1) and softmax(ROW)(X).shape == X.shape


def test_a_complex_step_is_the_derivative() -> None:
    x, e = X[0], np.zeros((2, 3))
    e[0, 1] = 1
    step = np.imag(logsumexp(ALL)(x + 1e-20j * e)) / 1e-20
    assert np.allclose(step, scipy.special.softmax(x)[0, 1], rtol=1e-13)


def test_minus_infinity_has_no_weight() -> None:
    assert np.allclose(softmax(ROW)(np.array([[0.0, -np.inf, 0.0]])), [[0.5, 0.0, 0.5]])
