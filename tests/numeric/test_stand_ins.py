"""What stands for an unspecified f: functions drawn at random, and those that users may pass."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from matcalc.expr.errors import UsageError
from matcalc.expr.nodes import make, sym
from matcalc.expr.table import Type
from matcalc.numeric.evaluation import directional
from matcalc.numeric.stand_ins import WithGeneric, apply, from_user, generic, named

POINTS = np.array([0.31, 0.52, 0.77])
COLUMN = Type("c", "n", 1)


@pytest.mark.parametrize("order", range(5))
def test_generic_functions_are_smooth_and_differ_by_name(order: int) -> None:
    step = np.imag(generic("f", order)(POINTS + 1e-20j)) / 1e-20
    assert np.allclose(generic("f", order + 1)(POINTS), step, rtol=1e-11)
    assert np.abs(generic("f", order)(POINTS) - generic("g", order)(POINTS)).min() > 1e-3
    assert np.array_equal(WithGeneric()["f"](order)(POINTS), generic("f", order)(POINTS))


@pytest.mark.parametrize("value", ["tanh", np.tanh, (np.tanh, lambda z: 1 - np.tanh(z) ** 2), [math.tanh]])
def test_what_a_user_passes(value: Any) -> None:
    assert np.allclose(apply({"f": from_user(value)}, "f", 0, POINTS), np.tanh(POINTS), rtol=1e-11)


def test_names_and_their_synonyms() -> None:
    for name in ("arctan", "ReLU", "logistic", "ln", "abs"):
        assert named(name) is not None
    assert named("det") is None


def test_a_constant_derivative_is_spread() -> None:
    f = from_user((lambda z: 2 * z, lambda z: 2))
    assert np.array_equal(apply({"f": f}, "f", 1, POINTS), [2, 2, 2])


def message(value: Any, order: int = 0) -> str:
    with pytest.raises(UsageError) as caught:
        apply({"f": from_user(value)}, "f", order, POINTS)
    return str(caught.value)


def test_messages() -> None:
    said = message((np.tanh, np.cosh), 2)
    assert "f: its derivative of order 2 is needed, but 1 derivative was given" in said
    assert "functions={'f': (f, f', f'')}" in said
    assert "did you mean 'tanh'?" in message("tanhh")
    assert "known are" in message("zzz")
    assert "neither a name, a callable nor a tuple" in message(3)
    assert "f is not elementwise: it made shape (1,) out of (3,)" in message(lambda z: z[:1])
    with pytest.raises(UsageError, match="no function was given for f"):
        apply({}, "f", 0, POINTS)


@pytest.mark.parametrize(
    "value",
    [
        lambda z: np.where(np.abs(z) > 0.4, z**2, 0.8 * np.abs(z) - 0.16),  # |z| loses the step silently
        lambda z: np.conj(z) * z,
        math.tanh,  # refuses complex numbers
        np.vectorize(lambda z: math.exp(z)),
        np.tanh,
    ],
)
def test_functions_that_lose_a_complex_step_are_differenced(value: Any) -> None:
    x = sym("x", COLUMN)
    at, functions = {x: POINTS[:, None]}, {"f": from_user(value)}
    (slope,) = directional([make("fn", (x,), ("f", 0))], at, {x: np.ones((3, 1))}, {"n": 3}, functions)
    h = 1e-6
    up, down = (apply(functions, "f", 0, at[x] + t) for t in (h, -h))
    assert np.allclose(slope, (up - down) / (2 * h), rtol=1e-8)
