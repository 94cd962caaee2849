"""What scipy.optimize takes: it finds the same minimum as the normal equations, with each derivative."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import scipy.optimize

import matcalc
from matcalc.expr.errors import UsageError

DIMS = {"X": ("N", "d"), "w": ("d",), "y": ("N",), "a": ()}
LOSS = "norm2(X*w - y)^2 + a*w'*w"


def opened(d: Any) -> dict[str, Any]:
    space: dict[str, Any] = {}
    exec(compile(d.to_code("scipy"), "flat", "exec"), space)
    return space


def minimum(kind: str, methods: tuple[str, ...]) -> None:
    rng = np.random.default_rng(2)
    at = {"X": rng.normal(size=(30, 4)), "y": rng.normal(size=30), "w": np.zeros(4), "a": 0.5}
    direction = "p" if kind == "hvp" else None
    flat = opened(matcalc.derive(LOSS, wrt="w", dims=DIMS, kind=kind, direction=direction, check=False))
    args = tuple(at[n] for n in list(inspect.signature(flat["fun"]).parameters)[1:])
    more = {n: flat[n] for n in ("hess", "hessp") if n in flat}
    assert len(more) == (kind != "gradient")
    want = np.linalg.solve(at["X"].T @ at["X"] + 0.5 * np.eye(4), at["X"].T @ at["y"])
    for method in methods:
        found = scipy.optimize.minimize(flat["fun"], flat["pack"](at["w"]), args=args, jac=True, method=method, **more)
        assert np.allclose(flat["unpack"](found.x, at["w"])[0], want, atol=1e-4), method


@pytest.mark.parametrize("kind, methods", [
    ("gradient", ("L-BFGS-B", "BFGS")),
    ("hessian", ("Newton-CG", "trust-constr", "trust-krylov")),
    ("hvp", ("Newton-CG", "trust-constr", "trust-krylov")),
])  # fmt: skip
def test_minimisers(kind: str, methods: tuple[str, ...]) -> None:
    minimum(kind, methods)


def test_several_variables_in_one_vector() -> None:
    dims = {"U": ("n", "k"), "V": ("m", "k"), "T": ("n", "m")}
    flat = opened(matcalc.derive("norm2(U*V' - T)^2", dims=dims, wrt=["U", "V"], check=False))
    rng = np.random.default_rng(1)
    at = {"U": rng.normal(size=(5, 2)), "V": rng.normal(size=(4, 2))}
    at["T"] = rng.normal(size=(5, 2)) @ rng.normal(size=(2, 4))
    args = tuple(at[n] for n in list(inspect.signature(flat["fun"]).parameters)[1:])
    start = flat["pack"](at["U"], at["V"])
    assert [np.array_equal(a, at[n]) for a, n in zip(flat["unpack"](start, at["U"], at["V"]), "UV", strict=True)] == [True, True]
    assert scipy.optimize.check_grad(lambda t: flat["fun"](t, *args)[0], lambda t: flat["fun"](t, *args)[1], start) < 1e-4
    assert scipy.optimize.minimize(flat["fun"], start, args=args, jac=True).fun < 1e-6


def test_names_that_the_flat_form_has() -> None:
    flat = opened(matcalc.derive("pack'*p", dims={"pack": ("n",), "p": ("n",)}, wrt="p", check=False))
    value, gradient = flat["fun"](np.ones(3), np.arange(3.0), np.zeros(3))
    assert value == 3 and np.array_equal(gradient, [0, 1, 2])


CURVES = [
    ("r = A*w - y", {"A": ("N", "d"), "w": ("d",), "y": ("N",)}, ["w"]),
    ("r = exp(-a*t) .* (X*w) - y", {"X": ("N", "d"), "w": ("d",), "y": ("N",), "a": (), "t": ("N",)}, ["w", "a"]),
    ("r = tanh(W*x) - y", {"W": ("N", "d"), "x": ("d",), "y": ("N",)}, ["W"]),
]


@pytest.mark.parametrize("layout", ["shape", "denominator"])
@pytest.mark.parametrize(("text", "dims", "wrt"), CURVES, ids=[text for text, *_ in CURVES])
def test_least_squares(text: str, dims: dict[str, tuple[str, ...]], wrt: list[str], layout: str) -> None:
    """The Jacobian is that of differences, and the residuals of the start's own curve vanish."""
    rng = np.random.default_rng(3)
    sizes = {"N": 7, "d": 3}
    at = {n: rng.uniform(0.2, 1, size=[sizes[k] for k in shape]) for n, shape in dims.items()}
    flat = opened(matcalc.derive(text, dims=dims, wrt=wrt, kind="jacobian", layout=layout, check=False))
    names = list(inspect.signature(flat["residuals"]).parameters)[1:]
    theta = flat["pack"](*[at[n] for n in wrt])
    at["y"] = at["y"] + flat["residuals"](theta, *[at[n] for n in names])
    args = tuple(at[n] for n in names)
    steps = 1e-6 * np.eye(theta.size)
    ends = [(flat["residuals"](theta + h, *args) - flat["residuals"](theta - h, *args)) / 2e-6 for h in steps]
    assert np.allclose(flat["jac"](theta, *args), np.transpose(ends), atol=1e-8)
    found = scipy.optimize.least_squares(flat["residuals"], 0.7 * theta, jac=flat["jac"], args=args)
    assert found.cost < 1e-12


def test_what_no_optimiser_takes_is_refused() -> None:
    for text, options in (("A*X", {"wrt": "X"}), ("x'*A*y", {"kind": "hessian", "wrt": ["x", "y"]})):
        with pytest.raises(matcalc.UsageError):
            matcalc.derive(text, dims={"A": ("n", "m"), "X": ("m", "k")}, check=False, **options).to_code("scipy")


def test_value_gradient_and_hessian_in_one_pass() -> None:
    text, dims = "sum(log(1 + exp(-y .* (X*w))))/N + a/2*w'*w", {"X": ("N", "d"), "w": "d", "y": "N", "a": ()}
    d = matcalc.derive(text, wrt="w", dims=dims, kind="hessian", check=False)
    rng = np.random.default_rng(5)
    at = {"X": rng.normal(size=(7, 3)), "w": rng.normal(size=3), "y": rng.choice([-1.0, 1.0], 7), "a": 0.3}
    value, (gradient, hessian) = d.function(gradient=True)(**at)
    first = matcalc.derive(text, wrt="w", dims=dims, check=False).function()(**at)
    assert np.allclose(value, first[0]) and np.allclose(gradient, first[1]) and np.allclose(hessian, d.function()(**at)[1])
    alone = d.function(value=False, gradient=True)(**at)
    assert np.allclose(alone[0], gradient) and np.allclose(alone[1], hessian)
    source = d.to_code(gradient=True)
    assert "Value, gradient and Hessian of" in source and "return s, (grad_w, hess_w)" in source and source.count("X @ w") == 1
    product = matcalc.derive(text, wrt="w", dims=dims, kind="hvp", direction="p", check=False).function(gradient=True)
    p = rng.normal(size=3)
    assert np.allclose(product(**at, p=p)[1][1], hessian @ p)


def test_a_gradient_has_none_beside_it() -> None:
    d = matcalc.derive("x'*x", check=False)
    for target in ("numpy", "class"):
        with pytest.raises(UsageError, match="no gradient beside"):
            d.to_code(target, gradient=True)
