"""Derivatives as linear operators: against the dense ones, and in scipy's optimisers, which take them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.optimize

import matcalc
from matcalc.expr.errors import UsageError
from tests.codes import executed

SIZES = {"n": 3, "m": 4, "k": 2, "N": 5, "d": 3}
HESSIANS: list[tuple[str, list[str], dict[str, Any]]] = [
    ("s = u' * tanh(W*x + b)", ["x"], {}),
    ("s = u' * tanh(W*x + b)", ["x", "W", "b"], {}),
    ("norm2(T - U*V')^2", ["U"], {"dims": {"U": ("n", "k"), "V": ("m", "k")}}),
    ("norm2(T - U*V')^2", ["V", "U"], {"dims": {"U": ("n", "k"), "V": ("m", "k")}}),
    ("logsumexp(A*x) + c*x'*x", ["x", "c"], {"dims": {"A": ("N", "d"), "c": ()}}),
    ("logdet(X'*X + eye)", ["X"], {"dims": {"X": ("N", "d")}}),
    ("sum(f(A*x))", ["x"], {"dims": {"A": ("N", "d")}, "functions": {"f": "softplus"}}),
    ("a'*x", ["x"], {}),
]
JACOBIANS: list[tuple[str, list[str], dict[str, Any]]] = [
    ("r = exp(-a*t) .* (X*w) - y", ["w", "a"], {"dims": {"X": ("N", "d"), "w": "d", "y": "N", "a": (), "t": "N"}}),
    ("softmax(W*x + b)", ["x"], {"dims": {"W": ("n", "m")}}),
    ("A*X*B", ["X", "A"], {"dims": {"A": ("n", "m"), "X": ("m", "N"), "B": ("N", "k")}}),
    ("inv(A)*x", ["A"], {"dims": {"A": ("n", "n")}}),
]


def point(d: Any) -> dict[str, Any]:
    rng = np.random.default_rng(2)
    return {name: rng.normal(size=[SIZES.get(s, s) if isinstance(s, str) else s for s in shape]) for name, shape in d.dims.items()}


def operator(d: Any, value: bool = True) -> Any:
    run = executed(d.to_code("linear-operator", name="run", value=value))["run"]
    at = point(d)
    return run(*[at[p] for p in run.__code__.co_varnames[: run.__code__.co_argcount]])


def dense(d: Any, kind: str, wrt: list[str], text: str, options: dict[str, Any]) -> Any:
    """The matrix, by central differences of the gradient or of the value, variable by variable."""
    at = point(d)
    first = matcalc.derive(text, wrt=wrt, kind="gradient" if kind == "hessian" else "jacobian", check=False, **options).function()

    def flat(v: Any) -> Any:
        parts = np.split(v, np.cumsum([at[w].size for w in wrt])[:-1])
        there = {**at, **{w: part.reshape(at[w].shape) for w, part in zip(wrt, parts, strict=True)}}
        value, found = first(**{n: there[n] for n in first.parameters})
        found = found if isinstance(found, tuple) else (found,)
        return np.ravel(value) if kind == "jacobian" else np.concatenate([np.ravel(x) for x in found])

    v = np.concatenate([np.ravel(at[w]) for w in wrt])
    step = 1e-6
    return np.stack([(flat(v + step * e) - flat(v - step * e)) / (2 * step) for e in np.eye(v.size)], axis=-1)


@pytest.mark.sample(2)
@pytest.mark.parametrize(("text", "wrt", "options"), HESSIANS, ids=[f"{t} by {w}" for t, w, _ in HESSIANS])
def test_the_hessian_multiplies_as_the_dense_one(text: str, wrt: list[str], options: dict[str, Any]) -> None:
    d = matcalc.derive(text, wrt=wrt, kind="gradient", check=False, **options)
    value, found = operator(d)
    first = d.function()
    assert np.allclose(value, first(**{n: point(d)[n] for n in first.parameters})[0])
    want = dense(d, "hessian", wrt, text, options)
    count = found.shape[0]
    assert found.shape == want.shape and found.dtype == float
    np.testing.assert_allclose(found @ np.eye(count), want, atol=1e-7)
    np.testing.assert_allclose(found.matvec(np.eye(count)[:, :1]), want[:, :1], atol=1e-7)
    np.testing.assert_allclose(found.T @ np.eye(count), want.T, atol=1e-7)
    np.testing.assert_allclose(operator(d, value=False) @ np.eye(count), found @ np.eye(count))


@pytest.mark.parametrize(("text", "wrt", "options"), JACOBIANS, ids=[f"{t} by {w}" for t, w, _ in JACOBIANS])
def test_the_jacobian_multiplies_from_both_sides(text: str, wrt: list[str], options: dict[str, Any]) -> None:
    d = matcalc.derive(text, wrt=wrt, check=False, **options)
    _, found = operator(d)
    want = dense(d, "jacobian", wrt, text, options)
    assert found.shape == want.shape
    np.testing.assert_allclose(found @ np.eye(want.shape[1]), want, atol=1e-7)
    np.testing.assert_allclose(found.T @ np.eye(want.shape[0]), want.T, atol=1e-7)


def test_what_the_vector_does_not_move_is_computed_once() -> None:
    d = matcalc.derive("norm2(T - U*V')^2", wrt="U", kind="hessian", dims={"U": ("n", "k"), "V": ("m", "k")}, check=False)
    outside, _, inside = d.to_code("linear-operator").partition("def matvec(")
    assert "V.T @ V" in outside and "V.T" not in inside
    two = matcalc.derive("s = u' * tanh(W*x + b)", wrt="x", check=False).to_code("linear-operator").partition("def matvec(")
    assert "tanh" not in two[2] and two[2].count("@") == 2


def test_names_of_the_input_are_no_names_of_the_operator() -> None:
    text = "matvec' * tanh(hessian*along_x + x)"
    d = matcalc.derive(text, wrt="x", dims={"hessian": ("n", "m"), "along_x": "m", "matvec": "n"}, check=False)
    _, found = operator(d)
    np.testing.assert_allclose(found @ np.eye(found.shape[1]), dense(d, "hessian", ["x"], text, {"dims": d.dims}), atol=1e-7)


def test_single_precision_stays() -> None:
    d = matcalc.derive("s = u' * tanh(W*x + b)", wrt="x", check=False)
    run = executed(d.to_code("linear-operator", name="run"))["run"]
    at = {n: x.astype(np.float32) for n, x in point(d).items()}
    _, found = run(at["u"], at["W"], at["x"], at["b"])
    assert found.dtype == np.float32 and found.matvec(at["x"]).dtype == np.float32


@pytest.mark.parametrize("method", ["Newton-CG", "trust-constr"])
def test_minimisers_take_it(method: str) -> None:
    d = matcalc.derive("logsumexp(A*x) + x'*x/2", wrt="x", dims={"A": ("N", "d")}, check=False)
    run, first, A = executed(d.to_code("linear-operator", name="run"))["run"], d.function(), point(d)["A"]
    found = scipy.optimize.minimize(
        lambda x: first(A, x), np.ones(3), jac=True, hess=lambda x: run(A, x)[1], method=method, options={"maxiter": 200}
    )
    assert np.abs(first(A, found.x)[1]).max() < 1e-4


def test_least_squares_takes_it() -> None:
    d = matcalc.derive("tanh(A*x) - y", wrt="x", dims={"A": ("N", "d")}, check=False)
    run, at = executed(d.to_code("linear-operator", name="run"))["run"], point(d)
    A, y = at["A"], np.tanh(at["A"] @ np.array([0.3, -0.2, 0.5]))
    found = scipy.optimize.least_squares(
        lambda x: run(A, x, y)[0], np.zeros(3), jac=lambda x: run(A, x, y)[1], tr_solver="lsmr", method="trf"
    )
    np.testing.assert_allclose(found.x, [0.3, -0.2, 0.5], atol=1e-6)


def test_what_is_no_operator_on_a_vector_is_refused() -> None:
    for text, options in (("x'*x", {"kind": "differential"}), ("A*x", {"kind": "differential", "wrt": "x"})):
        with pytest.raises(UsageError, match="is no linear operator"):
            matcalc.derive(text, check=False, **options).to_code("linear-operator")
