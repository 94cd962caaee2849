"""Operators with rows of their own: values against NumPy and SciPy, gradients and code against differences, readings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

import matcalc
from matcalc.expr.errors import AmbiguityError, MatcalcError, NoRuleError, ParseError, ShapeError

Values = dict[str, Any]
SIZES = {"n": 4, "m": 3, "k": 2}
SHAPES: dict[str, Any] = {
    **dict.fromkeys("xyu", ("n",)), **dict.fromkeys("XY", ("n", "n")), "a": (), "w": ("k",),
    "W": ("m", "n"), "F": (5, 3), "G": (6, 2),
}  # fmt: skip


def arrays(seed: int) -> Values:
    """Entries between 0.3 and 1.7, but those of ``y`` of both signs: an exponent may be negative."""
    rng = np.random.default_rng(seed)
    v = {name: rng.uniform(0.3, 1.7, tuple(SIZES.get(d, d) for d in shape)) for name, shape in SHAPES.items()}
    return v | {"y": rng.uniform(-2, 2, SIZES["n"])}


# What is typed, and its value.
CASES: dict[str, Callable[[Values], Any]] = {
    "x.^y": lambda v: v["x"] ** v["y"],
    "x**y": lambda v: v["x"] ** v["y"],
    "x'.^(y')": lambda v: v["x"] ** v["y"],
    "X.^Y": lambda v: v["X"] ** v["Y"],
    "2.^x": lambda v: 2 ** v["x"],
    "3*2^(-x)": lambda v: 3 * 2 ** -v["x"],
    "a.^y": lambda v: v["a"] ** v["y"],
    "a.^X": lambda v: v["a"] ** v["X"],
    "(1 + x).^(y + a)": lambda v: (1 + v["x"]) ** (v["y"] + v["a"]),
    "(x .* u).^(y/2) ./ x": lambda v: (v["x"] * v["u"]) ** (v["y"] / 2) / v["x"],
    "adj(X)": lambda v: minors(v["X"]),
    "tr(Y*adj(X + Y))": lambda v: np.trace(v["Y"] @ minors(v["X"] + v["Y"])),
    "eigvals(X + X')": lambda v: np.linalg.eigvalsh(v["X"] + v["X"].T),
    "eigvalsh(F'*F)": lambda v: np.linalg.eigvalsh(v["F"].T @ v["F"]),
    "tr(inv(diag(1 + eigvals(X*X')))*Y)": lambda v: np.sum(np.diag(v["Y"]) / (1 + np.linalg.eigvalsh(v["X"] @ v["X"].T))),
    "svdvals(F)": lambda v: np.linalg.svd(v["F"], compute_uv=False),
    "svdvals(F')": lambda v: np.linalg.svd(v["F"], compute_uv=False),
    "svdvals(X*Y)": lambda v: np.linalg.svd(v["X"] @ v["Y"], compute_uv=False),
    "conv(x, w)": lambda v: np.convolve(v["x"], v["w"]),
    "conv(w, x) - 2*convolve(3*x, w)": lambda v: -5 * np.convolve(v["x"], v["w"]),
    "corr(x, w)": lambda v: np.correlate(v["x"], v["w"], "valid"),
    "corr(X*x, w ./ 2)": lambda v: np.correlate(v["X"] @ v["x"], v["w"] / 2, "valid"),
    "conv(conv(x, w), conv(w, y))": lambda v: np.convolve(np.convolve(v["x"], v["w"]), np.convolve(v["w"], v["y"])),
    "huber(y, a)": lambda v: special.huber(v["a"], v["y"]),
    "huber(x - u, 2)": lambda v: (v["x"] - v["u"]) ** 2 / 2,
    "huber(3*y, x)": lambda v: special.huber(v["x"], 3 * v["y"]),
    "W.^(W.^2)": lambda v: v["W"] ** (v["W"] ** 2),
}


@pytest.mark.parametrize("text", CASES)
def test_value_and_notation(text: str) -> None:
    """NumPy's value; what is printed is read back as the same expression, in plain notation and in LaTeX."""
    e = matcalc.parse(text, SHAPES)
    v = arrays(0)
    assert np.allclose(e.evaluate(v), CASES[text](v), rtol=1e-11)
    assert matcalc.parse(e.plain, SHAPES).node is e.node
    assert matcalc.parse(e.latex, SHAPES, notation="latex").node is e.node


