"""At a kink the derivative is a generalised gradient: in the hull of the derivatives nearby.

Values and slopes are NumPy's own, written here a second time. A vector g is in Clarke's hull where g·v is at most
the steepest slope nearby along v, for every direction v (Clarke, Optimization and Nonsmooth Analysis, 1983, ch. 2).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr import nodes
from matcalc.expr.formulas import ENTRYWISE
from matcalc.expr.nodes import postorder
from matcalc.expr.table import TABLE

Values = dict[str, Any]
RNG = np.random.default_rng(0)
NEAR, STEP = 1e-3, 1e-6


def in_hull(f: Callable[[Values], float], at: Values, gradient: Mapping[str, Any]) -> bool:
    """Whether the gradient is in the hull of those of ``f`` near ``at``, as far as forty directions tell."""
    names, rng = list(gradient), np.random.default_rng(9)  # the same in whatever order the tests run

    def moved(by: Mapping[str, Any]) -> Values:
        return {n: x + by[n] if n in by else x for n, x in at.items()}

    def draw() -> Values:
        return {n: rng.standard_normal(np.shape(at[n])) for n in names}

    around = [moved({n: NEAR * v for n, v in draw().items()}) for _ in range(240)]
    for _ in range(40):
        v = draw()
        here = sum(float(np.sum(gradient[n] * v[n])) for n in names)
        low, high = math.inf, -math.inf
        for p in around:
            slope = (f(plus(p, v, STEP)) - f(plus(p, v, -STEP))) / (2 * STEP)
            low, high = min(low, slope), max(high, slope)
            if low - 0.02 <= here <= high + 0.02:
                break
        else:
            return False
    return True


def supports(f: Callable[[Values], float], at: Values, gradient: Mapping[str, Any]) -> bool:
    """Whether a convex function lies above its tangent everywhere, as far as four hundred points tell."""
    rng = np.random.default_rng(7)
    for _ in range(400):
        v = {n: rng.standard_normal(np.shape(at[n])) for n in gradient}
        if f(plus(at, v, 1.0)) < f(at) + sum(float(np.sum(gradient[n] * v[n])) for n in gradient) - 1e-9:
            return False
    return True


def plus(p: Values, v: Values, h: float) -> Values:
    return {n: x + h * v[n] if n in v else x for n, x in p.items()}


ZERO, ONE = np.zeros(3), np.ones(3)
X, Y = np.array([1.0, 1, -2]), np.array([1.0, 3, -2])
c = np.array([1.0, -2, 0.5])  # weights, so that an entry of the wrong sign shows


def relu(z: Any) -> Any:
    return np.maximum(z, 0)


SPD = np.array([[2.0, 1, 0], [1, 3, 0], [0, 0, 1]])


def mahalanobis(v: Values) -> float:
    z = v["x"] - v["y"]
    return float(np.sqrt(z @ np.linalg.inv(SPD) @ z))


def weighted(f: Callable[[Any], Any]) -> Callable[[Values], float]:
    return lambda v: float(v["c"] @ f(v["x"]))


# text, what is moved, the point, the function
CASES: list[tuple[str, str | list[str], Values, Callable[[Values], float]]] = [
    ("norm1(x)", "x", {"x": ZERO}, lambda v: np.abs(v["x"]).sum()),
    ("norm2(x)", "x", {"x": ZERO}, lambda v: np.linalg.norm(v["x"])),
    ("norm2(X)", "X", {"X": np.zeros((2, 3))}, lambda v: np.linalg.norm(v["X"])),
    ("norm2(x - y)", ["x", "y"], {"x": X, "y": X}, lambda v: np.linalg.norm(v["x"] - v["y"])),
    ("norm2(A*x)", ["A", "x"], {"A": np.ones((2, 3)), "x": ZERO}, lambda v: np.linalg.norm(v["A"] @ v["x"])),
    ("sqrt(x'*x)", "x", {"x": ZERO}, lambda v: np.linalg.norm(v["x"])),
    ("sqrt(x'*S*x)", "x", {"x": ZERO, "S": SPD}, lambda v: np.sqrt(v["x"] @ SPD @ v["x"])),
    ("sqrt((x - y)'*inv(S)*(x - y))", ["x", "y"], {"x": X, "y": X, "S": SPD}, mahalanobis),
    ("(y'*A'*S*A*y)^(1/2)", ["A", "y"], {"A": np.ones((3, 2)), "y": np.zeros(2), "S": SPD},
     lambda v: np.sqrt(v["y"] @ v["A"].T @ SPD @ v["A"] @ v["y"])),
    ("sum(x)*norm2(x - y) + norm2(x)", ["x", "y"], {"x": X, "y": X},
     lambda v: v["x"].sum() * np.linalg.norm(v["x"] - v["y"]) + np.linalg.norm(v["x"])),
    ("norm2(x - y)/norm2(y)", ["x", "y"], {"x": X, "y": X}, lambda v: np.linalg.norm(v["x"] - v["y"]) / np.linalg.norm(v["y"])),
    ("std(x)", "x", {"x": 2.5 * ONE}, lambda v: v["x"].std()),
    ("std(X)", "X", {"X": np.ones((2, 3))}, lambda v: v["X"].std()),
    ("a*std(x - y)", ["a", "x", "y"], {"a": 2.0, "x": X, "y": X}, lambda v: v["a"] * (v["x"] - v["y"]).std()),
    ("sqrt(variance(x') + norm2(x)^2)", "x", {"x": ZERO}, lambda v: np.sqrt(v["x"].var() + v["x"] @ v["x"])),
    ("sqrt(a^2 + b^2)", ["a", "b"], {"a": 0.0, "b": 0.0}, lambda v: np.hypot(v["a"], v["b"])),
    ("(2*tr(X'*X))^(1/2)", "X", {"X": np.zeros((2, 2))}, lambda v: np.sqrt(2) * np.linalg.norm(v["X"])),
    ("c'*sqrt(x.^2 + y.^2)", ["x", "y"], {"x": ZERO, "y": ZERO, "c": c}, lambda v: v["c"] @ np.hypot(v["x"], v["y"])),
    ("c @ np.linalg.norm(X, axis=0)", "X", {"X": np.outer(X, [0, 1, 2]), "c": c},
     lambda v: np.linalg.norm(v["X"], axis=0) @ v["c"]),
    ("c'*sqrt(rowsum((A*X).^2))", ["A", "X"], {"A": np.ones((3, 2)), "X": np.array([[1.0, 2], [-1, -2]]), "c": c},
     lambda v: v["c"] @ np.linalg.norm(v["A"] @ v["X"], axis=1)),
    ("max(x)", "x", {"x": X}, lambda v: v["x"].max()),
    ("max(X)", "X", {"X": np.ones((2, 2))}, lambda v: v["X"].max()),
    ("min(x)", "x", {"x": ONE}, lambda v: v["x"].min()),
    ("norminf(x)", "x", {"x": np.array([1.0, -1, 0])}, lambda v: np.abs(v["x"]).max()),
    ("norminf(x)", "x", {"x": ZERO}, lambda v: np.abs(v["x"]).max()),
    ("c'*rowmax(X)", "X", {"X": np.ones((3, 2)), "c": c}, lambda v: v["c"] @ v["X"].max(axis=1)),
    ("c'*max(x, y)", ["x", "y"], {"x": X, "y": Y, "c": c}, lambda v: v["c"] @ np.maximum(v["x"], v["y"])),
    ("c'*min(x, y)", ["x", "y"], {"x": X, "y": Y, "c": c}, lambda v: v["c"] @ np.minimum(v["x"], v["y"])),
    ("sum(max(x, y))", "x", {"x": X, "y": X}, lambda v: np.maximum(v["x"], v["y"]).sum()),
    ("sum(max(x, y))", "y", {"x": X, "y": X}, lambda v: np.maximum(v["x"], v["y"]).sum()),
    ("c'*max(x, x)", "x", {"x": X, "c": c}, lambda v: v["c"] @ v["x"]),
    ("c'*max(x, 2*x)", "x", {"x": ZERO, "c": c}, lambda v: v["c"] @ np.maximum(v["x"], 2 * v["x"])),
    ("c'*min(x, x/3)", "x", {"x": ZERO, "c": c}, lambda v: v["c"] @ np.minimum(v["x"], v["x"] / 3)),
    ("max(max(a, b), s)", ["a", "b", "s"], {"a": 2.0, "b": 2.0, "s": 2.0}, lambda v: max(v.values())),
    ("min(a, max(b, s))", ["a", "b", "s"], {"a": 2.0, "b": 2.0, "s": 2.0}, lambda v: min(v["a"], max(v["b"], v["s"]))),
    ("c'*max(0, x)", "x", {"x": ZERO, "c": c}, weighted(relu)),
    ("c'*max(x, 1)", "x", {"x": ONE, "c": c}, weighted(lambda x: np.maximum(x, 1))),
    ("c'*min(1, x)", "x", {"x": ONE, "c": c}, weighted(lambda x: np.minimum(x, 1))),
    ("c'*max(a, x)", ["a", "x"], {"x": ONE, "a": 1.0, "c": c}, lambda v: v["c"] @ np.maximum(v["x"], v["a"])),
    ("sum(max(1 - y .* x, 0))", "x", {"x": ONE, "y": ONE}, lambda v: relu(1 - v["x"] * v["y"]).sum()),
    ("c'*relu(x)", "x", {"x": ZERO, "c": c}, weighted(relu)),
    ("c'*abs(x)", "x", {"x": ZERO, "c": c}, weighted(np.abs)),
    ("c'*step(x)", "x", {"x": ZERO, "c": 0 * c}, lambda v: 0.0),
    ("c'*hardtanh(x)", "x", {"x": np.array([1.0, -1, 1]), "c": c}, weighted(lambda x: np.clip(x, -1, 1))),
    ("c'*hardtanh(x, 0, 2)", "x", {"x": np.array([0.0, 2, 1]), "c": c}, weighted(lambda x: np.clip(x, 0, 2))),
    ("c'*clip(x, a, b)", [*"xab"], {"x": X, "a": -2.0, "b": 1.0, "c": c}, lambda v: v["c"] @ np.clip(v["x"], v["a"], v["b"])),
    ("c'*relu6(x)", "x", {"x": np.array([0.0, 6, 3]), "c": c}, weighted(lambda x: np.clip(x, 0, 6))),
    ("c'*leakyrelu(x)", "x", {"x": ZERO, "c": c}, weighted(lambda x: np.maximum(x, 0.01 * x))),
    ("c'*leakyrelu(x, 0.3)", "x", {"x": ZERO, "c": c}, weighted(lambda x: np.maximum(x, 0.3 * x))),
    ("c'*leakyrelu(x, 3)", "x", {"x": ZERO, "c": c}, weighted(lambda x: np.minimum(x, 3 * x))),
    ("c'*prelu(x, a)", ["x", "a"], {"x": ZERO, "a": 0.3, "c": c}, lambda v: v["c"] @ (relu(v["x"]) - v["a"] * relu(-v["x"]))),
    ("c'*elu(x)", "x", {"x": ZERO, "c": c}, weighted(lambda x: np.where(x > 0, x, np.expm1(x)))),
    ("c'*elu(x, 0.3)", "x", {"x": ZERO, "c": c}, weighted(lambda x: np.where(x > 0, x, 0.3 * np.expm1(x)))),
    ("c'*hardsigmoid(x)", "x", {"x": 3 * X, "c": c}, weighted(lambda x: (np.clip(x / 3, -1, 1) + 1) / 2)),
    ("c'*hardswish(x)", "x", {"x": np.array([3.0, -3, 0]), "c": c}, weighted(lambda x: x * (np.clip(x / 3, -1, 1) + 1) / 2)),
    ("c'*hinge(x)", "x", {"x": ONE, "c": c}, weighted(lambda x: relu(1 - x))),
    ("c'*huber(x)", "x", {"x": X, "c": c}, weighted(lambda x: np.where(np.abs(x) <= 1, x * x / 2, np.abs(x) - 0.5))),
    ("c'*absdifference(x, y)", "x", {"x": ONE, "y": ONE, "c": c}, lambda v: v["c"] @ np.abs(v["x"] - v["y"])),
    *((f"c'*{f}", "x", {"x": X, "y": ZERO, "c": c}, weighted(lambda x: np.where(np.abs(x) <= 1, x * x / 2, np.abs(x) - 0.5)))
      for f in ("smoothl1(x, y)", "huberdifference(x, y)")),
    ("c'*marginranking(x, y, z)", "x", {"x": ONE, "y": ONE, "z": X, "c": c}, lambda v: v["c"] @ relu(v["z"] * (v["y"] - v["x"]))),
    ("c'*softsign(x)", "x", {"x": ZERO, "c": c}, weighted(lambda x: x / (1 + np.abs(x)))),
    ("c'*f(x); f(t) = max(t, 0)", "x", {"x": ZERO, "c": c}, weighted(relu)),
    ("c'*f(x); f(t) = |t|", "x", {"x": ZERO, "c": c}, weighted(np.abs)),
    ("c'*f(x); f(t) = max(t, t/10)", "x", {"x": ZERO, "c": c}, weighted(lambda x: np.maximum(x, x / 10))),
    ("c'*f(x); f(t) = 2*t + min(t, 4*t)", "x", {"x": ZERO, "c": c}, weighted(lambda x: 2 * x + np.minimum(x, 4 * x))),
    ("c'*f(x); f(t) = g(2*t); g(t) = max(3*t, t)", "x", {"x": ZERO, "c": c}, weighted(lambda x: np.maximum(6 * x, 2 * x))),
    ("normspec(X)", "X", {"X": np.eye(3)}, lambda v: np.linalg.norm(v["X"], 2)),
    ("normspec(X)", "X", {"X": np.zeros((2, 3))}, lambda v: np.linalg.norm(v["X"], 2)),
    ("normnuc(X)", "X", {"X": np.zeros((3, 2))}, lambda v: np.linalg.norm(v["X"], "nuc")),
    ("normnuc(X)", "X", {"X": np.outer(X, Y)}, lambda v: np.linalg.norm(v["X"], "nuc")),
    ("eigmax(S)", "S", {"S": np.eye(3)}, lambda v: np.linalg.eigvalsh((v["S"] + v["S"].T) / 2)[-1]),
]  # fmt: skip
ROOTS = ("norm2", "norm(", "std", "sqrt", "^(1/2)")  # a formula by itself, that divides by one, has no value at its zero
CONVEX = ("normspec", "normnuc", "eigmax", "norm1", "norm2(x)", "norm2(X)", "norm2(x - y)", "std(")


def derived(text: str, wrt: str | list[str], at: Values, kind: str | None = None) -> Any:
    names = iter("nmk")
    sizes: dict[int, str] = {}
    dims = {}
    for name, x in at.items():
        dims[name] = tuple([sizes.setdefault(k, "") or sizes.__setitem__(k, next(names)) or sizes[k] for k in np.shape(x)])
    assume = {"S": "spd"} if "S" in at else None
    return matcalc.derive(text, wrt=wrt, dims=dims, kind=kind, assume=assume, check=False)


@pytest.mark.sample(8)
@pytest.mark.parametrize("text, wrt, at, f", CASES, ids=[f"{c[0]} by {c[1]}" for c in CASES])
def test_the_value_at_a_kink(text: str, wrt: str | list[str], at: Values, f: Callable[[Values], float]) -> None:
    """In the hull, and the same in evaluate(), in the code and in the formula that is printed."""
    d = derived(text, wrt, at)
    shown = {r.wrt: np.asarray(r.evaluate(at)) for r in d.results}
    assert (supports if text.startswith(CONVEX) else in_hull)(f, at, shown), {n: x.tolist() for n, x in shown.items()}
    _, found = d.function()(**{n: at[n] for n in d.function().originals})
    for r, got in zip(d.results, found if len(d.results) > 1 else (found,), strict=True):
        assert np.allclose(got, shown[r.wrt], rtol=0, atol=1e-12)
        again = matcalc.parse(r.plain, dims={**d.dims, **{n: np.shape(x) for n, x in at.items() if n not in d.dims}})
        alone = again.evaluate(at)
        assert np.allclose(alone, shown[r.wrt], rtol=0, atol=1e-12) or (
            any(root in text for root in ROOTS) and np.isnan(alone).any()
        )


# No value where a root is 0 that the expression divides by, or a derivative needs its slope: (text, wrt, kind, point)
NOWHERE = [
    ("x/norm2(x)", "x", None, {"x": ZERO}),
    ("normalize(x)", "x", None, {"x": ZERO}),
    ("y'*x/norm2(x)", ["x", "y"], None, {"x": ZERO, "y": X}),
    ("cossim(x, y)", ["x", "y"], None, {"x": ZERO, "y": X}),
    ("1/norm2(x)", "x", None, {"x": ZERO}),
    ("norm2(x)/(x'*x)", "x", None, {"x": ZERO}),
    ("norm2(x)*norm2(y)^(-1)", ["x", "y"], None, {"x": X, "y": ZERO}),
    ("log(norm2(x))", "x", None, {"x": ZERO}),
    ("layernorm(x)", "x", None, {"x": ONE}),
    ("y'*layernorm(x)", ["x", "y"], None, {"x": ONE, "y": X}),
    ("standardize(x)", "x", None, {"x": ONE}),
    ("sum(x ./ fill(std(x), x))", "x", None, {"x": ONE}),
    ("c'*(X ./ (c*sqrt(colsum(X.^2))'))*c", "X", None, {"X": np.outer(X, [0, 1, 2]), "c": c}),
    ("norm2(x)", "x", "hessian", {"x": ZERO}),
    ("std(x)", "x", "hessian", {"x": ONE}),
    ("norm2(x - y)", ["x", "y"], "mixed", {"x": X, "y": X}),
    ("sum(sqrt(x))", "x", None, {"x": ZERO}),
]


@pytest.mark.parametrize("text, wrt, kind, at", NOWHERE, ids=[f"{c[0]} {c[2] or ''}" for c in NOWHERE])
def test_what_has_no_value_is_given_none(text: str, wrt: str | list[str], kind: str | None, at: Values) -> None:
    """Neither a number nor 0: in evaluate() and in the code the same is missing."""
    d = derived(text, wrt, at, kind)
    with np.errstate(all="ignore"):
        value, found = d.function()(**{n: at[n] for n in d.function().originals})
    assert np.array_equal(np.isfinite(value), np.isfinite(d.value.evaluate(at)))
    for r, got in zip(d.results, found if len(d.results) > 1 else (found,), strict=True):
        assert not np.isfinite(got).all() and not np.isfinite(r.evaluate(at)).all()


@pytest.mark.parametrize("text", ["norm2(x)^3", "norm2(x)^4 + norm2(x)^3", "norm2(x)^2*norm2(x)"])
def test_second_derivatives_at_zero_that_exist(text: str) -> None:
    d = derived(text, "x", {"x": ZERO}, "hessian")
    assert not d.result.evaluate({"x": ZERO}).any() and not d.function()(x=ZERO)[1].any()


def test_single_precision_stays_where_a_root_is_zero() -> None:
    d = derived("c'*sqrt(x.^2 + y.^2) + norm2(x)", "x", {"x": ZERO, "y": ZERO, "c": c})
    zero = np.zeros(3, np.float32)
    assert all(np.asarray(r).dtype == np.float32 for r in d.function()(x=zero, y=zero, c=zero))


@pytest.mark.parametrize("text", ["c'*eigvals(X)", "c'*singularvalues(X)"])
def test_spectra_at_the_identity(text: str) -> None:
    """Near I the gradient of Σ cᵢλᵢ is Q diag(c) Qᵀ, with every orthogonal Q: the one at I must be one of these."""
    at = {"X": np.eye(3), "c": c}
    gradient = derived(text, "X", at).result.evaluate(at)
    assert np.allclose(gradient, gradient.T) and np.allclose(np.linalg.eigvalsh(gradient), np.sort(c))


def test_a_vector_outside_the_hull_is_caught() -> None:
    at = {"x": X, "y": X}
    both = lambda v: np.maximum(v["x"], v["y"]).sum()  # noqa: E731
    assert not in_hull(both, at, {"x": ZERO, "y": ZERO}) and not in_hull(both, at, {"x": ONE, "y": ONE})
    assert in_hull(both, at, {"x": ONE / 4, "y": 3 * ONE / 4}) and in_hull(both, at, {"x": ONE, "y": ZERO})
    spectral = lambda v: np.linalg.norm(v["X"], 2)  # noqa: E731
    assert not supports(spectral, {"X": np.eye(3)}, {"X": 0.6 * np.eye(3)}) and supports(
        spectral, {"X": np.eye(3)}, {"X": np.eye(3) / 3}
    )
    leaky = weighted(lambda x: np.maximum(x, 0.1 * x))
    assert not in_hull(leaky, {"x": ZERO, "c": c}, {"x": ZERO}) and in_hull(leaky, {"x": ZERO, "c": c}, {"x": 0.1 * c})


def test_every_operator_with_a_kink_is_here() -> None:
    """A new row with a kink, or a new entrywise formula with one, needs a case above."""
    spectra = [(f"sum({op}(X))", "X", {"X": np.eye(3)}, None) for op in ("eigvals", "singularvalues")]
    seen = {node.op for text, wrt, at, _ in (*CASES, *spectra) for node in postorder((derived(text, wrt, at).problem.output,))}
    assert {op.name for op in TABLE.values() if op.least} <= seen
    assert {op.name for op in TABLE.values() if op.kink} - seen == {"sign"}  # constant beside its kink: 0 is right
    smooth = {"mish", "logcosh", "logit", "square", "log2", "log10", "sec", "csc", "cot", "sech", "csch", "coth"}
    smooth |= {
        "squareddifference",
        "hadamardproduct",
        "bcelogits",
        "bceentry",
        "kldivergence",
        "softmargin",
        "poissonnll",
        "gaussiannll",
        "silu",
        "sinpi",
        "cospi",
    }
    named = {text[3:].split("(")[0] for text, *_ in CASES if text.startswith("c'*")}
    assert ENTRYWISE - smooth - named == set()


# ---------------------------------------------------------------- notices


@pytest.mark.parametrize(
    "text, notice",
    [
        ("sum(max(x, y))", "max is not differentiable where the two arguments tie"),
        ("norm2(x)", "norm2 is not differentiable where its argument is 0 (0/0 counts as 0 there in a derivative)"),
        ("std(x)", "sqrt(variance) is not differentiable where all entries of its argument are equal (0/0 counts as 0"),
        ("sqrt(x'*x + y'*y)", "sqrt is not differentiable where its argument is 0 (0/0 counts as 0 there in a derivative)"),
        (
            "layernorm(x)",
            "norm2 is not differentiable where its argument is 0 (the expression itself divides by it: no value there)",
        ),
        ("norm2(x)/norm2(y)", "norm2 is not differentiable where its argument is 0 (0/0 counts as 0 there in a derivative; but"),
        ("sqrt(x'*x)", "norm2 is not differentiable where its argument is 0"),
        ("(x'*x)^(-1/2)", "norm2 is not differentiable where its argument is 0 (the expression itself divides by it"),
        ("1/hardtanh(norm2(x))", "norm2 is not differentiable where its argument is 0 (the expression itself divides by it"),
        ("1/elu(norm2(x))", "norm2 is not differentiable where its argument is 0 (the expression itself divides by it"),
        ("1/tanh(norm2(x))", "norm2 is not differentiable where its argument is 0 (the expression itself divides by it"),
        ("sqrt(mse(x, y))", "norm2 is not differentiable where its argument is 0 (0/0 counts as 0 there in a derivative)"),
        ("(x'*x)^0.3", "norm2 is not differentiable where its argument is 0 (the formula of the derivative has no value there)"),
        ("norm2(x)^1.5", "norm2 is not differentiable where its argument is 0 (the formula of the derivative has no value"),
        ("y'*x/norm2(x)", "norm2 is not differentiable where its argument is 0 (the expression itself divides by it"),
        ("normspec(A)", "normspec is not differentiable where the two largest singular values coincide"),
        ("normnuc(A)", "normnuc is not differentiable where a singular value is 0"),
        ("eigmax(S)", "eigmax is not differentiable where the two largest eigenvalues coincide"),
        ("sum(f(x)); f(t) = max(t, 0)", "max in f is not differentiable where the two arguments tie"),
        ("sum(f(x)); f(t) = |t|", "abs in f is not differentiable where an argument is 0"),
        ("sum(f(x)); f(t) = 2*g(t); g(t) = relu(t)", "relu in f is not differentiable where an argument is 0"),
    ],
)
def test_notices(text: str, notice: str) -> None:
    dims = {"x": ("n",), "y": ("n",), "A": ("m", "n"), "S": ("n", "n")}
    d = matcalc.derive(text, wrt="all", dims={k: v for k, v in dims.items() if k in text}, check=False)
    assert [w for w in d.warnings if w.startswith(notice)], d.warnings
    assert notice in " ".join(d.to_code().split())


@pytest.mark.parametrize("text", ["sqrt((x'*x + y'*y)/2)", "sqrt((x'*x + y'*y)/(3*n))/n", "sum(sqrt(x.^2/3))/2", "(x'*x)^(-1/2)",
    "norm2(x)^1.5", "sqrt(norm2(x))", "y'*x/tanh(norm2(x))", "1/sqrt(x'*x/n)", "sqrt(mse(x, y))/2"])  # fmt: skip
def test_what_counts_at_0_is_what_the_notice_says(text: str) -> None:
    """A number that divides is no pole; and 0/0 counts as 0 exactly where this is said."""
    at = {"x": ZERO, "y": ZERO} if "y" in text else {"x": ZERO}
    d = derived(text, "x", at)
    with np.errstate(all="ignore"):
        found = (d.result.evaluate(at), d.function()(**at)[1])
    assert len({np.isfinite(g).all() for g in found} | {any("counts as 0 there in a derivative)" in w for w in d.warnings)}) == 1


def test_functions_that_are_given_by_name_have_their_kinks() -> None:
    for name, wanted in (("relu", 1), ("abs", 1), ("tanh", 0), ("exp", 0)):
        d = matcalc.derive("sum(f(x))", dims={"x": ("n",)}, functions={"f": name}, check=False)
        assert sum(f"{name} (for f) is not differentiable" in w for w in d.warnings) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "norm2(x)^2",
        "norm2(x)^3",
        "var(x)",
        "layernorm(x, 0.1)",
        "sqrt(x'*x + 1)",
        "x'*x",
        "sum(elu(x))",
        "sum(huber(x))",
        "max(y)*sum(x)",
        "f(x)'*x; f(t) = t^2",
        "sum(elu(x, 1))",
        "sum(leakyrelu(x, 1))",
        "sum(max(x, x))",
        "sum(abs(x).^2)",
        "y'*abs(x).^3",
        "sum(x .* abs(x))",
        "sum(relu(-x).^2)",
        "x'*relu(x)",
    ],
)
def test_no_notice_where_there_is_no_kink(text: str) -> None:
    assert not any("differentiable" in w for w in matcalc.derive(text, wrt="x", dims={"x": ("n",)}, check=False).warnings)


OWN: list[tuple[str, Callable[[float], float]]] = [
    ("|t|^2", lambda t: t * t), ("|t|", abs), ("sqrt(t^2)", abs), ("sqrt(t^2)^3", lambda t: abs(t) ** 3),
    ("t*|t|", lambda t: t * abs(t)),
    ("max(t,0)^2", lambda t: max(t, 0) ** 2), ("max(t,0)", lambda t: max(t, 0)), ("max(t,2*t)", lambda t: max(t, 2 * t)),
    ("relu(t)*t", lambda t: max(t, 0) * t), ("t+sqrt(t^2)", lambda t: t + abs(t)), ("exp(-|t|)", lambda t: np.exp(-abs(t))),
    ("cos(|t|)", np.cos), ("|t|^2+relu(t)", lambda t: t * t + max(t, 0)), ("max(t,1)^2", lambda t: max(t, 1) ** 2),
    ("max(t-1,0)^2", lambda t: max(t - 1, 0) ** 2), ("hardtanh(t)", lambda t: np.clip(t, -1, 1)),
    ("sign(t)*t^2", lambda t: t * abs(t)),
    ("|t-1|*(t-1)", lambda t: abs(t - 1) * (t - 1)), ("|t|*sin(t)", lambda t: abs(t) * np.sin(t)),
    ("abs(t)^1.5", lambda t: abs(t) ** 1.5),
    ("sign(t)*t", abs), ("sign(t)", np.sign), ("step(t)*t", lambda t: max(t, 0)), ("log(1+|t|)", lambda t: np.log1p(abs(t))),
    ("2*g(t)^2; g(t) = |t|", lambda t: 2 * t * t), ("2*g(t); g(t) = |t|", lambda t: 2 * abs(t)),
]  # fmt: skip


TOLD_TOO_OFTEN = (
    "max(t,2*t)",
    "t+sqrt(t^2)",
    "|t|^2+relu(t)",
    "sign(t)*t",
    "step(t)*t",
    "log(1+|t|)",
)  # the factor that is 0 is a sum


@pytest.mark.parametrize("text, f", OWN, ids=[text for text, _ in OWN])
@pytest.mark.parametrize("power", [1, 2])
def test_the_notice_of_an_own_function_is_true(text: str, f: Callable[[float], float], power: int) -> None:
    """There is one where its power has two slopes somewhere, or jumps; and only there, but for squares of sums."""
    slopes = [[(f(t + h) ** power - f(t) ** power) / h for h in (STEP, -STEP)] for t in (-1.0, 0.0, 1.0)]
    kinked = any(abs(a - b) > 1e-2 or abs(a) > 1e3 for a, b in slopes)
    d = matcalc.derive(f"sum(f(x).^{power}); f(t) = {text}", dims={"x": ("n",)}, check=False)
    told = any(" in " in w and "differentiable" in w for w in d.warnings)
    assert told if kinked else not told or (power == 2 and text in TOLD_TOO_OFTEN)


@pytest.mark.parametrize("text, wrt, at, f", CASES, ids=[f"{c[0]} by {c[1]}" for c in CASES])
def test_whoever_has_two_slopes_has_a_notice(text: str, wrt: str | list[str], at: Values, f: Callable[[Values], float]) -> None:
    """To the left and to the right of the point, along twenty directions."""
    names = [wrt] if isinstance(wrt, str) else wrt
    kinked = False
    for _ in range(20):
        v = {n: RNG.standard_normal(np.shape(at[n])) for n in names}
        right, left = ((f(plus(at, v, h)) - f(at)) / h for h in (STEP, -STEP))
        kinked |= abs(right - left) > 1e-3
    assert not kinked or any("differentiable" in w for w in derived(text, wrt, at).warnings)


@pytest.mark.parametrize(
    "text",
    ["norm1(x)^2", "max(x)^2", "sum(abs(x .* y))", "norm1(y)*sum(sign(x) .* abs(x .* y))", "sum(elu(x, 0.9))", "norm2(y)*norm1(x)",
     "sum(abs(x)*max(x))", "sum(f(x)); f(t) = t + sqrt(t^2)"],
)  # fmt: skip
def test_a_kink_beside_what_vanishes_elsewhere_is_told(text: str) -> None:
    assert any("differentiable" in w for w in derived(text, "x", {"x": X, "y": Y} if "y" in text else {"x": X}).warnings)


def test_both_kinks_of_one_name_are_told() -> None:
    d = matcalc.derive("max(x) + sum(max(x, y))", dims={"x": ("n",), "y": ("n",)}, check=False)
    assert sum("max is not differentiable" in w for w in d.warnings) == 2


def test_what_does_not_count_may_overflow() -> None:
    """Where the first argument is smaller, the derivative of the second is not looked at, not even as inf * 0."""
    d = matcalc.derive("sum(min(x, exp(y)))", dims={"x": ("n",), "y": ("n",)})
    with np.errstate(over="ignore"):
        _, (gx, gy) = d.function()(x=[1, 2, 1], y=[1000, 0, 0])
    assert gx.tolist() == [1, 0, 0] and gy.tolist() == [0, 1, 1]


@pytest.mark.parametrize("text, said", [
    ("np.linalg.norm(X, axis=0).sum()", "norm of a column"),
    ("np.linalg.norm(X, axis=1).sum()", "norm of a row"),
    ("(np.linalg.norm(X, axis=1)**2).sum()", ""),
    ("np.sqrt(X.sum(axis=0)).sum()", ""),
])  # fmt: skip
def test_norms_of_rows_and_columns_have_a_kink_at_zero(text: str, said: str) -> None:
    found = [
        w for w in matcalc.derive(text, "X", dims={"X": ("n", "m")}, assume={"X": "positive"}, check=False).warnings if "norm" in w
    ]
    assert len(found) == bool(said) and all(said in w for w in found)


def test_the_pseudo_inverse_says_where_its_derivative_holds() -> None:
    """At a matrix of rank 1, along changes that keep the rank: differences of NumPy's own; others have no derivative."""
    notice = "pinv(X) is not continuous where X has less than full rank: there its derivative holds for changes that keep the rank"
    d = matcalc.derive("sum(pinv(X) .* C)", wrt="X", dims={"X": ("m", "n"), "C": ("n", "m")}, check=False)
    assert notice in d.warnings and notice in " ".join(d.to_code().split())
    u, v, du, dv = RNG.standard_normal((4, 3))
    at = {"X": np.outer(u, v), "C": RNG.standard_normal((3, 3))}

    def f(h: float) -> float:
        return float(np.sum(np.linalg.pinv(np.outer(u + h * du, v + h * dv), rcond=1e-9) * at["C"]))

    slope = (f(1e-5) - f(-1e-5)) / 2e-5
    along = np.outer(u, dv) + np.outer(du, v)
    for gradient in (d.result.evaluate(at), d.function()(**at)[1]):
        assert abs(np.sum(gradient * along) - slope) < 1e-5 * max(1, abs(slope))
    assert not matcalc.derive("sum(pinv(X))", dims={"X": ("n", "n")}, assume={"X": "invertible"}, check=False).warnings
    assert not matcalc.derive("sum(pinv(X)*y)", "y", dims={"X": ("m", "n")}, check=False).warnings


