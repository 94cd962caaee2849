"""Factorisations and matrix functions on stacks of matrices, against NumPy, SciPy and differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.linalg

from matcalc.numeric import linear

RNG = np.random.default_rng(17)
STACK = RNG.normal(size=(3, 4, 4)) + 3 * np.eye(4)
SPD = STACK @ linear.transpose(STACK)
TALL = RNG.normal(size=(3, 5, 3))
DIRECTION = RNG.normal(size=(4, 4))
VECTORS = RNG.uniform(0.5, 2, size=(3, 5, 1))


def column(v: Any) -> Any:
    return np.asarray(v)[..., None]


def test_a_convolution_is_the_product_with_its_matrix() -> None:
    x, w = RNG.normal(size=6), RNG.normal(size=3)
    assert np.allclose(linear.convolve(column(x), column(w))[:, 0], np.convolve(x, w))
    assert np.allclose((linear.convolution_matrix(column(w), 6) @ x).ravel(), np.convolve(x, w))
    assert np.allclose(linear.correlate(column(x), column(w))[:, 0], np.correlate(x, w, "valid"))
    assert np.allclose((linear.hankel(column(x), 3) @ w).ravel(), np.correlate(x, w, "valid"))


REFERENCES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], Any]] = {
    "logdet": (linear.logdet, lambda m: np.linalg.slogdet(m)[1], STACK),
    "adjugate": (linear.adjugate, lambda m: np.linalg.det(m) * np.linalg.inv(m), STACK),
    "products of others": (linear.products_of_others, lambda v: np.prod(v) / v, VECTORS),
    "products of other pairs": (linear.products_of_other_pairs, lambda v: np.prod(v) / (v * v.T) * (1 - np.eye(len(v))), VECTORS),
    "pinv": (linear.pinv, np.linalg.pinv, TALL),
    "chol": (linear.chol, np.linalg.cholesky, SPD),
    "eigmax": (linear.eigmax, lambda m: np.linalg.eigvalsh(m)[-1], SPD),
    "eigenvalues": (linear.eigenvalues, np.linalg.eigvalsh, SPD),
    "singular values": (linear.singular_values, lambda m: np.linalg.svd(m, compute_uv=False), TALL),
    "spectral norm": (linear.spectral_norm, lambda m: np.linalg.norm(m, 2), TALL),
    "nuclear norm": (linear.nuclear_norm, lambda m: np.linalg.norm(m, "nuc"), TALL),
    "trace": (linear.trace, np.trace, STACK),
    "sqrtm": (linear.sqrtm, scipy.linalg.sqrtm, SPD),
    "logm": (linear.matrix_function("logm"), scipy.linalg.logm, STACK),
    "expm": (linear.expm, scipy.linalg.expm, STACK / 4),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_values_matrix_by_matrix(name: str) -> None:
    f, reference, stack = REFERENCES[name]
    found = f(stack)
    for k, one in enumerate(stack):
        assert np.allclose(np.asarray(found[k]).squeeze(), np.asarray(reference(one)).squeeze(), rtol=1e-9), name


@pytest.mark.parametrize("name", REFERENCES)
def test_the_imaginary_step_is_the_derivative(name: str) -> None:
    f, _, stack = REFERENCES[name]
    x = stack[0]
    e = RNG.normal(size=x.shape) / 10
    if name in ("chol", "eigmax", "eigenvalues", "sqrtm"):
        e = e + e.T
    h = 1e-5
    want = (np.real(f(x + h * e)) - np.real(f(x - h * e))) / (2 * h)
    assert np.allclose(np.imag(f(x + 1e-20j * e)) / 1e-20, want, rtol=1e-6, atol=1e-7), name


def test_a_singular_matrix_has_an_adjugate() -> None:
    x = np.array([[1.0, 2.0], [2.0, 4.0]])
    assert np.allclose(linear.adjugate(x), [[4.0, -2.0], [-2.0, 1.0]])
    assert np.allclose(linear.adjugate(np.array([[5.0]])), [[1.0]])  # the minor without entries is 1


def test_vectors_are_unit_and_their_largest_entry_is_positive() -> None:
    v = linear.eigenvector(SPD)[..., 0]
    assert np.allclose((v * v).sum(-1), 1) and (np.take_along_axis(v, np.abs(v).argmax(-1, keepdims=True), -1) > 0).all()
    assert np.allclose(SPD @ v[..., None], linear.eigmax(SPD) * v[..., None])
    vectors = linear.eigenvectors(SPD)
    assert np.allclose(SPD @ vectors, vectors * np.linalg.eigvalsh(SPD)[:, None, :])


def test_singular_vectors_belong_together() -> None:
    left, right = linear.singular_vectors(0)(TALL), linear.singular_vectors(1)(TALL)
    values = np.linalg.svd(TALL, compute_uv=False)[:, None, :]
    assert np.allclose(TALL @ right, left * values)
    assert np.allclose(linear.polar(TALL), left @ linear.transpose(right))
    assert np.allclose(linear.top_direction(TALL), left[..., :1] @ linear.transpose(right[..., :1]))


@pytest.mark.parametrize("f", [linear.eigenvector, linear.eigenvectors, linear.top_direction, linear.singular_vectors(0)])
def test_what_is_no_analytic_function_has_no_value_off_the_real_matrices(f: Callable[[Any], Any]) -> None:
    assert np.isnan(f(SPD + 1e-20j * DIRECTION)).all()


def test_gram_is_the_smaller_one() -> None:
    assert linear.gram(TALL).shape == linear.gram(linear.transpose(TALL)).shape == (3, 3, 3)
    assert np.allclose(linear.gram(TALL), linear.transpose(TALL) @ TALL)


def test_frechet_derivatives_are_those_of_scipy() -> None:
    x = STACK[0] / 4
    assert np.allclose(linear.frechet("expm")(x, DIRECTION), scipy.linalg.expm_frechet(x, DIRECTION, compute_expm=False), rtol=1e-9)
    s = linear.sqrtm(SPD[0])
    d = linear.frechet("sqrtm")(SPD[0], DIRECTION)
    assert np.allclose(s @ d + d @ s, DIRECTION)  # the derivative of s² = x


@pytest.mark.parametrize(("name", "back"), [("logm", scipy.linalg.expm), ("sqrtm", lambda y: y @ y)])
def test_roots_and_logarithms_of_any_matrix_without_a_warning(name: str, back: Callable[[Any], Any]) -> None:
    """Of what has none they are no numbers; and the filters of the process are no matter of ours, for it has other threads."""
    function = linear.matrix_function(name)
    turned = np.kron(np.diag([1.0, 30.0]), [[0.3, -1.0], [1.0, 0.3]])  # with complex eigenvalues
    jordan = np.array([[2.0, 1.0, 3.0], [0.0, 2.0, 1.0], [0.0, 0.0, 2.0]])
    with pytest.MonkeyPatch.context() as patch:
        for touched in ("catch_warnings", "simplefilter", "warn"):
            patch.setattr(f"warnings.{touched}", None)
        for x in (turned, jordan, 1e-6 * jordan, SPD[0], np.zeros((0, 0))):
            assert np.allclose(back(function(x)), x, rtol=1e-10, atol=1e-13)
        for x in (-np.eye(1), np.array([[0.0, 1.0], [0.0, 0.0]])):
            assert not np.isfinite(function(x)).any()