@pytest.mark.sample(3)
@pytest.mark.parametrize("text", CASES)
def test_gradient(text: str) -> None:
    """Of a sum of sines of the entries, by all that occurs: the formula and the code, against differences of NumPy's value."""
    d = matcalc.derive(f"sum(sin({text}))" if matcalc.parse(text, SHAPES).shape else text, dims=SHAPES)
    assert d.checked is not None and d.checked.passed
    v = arrays(3)
    run = d.function()
    code = run(**{n: v[n] for n in d.problem.symbols})
    for i, r in enumerate(d.results):
        expected = differences(CASES[text], r.wrt, v)
        assert np.allclose(matcalc.parse(r.plain, d.dims).evaluate(v), expected, rtol=1e-6, atol=1e-8), r.plain
        assert np.allclose(code[1][i] if len(d.results) > 1 else code[1], expected, rtol=1e-6, atol=1e-8), run.source


def differences(function: Callable[[Values], Any], name: str, v: Values) -> Any:
    def value(x: Any) -> Any:
        out = np.asarray(function({**v, name: x}))
        return np.sin(out).sum() if out.ndim else out

    x, h = v[name], 1e-5
    out = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        e = np.zeros(x.shape)
        e[i] = h
        out[i] = (8 * (value(x + e) - value(x - e)) - (value(x + 2 * e) - value(x - 2 * e))) / (12 * h)
    return out


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("sum(x.^y)", "y .* x.^(y - 1); log(x) .* x.^y"),
        ("u'*2.^x", "2.^x; log(2)*(u .* 2.^x)"),
        ("sum(a^x)", "x'*a.^(x - 1); log(a)*a.^x"),
        (r"\mathbf{1}^\top x^{\circ y}", "y .* x.^(y - 1); log(x) .* x.^y"),
    ],
)
def test_gradients_read_as_powers(text: str, plain: str) -> None:
    d = matcalc.derive(text, dims=SHAPES)
    assert sorted(r.plain for r in d.results) == sorted(plain.split("; "))


def test_a_row_of_exponents_and_a_turned_power() -> None:
    assert matcalc.parse("x'.^(y')", SHAPES).node.op == "epow"
    assert matcalc.parse("x.^y'", SHAPES).plain == matcalc.parse("x.^(a')", SHAPES).plain.replace("a", "y") == "(x.^y)'"


def test_a_scalar_in_every_exponent_is_the_scalar_power() -> None:
    d = matcalc.derive("sum(x.^(a + 0*y))", wrt="x", dims=SHAPES)
    assert d.result.plain == "a*x.^(a - 1)"


# ---------------------------------------------------------------- adjugate


def minors(x: Any) -> Any:
    """The adjugate by its definition."""
    n = len(x)
    cofactors = [[(-1) ** (i + j) * np.linalg.det(np.delete(np.delete(x, i, 0), j, 1)) for j in range(n)] for i in range(n)]
    return np.array(cofactors).T


SINGULAR = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])


@pytest.mark.parametrize("text", ["det(X)", "a*det(X)", "det(X)^2 + det(X)"])
def test_the_code_of_a_determinant_holds_where_the_matrix_is_singular(text: str) -> None:
    d = matcalc.derive(text, wrt="X", dims={"X": (3, 3), "a": ()})
    assert "adj(X)" in " ".join(d.warnings) and "singular" in " ".join(d.warnings)
    value, slope = d.function()(**{n: {"X": SINGULAR, "a": 1.0}[n] for n in d.problem.symbols})
    assert abs(value) < 1e-12 and np.allclose(slope, minors(SINGULAR).T, rtol=1e-11, atol=1e-12)
    adjugate = matcalc.parse("adj(X)'", {"X": (3, 3)}).evaluate({"X": SINGULAR})
    assert np.allclose(slope, adjugate, rtol=1e-10)