@pytest.mark.parametrize(
    "text, at",
    [("norm(x,3)", {"x": ZERO}), ("norm(x,4)", {"x": ZERO}), (r"\|x-y\|_3", {"x": X, "y": X}), ("sum(x.^4)^(1/4)", {"x": ZERO}),
     ("norm(x,3)^2", {"x": ZERO}), ("sqrt(norm1(x))", {"x": ZERO}), ("cbrt(x'*x)", {"x": ZERO}),
     ("sum(sqrt(abs(x)))", {"x": ZERO})],
)  # fmt: skip
def test_powers_that_a_derivative_divides_by_are_told_where_they_are_0(text: str, at: Values) -> None:
    """The notice says: no value; and evaluate() and the code have none there, and one elsewhere."""
    d = derived(text, "x", at)
    assert sum("the derivative divides by" in w and "has no value where that is 0" in w for w in d.warnings) == 1
    elsewhere = {"x": np.array([0.5, 1, 2]), "y": ONE / 3}
    with np.errstate(all="ignore"):
        for point, finite in ((at, False), (elsewhere, True)):
            found = (d.result.evaluate({n: point[n] for n in at}), d.function()(**{n: point[n] for n in at})[1])
            assert [np.isfinite(g).all() for g in found] == [finite, finite]


