"""Derivative signs and minima in front of a formula say what is asked; what they leave open is left to the question."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.api import read_problem
from matcalc.expr.errors import AmbiguityError, MatcalcError, NoRuleError, ParseError, UsageError
from matcalc.notation.parse.statements import Names, read

# text, the variables that it names, the order of the derivative
SIGNS = [
    (r"\nabla_x\|Ax-b\|^2", ("x",), 1),
    (r"\nabla_{\theta} \theta^T x", ("theta",), 1),
    (r"\nabla^2_x f(x)", ("x",), 2),
    (r"\frac{\partial}{\partial X}\operatorname{tr}(AXB)", ("X",), 1),
    (r"\frac{d}{dx}x^TAx", ("x",), 1),
    (r"\frac{\partial x^T A x}{\partial x}", ("x",), 1),
    (r"\frac{\partial}{\partial W_{ij}} u^T W x", ("W_{ij}",), 1),
    (r"\frac{\partial s}{\partial W_{i\cdot}}, s = u^T W x", ("W_{i·}",), 1),
    (r"\nabla_{x_i, y} x^T y", ("x_{i}", "y"), 1),
    (r"\frac{d}{d W}\left(u^T W v + W_{11}\right)", ("W",), 1),
    (r"\frac{\partial^2}{\partial x^2} x^T A x", ("x",), 2),
    (r"\frac{\partial^2 f}{\partial x \partial x^T}, f = x^T A x", ("x",), 2),
    (r"\partial_x \|Ax-b\|^2", ("x",), 1),
    (r"\partial s/\partial W, s = u^T W x", ("W",), 1),
    # in plain text
    ("∇_x ‖Ax−b‖²", ("x",), 1),
    ("∇ₓ ‖Ax−b‖²", ("x",), 1),
    ("∇_θ ‖Aθ−b‖²", ("theta",), 1),
    ("∇²_x x'*A*x", ("x",), 2),
    ("∂/∂x (‖Ax−b‖²)", ("x",), 1),
    ("∂ₓ ‖Ax−b‖²", ("x",), 1),
    ("∂tr(A X B)/∂X", ("X",), 1),
    ("∂s/∂W; s = u'*W*x", ("W",), 1),
    ("∂²s/∂x∂xᵀ; s = x'*A*x", ("x",), 2),
    ("∂²/∂x² x'*A*x", ("x",), 2),
    ("d/dx (‖Ax−b‖²)", ("x",), 1),
    ("d/dθ ‖Aθ−b‖²", ("theta",), 1),
    ("d(x'*A*x)/dx", ("x",), 1),
    ("ds/dW; s = u'*W*x", ("W",), 1),
]


@pytest.mark.parametrize(("text", "by", "order"), SIGNS, ids=[t for t, *_ in SIGNS])
def test_derivative_signs(text: str, by: tuple[str, ...], order: int) -> None:
    statement = read(text, Names()).statements[0]
    assert (statement.by, statement.order) == (by, order)


@pytest.mark.parametrize(
    "text", [r"\nabla x^T A x", r"\nabla_x a^T x + b", r"\frac{\partial}{\partial x} a^T x - x", r"2\nabla_x x^T x"]
)
def test_a_scope_that_is_open_is_asked_about(text: str) -> None:
    with pytest.raises(AmbiguityError, match="scope of a derivative sign"):
        read(text, Names())


@pytest.mark.parametrize(
    "text",
    [
        r"\frac{d x}{y}",
        r"\frac{d}{2}",
        r"\frac{\partial}{2}",
        r"\sum_i d_i",
        "d/(d*x)*x'*x",
        "d/dx",
        "d/data*x",
        "d*x/(d*y)",
        "d*x - y/dx",
    ],
)
def test_what_is_no_derivative_sign(text: str) -> None:
    try:
        statements = read(text, Names()).statements
    except MatcalcError:
        return
    assert all(not s.order for s in statements)


def test_the_answer_is_that_of_the_named_variable() -> None:
    d = matcalc.derive(r"\nabla_x\|Ax-b\|^2", dims={"A": ("m", "n"), "x": ("n",), "b": ("m",)})
    assert d.wrt == ("x",)
    rng = np.random.default_rng(0)
    a, x, b = rng.normal(size=(3, 2)), rng.normal(size=2), rng.normal(size=3)
    assert np.allclose(d["x"].evaluate({"A": a, "x": x, "b": b}), 2 * a.T @ (a @ x - b))


def test_a_second_derivative_is_the_hessian() -> None:
    d = matcalc.derive(r"\nabla^2_x x^T A x", dims={"A": ("n", "n"), "x": ("n",)})
    a = np.array([[1.0, 5.0], [2.0, 3.0]])
    assert np.allclose(d["x"].evaluate({"A": a, "x": np.ones(2)}), a + a.T)


def test_beside_a_definition_it_names_output_and_variable() -> None:
    d = matcalc.derive(r"\frac{\partial f}{\partial y}, f=(x+y)\max(y,z)", dims={"x": (), "y": (), "z": ()})
    assert d.wrt == ("y",)
    assert d["y"].evaluate({"x": 1.0, "y": 2.0, "z": 0.0}) == 5  # the lecture's example: 3 + 2


def test_parse_reads_values_and_no_questions() -> None:
    with pytest.raises(UsageError, match="asks for a derivative") as caught:
        matcalc.parse(r"\nabla_x x^T x")
    assert "derive()" in (caught.value.hint or "")


EXTREMES = [
    (r"\min_w \|Xw\|^2", ("min", "w")),
    (r"\min_{U,V} \|M - U V^T\|_F^2", ("min", "U and V")),
    (r"\arg\min_w \|Xw\|^2", ("argmin", "w")),
    (r"\hat{w} = \underset{w}{\operatorname{argmin}} \|y - Xw\|^2", ("argmin", "w")),
]


@pytest.mark.parametrize(("text", "extreme"), EXTREMES, ids=[t for t, _ in EXTREMES])
def test_a_minimum_over_variables_is_set_apart_and_said(text: str, extreme: tuple[str, str]) -> None:
    (statement,) = read(text, Names()).statements
    assert statement.extreme == extreme and statement.name is None
    notices = matcalc.derive(text).warnings
    assert any(f"the {extreme[0]} over {extreme[1]} is not taken" in w for w in notices)


def test_a_minimum_over_an_index_is_one() -> None:
    assert not read(r"\min_i x_i", Names()).statements[0].extreme
    assert matcalc.parse(r"\min_{i,j} M_{ij}", {"M": ("m", "n")}).node.op == "min"


def test_a_minimum_has_a_name_and_no_value() -> None:
    """``min f = s`` names it; ``min f = 3`` and conditions behind it are equations."""
    assert read_problem(r"\min_x \|A x-b\|^2 = s").output_name == "s"
    with pytest.raises(AmbiguityError, match="an equation between two expressions"):
        read_problem(r"\min_x \|x\|^2 = 3")
    with pytest.raises(ParseError, match="conditions are not part of the function"):
        read_problem(r"\min_x \|Ax-b\|_2^2 \quad\text{s.t.}\quad \mathbf{1}^\top x = 1")


def test_a_name_that_is_declared_is_no_derivative_sign() -> None:
    for text, dims in [("d/dx*(x'*x)", {"dx": ()}), ("d/dx*(x'*x)", {"d": (), "dx": ()}), ("dx/dy*2", {"dx": (), "dy": ()})]:
        assert all(not s.order for s in read(text, Names(declared=tuple(dims))).statements)


SAID = [
    ("s = u'*tanh(W*x + b); ∂s/∂W", "W"), ("s = u'*tanh(W*x + b); ds/dW", "W"), ("∂/∂W (u'*tanh(W*x + b))", "W"),
    ("∇_W u'*tanh(W*x + b)", "W"), ("∇_W (u'*tanh(W*x + b))", "W"), (r"s = u^\top \tanh(W x + b), \partial s/\partial W", "W"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wrt"), SAID, ids=[t for t, _ in SAID])
def test_in_plain_text_it_is_the_derivative_by_the_named_variable(text: str, wrt: str) -> None:
    d = matcalc.derive(text)
    rng = np.random.default_rng(2)
    u, w, x, b = rng.normal(size=3), rng.normal(size=(3, 2)), rng.normal(size=2), rng.normal(size=3)
    assert d.wrt == (wrt,)
    wanted = np.outer(u * (1 - np.tanh(w @ x + b) ** 2), x)
    assert np.allclose(d["W"].evaluate({"u": u, "W": w, "x": x, "b": b}), wanted)


EQUATIONS = [
    "s = u'*W*x; ∂s/∂W = u*x'", "s = u'*W*x; ds/dW = u*x'", "∂/∂x ‖Ax−b‖² = 2A'(Ax−b)",
    r"\nabla_x \|Ax-b\|^2 = 2A^T(Ax-b)", r"s = u^T W x, \frac{\partial s}{\partial W} = u x^T",
]  # fmt: skip


@pytest.mark.parametrize("text", EQUATIONS)
def test_an_equation_asks_for_the_derivative_and_is_kept_as_a_claim(text: str) -> None:
    d = matcalc.derive(text)
    (claim,) = d.reading.claims
    assert d.wrt == claim.by and claim.agrees and not d.warnings


@pytest.mark.parametrize(
    "text", [r"\frac{\partial L}{\partial W} = X^\top(XW-Y)", "∂L/∂W = X'(XW-Y)", r"\nabla_W L = X^\top(XW-Y)"]
)
def test_of_a_value_that_no_formula_defines_its_formula_is_asked_for(text: str) -> None:
    """The reading that was offered, the sign alone, has no W in it."""
    with pytest.raises(AmbiguityError, match="an equation with a derivative sign") as caught:
        matcalc.derive(text)
    assert not caught.value.readings and "L = …" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("text", "by", "kind"),
    [
        (r"f(x) = x^T A x, \nabla f(x)", "x", "gradient"), (r"f(x) = x^T A x, \nabla^2 f", "x", "hessian"),
        (r"f(x) = x^T A x, \frac{\partial f(x)}{\partial A}", "A", "gradient"),
        (r"f(x) = x^T A x, g = \nabla f(x)", "x", "gradient"),
    ],
)  # fmt: skip
def test_a_value_with_its_variable_in_brackets(text: str, by: str, kind: str) -> None:
    d = matcalc.derive(text)
    assert (d.wrt, d.kind) == ((by,), kind)


@pytest.mark.parametrize(
    "text", ["∇_x a'*x + b", r"\nabla_x a^T x + b", "∂/∂x a'*x - x'*x", r"\frac{\partial}{\partial x} a^T x - x^T x"]
)
def test_before_a_sum_brackets_around_all_of_it_are_a_reading(text: str) -> None:
    with pytest.raises(AmbiguityError, match="scope of a derivative sign") as caught:
        matcalc.derive(text)
    (reading,) = caught.value.readings
    assert matcalc.derive(text, **reading.kwargs).wrt == ("x",)


def test_d_with_a_label_is_a_derivative_or_a_matrix() -> None:
    """It was a matrix without a word, and the derivatives by everything were given."""
    with pytest.raises(AmbiguityError, match="'D_x' has two readings") as caught:
        matcalc.derive("D_x (A x)")
    derivative, matrix = caught.value.readings
    assert matcalc.derive("D_x (A x)", **derivative.kwargs).result.plain == "A"
    assert matcalc.derive("D_x (A x)", "A", **matrix.kwargs).value.plain == "D_x*(A*x)"
    assert matcalc.derive("D_w*x", "x").result.plain == "D_w"


def test_the_variable_below_may_be_transposed() -> None:
    for text in (r"\frac{\partial}{\partial x^T}(Ax)", r"\frac{\partial f}{\partial x^\top}, f = Ax + b"):
        assert matcalc.derive(text).result.plain == "A"


def test_expectations_over_something_are_refused_by_name() -> None:
    with pytest.raises(NoRuleError, match="expectations are not part"):
        matcalc.derive(r"\mathbb{E}_{x\sim p}[\log D(x)]", "x")
