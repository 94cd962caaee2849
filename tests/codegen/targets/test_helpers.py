"""Functions that stand above generated ones, against NumPy and SciPy, where simple ones fail."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import scipy.linalg

from matcalc.codegen.targets.helpers import FLOATS, HELPERS

RNG = np.random.default_rng(9)
space: dict[str, Any] = {"np": np, "scipy": scipy}
for source in HELPERS.values():
    exec(source, space)  # our own text, as it stands in generated source
A = RNG.normal(size=(4, 4)) + 3 * np.eye(4)
SPD = A @ A.T


@pytest.mark.parametrize("scale", [1.0, 1e200, 1e-200, 0.0])
def test_norms_of_any_size(scale: float) -> None:
    x = np.array([3.0, 4.0]) * scale
    with np.errstate(divide="raise", invalid="raise"):
        assert np.isclose(space["_norm"](x), 5 * scale, rtol=1e-14, atol=0)


def test_adjugates_of_regular_and_singular_matrices() -> None:
    assert np.allclose(space["_adjugate"](A), np.linalg.det(A) * np.linalg.inv(A))
    assert np.allclose(space["_adjugate"](np.array([[1.0, 2.0], [2.0, 4.0]])), [[4.0, -2.0], [-2.0, 1.0]])


def test_log_det_and_factors() -> None:
    assert np.isclose(space["_log_det"](1e200 * np.eye(3)), 600 * np.log(10))
    assert np.allclose(space["_inverse_from_lu"](space["_lu"](A)), np.linalg.inv(A))
    assert np.allclose(space["_inverse_from_cho"](scipy.linalg.cho_factor(SPD)), np.linalg.inv(SPD))
    assert space["_lu"](np.zeros((0, 0)))[0].shape == (0, 0)
    with pytest.raises(np.linalg.LinAlgError), warnings.catch_warnings():
        warnings.simplefilter("error")  # it is refused, and SciPy has nothing to say
        space["_lu"](np.zeros((2, 2)))


def test_precision_is_that_of_the_arrays() -> None:
    floats = space[FLOATS]
    one, two = floats(np.ones(2, np.float32), 2)
    assert one.dtype == two.dtype == np.float32 and floats([1, 2])[0].dtype == float
    given = np.ones(3)
    assert floats(given)[0] is given
    with pytest.raises(TypeError):
        floats(np.array([1j]))


def test_matrix_functions() -> None:
    e = RNG.normal(size=(4, 4))
    assert np.allclose(space["_frechet"](scipy.linalg.expm, A / 4, e), scipy.linalg.expm_frechet(A / 4, e, compute_expm=False))
    assert np.isnan(space["_real"](scipy.linalg.sqrtm(-np.eye(2)))).all()


def test_convolutions_and_diagonals() -> None:
    w, x = RNG.normal(size=3), RNG.normal(size=5)
    assert np.allclose(space["_convolution_matrix"](w, 5) @ x, np.convolve(w, x))
    assert np.allclose(space["_hankel"](x, 3) @ w, np.correlate(x, w, "valid"))
    sums = space["_diagonal_sums"](A)
    assert np.isclose(sums[0, 1], np.trace(A, 1)) and np.isclose(sums[2, 0], np.trace(A, -2))
    assert np.isclose(sums[3, 3], np.trace(A))


def test_vectors_with_one_sign() -> None:
    v = space["_top_eigenvector"](SPD)
    assert np.allclose(SPD @ v, np.linalg.eigvalsh(SPD)[-1] * v) and v[np.abs(v).argmax()] > 0
    u, right = space["_left_singular_vectors"](A), space["_right_singular_vectors"](A)
    assert np.allclose(A @ right, u * np.linalg.svd(A, compute_uv=False))
    assert np.allclose(space["_top_direction"](A), np.outer(u[:, 0], right[:, 0]))
    vectors = space["_eigenvectors"](SPD)
    assert np.allclose(SPD @ vectors, vectors * np.linalg.eigvalsh(SPD)) and (vectors.max(0) >= -vectors.min(0)).all()