@pytest.mark.parametrize("k", [3, 4])
def test_p_norms_have_two_slopes_at_0(k: int) -> None:
    """The oracle of the notice: to the left and to the right."""
    right, left = (np.sum(np.abs(h * X) ** k) ** (1 / k) / h for h in (STEP, -STEP))
    assert abs(right - left) > 0.1


@pytest.mark.parametrize(
    "text", ["norm2(x)", "norm2(x)^3", "norm2(x)*(y'*x)", "norm2(x)^1.5", "sqrt(x'*x)", "norm2(x)^4", "norm2(x)^2.5"]
)
@pytest.mark.parametrize("kind", ["gradient", "hessian"])
def test_a_notice_that_0_counts_is_true(text: str, kind: str) -> None:
    at = {"x": ZERO, "y": X} if "y" in text else {"x": ZERO}
    d = derived(text, "x", at, kind)
    said = " ".join(d.warnings)
    with np.errstate(all="ignore"):
        finite = {bool(np.isfinite(g).all()) for g in (d.result.evaluate(at), d.function()(**at)[1])}
    assert finite == {"has no value" not in said}


@pytest.mark.parametrize(
    "text, slope, place",
    [
        ("sum(huber(x))", lambda t: np.clip(t, -1, 1), 1.0),
        ("sum(huber(x))", lambda t: np.clip(t, -1, 1), -1.0),
        ("sum(elu(x))", lambda t: np.where(t > 0, 1, np.exp(t)), 0.0),
        ("sum(softsign(x))", lambda t: 1 / (1 + abs(t)) ** 2, 0.0),
    ],
)
def test_second_derivatives_that_jump_have_a_notice(text: str, slope: Callable[[float], float], place: float) -> None:
    right, left = ((slope(place + h) - slope(place)) / h for h in (STEP, -STEP))
    assert abs(right - left) > 0.5
    for kind in ("hessian", "hvp"):
        d = matcalc.derive(text, "x", kind=kind, direction="v" if kind == "hvp" else None, dims={"x": ("n",)}, check=False)
        assert any("has no second derivative where" in w for w in d.warnings)
    assert not any("second" in w for w in derived(text, "x", {"x": X}).warnings)


