"""What is printed is read back as the same node, in plain notation and in LaTeX.

Left out: ``zeros(n)``, ``unvec`` and einsum in LaTeX, which are written for readers (``0``).
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import matcalc
from matcalc.expr.errors import LimitError, MatcalcError
from matcalc.expr.nodes import Expr, fill, make, num, postorder, sym
from matcalc.expr.table import CALLS, TABLE
from matcalc.notation.write.program import plain
from matcalc.notation.write.render import LATEX, PLAIN, TEXT, render
from tests.generators import DIMS, SYMBOLS, arrays, some_expression, spelled, value

x, y, u, A, B, W, V = (SYMBOLS[n] for n in ("x", "y", "u", "A", "B", "W", "V"))
a, c = SYMBOLS["a"], SYMBOLS["c"]


def expressions(depth: int = 4) -> st.SearchStrategy[Expr]:
    @st.composite
    def build(draw: Any) -> Expr:
        return some_expression(lambda options: draw(st.sampled_from(list(options))), depth)

    return build()


def random_expression(seed: int, depth: int) -> Expr:
    """For volume: the same generator with Python's own random numbers, many times as fast."""
    from random import Random

    return some_expression(Random(seed).choice, depth)


# ---------------------------------------------------------------- plain


@pytest.mark.slow
@given(expressions())
@settings(max_examples=120, deadline=None, derandomize=True)
def test_plain_is_read_back(e: Expr) -> None:
    assert matcalc.parse(plain(e), DIMS).node is e


@pytest.mark.slow
@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
def test_plain_is_read_back_many_times(depth: int) -> None:
    for seed in range(150):
        e = random_expression(1000 * depth + seed, depth)
        for text in (plain(e), render(e, PLAIN), spelled(e)):
            assert matcalc.parse(text, DIMS).node is e, text


@pytest.mark.slow
@given(expressions(3))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_printing_is_stable(e: Expr) -> None:
    """What parse() and .plain say of a text is the same after one round."""
    first = matcalc.parse(spelled(e), DIMS)
    again = matcalc.parse(first.plain, DIMS)
    assert again.plain == first.plain and again.latex == first.latex and again.shape == first.shape
    assert np.array_equal(value(again.node, arrays()), value(e, arrays()), equal_nan=True)


QUOTIENTS = {
    "a*(A/c*x)": make("scale", (a, make("matmul", (make("div", (A, c)), x)))),
    "a*(A/c*A*x)": make("scale", (a, make("matmul", (make("matmul", (make("div", (A, c)), A)), x)))),
    "a*A/c*x": make("matmul", (make("div", (make("scale", (a, A)), c)), x)),
    "(x'/c*y)*A": make("scale", (make("matmul", (make("div", (make("T", (x,)), c)), y)), A)),
}


@pytest.mark.parametrize("text", QUOTIENTS)
def test_a_scalar_beside_a_product_that_begins_with_a_quotient(text: str) -> None:
    e = QUOTIENTS[text]
    assert plain(e) == text and matcalc.parse(text, DIMS).node is e


NEGATIVE = {
    "-1/2": num(Fraction(-1, 2)),
    "-1 + x": make("add", (fill(num(-1), x.type), x)),
    "-2 - x": make("sub", (fill(num(-2), x.type), x)),
    "(-1 + 2)*x": make("scale", (make("add", (num(-1), num(2))), x)),
    "x.^(-1/2)": make("hpow", (x, num(Fraction(-1, 2)))),
    "-2*x": make("neg", (make("scale", (num(2), x)),)),
    "(-2)*x": make("scale", (num(-2), x)),
}


@pytest.mark.parametrize("text", NEGATIVE)
def test_negative_numbers_are_read_back(text: str) -> None:
    e = NEGATIVE[text]
    assert plain(e) == text and matcalc.parse(text, DIMS).node is e


# ---------------------------------------------------------------- LaTeX


@pytest.mark.slow
@given(expressions())
@settings(max_examples=120, deadline=None, derandomize=True)
def test_latex_is_read_back(e: Expr) -> None:
    assert matcalc.parse(render(e, LATEX), DIMS, notation="latex").node is e


@pytest.mark.sample(4)
@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_latex_is_read_back_many_times(depth: int) -> None:
    for seed in range(250):
        e = random_expression(2000 * depth + seed, depth)
        text = render(e, LATEX)
        assert matcalc.parse(text, DIMS, notation="latex").node is e, text


