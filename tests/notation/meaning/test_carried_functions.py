"""r(x) with a Jacobian J_r, K(θ) with ∂K/∂θ: read where their sizes are declared, derived, checked, and read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import AmbiguityError, MatcalcError, NoRuleError, ShapeError, UsageError

Dims = Mapping[str, Sequence[str]]
R: Dims = {"r(x)": ("m",), "x": ("n",)}
K: Dims = {r"K(\theta)": ("n", "n")}
GAUSS = r"-\frac12 y^T K(\theta)^{-1} y - \frac12 \log|K(\theta)|"

ANSWERS: list[tuple[str, Dims, str, str]] = [
    (r"\tfrac12\|r(x)\|^2", R, "x", "J_r(x)'*r(x)"),
    ("a'*r(A*x)", {"r(x)": ("m",), "x": ("n",), "A": ("k", "n"), "a": ("m",)}, "x", "A'*J_r(A*x)'*a"),
    ("y = r(x)", R, "x", "J_r(x)"),
    ("sum(r(x) .* q(x))", {**R, "q(x)": ("m",)}, "x", "J_r(x)'*q(x) + J_q(x)'*r(x)"),
    (r"\log\det K(\theta)", K, "theta", "tr(inv(K(theta))*K'(theta))"),
    (r"y^T K(\theta)^{-1} y", K, "theta", "-y'*inv(K(theta))*K'(theta)*inv(K(theta))*y"),
    (GAUSS, K, "theta", "1/2*y'*inv(K(theta))*K'(theta)*inv(K(theta))*y - 1/2*tr(inv(K(theta))*K'(theta))"),
    ("A(t)^{-1}", {"A(t)": ("n", "n")}, "t", "-inv(A(t))*A'(t)*inv(A(t))"),
    (r"\operatorname{tr}(X(t)^T X(t))", {"X(t)": ("m", "n")}, "t", "2*tr(X(t)'*X'(t))"),
    (r"\|x(t)\|^2", {"x(t)": ("n",), "t": ()}, "t", "2*x(t)'*x'(t)"),
]


@pytest.mark.sample(3)
@pytest.mark.parametrize(("text", "dims", "wrt", "answer"), ANSWERS, ids=[a[0] for a in ANSWERS])
def test_derivatives(text: str, dims: Dims, wrt: str, answer: str) -> None:
    d = matcalc.derive(text, wrt=wrt, dims=dims)
    assert d.checked is not None and d.checked.passed and d.replay()
    known = {**dims, **{n: s for n, s in d.dims.items() if n not in dims}}
    assert matcalc.equal(d.result.plain, answer, dims=known)
    assert not matcalc.equal(d.result.plain, f"2*({answer})", dims=known)


def test_they_are_written_as_people_write_them() -> None:
    d = matcalc.derive(r"\tfrac12\|r(x)\|^2", wrt="x", dims=R)
    assert d.result.text == "J_r(x)ᵀ r(x)" and d.result.latex == r"J_{r}\left(x\right)^{\top} r\left(x\right)"
    assert "r(x) [m×1] is unspecified, J_r(x) [m×n] is its derivative" in d.to_text()
    theta = matcalc.derive(r"y^T K(\theta)^{-1} y", wrt=r"\theta", dims=K)
    assert theta.result.text == "-yᵀ K(θ)⁻¹ ∂K/∂θ K(θ)⁻¹ y"
    assert r"\frac{\partial K}{\partial \theta}" in theta.to_latex() and "K [" not in theta.to_text().split("is unspecified")[0]


def test_a_function_with_a_formula_has_the_derivative_that_the_sign_stands_for() -> None:
    """With r(x) = tanh(A x), J_r(x)ᵀ r(x) is the gradient of ½‖tanh(A x)‖²; with K = D(t) S D(t) the trace is that of log det."""
    rng = np.random.default_rng(5)
    a, x = rng.normal(size=(4, 3)), rng.normal(size=3)
    z = np.tanh(a @ x)
    got = matcalc.derive("1/2*norm2(tanh(A*x))^2", wrt="x").result.evaluate({"A": a, "x": x})
    np.testing.assert_allclose(got, ((1 - z**2)[:, None] * a).T @ z)
    s, h = np.eye(3) + 0.1 * np.ones((3, 3)), 1e-6
    k = lambda t: np.diag(np.exp(t * np.arange(3))) @ s  # noqa: E731
    slope = (k(0.3 + h) - k(0.3 - h)) / (2 * h)
    value = [np.linalg.slogdet(k(0.3 + e))[1] for e in (h, -h)]
    np.testing.assert_allclose(np.trace(np.linalg.inv(k(0.3)) @ slope), (value[0] - value[1]) / (2 * h), rtol=1e-7)


def test_what_was_understood_reads_it_back() -> None:
    d = matcalc.derive(GAUSS, wrt="theta", dims=K)
    assert d.reading.kinds["K"] == "function" and "K" not in d.dims
    again = matcalc.derive(d.reading.plain, wrt="theta", dims=d.reading.dims)
    assert again.result.plain == d.result.plain


def test_second_derivatives_by_a_number() -> None:
    d = matcalc.derive(r"\log\det K(\theta)", wrt="theta", dims=K, kind="hessian")
    assert matcalc.equal(
        d.result.plain, "tr(inv(K(theta))*K''(theta)) - tr(inv(K(theta))*K'(theta)*inv(K(theta))*K'(theta))", dims=K
    )


def test_assumptions_hold_of_the_values() -> None:
    d = matcalc.derive(r"y^T K(\theta)^{-1} y", wrt="y", dims=K, assume={"K": "spd"})
    assert matcalc.equal(d.result.plain, "2*inv(K(theta))*y", dims=K, assume={"K": "spd"})
    assert not [w for w in d.warnings if "does not occur" in w]


@pytest.mark.parametrize("text", [r"\tfrac12\|r(x)\|^2", r"\log\det K(\theta)", "A(t)^{-1}", r"y^T K(\theta)^{-1} y"])
def test_undeclared_they_are_asked_about_with_a_reading(text: str) -> None:
    with pytest.raises(AmbiguityError) as caught:
        matcalc.derive(text)
    (reading,) = [r for r in caught.value.readings if any("(" in name for name in r.kwargs.get("dims", {}))]
    assert matcalc.derive(text, **reading.kwargs).checked


@pytest.mark.parametrize(
    ("text", "dims", "error", "message"),
    [
        ("r(x)'*r(x)", {"r(x)": ("m",), "x": ("n", "k")}, ShapeError, "'r' has a vector as its value, and its argument is [n×k]"),
        ("tr(K(x))", {"K(x)": ("n", "n"), "x": ("n",)}, ShapeError, "'K' has a matrix as its value, and its argument is [n×1]"),
        ("r(x, y)", {"r(x)": ("m",)}, ShapeError, "'r' is a function of one argument"),
        ("r(x) + r", {"r(x)": ("m",), "r": ("m",)}, UsageError, "'r' is declared as a value and as a function 'r(x)'"),
    ],
)
def test_what_does_not_fit_is_refused(text: str, dims: Dims, error: type[MatcalcError], message: str) -> None:
    with pytest.raises(error) as caught:
        matcalc.derive(text, dims=dims)
    assert caught.value.message == message and caught.value.hint


def test_what_has_no_sign_is_refused_by_name() -> None:
    with pytest.raises(NoRuleError, match="the Jacobian of an unspecified function would have to be differentiated once more"):
        matcalc.derive(r"\|r(x)\|^2", wrt="x", dims=R, kind="hessian")
    d = matcalc.derive(r"\|r(x)\|^2", wrt="x", dims=R)
    with pytest.raises(UsageError, match="'r' is unspecified, so it has no values") as caught:
        d.result.evaluate({"x": [1.0, 2.0]})
    assert caught.value.hint == "define it by a formula, r(x) = …, or give functions={'r': (r, dr)}"
    with pytest.raises(UsageError, match="'r' is not a variable of the expression"):
        matcalc.derive(r"\|r(x)\|^2", wrt="r", dims=R)


A = np.array([[1.0, 2.0], [3.0, -4.0], [0.5, 6.0]])
X = np.array([0.3, -0.2])


def of_x(x: Any) -> Any:
    return np.sin(A @ x)


def jacobian_of(x: Any) -> Any:
    return np.cos(A @ x)[:, None] * A


@pytest.mark.parametrize("target", ["numpy", "class"])
def test_code_takes_the_function_and_its_jacobian(target: str) -> None:
    d = matcalc.derive(r"\frac12\|r(x)\|^2", wrt="x", dims=R)
    want = jacobian_of(X).T @ of_x(X)
    assert np.allclose(d.result.evaluate({"x": X}, functions={"r": (of_x, jacobian_of)}), want)
    if target == "class":
        assert "def forward(self, x, r, dr)" in d.to_code(target="class")
        return
    f = d.function()
    assert f.parameters == ("x", "r", "dr") and "its Jacobian: (m, n) array" in (f.__doc__ or "")
    for found in (f(X, of_x, jacobian_of), f(X, r=(of_x, jacobian_of)), f(X, r=of_x, dr=jacobian_of)):
        assert np.isclose(found[0], of_x(X) @ of_x(X) / 2) and np.allclose(found[1], want)


def test_code_takes_a_matrix_function_and_its_derivative() -> None:
    d = matcalc.derive(r"y^T K(\theta)^{-1} y + \log\det K(\theta)", wrt=r"\theta", dims={r"K(\theta)": ("n", "n"), r"\theta": ()})
    y, c = np.array([1.0, 2.0]), np.array([[0.0, 1.0], [1.0, 0.5]])

    def k(t: float) -> Any:
        return 3 * np.eye(2) + np.sin(t) * c

    def value(t: float) -> Any:
        return y @ np.linalg.solve(k(t), y) + np.log(np.linalg.det(k(t)))

    given = {"K": (k, lambda t: np.cos(t) * c)}
    slope = (value(0.4 + 1e-5) - value(0.4 - 1e-5)) / 2e-5
    assert np.allclose(d.function()(y, 0.4, **given), (value(0.4), slope), rtol=1e-7)
    assert np.isclose(d.result.evaluate({"y": y, r"\theta": 0.4}, functions=given), slope, rtol=1e-7)


def test_values_of_other_sizes_are_refused() -> None:
    d = matcalc.derive(r"\|r(x) - b\|^2", wrt="x", dims=R)
    with pytest.raises(ShapeError, match="m is 3 in b"):
        d.result.evaluate({"x": X, "b": np.ones(3)}, functions={"r": (lambda x: x, lambda x: np.eye(2))})
    given = matcalc.derive(r"\|r(x)\|^2", wrt="x", dims=R, functions={"r": (of_x,)}).function()
    with pytest.raises(UsageError, match="its derivative of order 1 is needed"):
        given(X)


def test_what_is_declared_and_not_used_is_said() -> None:
    d = matcalc.derive("x'*x", dims={"r(x)": ("m",)})
    assert any("'r(x)' is declared and does not occur" in w for w in d.warnings)


def test_an_entry_in_the_bracket_makes_no_function_of_arrays() -> None:
    """F, whose entries are f(X_ij), may be declared under that name."""
    from matcalc.notation.meaning.carried_functions import named

    assert named("f(X_{ij})") == named("f(X_ij)") == named("W^(2)") == "" and named("r(x)") == "r" and named(r"K(\theta_1)") == "K"
    d = matcalc.derive(r"\sum_{i,j} f(X_{ij}) b_i^2", wrt="b", dims={"f(X_ij)": ("n", "m"), "b": ("n",)}, index={"b_i": "b[i]"})
    at = {"f(X_ij)": np.array([[0.5, 1.0], [-1.0, 2.0]]), "b": np.array([1.0, -2.0])}
    assert np.allclose(d.result.evaluate(at), 2 * at["b"] * at["f(X_ij)"].sum(axis=1))


def test_a_name_in_quotes_is_no_function() -> None:
    """Where its sizes were declared, these were taken for those of values of f."""
    e = matcalc.parse("`f(x)`'*`f(x)`", dims={"f(x)": (3,)})
    assert e.evaluate({"f(x)": np.array([1.0, 2.0, 4.0])}) == 21.0


@pytest.mark.parametrize(
    ("text", "dims"),
    [
        (r"\phi: \mathbb{R}^d \to \mathbb{R}^m, f = w^T\phi(x)", {}),
        (r"Let $\phi:\mathbb{R}^d\to\mathbb{R}^m$ and $f(x)=w^T\phi(x)$.", {}),
        ("φ: ℝᵈ → ℝᵐ; wᵀφ(x)", {}),
        ("phi: R^d -> R^m; w'*phi(x)", {}),
        (r"w^T\phi(x)", {"w": ("m",), "x": ("d",)}),
    ],
)
def test_features_of_another_size_have_a_jacobian(text: str, dims: dict[str, tuple[str, ...]]) -> None:
    """They were read as a function of each entry; of sizes that the text states nothing was said."""
    d = matcalc.derive(text, wrt="x", dims=dims)
    a = np.array([[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]])
    at = {"w": np.array([1.0, -2.0]), "x": np.array([0.3, -0.2, 0.9])}
    assert d.result.plain == "J_phi(x)'*w" and dict(d.dims) == {"w": ("m",), "x": ("d",)}
    assert np.allclose(d.result.evaluate(at, functions={"phi": (lambda x: a @ x, lambda x: a)}), a.T @ at["w"])
    assert [w for w in d.warnings if "phi" in w] == ([] if not dims else [WHOLE])


WHOLE = "'phi' is read as a function of the whole vector: --function phi says that it acts on each entry"


def test_what_is_stated_of_a_function_counts() -> None:
    with pytest.raises(ShapeError, match=r"'phi' is a function of \[3×1\], and its argument is \[4×1\]"):
        matcalc.derive(r"\phi: \mathbb{R}^3 \to \mathbb{R}^2, \|\phi(x)-c\|^2, x\in\mathbb R^4", wrt="x")
    assert matcalc.derive(r"\phi: \mathbb R \to \mathbb R, w^T\phi(x)", wrt="x").result.plain == "w .* phi'(x)"
    assert matcalc.derive(r"f: \mathbb R^n \to \mathbb R, g = f(Ax+b)", wrt="x").result.plain == "J_f(A*x + b)*A"
    assert matcalc.derive(r"f: \mathbb R^n \to \mathbb R, f(x) = x^TAx", wrt="x").result.plain == "(A + A')*x"
    assert matcalc.derive(r"\phi: \mathbb R^d \to \mathbb R^m, \frac1d w^T\phi(x)", wrt="x").result.plain == "J_phi(x)'*w/d"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (r"\|y-h(x)\|^2", "--dim 'h(x)=m' says that it is a function of the whole vector"),
        (r"\nabla_x f(Ax+b)", "--dim 'f(x)=' says that it is a number, a function of the whole vector"),
        (r"\sum_n(t_n-w^T\phi(x_n))^2", "features take a name, as phi_n for phi(x_n)"),
    ],
)
def test_by_entries_is_said_where_the_whole_vector_may_be_meant(text: str, said: str) -> None:
    asked = {} if "nabla" in text else {"wrt": "x" if "h(x)" in text else "w"}
    assert any(w.endswith(said) for w in matcalc.derive(text, **asked).warnings)
    assert not matcalc.derive("u'*f(W*x + b)").warnings and not matcalc.derive("s = u^T h; h = f(z); z = W x + b").warnings
    f = said.partition("'")[2].partition("=")[0]
    if f:
        shape = ("m",) if "h" in f else ()
        assert not [w for w in matcalc.derive(text, dims={f: shape}, **asked).warnings if "each entry" in w]
