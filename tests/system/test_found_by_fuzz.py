"""What the fuzzer found, by its kind: refused in words, or right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import AmbiguityError, ParseError, ShapeError, UsageError


@pytest.mark.parametrize("text, error, said", [
    ("einsum('(->', S)", ParseError, "does not say which axes"),
    ("einsum('ij->ii', S)", ParseError, "the index i twice"),
])  # fmt: skip
def test_refused(text: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        matcalc.derive(text)


@pytest.mark.parametrize("shape, prop", [((), "one-hot"), ((), "spd"), ((), "probability"), (("n",), "toeplitz"), (("n",), "spd")])
def test_a_property_that_nothing_of_these_sizes_has(shape: tuple[str, ...], prop: str) -> None:
    with pytest.raises(UsageError, match=f"cannot be {prop}: that is said of"):
        matcalc.derive("sum(z)", dims={"z": shape}, assume={"z": prop}, check=False)


def test_a_line_whose_sides_read_the_same_is_left_out() -> None:
    d = matcalc.derive("sigmoid(np.diag(np.diag(x)))")
    assert "  dz  " not in d.to_text(detail="full") and d.to_latex(detail="full")


STRUCTURED = {
    "skew": lambda g: g - g.T, "upper-triangular": np.triu, "lower-triangular": np.tril, "diagonal": lambda g: np.diag(np.diag(g)),
}  # fmt: skip


@pytest.mark.parametrize("structure", STRUCTURED)
@pytest.mark.parametrize("layout", ["shape", "numerator", "denominator"])
def test_structures_in_every_layout(structure: str, layout: str) -> None:
    d = matcalc.derive("x'*B*B*y", "B", structure={"B": structure}, layout=layout)
    rng = np.random.default_rng(1)
    x, y, b = rng.standard_normal(3), rng.standard_normal(3), rng.standard_normal((3, 3))
    b = {"skew": b - b.T, "upper-triangular": np.triu(b), "lower-triangular": np.tril(b), "diagonal": np.diag(np.diag(b))}[
        structure
    ]
    free = np.outer(x, b @ y) + np.outer(b.T @ x, y)
    want: Any = STRUCTURED[structure](free)
    got = d["B"].evaluate({"x": x, "y": y, "B": b})
    assert np.allclose(got, want.T if layout == "numerator" else want)


def test_a_structured_derivative_that_is_judged_in_eighty_digits() -> None:
    text = "s = beta^2 + norm2(expm(S)[:,1])"
    d = matcalc.derive(text, "S", dims={"S": ("n", "n"), "beta": ()}, structure={"S": "skew"})
    assert d.checked is not None and d.checked.passed
    assert np.abs(d["S"].evaluate({"S": np.array([[0, 1.0, 2], [-1, 0, 3], [-2, -3, 0]]), "beta": 1.0})).max() < 1e-12


def test_arrays_whose_sizes_break_an_equation() -> None:
    d = matcalc.derive("V*Y", dims={"V": ("p", "p"), "Y": ("n+1", "n")})
    right = {"V": np.eye(4), "Y": np.ones((4, 3))}
    assert d["Y"].evaluate(right).shape == (4, 3, 4, 3)
    with pytest.raises(ShapeError, match=r"needs p = 5 to be equal to n\+1 = 4"):
        d.value.evaluate({**right, "V": np.eye(5)})


def test_a_differential_has_no_vec_form() -> None:
    with pytest.raises(UsageError, match="no vec form"):
        assert matcalc.derive("sum(f(A*x))", kind="differential").results[0].vec


@pytest.mark.parametrize("text", ["sum(relu(q).^2)", "sum(abs(q))"])
def test_second_derivatives_at_kinks_that_a_property_asks_for(text: str) -> None:
    with pytest.raises(UsageError, match="there may be no second derivative there"):
        matcalc.derive(text, "q", dims={"q": ("n",)}, kind="hessian", assume={"q": "binary"})


def test_what_cancels_is_judged_by_the_values_on_the_way() -> None:
    skew = matcalc.derive(r"\sum_i x_i^\top A x_i", "A", dims={"A": ("d", "d")}, index={"x_i": "X[i,:]"}, assume={"A": "skew"})
    assert skew.checked is not None and skew.checked.passed


def test_an_index_is_bound_once() -> None:
    with pytest.raises(ParseError, match="'j' is bound twice"):
        matcalc.derive(r"\sum_{i,jj} A_{ij}", dims={"A": ("n", "m")})


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    "product, value", [("A*x", lambda p, x: p @ x), ("A'*x", lambda p, x: p.T @ x), ("A*B*x", lambda p, x: p @ p @ x)]
)
@pytest.mark.parametrize(
    "text, function",
    [
        ("det(inv(diag({0})))", lambda z, y: 1 / np.prod(z)),
        ("logdet(inv(diag({0})))", lambda z, y: -np.log(np.prod(z))),
        ("tr(inv(diag({0} ./ y)*diag(y))*C)", lambda z, y: np.sum(1 / z)),
        ("det(diag({0} ./ y)*diag(y))", lambda z, y: np.prod(z)),
    ],
)
def test_a_product_in_a_diagonal_is_one_column(text: str, function: Any, product: str, value: Any) -> None:
    """diag(A x)⁻¹ and diag(A x ⊘ y) diag(y): what is left of the entrywise product is a matrix product."""
    p, x, y = np.array([[2.0, 0.5], [0.25, 1.5]]), np.array([1.2, 0.7]), np.array([0.9, 1.7])
    sizes = {"A": ("n", "n"), "B": ("n", "n"), "C": ("n", "n"), "x": ("n",), "y": ("n",)}
    arrays = {"A": p, "B": p, "C": np.eye(2), "x": x, "y": y}
    h = 1e-6
    want = [(function(value(p, x + h * e), y) - function(value(p, x - h * e), y)) / (2 * h) for e in np.eye(2)]
    for style in ("backprop", "differential", "elementwise"):
        d = matcalc.derive(
            text.format(product), "x", dims=sizes, style=style, assume={"A": "positive", "B": "positive", "x": "positive"}
        )
        used = {k: v for k, v in arrays.items() if k in d.dims}
        np.testing.assert_allclose(d["x"].evaluate(used), want, rtol=1e-6)


@pytest.mark.parametrize("bound, count", [("n", 5.0), ("2 n", 10.0), ("n m", 15.0)])
def test_a_sum_of_equal_terms_up_to_a_number(bound: str, count: float) -> None:
    d = matcalc.derive(rf"\sum_{{i=1}}^{{{bound}}} c^2", "c", dims={"c": ()})
    assert d.checked is not None and d.checked.passed
    arrays = {k: v for k, v in {"c": 3.0, "n": 5.0, "m": 3.0}.items() if k in d.dims}
    assert d["c"].evaluate(arrays) == pytest.approx(count * 6.0)


@pytest.mark.parametrize("text", ["A^T*x", "A^{-T}*x", r"A^T x"])
def test_a_power_of_a_declared_number_T_is_asked_about(text: str) -> None:
    with pytest.raises(AmbiguityError, match=r"two readings: .* transposed, or to the power of the declared T"):
        matcalc.derive(text, dims={"A": ("n", "n"), "x": ("n",), "T": ()})


def test_a_transpose_stays_one_where_T_is_no_exponent() -> None:
    x = np.array([1.0, 2.0])
    for text, dims in (("x^T*x", {"T": ()}), ("x'*A'*x", {"T": ()}), ("x^T*T*x", {"T": ("n", "n")})):
        d = matcalc.derive(text, "x", dims={"x": ("n",), **dims})
        np.testing.assert_allclose(d["x"].evaluate({"x": x, **{k: np.eye(2) for k in d.dims if k in "AT" and d.dims[k]}}), 2 * x)


@pytest.mark.parametrize("text, dims, wrt, kind, layout, actual", [
    ("A*X*B", {}, "X", "jacobian", "denominator", "numerator"),
    ("x*x'", {"x": ("n",)}, "x", "jacobian", "denominator", "numerator"),
    ("x'*A*y", {"A": ("n", "m")}, ["x", "y"], "mixed", "denominator", "shape"),
    ("A*x", {"A": ("n", "m")}, "x", "jacobian", "denominator", "denominator"),
    ("A*X*B", {}, "X", "jacobian", "numerator", "numerator"),
])  # fmt: skip
def test_the_layout_that_a_result_says_is_the_one_it_has(
    text: str, dims: Any, wrt: Any, kind: str, layout: str, actual: str
) -> None:
    d = matcalc.derive(text, wrt, dims=dims, kind=kind, layout=layout)
    assert d.result.layout == actual and d.to_dict()["results"][0]["layout"] == actual
    assert any(f"not in {layout} layout" in w for w in d.warnings) == (layout != actual)


def test_the_norm_of_nothing_in_code() -> None:
    value, slope = matcalc.derive("norm2(x)", "x").function()(np.zeros(0))
    assert value == 0 and slope.shape == (0,)


@pytest.mark.parametrize("seed", range(4))
def test_a_differential_that_is_zero_is_judged_by_the_size_of_what_it_is_of(seed: int) -> None:
    text = "f(t) = exp(t); tr(((X ./ X)*f(ones(k, n))).^2)"
    d = matcalc.derive(text, "X", dims={"X": ("n", "k")}, kind="differential", seed=seed)
    assert d.results[0].plain == "0"


def test_a_function_is_no_output() -> None:
    with pytest.raises(matcalc.UsageError, match="'f' is a function") as refused:
        matcalc.derive("f(z) = z^2; s = sum(f(x))", output="f")
    assert refused.value.span == (0, 1)
    hint = "f(z) = z^2; z = 3*x; s = f(z)"  # what the hint says, typed
    assert matcalc.derive(hint, output="s")["x"].shape == ("n", "n")


def test_a_capital_behind_a_row_is_a_matrix() -> None:
    """aᵀC with a transposed letter in brackets: C was asked about, and is what capitals are."""
    a, c = np.arange(1.0, 3.0), np.arange(6.0).reshape(2, 3)
    e = matcalc.parse(r"\left(\left(a^{\top}\right)C\right)")
    assert np.array_equal(e.evaluate({"a": a, "C": c}), a @ c)


@pytest.mark.parametrize("style", ["backprop", "differential", "elementwise"])
def test_sizes_whose_product_must_be_one(style: str) -> None:
    """tr((P ⊗ I_n) [x y]) with x, y of n is a number only where m n = 2, for P m×1: at n = 1 it is P₁ x + P₂ y."""
    text = r"\mathrm{tr}((P \otimes I_n) \begin{bmatrix} x & y \end{bmatrix})"
    d = matcalc.derive(text, dims={"x": ("n",), "y": ("n",)}, style=style)
    at = {"P": [[2.0], [5.0]], "x": [3.0], "y": [7.0]}
    assert d.value.evaluate(at) == 2 * 3 + 5 * 7 and d["x"].evaluate(at) == [2.0] and d["y"].evaluate(at) == [5.0]
    assert np.array_equal(d["P"].evaluate(at), [[3.0], [7.0]])
