"""The differential style: d of each value, put together, and the derivative read off."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc

RNG = np.random.default_rng(2)
A, B, x = RNG.normal(size=(3, 3)), RNG.normal(size=(3, 3)), RNG.normal(size=3)
DIMS = {"A": ("n", "n"), "B": ("n", "n"), "X": ("n", "n"), "x": ("n",)}


def test_read_off() -> None:
    """ds = tr(Gᵀ dX) means ∂s/∂X = G (Magnus and Neudecker)."""
    d = matcalc.derive("tr(A*X*B)", wrt="X", dims=DIMS, style="differential")
    assert np.allclose(d.result.evaluate({"A": A, "B": B}), A.T @ B.T)
    assert any(s.kind == "differential" for s in d.steps) and d.steps[-1].kind in ("result", "shape", "chain")


def test_hessians_are_symmetric_and_right() -> None:
    d = matcalc.derive("x'*A*x + exp(x'*x)", wrt="x", dims=DIMS, kind="hessian")
    e = np.exp(x @ x)
    want = A + A.T + 2 * e * np.eye(3) + 4 * e * np.outer(x, x)
    assert np.allclose(d.result.evaluate({"A": A, "x": x}), want, rtol=1e-10)


def test_a_mixed_derivative_has_the_axes_of_the_first_then_the_second() -> None:
    d = matcalc.derive("x'*A*y", wrt=["x", "y"], kind="mixed", dims={"A": ("m", "n")})
    M = RNG.normal(size=(2, 3))
    assert d.result.shape == ("m", "n") and np.allclose(d.result.evaluate({"A": M}), M)


def test_a_product_with_a_direction() -> None:
    d = matcalc.derive("x'*A*x", wrt="x", kind="hvp", direction="v", dims=DIMS)
    v = RNG.normal(size=3)
    assert np.allclose(d.result.evaluate({"A": A, "v": v}), (A + A.T) @ v)


def test_the_differential_itself() -> None:
    d = matcalc.derive("x'*A*x", kind="differential", dims=DIMS)
    dx, dA = RNG.normal(size=3), RNG.normal(size=(3, 3))
    want = dx @ (A + A.T) @ x + x @ dA @ x
    assert np.isclose(d.result.evaluate({"A": A, "x": x, "dx": dx, "dA": dA}), want)


@pytest.mark.parametrize("layout", ["shape", "numerator", "denominator"])
def test_a_jacobian_by_a_matrix_has_all_its_axes(layout: str) -> None:
    d = matcalc.derive("X*x", wrt="X", dims=DIMS, kind="jacobian", layout=layout)
    want = np.einsum("ij,k->ijk", np.eye(3), x)
    assert np.allclose(d.result.evaluate({"x": x}), want) and d.result.shape == ("n", "n", "n")


# The lines of a derivation as they are found by hand: rule, left side, right side.
LINES = [
    ("h = A*x - b; s = norm2(h)^2 + sum(exp(h))", "x", [
        ("linear-map", "dh", "A dx"),
        ("exp", "de", "e ∘ dh"),
        ("squared-norm", "ds", "2hᵀ dh + sum(de)"),
        ("put-in", "ds", "eᵀ (A dx) + 2hᵀ (A dx)"),
        ("common-matrix-on-the-right", "ds", "(e + 2h)ᵀ A dx"),
        ("read-off", "∇_x s", "Aᵀ (exp(h) + 2A x - 2b)"),
    ]),
    ("s = tr(X*A*X')", "X", [
        ("product", "ds", "tr(X A dXᵀ) + tr(A Xᵀ dX)"),
        ("trace-of-transpose", "ds", "tr((A + Aᵀ) Xᵀ dX)"),
        ("read-off", "∂s/∂X", "X (A + Aᵀ)"),
    ]),
    ("z = X*a; y = tanh(z)", "X", [
        ("linear-map", "dz", "dX a"),
        ("tanh", "dy", "(1 - y^∘2) ∘ dz"),
        ("put-in", "dy", "(1 - y^∘2) ∘ (dX a)"),
        ("kronecker-times-vec", "dy", "(aᵀ ⊗ diag(1 - y^∘2)) vec(dX)"),
        ("read-off", "∂y/∂X", "{(diag(1 - y^∘2))_ij a_k}_ijk"),
    ]),
    ("s = x'*A*y", "all", [
        ("product", "ds", "yᵀ (Aᵀ dx + dAᵀ x) + xᵀ A dy"),
        ("one-moves", "ds", "yᵀ Aᵀ dx"),
        ("read-off", "∇_x s", "A y"),
        ("one-moves", "ds", "xᵀ dA y"),
        ("trace-of-outer-product", "ds", "tr(y xᵀ dA)"),
        ("read-off", "∂s/∂A", "x yᵀ"),
        ("one-moves", "ds", "xᵀ A dy"),
        ("read-off", "∇_y s", "Aᵀ x"),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wrt", "want"), LINES, ids=[text for text, *_ in LINES])
def test_the_lines_are_those_that_one_writes(text: str, wrt: str, want: list[tuple[str, str, str]]) -> None:
    """Each once, in this order, under its rule; a variable alone is told of where there are others."""
    d = matcalc.derive(text, wrt=wrt, style="differential")
    assert [(s.rule, s.lhs.text, s.rhs.text) for s in d.steps if s.kind != "definition"] == want
    alone = [i for i, s in enumerate(d.steps) if "one variable moves at a time" in s.note]
    first = next((i for i, s in enumerate(d.steps) if s.rule == "one-moves"), None)
    assert alone == ([first] if wrt == "all" else [])


def test_a_second_derivative_says_what_was_derived_again() -> None:
    d = matcalc.derive("log(x'*x)", wrt="x", kind="hessian", style="differential")
    rules = [s.rule for s in d.steps if s.kind != "definition"]
    assert rules == ["squared-length", "log", "put-in", "differential-of", "read-off", "division", "differential-of", "read-off"]
    want = 2 / (x @ x) * (np.eye(3) - 2 * np.outer(x, x) / (x @ x))
    assert np.allclose(d.result.evaluate({"x": x}), want)


@pytest.mark.parametrize("text", ["tr((C*Y)'*C)", "C*B'", "norm2(C*Y)^2", "sum(exp(C))", "logsumexp(C)"])
def test_a_row_has_the_gradient_of_a_row_in_every_style(text: str) -> None:
    """1×p as declared; in numerator layout its transpose."""
    dims = {name: shape for name, shape in {"C": (1, "p"), "Y": ("p", "p"), "B": (1, "p")}.items() if name in text}
    for style in ("backprop", "differential", "elementwise"):
        for layout, kind in (("shape", "r"), ("denominator", "r"), ("numerator", "c")):
            d = matcalc.derive(text, wrt="C", dims=dims, style=style, layout=layout)
            assert d["C"].data.expr.type.kind == kind, (style, layout)
            assert d.checked is not None and d.checked.passed


def test_the_differential_of_a_row_is_a_row() -> None:
    d = matcalc.derive("norm2(Y)", dims={"Y": (1, "p")}, kind="differential")
    assert d.dims["dY"] == (1, "p") and matcalc.parse(d.result.plain, d.dims).shape == ()


def test_a_hessian_says_how_the_slope_moves() -> None:
    """Logistic regression: Xᵀ dp, dp put in, and the form to read Xᵀ diag(p ∘ (1 - p)) X off; by a matrix with vec."""
    d = matcalc.derive("p = sigmoid(X*w); L = -y'*log(p) - (1 - y)'*log(1 - p)", wrt="w", kind="hessian")
    again = [(s.lhs.text, s.rhs.text) for s in d.steps if "d(∂L" in s.lhs.text]
    assert again == [
        ("d(∂L/∂w)", "Xᵀ dp"),
        ("d(∂L/∂w)", "Xᵀ (p ∘ (1 - p) ∘ (X dw))"),
        ("d(∂L/∂w)", "Xᵀ diag(p ∘ (1 - p)) X dw"),
    ]
    assert "(p - y)ᵀ X dw" in [s.rhs.text for s in d.steps] and d.replay() and d.checked is not None and d.checked.passed
    d = matcalc.derive("logdet(X)", wrt="X", kind="hessian")
    assert ("vec(d(∂s/∂X))", "-(X⁻¹ ⊗ X⁻ᵀ) K_n,n vec(dX)") in [(s.lhs.text, s.rhs.text) for s in d.steps] and d.replay()


HELD = [
    ("x'*A*x", "x", "gradient", {"A": "symmetric"}, "2xᵀ A dx", "A is symmetric; common factor"),
    ("x'*A*x", "x", "hessian", {"A": "symmetric"}, "2xᵀ A dx", "A is symmetric; common factor"),
    ("p = softmax(z); s = -y'*log(p)", "z", "hessian", {"y": "one-hot"}, "(pᵀ - yᵀ) dz", "y sums to 1"),
    ("s = tr(X'*A*X)", "X", "gradient", {"A": "symmetric"}, "2tr(Xᵀ A dX)", "A is symmetric; a transpose has the same trace"),
]


@pytest.mark.parametrize(("text", "wrt", "kind", "assume", "line", "reason"), HELD)
def test_what_is_declared_is_used_in_a_line_that_says_so(
    text: str, wrt: str, kind: str, assume: dict[str, str], line: str, reason: str
) -> None:
    """The line before holds without it."""
    options = {"kind": kind} if kind == "hessian" else {"style": "differential"}
    d = matcalc.derive(text, wrt=wrt, assume=assume, **options)
    (found,) = [s for s in d.steps if s.rhs.text == line and s.lhs.text == "ds"]
    assert found.reason.format(*[f.text for f in found.of]) == reason and d.replay()


def test_what_a_law_is_said_of_stands_in_its_reason() -> None:
    """The rows of which softmax sum to 1; it was an error of the printer."""
    dims = {"U": ("d", "n"), "W": ("n", "n"), "A": ("m", "m"), "t": ()}
    text = "sum(softmax(U)*(W - t*eye(n)))*tr(A.*softmax(eye(m)))"
    d = matcalc.derive(text, wrt=["U", "A"], dims=dims, kind="mixed", style="differential")
    assert any("each row of {} sums to 1" in s.reason and len(s.of) == s.reason.count("{}") for s in d.steps)
    assert "each row of softmax(U) sums to 1" in " ".join(d.to_text("full").split())