@pytest.mark.parametrize("text", ["det(X)", "det(X)^2", "det(X)^3 + tr(X)", "exp(det(X))"])
def test_the_notice_of_a_determinant_says_what_the_code_does(text: str) -> None:
    """At a singular matrix: differences."""
    d = derived(text, "X", {"X": np.eye(2)})
    at = np.array([[1.0, 2], [2, 4]])
    f = matcalc.parse(text, dims={"X": ("n", "n")})
    e = 1e-6 * np.eye(4).reshape(2, 2, 2, 2)
    slopes = [[(f.evaluate({"X": at + h}) - f.evaluate({"X": at - h})) / 2e-6 for h in row] for row in e]
    assert np.allclose(d.function()(X=at)[1], slopes, atol=1e-6)
    assert any("as the NumPy code does (evaluate() refuses it)" in w for w in d.warnings)
    with pytest.raises(matcalc.UsageError):
        d.result.evaluate({"X": at})


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("text", "op", "none"),
    [
        ("sum(1 ./ abs(x))", "abs", True),
        ("sum(log(abs(x)))", "abs", True),
        ("norm1(x)^(-1)", "norm1", True),
        ("log(norm1(x))", "norm1", True),
        ("sum(1 ./ relu(x))", "relu", True),
        ("sum(sqrt(abs(x)))", "abs", True),
        ("f(z) = 1/abs(z); s = sum(f(x))", "abs", True),
        ("f(z) = sqrt(abs(z)); s = sum(f(x))", "abs", True),
        ("sum(1 ./ (1 + abs(x)))", "abs", False),
        ("sum(log(1 + abs(x)))", "abs", False),
        ("norm1(x)^2 + sum(abs(x))", "abs", False),
        ("f(z) = 1/(1 + abs(z)); s = sum(f(x))", "abs", False),
    ],
)
def test_nothing_counts_at_a_kink_where_there_is_no_value(text: str, op: str, none: bool) -> None:
    """sign(0) = 0 is taken in a value that is there; 1/|x| and log |x| have none at 0, and √|x| no derivative."""
    d = matcalc.derive(text)
    (said,) = [w for w in d.warnings if w.startswith(f"{op} ") and "not differentiable" in w]
    assert ("has no value there" in said or "no value there" in said) == none
    value = d.value.evaluate({"x": np.array([0.0, 1.0])} if op != "norm1" else {"x": np.zeros(2)})
    slope = d["x"].evaluate({"x": np.array([0.0, 1.0])} if op != "norm1" else {"x": np.zeros(2)})
    assert (np.isfinite(value) and np.isfinite(slope).all()) != none