TWO_MEANINGS = {
    r"\log\Gamma\left(x\right)": make("lgamma", (x,)),
    r"\mathrm{digamma}\left(x\right)": make("digamma", (x,)),
    r"\mathrm{trigamma}\left(x\right)": make("trigamma", (x,)),
    r"\log\mathrm{softmax}\left(x\right)": make("logsoftmax", (x,)),
    r"\mathrm{logsigmoid}\left(x\right)": make("logsigmoid", (x,)),
    r"\mathbf{1}_{n \times n} x": make("matmul", (make("ones", (), None, A.type), x)),
    r"\lVert W \rVert_F": make("norm2", (W,)),
    r"\lVert W \rVert_F^2": make("sqnorm", (W,)),
    r"\lVert W \rVert_{1,1}": make("norm1", (W,)),
    r"\lVert W \rVert_{2 \to 2}": make("normspec", (W,)),
    r"\exp.\left(A\right)": make("exp", (A,)),
    r"\log.\left(A\right)": make("log", (A,)),
    r"\mathrm{sqrt}.\left(A\right)": make("sqrt", (A,)),
    r"\exp\left(W\right)": make("exp", (W,)),
    r"\sqrt{W}": make("sqrt", (W,)),
    r"\mathrm{kron}\left(x, y\right)": make("kron", (x, y)),
    r"A^{+}": make("pinv", (A,)),
    r"\mathrm{lowerhalf}\left(A\right)": make("phi", (A,)),
    r"v_{\max}\left(A\right)": make("eigvecmax", (A,)),
    r"L_{\mathrm{expm}}\left(A, B\right)": make("dexpm", (A, B)),
    r"\left(3 \cdot 2\right) x": make("scale", (make("scale", (num(3), num(2))), x)),
    r"3 \left(2 x\right)": make("scale", (num(3), make("scale", (num(2), x)))),
}


@pytest.mark.parametrize("text", TWO_MEANINGS)
def test_latex_that_could_mean_something_else(text: str) -> None:
    e = TWO_MEANINGS[text]
    assert render(e, LATEX) == text and matcalc.parse(text, DIMS, notation="latex").node is e


def test_subscripts_of_ones_and_identities_are_sizes() -> None:
    """n × n is two axes, and n·n or nm one."""
    shapes = {"X": ("m", "n"), "v": (), "w": ("n*n",)}
    for text, shape in {
        r"\mathbf{1}_{m \times n} + X": ("m", "n"),
        r"X I_{n \times n}": ("m", "n"),
        r"I_{n*n}": ("n", "n"),
        r"\mathbf{1}_{n}": ("n",),
        r"v I_n": ("n", "n"),
    }.items():
        declared = {k: s for k, s in shapes.items() if k in text and k != "w"}
        assert matcalc.parse(text, declared, notation="latex").shape == shape
    assert str(matcalc.parse(r"I_{mn}", {"X": ("m", "n")}, notation="latex").plain) == "eye(m*n)"
    with pytest.raises(matcalc.ShapeError, match="identity is square"):
        matcalc.parse(r"I_{m \times n}", {"X": ("m", "n")}, notation="latex")
    with pytest.raises(MatcalcError):
        matcalc.parse(r"I_{m,n}", {"X": ("m", "n")}, notation="latex")


def test_the_logarithm_of_a_declared_gamma_is_a_product() -> None:
    declared = {"x": ("n",)}
    assert "lgamma" in repr(matcalc.parse(r"s = \log\Gamma(x)", declared, notation="latex").node)
    for text in (r"\log\Gamma(x)", r"\Gamma = x x^\top, s = \log\Gamma(x)", r"s = \log\Gamma(x); \Gamma(z) = z^2"):
        shapes = declared if "=" in text else {**declared, "Gamma": ("n", "n")}
        assert "lgamma" not in repr(matcalc.parse(text, shapes, notation="latex", output="s" if "=" in text else None).node)


@pytest.mark.parametrize("e", [make("abs", (A,)), make("abs", (W,)), make("abs", (x,))], ids=["square", "matrix", "vector"])
def test_absolute_values_of_entries_are_no_determinant(e: Expr) -> None:
    assert matcalc.parse(render(e, LATEX), DIMS, notation="latex").node is e
    assert "|" not in render(e, TEXT)


@pytest.mark.parametrize("op", ["exp", "log", "sqrt", "abs"])
def test_what_is_refused_or_read_wrongly_is_never_an_answer(op: str) -> None:
    """At least the value of what is read is that of what was printed, or it is refused."""
    e = make(op, (B if op != "abs" else W,))
    try:
        back = matcalc.parse(render(e, LATEX), DIMS, notation="latex").node
    except MatcalcError:
        return
    env = {name: np.abs(v) + 0.1 for name, v in arrays().items()}
    assert np.allclose(value(back, env), value(e, env))


# ---------------------------------------------------------------- every operator