@pytest.mark.parametrize(
    ("text", "assume"),
    [
        ("det(X)", {"X": "spd"}),
        ("det(X)", {"X": "invertible"}),
        ("log(det(X'*X))", {}),
        ("det(X)*tr(inv(X))", {}),
        ("logdet(X)", {}),
    ],
)
def test_no_word_of_singular_matrices_where_none_is_meant(text: str, assume: dict[str, str]) -> None:
    assert not matcalc.derive(text, dims={"X": ("n", "n")}, assume=assume).warnings


# ---------------------------------------------------------------- convolution


def test_a_deconvolution_reads_as_one() -> None:
    d = matcalc.derive("norm2(conv(x, w) - b)^2", wrt=["x", "w"], dims={"x": ("n",), "w": ("k",), "b": ("n+k-1",)})
    assert [r.plain for r in d.results] == ["2*corr(conv(x, w) - b, w)", "2*corr(conv(x, w) - b, x)"]


@pytest.mark.parametrize(
    ("text", "wrt", "plain"),
    [("conv(x, w)", "x", "convmatrix(w, n)"), ("corr(x, w)", "x", "convmatrix(w, n+1-k)'"), ("corr(x, w)", "w", "hankel(x, k)")],
)
def test_jacobians_are_matrices_of_the_other_vector(text: str, wrt: str, plain: str) -> None:
    """By columns: the value where the variable is a unit vector."""
    d = matcalc.derive(text, wrt=wrt, dims={"x": ("n",), "w": ("k",)})
    assert d.result.plain == plain
    v = arrays(2)
    expected = np.array([CASES[text]({**v, wrt: e}) for e in np.eye(len(v[wrt]))]).T
    assert np.allclose(matcalc.parse(plain, {"x": ("n",), "w": ("k",)}).evaluate(v), expected, rtol=1e-11)
    assert np.allclose(d.function()(x=v["x"], w=v["w"])[1], expected, rtol=1e-11)
    latex = matcalc.parse(d.result.latex, {"x": ("n",), "w": ("k",)}, notation="latex")
    assert np.array_equal(latex.evaluate(v), matcalc.parse(plain, {"x": ("n",), "w": ("k",)}).evaluate(v))


@pytest.mark.parametrize("wrt", ["x", "w"])
def test_second_derivatives_of_a_convolution(wrt: str) -> None:
    text, v, dims = "sum(conv(x, w).^3)", arrays(4), {"x": ("n",), "w": ("k",)}
    h = matcalc.derive(text, wrt=wrt, kind="hessian", dims=dims)

    def slope(z: Any) -> Any:
        return matcalc.derive(text, wrt=wrt, dims=dims).result.evaluate({**v, wrt: z})

    e = 1e-5 * np.eye(len(v[wrt]))
    expected = np.array([(slope(v[wrt] + row) - slope(v[wrt] - row)) / 2e-5 for row in e])
    assert np.allclose(h.result.evaluate(v), expected, rtol=1e-7) and np.allclose(
        h.function()(x=v["x"], w=v["w"])[1], expected, rtol=1e-7
    )


# ---------------------------------------------------------------- spectra


@pytest.mark.parametrize("text", ["sum(svdvals(F))", "normnuc(F)"])
def test_the_sum_of_the_singular_values(text: str) -> None:
    """Its gradient is UV'."""
    v = arrays(1)
    u, _, vt = np.linalg.svd(v["F"], full_matrices=False)
    d = matcalc.derive(text, dims={"F": (5, 3), "G": (6, 2)})
    assert np.allclose(d.result.evaluate(v), u @ vt, rtol=1e-11)
    assert np.allclose(d.function()(F=v["F"])[1], u @ vt, rtol=1e-11)


def test_single_values_are_the_known_ones() -> None:
    """One entry of all eigenvalues is the largest; of the sum of all, the gradient is the identity."""
    dims, x = {"A": (4, 4)}, np.random.default_rng(3).normal(size=(4, 4))
    x = x + x.T
    last = matcalc.derive("eigvals(A)[4]", dims=dims).result.evaluate({"A": x})
    assert np.allclose(last, matcalc.derive("eigmax(A)", dims=dims).result.evaluate({"A": x}), rtol=1e-10)
    assert np.allclose(matcalc.derive("sum(eigvals(A))", dims=dims).result.evaluate({"A": x}), np.eye(4), atol=1e-12)