@pytest.mark.slow
def test_what_notices_are_found_with_is_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies of own functions are put in for arrays: a sum of a number and a column failed where no other node had it."""
    entered = nodes._entered

    def strictly(op: str, args: tuple[Any, ...], attr: Any, type: Any) -> Any:
        assert op not in nodes.TYPED or "".join(a.type.kind for a in args) in TABLE[op].alternatives, (op, args)
        return entered(op, args, attr, type)

    monkeypatch.setattr(nodes, "_entered", strictly)
    for body in ("max(t, 0)^2 + 1", "|t|/(2 + t^2) - 3*t", "2^t*relu(t - 1)", "exp(-|t|)"):
        assert matcalc.derive(f"sum(f(W*x + b))*f(c); f(t) = {body}", check=False, dims={"c": ()}).warnings is not None


TIED: dict[str, Callable[[Any, Any], Any]] = {  # always, of entries that are the same function
    "max(kron(A, ones(2,2)))": lambda A, x: A.max(),
    "max(A*ones(n,3))": lambda A, x: A.sum(axis=1).max(),
    "min(diag(exp(x)))": lambda A, x: 0.0,
    "max(exp(x)*ones(3)')^2": lambda A, x: np.exp(2 * x.max()),
    "sum(rowmax(kron(A, ones(1,2))))": lambda A, x: A.max(axis=1).sum(),
    "norminf([x; -x])": lambda A, x: np.abs(x).max(),
    "sum(max(A, A').^2)": lambda A, x: (np.maximum(A, A.T) ** 2).sum(),
    "max([h; k]); h = 2*exp(x); k = exp(x) + exp(x)": lambda A, x: 2 * np.exp(x.max()),
}


@pytest.mark.parametrize("text", TIED)
@pytest.mark.parametrize("style", ["backprop", "differential"])
def test_entries_that_are_always_equal_make_no_kink(text: str, style: str) -> None:
    rng = np.random.default_rng(5)
    given = {"A": rng.normal(size=(3, 3)), "x": rng.normal(size=3)}
    (name,) = [n for n in given if re.search(rf"\b{n}\b", text)]
    d = matcalc.derive(text, dims={name: ("n",) * given[name].ndim}, style=style)
    slope = d.result.evaluate({name: given[name]})
    assert np.allclose(d.function()(**{name: given[name]})[1], slope)
    for i in np.ndindex(slope.shape):
        e = np.zeros(slope.shape)
        e[i] = 1e-6
        up, down = (TIED[text](**{**given, name: given[name] + s * e}) for s in (1, -1))
        assert slope[i] == pytest.approx((up - down) / 2e-6, rel=1e-6, abs=1e-7)


@pytest.mark.sample(6)
@pytest.mark.parametrize("text", ["max(b)", "min(b)", "sum(max(b, c))", "sum(rowmax(b*c'))"])
@pytest.mark.parametrize("kind", ["gradient", "hessian"])
def test_signs_that_are_equal_by_chance_are_not_taken_for_one_function(text: str, kind: str) -> None:
    """Differences at such a point would tell the derivative from that of a side; the seed decided what was shown."""
    declared = {name: "sign" for name in "bc" if name in text.replace("max", "")}
    for seed in range(6):
        try:
            found = matcalc.derive(text, wrt="b", dims=dict.fromkeys(declared, ("n",)), assume=declared, kind=kind, seed=seed)
        except matcalc.CheckError as error:
            assert "no random point" in str(error)
        else:
            assert found.checked is not None and found.checked.passed


@pytest.mark.slow
@pytest.mark.rounding
@pytest.mark.parametrize("text", ["max(max((1),a),a)", "sum(min(min(a, 2*a), a))", "max(max(b, a), a)", "min(max(b, a), a)"])
def test_sides_that_are_equal_and_can_be_moved_apart_tie(text: str) -> None:
    """z = max(1, a) is a where a > 1: the line ∂y/∂z moves z alone, so no point is looked for there."""
    for seed in range(12):
        checked = matcalc.derive(text, "a", dims=dict.fromkeys("ab" if "b" in text else "a", ("m",)), seed=seed).checked
        assert checked is not None and checked.passed


@pytest.mark.sample(8)
@pytest.mark.parametrize("assumed", ["symmetric", "spd", "skew", "toeplitz"])
@pytest.mark.parametrize("text", ["min(Q .* (u*u'))", "max(Q)", "sum(rowmax(Q))", r"\min_{ij} u_i u_j Q_{ij}"])
def test_entries_that_are_equal_by_what_is_declared_move_alone(text: str, assumed: str) -> None:
    """Q_ij and Q_ji are two entries of the variable: where both are least, the line of the mask was called a defect."""
    for kind in ("gradient", "hessian"):
        for seed in range(4):
            try:
                found = matcalc.derive(
                    text, wrt="Q", dims={"Q": ("n", "n"), "u": ("n",)}, assume={"Q": assumed}, kind=kind, seed=seed
                )
            except matcalc.CheckError as error:
                assert "no random point" in str(error)
            else:
                assert found.checked is not None and found.checked.passed
