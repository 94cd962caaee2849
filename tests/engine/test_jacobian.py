"""Jacobians, Hessians, mixed derivatives, products with a direction and differentials, against NumPy alone.

The functions are written here a second time in NumPy, so that a complex step goes through them; first
derivatives are complex steps (exact), second ones central differences of complex steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import CheckError

SHAPES: dict[str, tuple[str, ...]] = {
    **{"s": (), "t": ()},
    **{"x": ("n",), "y": ("n",), "u": ("m",), "b": ("m",)},
    **{"A": ("n", "n"), "B": ("n", "n"), "X": ("n", "n"), "W": ("m", "n"), "V": ("m", "n"), "Y": ("n", "m")},
}
SIZES = {"n": 3, "m": 2}
STEP = 1e-20


class Point(dict[str, Any]):
    """Arrays by name, also as attributes; ``moved`` gives another point with one array replaced."""

    def __getattr__(self, name: str) -> Any:
        return self[name]

    def moved(self, name: str, value: Any) -> Point:
        return Point({**self, name: value})


def point(seed: int = 0) -> Point:
    rng = np.random.default_rng(seed)
    p = Point({name: rng.uniform(0.4, 1.4, [SIZES[d] for d in shape]) for name, shape in SHAPES.items()})
    p["X"] = p["X"] + 3 * np.eye(3)
    p["A"] = p["A"] - 0.9
    return p


Function = Callable[[Any], Any]


def jacobian(f: Function, p: Point, name: str) -> Any:
    """Complex steps, entry by entry: output axes, then those of the variable."""
    base = np.asarray(p[name], complex)
    columns = []
    for i in np.ndindex(base.shape):
        moved = base.copy()
        moved[i] += 1j * STEP
        columns.append(np.imag(f(p.moved(name, moved))) / STEP)
    out = np.stack(columns, axis=-1) if columns else np.zeros(())
    return out.reshape(np.shape(f(p)) + base.shape)


def second(f: Function, p: Point, a: str, c: str) -> Any:
    """Central differences (order eight) of the complex-step gradient by ``a``, along each entry of ``c``."""
    base, h = np.asarray(p[c], float), 2e-3
    out = np.zeros(np.shape(p[a]) + base.shape)
    for i in np.ndindex(base.shape):
        for k, weight in ((1, 4 / 5), (2, -1 / 5), (3, 4 / 105), (4, -1 / 280)):
            for sign in (1, -1):
                moved = base.copy()
                moved[i] += sign * k * h
                out[(..., *i)] += sign * weight / h * jacobian(f, p.moved(c, moved), a)
    return out


def close(got: Any, want: Any, tolerance: float = 1e-9) -> bool:
    got, want = np.asarray(got), np.asarray(want)
    return got.shape == want.shape and bool(np.abs(got - want).max(initial=0) <= tolerance * max(1.0, np.abs(want).max(initial=0)))


def sq(z: Any) -> Any:
    return (z * z).sum()


def softmax(z: Any) -> Any:
    e = np.exp(z)
    return e / (e.sum(-1, keepdims=True) if z.ndim > 1 else e.sum())


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def logdet(z: Any) -> Any:
    return np.log(np.linalg.det(z))


inv, tr = np.linalg.inv, np.trace

VECTORS: list[tuple[str, Function]] = [
    ("W*x", lambda p: p.W @ p.x),
    ("W*x + b", lambda p: p.W @ p.x + p.b),
    ("x'*A", lambda p: p.x @ p.A),
    ("s*x", lambda p: p.s * p.x),
    ("x/s", lambda p: p.x / p.s),
    ("x/(x'*y)", lambda p: p.x / (p.x @ p.y)),
    ("x/norm2(x)", lambda p: p.x / np.sqrt(sq(p.x))),
    ("x .* y", lambda p: p.x * p.y),
    ("x ./ y", lambda p: p.x / p.y),
    ("x.^3", lambda p: p.x**3),
    ("x.^s", lambda p: p.x**p.s),
    ("x'*x*x", lambda p: sq(p.x) * p.x),
    ("x*x'*A*x", lambda p: p.x * (p.x @ p.A @ p.x)),
    ("exp(A*x)", lambda p: np.exp(p.A @ p.x)),
    ("sigmoid(W*x + b)", lambda p: sigmoid(p.W @ p.x + p.b)),
    ("tanh(W*sin(x))", lambda p: np.tanh(p.W @ np.sin(p.x))),
    ("softmax(x)", lambda p: softmax(p.x)),
    ("log(softmax(A*x))", lambda p: np.log(softmax(p.A @ p.x))),
    ("A*A*x", lambda p: p.A @ p.A @ p.x),
    ("inv(X)*x", lambda p: inv(p.X) @ p.x),
    ("diag(X)", lambda p: np.diagonal(p.X)),
    ("rowsum(W .* V)", lambda p: (p.W * p.V).sum(1)),
    ("colsum(exp(W))", lambda p: np.exp(p.W).sum(0)),
    ("logsumexp(W)", lambda p: np.log(np.exp(p.W).sum(1))),
    ("(A + A')*x - 2*y", lambda p: (p.A + p.A.T) @ p.x - 2 * p.y),
    ("x + s", lambda p: p.x + p.s),
    ("f(W*x)", lambda p: np.sin(p.W @ p.x)),
]
MATRICES: list[tuple[str, Function]] = [
    ("A*X", lambda p: p.A @ p.X),
    ("X*A*X", lambda p: p.X @ p.A @ p.X),
    ("X'*A*X", lambda p: p.X.T @ p.A @ p.X),
    ("inv(X)", lambda p: inv(p.X)),
    ("X^3", lambda p: p.X @ p.X @ p.X),
    ("X .* A", lambda p: p.X * p.A),
    ("exp(X .* A)", lambda p: np.exp(p.X * p.A)),
    ("x*y' + X", lambda p: np.outer(p.x, p.y) + p.X),
    ("tr(X)*A", lambda p: tr(p.X) * p.A),
    ("softmax(W)", lambda p: softmax(p.W)),
    ("diag(W*x)", lambda p: np.diag(p.W @ p.x)),
    ("X/(x'*y)", lambda p: p.X / (p.x @ p.y)),
]
SCALARS: list[tuple[str, Function]] = [
    ("x'*A*x", lambda p: p.x @ p.A @ p.x),
    ("x'*A*y", lambda p: p.x @ p.A @ p.y),
    ("norm2(W*x - b)^2", lambda p: sq(p.W @ p.x - p.b)),
    ("norm2(x)", lambda p: np.sqrt(sq(p.x))),
    ("norm2(W*x)*s", lambda p: np.sqrt(sq(p.W @ p.x)) * p.s),
    ("logsumexp(A*x)", lambda p: np.log(np.exp(p.A @ p.x).sum())),
    ("sum(log(1 + exp(W*x)))", lambda p: np.log(1 + np.exp(p.W @ p.x)).sum()),
    ("u'*sigmoid(W*x + b)", lambda p: p.u @ sigmoid(p.W @ p.x + p.b)),
    ("u'*f(W*x)", lambda p: p.u @ np.sin(p.W @ p.x)),
    ("(x'*A*x)/(x'*y)", lambda p: (p.x @ p.A @ p.x) / (p.x @ p.y)),
    ("(x'*y)^3", lambda p: (p.x @ p.y) ** 3),
    ("sum(x.^4) + exp(s*(x'*y))", lambda p: (p.x**4).sum() + np.exp(p.s * (p.x @ p.y))),
    ("logdet(X)", lambda p: logdet(p.X)),
    ("tr(inv(X)*A)", lambda p: tr(inv(p.X) @ p.A)),
    ("tr(X'*A*X*B)", lambda p: tr(p.X.T @ p.A @ p.X @ p.B)),
    ("x'*inv(X)*y", lambda p: p.x @ inv(p.X) @ p.y),
    ("tr(X^3)", lambda p: tr(p.X @ p.X @ p.X)),
    ("sum(exp(W .* V))", lambda p: np.exp(p.W * p.V).sum()),
    ("s^t", lambda p: p.s**p.t),
    ("-y'*log(softmax(x))", lambda p: -(p.y * np.log(softmax(p.x))).sum()),
]
FUNCTIONS = {"f": (np.sin, np.cos, lambda z: -np.sin(z), lambda z: -np.cos(z))}


def names(text: str) -> list[str]:
    e = matcalc.derive(text, dims={k: v for k, v in SHAPES.items()}, check=False)
    return list(e.wrt)


def evaluated(d: Any, p: Point) -> Any:
    """The printed formula, read again, at the point."""
    printed = matcalc.parse(d.result.plain, dims=d.dims)
    return printed.evaluate(p, functions=FUNCTIONS)


@pytest.mark.parametrize(("text", "f"), VECTORS + MATRICES, ids=[t for t, _ in VECTORS + MATRICES])
def test_jacobians(text: str, f: Function) -> None:
    p = point(1)
    for name in names(text):
        d = matcalc.derive(text, wrt=name, dims=SHAPES, kind="jacobian")
        assert close(evaluated(d, p), jacobian(f, p, name)), (name, d.result.plain)
        assert d.checked is not None and d.checked.passed


@pytest.mark.sample(2)
@pytest.mark.parametrize(("text", "f"), SCALARS, ids=[t for t, _ in SCALARS])
def test_gradients_two_ways(text: str, f: Function) -> None:
    p = point(2)
    reverse = matcalc.derive(text, dims=SHAPES)
    for name in names(text):
        want = jacobian(f, p, name)
        forward = matcalc.derive(text, wrt=name, dims=SHAPES, kind="jacobian")
        assert close(evaluated(forward, p), want), forward.result.plain
        assert close(reverse[name].evaluate(p, functions=FUNCTIONS), want), reverse[name].plain


@pytest.mark.sample(4)
@pytest.mark.parametrize(("text", "f"), SCALARS, ids=[t for t, _ in SCALARS])
def test_hessians(text: str, f: Function) -> None:
    p = point(3)
    for name in names(text):
        d = matcalc.derive(text, wrt=name, dims=SHAPES, kind="hessian")
        got = evaluated(d, p)
        assert close(got, second(f, p, name, name), 1e-8), (name, d.result.plain)
        size = max(1, int(np.prod(np.shape(p[name]))))
        flat = np.reshape(got, (size, size))
        assert np.allclose(flat, flat.T, rtol=1e-9, atol=1e-9)  # second derivatives commute


@pytest.mark.sample(3)
@pytest.mark.parametrize(("text", "f"), SCALARS, ids=[t for t, _ in SCALARS])
def test_mixed_derivatives(text: str, f: Function) -> None:
    p = point(4)
    variables = names(text)
    for a, c in zip(variables, variables[1:] + variables[:1], strict=True):
        if a != c:
            d = matcalc.derive(text, wrt=[a, c], dims=SHAPES, kind="mixed")
            assert close(evaluated(d, p), second(f, p, a, c), 1e-8), (a, c, d.result.plain)


@pytest.mark.sample(3)
@pytest.mark.parametrize(("text", "f"), SCALARS, ids=[t for t, _ in SCALARS])
def test_hessian_vector_products(text: str, f: Function) -> None:
    p = point(5)
    for name in names(text):
        dims = {**SHAPES, "q": SHAPES[name]}
        direction = np.random.default_rng(9).standard_normal(np.shape(p[name]))
        d = matcalc.derive(text, wrt=name, dims=dims, kind="hvp", direction="q")
        want = np.tensordot(second(f, p, name, name), direction, axes=direction.ndim)
        assert close(evaluated(d, Point({**p, "q": direction})), want, 1e-8), (name, d.result.plain)


@pytest.mark.parametrize(("text", "f"), SCALARS, ids=[t for t, _ in SCALARS])
def test_differentials(text: str, f: Function) -> None:
    """dx stands for a direction: with a value for it, the directional derivative."""
    p = point(6)
    d = matcalc.derive(text, dims=SHAPES, kind="differential")
    want = 0.0
    rng = np.random.default_rng(1)
    values = dict(p)
    for name in names(text):
        move = rng.standard_normal(np.shape(p[name]))
        want += float((jacobian(f, p, name) * move).sum())
        assert d.dims[f"d{name}"] == SHAPES[name]
        values[f"d{name}"] = move
    shown = d.result.plain
    assert close(matcalc.parse(shown, dims=d.dims).evaluate(values, functions=FUNCTIONS), want), shown


# ---------------------------------------------------------------- rows

ROWS: list[tuple[str, str, Function]] = [
    ("x'", "x", lambda p: p.x),
    ("x' + y'", "x", lambda p: p.x + p.y),
    ("x'*A", "A", lambda p: p.x @ p.A),
    ("exp(x')", "x", lambda p: np.exp(p.x)),
    ("x' .* y'", "x", lambda p: p.x * p.y),
    ("x' ./ y'", "y", lambda p: p.x / p.y),
    ("(x').^3", "x", lambda p: p.x**3),
    ("sum(x')*y'", "x", lambda p: p.x.sum() * p.y),
    ("x' + s", "s", lambda p: p.x + p.s),
    ("softmax(x')", "x", lambda p: softmax(p.x)),
    ("logsoftmax(x')", "x", lambda p: np.log(softmax(p.x))),
    ("logsumexp(x')*y", "x", lambda p: np.log(np.exp(p.x).sum()) * p.y),
]


@pytest.mark.parametrize(("text", "wrt", "f"), ROWS, ids=[r[0] for r in ROWS])
def test_rows(text: str, wrt: str, f: Function) -> None:
    p = point(7)
    d = matcalc.derive(text, wrt=wrt, dims=SHAPES, kind="jacobian")
    assert close(evaluated(d, p), jacobian(f, p, wrt)), d.result.plain


@pytest.mark.parametrize("style", ["backprop", "differential", "elementwise"])
def test_logsumexp_of_a_row(style: str) -> None:
    p = point(8)
    d = matcalc.derive("logsumexp(x')", wrt="x", dims=SHAPES, style=style)
    assert close(d.result.evaluate(p), softmax(p.x))


# ---------------------------------------------------------------- what is zero or constant

ZERO: list[tuple[str, str, str]] = [
    ("x'*y", "A", "gradient"),
    ("x'*y", "A", "jacobian"),
    ("x'*y", "A", "hessian"),
    ("x", "A", "jacobian"),
    ("y'*x", "x", "hessian"),
    ("sum(x)", "x", "hessian"),
    ("s*t", "s", "hessian"),
    ("tr(A*X)", "X", "hessian"),
]


@pytest.mark.parametrize(("text", "wrt", "kind"), ZERO)
def test_zero(text: str, wrt: str, kind: str) -> None:
    d = matcalc.derive(text, wrt=wrt, dims=SHAPES, kind=kind)
    got = np.asarray(d.result.evaluate(point()))
    assert not got.any() and len(d.result.shape) == got.ndim


CANCELLING: list[tuple[str, str, str]] = [
    ("x ./ x", "x", "jacobian"),
    ("sum(softmax(x))", "x", "gradient"),
    ("s/s", "s", "gradient"),
    ("tr(inv(X'*A*X)*(X'*B*X))", "s", "gradient"),
    ("sqrt(s^2)", "s", "hessian"),
    ("sum(softmax(x))", "x", "hessian"),
    ("s/s", "s", "hessian"),
    ("V ./ V", "V", "jacobian"),
    ("norm2(rowsum(W).^(1/2))^2", "W", "hessian"),
]


@pytest.mark.parametrize(("text", "wrt", "kind"), CANCELLING)
def test_terms_that_cancel(text: str, wrt: str, kind: str) -> None:
    """A derivative whose terms cancel is zero; a check that cannot tell says so, and nothing else."""
    d = matcalc.derive(text, wrt=wrt, dims=SHAPES, kind=kind, check=False)
    got = np.asarray(d.result.evaluate(point()))
    assert np.abs(got).max(initial=0) < 1e-9
    try:
        d.check()
    except CheckError as error:
        assert "cancel to zero" in error.message and "relative error" not in error.message


def test_terms_that_cancel_are_no_defect_of_a_rule() -> None:
    matcalc.derive("norm2(x ./ norm2(x))", wrt="x", dims=SHAPES)


LARGE = [
    ("tr(A^20)", "A", "gradient"),
    ("cos(sum(x)^3)", "x", "hessian"),
    ("sum(exp(100*x))", "x", "gradient"),
    ("s^1000", "s", "gradient"),
    ("logsumexp(logsoftmax(x))", "x", "gradient"),
    ("1e200*(x'*x)", "x", "gradient"),
    ("s/10^30", "s", "gradient"),
]


@pytest.mark.parametrize(("text", "wrt", "kind"), LARGE)
def test_right_answers_pass_the_check(text: str, wrt: str, kind: str) -> None:
    matcalc.derive(text, wrt=wrt, dims=SHAPES, kind=kind)


@pytest.mark.parametrize("text", ["sign(x)", "step(x)", "sign(W)*x", "x - x"])
def test_derivatives_that_vanish_almost_everywhere(text: str) -> None:
    d = matcalc.derive(text, wrt="x" if text != "sign(W)*x" else "W", dims=SHAPES, kind="jacobian")
    assert not np.asarray(d.result.evaluate(point())).any()