EVERY = [
    "x + y",
    "x - y",
    "-x",
    "a*x",
    "x/a",
    "W*x",
    "u'*W",
    "u*x'",
    "x'*y",
    "W'",
    "x .* y",
    "x ./ y",
    "a^c",
    "a^2",
    "x.^2",
    "x.^a",
    "A^2",
    "A^3",
    "inv(A)",
    "inv(A)'",
    "inv(A)^2",
    "f(x)",
    "f'(W)",
    "g''(a)",
    "sum(W)",
    "tr(A)",
    "tr(A*B)",
    "tr(A^3)",
    "diag(x)",
    "diag(A)",
    "vec(W)",
    "kron(A, W)",
    "rowsum(W)",
    "colsum(W)",
    "det(A)",
    "logdet(A)",
    "norm1(x)",
    "norm2(x)",
    "norm2(x)^2",
    "norm2(x)^3",
    "max(x)",
    "min(W)",
    "max(x, y)",
    "min(W, a)",
    "softmax(x)",
    "softmax(W)",
    "softmax(x')",
    "logsumexp(x)",
    "logsumexp(W)",
    "exp(x)",
    "log(x)",
    "sqrt(x)",
    "sin(x)",
    "cos(x)",
    "tan(x)",
    "tanh(x)",
    "sinh(x)",
    "cosh(x)",
    "arcsin(x)",
    "arccos(x)",
    "arctan(x)",
    "arcsinh(x)",
    "arccosh(x)",
    "arctanh(x)",
    "sigmoid(x)",
    "softplus(x)",
    "relu(x)",
    "abs(a)",
    "sign(x)",
    "step(x)",
    "erf(x)",
    "eye(n)*x",
    "ones(n)'*x",
    "pi*x",
    "n*x",
    "x/n",
    "1/2*x",
    "2*x/3",
    "a + x",
    "x - 1",
    "1 - x",
    "a ./ x",
    "lambda*x",
    "t_1*x",
    "beta'*u",
    "w_0'*w_0",
    "Phi'*x",
    "expm(A)",
    "sqrtm(A)",
    "normspec(W)",
    "normnuc(W)",
    "chol(A)",
    "eigmax(A)",
    "rowmax(W)",
    "conv(x, u)",
    "corr(x, y)",
    "eigvals(A)",
    "eigvecs(A)",
    "singularvalues(W)",
    "leftsingular(W)",
    "rightsingular(W)",
    "rowmaxmask(W)",
    "huber(x, a)",
    "adj(A)",
    "prodothers(x)",
    "prodpairs(x)",
    "lgamma(x)",
    "digamma(x)",
    "logsoftmax(x)",
    "logsigmoid(x)",
    "norm1(W)",
    "norm2(W)",
    "inner(x, y)",
]


@pytest.mark.parametrize("text", EVERY)
def test_every_operator(text: str) -> None:
    e = matcalc.parse(text, DIMS)
    assert matcalc.parse(e.plain, DIMS).node is e.node


@pytest.mark.parametrize("text", [t for t in EVERY if t != "inner(x, y)"])  # an operator of rules: not a form of LaTeX
def test_every_operator_in_latex(text: str) -> None:
    e = matcalc.parse(text, DIMS)
    assert matcalc.parse(e.latex, DIMS, notation="latex").node is e.node


def test_no_operator_is_forgotten() -> None:
    """Every operator that a user can call is in a table above, or named here with the reason."""
    used = {n.op for text in EVERY for n in postorder((matcalc.parse(text, DIMS).node,))}
    used |= {n.op for e in TWO_MEANINGS.values() for n in postorder((e,))}
    callable_names = {row.name for rows in CALLS.values() for row in rows}
    unlisted = callable_names - used - {"sqnorm", "trpow"}
    internal = {"argmax1", "argmin1"}  # results of rules; read back all the same (below)
    for name in sorted(unlisted):
        row = TABLE[name]
        assert name in internal or row.plain in CALLS, name


@pytest.mark.parametrize(
    "text",
    [
        "einsum('ij,j->i', W, x)",
        "einsum('ij,kl->ijkl', A, B)",
        "einsum('ij,kl->(ik)(jl)', A, B)",
        "argmaxmask(x)",
        "argminmask(W)",
        "zeros(n)",
        "ones(m, n)*x",
        "ones(n, n)",
    ],
)
def test_plain_only(text: str) -> None:
    e = matcalc.parse(text, DIMS)
    assert matcalc.parse(e.plain, DIMS).node is e.node


# ---------------------------------------------------------------- names

AWKWARD = [
    "lambda",
    "W^(1)",
    "x y",
    "h_j-1",
    "Ω",
    "x'",
    "__class__",
    "np",
    "e",
    "import",
    "hat A",
    "W^Q",
    "1st",
    "é",
]


@pytest.mark.parametrize("name", AWKWARD)
def test_any_declared_name_is_read_back(name: str) -> None:
    node = make("matmul", (make("T", (sym(name, x.type),)), x))
    text = plain(node)
    try:
        wanted = make("matmul", (make("T", (sym("Omega", x.type),)), x)) if name == "Ω" else node  # a Greek letter is its name
        assert matcalc.parse(text, {name: ("n",), "x": ("n",)}).node is wanted
    except MatcalcError as error:  # a name that cannot be written is refused, not misread
        assert error.message


