"""What stands for unspecified functions of vectors and numbers has the derivatives that it says, and keeps properties."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.numeric.stand_in_maps import KERNELS, jacobian, of_number, of_vector

RNG = np.random.default_rng(11)
STEP = 1e-30


@pytest.mark.parametrize(("rows", "cols"), [(1, 1), (3, 2), (4, 5)])
def test_the_jacobian_is_that_of_the_function(rows: int, cols: int) -> None:
    v, x = RNG.normal(size=(rows, 1)), RNG.normal(size=(cols, 1))
    steps = [of_vector(v, x + 1j * STEP * np.eye(cols)[:, [j]]).imag / STEP for j in range(cols)]
    np.testing.assert_allclose(jacobian(v, x), np.hstack(steps), rtol=1e-13)


@pytest.mark.parametrize("order", [0, 1, 2, 3])
@pytest.mark.parametrize(("rows", "cols"), [(3, 3), (2, 4), (3, 1)])
def test_each_order_is_the_slope_of_the_one_before(order: int, rows: int, cols: int) -> None:
    v, t = RNG.normal(size=(rows, cols)), RNG.normal(size=(1, 1))
    slope = of_number(order)(v, t + 1j * STEP).imag / STEP
    np.testing.assert_allclose(of_number(order + 1)(v, t), slope, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", KERNELS)
def test_batches_are_what_their_members_are(name: str) -> None:
    v, x = RNG.normal(size=(5, 3, 1)), RNG.normal(size=(5, 4 if name.startswith("vmap") else 1, 1))
    np.testing.assert_allclose(KERNELS[name](v, x), np.stack([KERNELS[name](a, b) for a, b in zip(v, x, strict=True)]))


def test_a_symmetric_or_definite_carrier_gives_such_values() -> None:
    a = RNG.normal(size=(4, 4))
    spd, t = a @ a.T + np.eye(4), RNG.normal(size=(1, 1))
    value, slope = of_number(0)(spd, t), of_number(1)(spd, t)
    np.testing.assert_allclose(value, value.T)
    np.testing.assert_allclose(slope, slope.T)
    assert np.linalg.eigvalsh(value).min() > 0


def test_two_functions_differ_also_in_their_derivatives() -> None:
    v, w, x = RNG.normal(size=(3, 1)), RNG.normal(size=(3, 1)), RNG.normal(size=(2, 1))
    assert np.abs(jacobian(v, x) - jacobian(w, x)).max() > 0.05
    k, m, t = RNG.normal(size=(3, 3)), RNG.normal(size=(3, 3)), RNG.normal(size=(1, 1))
    assert np.abs(of_number(1)(k, t) - of_number(1)(m, t)).max() > 0.05
    both = of_number(0)(k, t) @ of_number(1)(k, t)
    assert np.abs(both - of_number(1)(k, t) @ of_number(0)(k, t)).max() > 0.05  # they do not commute