def test_which_size_is_smaller_may_be_said_by_the_name() -> None:
    d = matcalc.derive("norm2(singularvalues(W))^2", dims=SHAPES, wrt="W")
    v = {"W": np.random.default_rng(0).normal(size=(6, 4))}
    assert np.allclose(d.result.evaluate(v), 2 * v["W"], rtol=1e-10)


@pytest.mark.parametrize("text", ["x'*eigvals(X)", "x'*svdvals(X)"])
def test_second_derivatives_name_what_has_no_rule(text: str) -> None:
    with pytest.raises(NoRuleError, match=r"eigvecs|svdleft"):
        matcalc.derive(text, wrt="X", kind="hessian", dims=SHAPES)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("x^y", ShapeError, "write x.^y"),
        ("sum(e^(-X))", AmbiguityError, "write expm(-X) or, for the entries, exp(-X)"),
        ("tr(e^((X)*(Y)))", AmbiguityError, "write expm((X)*(Y)) or, for the entries, exp((X)*(Y))"),
        (r"\mathbf{1}^\top e^{\odot x}", AmbiguityError, r"write \exp(…)"),
        ("x.^X", ShapeError, "spread the vector"),
        ("svdvals(W)", ShapeError, "min(m, n) entries"),
        ("sum(singularvalues(F'))", ShapeError, "write singularvalues(F)"),
        ("svdvals(x)", ShapeError, "it takes a matrix"),
        ("corr(F[:,1], G[:,1])", ShapeError, "longer than"),
        ("hankel(X, 2)", ShapeError, "it takes a column"),
        ("corr(x)", ParseError, "corr(x, w)"),
        ("conv(x, X)", ShapeError, "it takes"),
        ("eigvals(W)", ShapeError, "square matrix"),
        ("2^X", AmbiguityError, "expm(log(2)*X) or 2.^X"),
    ],
)
def test_messages(text: str, kind: type[MatcalcError], words: str) -> None:
    with pytest.raises(kind) as caught:
        matcalc.derive(text, dims=SHAPES)
    assert words in str(caught.value)


# ---------------------------------------------------------------- products of entries


def others(x: np.ndarray, *without: int) -> float:
    return float(np.prod([e for k, e in enumerate(x) if k not in without]))


@pytest.mark.sample(3)
@pytest.mark.parametrize("style", ["backprop", "elementwise", "differential"])
@pytest.mark.parametrize(
    "x", [[2.0], [0.0], [3.0, 0.0], [0.0, 0.0], [2.0, 0.0, -3.0, 5.0], [0.0, 4.0, 0.0], [1.5, -2.0, 3.0]], ids=str
)
def test_a_product_of_entries_has_its_derivatives_where_entries_are_zero(x: list[float], style: str) -> None:
    at = np.array(x)
    n = len(x)
    slope = [others(at, i) for i in range(n)]
    second = [[others(at, i, j) if i != j else 0.0 for j in range(n)] for i in range(n)]
    for kind, want in (("gradient", slope), ("hessian", second)):
        d = matcalc.derive("prod(x)", wrt="x", dims={"x": ("n",)}, style=style, kind=kind)
        assert np.array_equal(d["x"].evaluate({"x": at}), want) and np.allclose(d.function()(x=at)[1], want, rtol=1e-15)
        assert not any("0" in w for w in d.warnings)


def test_a_product_of_entries_on_the_way_to_a_matrix() -> None:
    """W with a row of zeros, so that an entry of W x is 0."""
    w, x, b = np.array([[1.0, 2.0], [0.0, 0.0], [3.0, -1.0]]), np.array([0.5, 2.0]), np.array([1.0, 0.0, -2.0])
    z = w @ x + b
    slope = np.array([others(z, i) for i in range(3)])
    value, (by_w, by_x) = matcalc.derive("prod(W*x + b)", wrt=["W", "x"]).function()(W=w, x=x, b=b)
    assert value == 0 and np.allclose(by_w, np.outer(slope, x)) and np.allclose(by_x, w.T @ slope)