# ---------------------------------------------------------------- what is shared


def test_shared_parts_become_definitions() -> None:
    """A graph of 2^30 paths prints in lines, and is read back as the same graph."""
    e = make("matmul", (make("T", (x,)), x))
    for _ in range(30):
        e = make("add", (make("scale", (e, e)), e))
    text = plain(e)
    assert len(text) < 2_000 and ";" in text
    assert matcalc.parse(text, DIMS).node is e


def test_what_is_too_long_to_be_written_out_is_refused() -> None:
    e = matcalc.parse("; ".join(["y = x", *["y = A*y .* y + y"] * 30, "sum(y)"]), {"A": ("n", "n"), "x": ("n",)})
    for style in (TEXT, LATEX):
        with pytest.raises(LimitError, match="more than 2,000,000 characters") as error:
            render(e.node, style)
        assert "plain" in str(error.value)
    with pytest.raises(LimitError):
        _ = e.latex
    assert repr(e) == e.plain and len(e.plain) < 2_000


def test_deep_chains_are_printed_and_read() -> None:
    e = x
    for k in range(1_000):
        e = make("fn", (make("add", (make("matmul", (A if k % 2 else B, e)), y)),), ("f", 0))
    text = plain(make("sum", (e,)))
    assert matcalc.parse(text, DIMS).node is make("sum", (e,))


def test_names_of_definitions_are_free() -> None:
    d = matcalc.derive("softmax(sum(beta) + lambda*beta')", wrt="beta", dims=DIMS)  # y is declared, and not used
    assert matcalc.parse(d.result.plain, dims=d.dims).shape == ("m", "m")


@pytest.mark.slow
@given(expressions(3))
@settings(max_examples=60, deadline=None, derandomize=True)
@example(make("matmul", (make("T", (x,)), make("matmul", (A, x)))))
def test_latex_is_balanced_and_of_known_macros(e: Expr) -> None:
    text = render(e, LATEX)
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") == text.count(r"\right")
    macros = set(re.findall(r"\\[A-Za-z]+", text))
    assert "\\operatorname" not in macros and "*" not in text
    assert render(e, TEXT)


def test_unicode_of_the_terminal_is_read() -> None:
    """The text style is for readers; what a user is likely to paste back is read all the same."""
    for text in ("uᵀf(W x + b)", "A⁻¹x", "x ∘ y", "xᵀA x", "λ x", "‖x‖²", "A ⊗ B"):
        matcalc.parse(text, {k: v for k, v in DIMS.items() if k in "xyAB"})


def test_inverse_transpose_in_unicode() -> None:
    assert matcalc.parse("A⁻ᵀ*x", DIMS).node is matcalc.parse("inv(A)'*x", DIMS).node


@pytest.mark.parametrize(
    ("plain", "text", "latex"),
    [
        ("inv(X)^2", "X⁻²", r"X^{-2}"),
        ("(inv(X)^3)'", "(X⁻³)ᵀ", r"\left(X^{-3}\right)^{\top}"),
        ("inv(X*Y)^12", "(X Y)⁻¹²", r"\left(X Y\right)^{-12}"),
    ],
)
def test_powers_of_an_inverse_are_negative_powers(plain: str, text: str, latex: str) -> None:
    dims = {"X": ("n", "n"), "Y": ("n", "n")}
    e = matcalc.parse(plain, dims)
    assert (render(e.node, TEXT, {}), e.latex) == (text, latex)
    assert matcalc.parse(text, dims).node is e.node is matcalc.parse(latex, dims).node


@pytest.mark.parametrize("form, want", [
    ("text", ["log(σ²) + 1 - x²/(σ²)²", "(σ²)²"]), ("latex", [r"\left({\sigma^2}\right)^{2}"]), ("plain", ["`sigma^2`^2"]),
])  # fmt: skip
def test_a_variable_that_is_a_power_is_raised_in_parentheses(form: str, want: list[str]) -> None:
    d = matcalc.derive(r"\sigma^2 \log(\sigma^2) + x^2/\sigma^2", wrt=r"\sigma^2", dims={"x": ()})
    shown = getattr(d.result, form)
    assert all(w in shown for w in want)


@pytest.mark.parametrize("like", ["x", "x'", "W", "W'"])
def test_a_scalar_in_every_entry_is_no_scalar_where_it_stands_alone(like: str) -> None:
    e = matcalc.parse(f"fill(a + c, {like})", DIMS)
    for text, notation in ((e.plain, "plain"), (e.latex, "latex")):
        assert matcalc.parse(text, DIMS, notation=notation).node.type == e.node.type
    assert "ones" in e.plain and "𝟏" in repr(e)
