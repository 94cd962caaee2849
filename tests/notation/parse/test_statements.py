"""From text to statements: which notation, names, definitions, labels."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import LimitError, MatcalcError, ParseError
from matcalc.notation.parse.statements import MAX_LENGTH, Names, read


@pytest.mark.parametrize(
    ("text", "latex"),
    [(r"\frac{a}{b}", True), ("x_{1}", True), ("x^{2}", True), ("$x$", True), ("x.^2", False), ("A*x", False), ("x'*A*x", False)],
)
def test_the_notation_is_seen(text: str, latex: bool) -> None:
    assert read(text, Names()).latex is latex
    assert read(text, Names(), "plain" if not latex else "latex").latex is latex


def test_definitions_functions_and_bare_expressions() -> None:
    text = read("s = x'*z; z = A*x; q(t) = t^2; sum(q(x))", Names())
    assert [(s.name, s.parameters) for s in text.statements] == [("s", ()), ("z", ()), ("q", ("t",)), (None, ())]
    assert read("x'*x", Names()).statements[0].name is None


@pytest.mark.parametrize("separator", ["; ", "\n", ";\n"])
def test_separators(separator: str) -> None:
    assert [s.name for s in read(separator.join(["s = x'*z", "z = A*x"]), Names()).statements] == ["s", "z"]


def test_an_objective_may_be_extreme() -> None:
    (statement,) = read(r"\min_w \|X w - y\|^2", Names()).statements
    assert statement.extreme is not None and "w" in statement.extreme


def test_chained_equalities_keep_all_members() -> None:
    (statement,) = read("s = x'*x = norm2(x)^2", Names()).statements
    assert statement.name == "s" and len(statement.others) == 1


@pytest.mark.parametrize("text", ["", "   ", "# only a comment", "s =", "= x", "s = ; x"])
def test_what_is_no_statement(text: str) -> None:
    with pytest.raises(MatcalcError):
        read(text, Names())


def test_a_text_that_is_too_long_is_refused_at_once() -> None:
    with pytest.raises(LimitError):
        read("x + " * MAX_LENGTH, Names())


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("∑ᵢ (yᵢ − wᵀxᵢ)²", r"\sum_i (y_i - w^T x_i)^2"),
        ("λ/2 ‖w‖² + ∑ᵢ log(1 + exp(−yᵢ wᵀxᵢ))", r"\lambda/2 \|w\|^2 + \sum_i \log(1 + \exp(-y_i w^T x_i))"),
        ("∏ᵢ wᵢ", r"\prod_i w_i"),
    ],
)
def test_sums_and_products_over_an_index_are_read_in_unicode(text: str, same: str) -> None:
    assert matcalc.parse(text).node == matcalc.parse(same).node


def test_a_square_that_is_defined_is_the_positive_root_where_the_name_stands_alone() -> None:
    d = matcalc.derive(r"\sigma^2 = w^T \Sigma w, s = \frac{w^T\mu}{\sigma}", "w")
    w, mu, s = np.array([0.5, -1.0]), np.array([2.0, 1.0]), np.array([[2.0, 0.5], [0.5, 1.0]])
    root = np.sqrt(w @ s @ w)
    want = mu / root - (w @ mu) * (s @ w) / root**3
    assert np.allclose(d.result.evaluate({"w": w, "mu": mu, "Sigma": s}), want)
    assert any("'sigma' is read as the positive root" in n for n in d.warnings)
    with pytest.raises(MatcalcError):  # nothing else speaks of c
        matcalc.derive("c^2 = a^2 + b^2", "a")


def test_a_sum_that_is_typed_with_the_greek_letter() -> None:
    d = matcalc.derive("Σᵢ (yᵢ − wᵀxᵢ)²", "w")
    assert d.result.plain == "2*X'*(X*w - y)" and "is read as the sign of a sum" in d.warnings[0]
    assert matcalc.derive("(x−μᵢ)ᵀΣᵢ⁻¹(x−μᵢ)", "x").reading.kinds["Sigma_i"] == "matrix"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("s = sum_i x_i^2", "sum(x.^2)"),
        ("sum_{i=1}^n (y_i - w^T x_i)^2", "sum((y - X*w).^2)"),
        ("E = 1/2 sum_i (y_i - t_i)^2; y = W x", "1/2*sum((W*x - t).^2)"),
        ("E = ½ Σᵢ (yᵢ − tᵢ)², y = Wx", "1/2*sum((W*x - t).^2)"),
        ("∇_w Σᵢ (yᵢ − wᵀxᵢ)²", "sum((y - X*w).^2)"),
        ("J = Σᵢ (yᵢ − wᵀxᵢ)² + λ Σⱼ wⱼ²", "sum((y - X*w).^2) + lambda*sum(w.^2)"),
        ("1/N Σ_{i=1}^N (y_i - w^T x_i)^2", "1/N*sum((y - X*w).^2)"),
        ("1/n sum_i sum_j A_ij x_i x_j", "1/n*x'*(A*x)"),
    ],
)
def test_sums_are_typed_in_letters(text: str, plain: str) -> None:
    """sum_i was refused, and Σᵢ behind ∇_w a matrix, as the one behind λ was."""
    d = matcalc.derive(text)
    assert d.reading.plain == plain and any("the sign of a sum" in w for w in d.warnings)


def test_a_name_that_begins_like_a_sum_is_a_name() -> None:
    assert matcalc.parse("sum_k = np.sum(K)\ns = sum_k * (x @ x)", output="s").plain == "sum(K)*x'*x"
    assert matcalc.parse("x'*x/sum_k", dims={"sum_k": ()}).plain == "x'*x/sum_k"


def test_a_message_shows_the_text_as_it_was_typed() -> None:
    """``sum_{i=1}^n`` stood there as ``  ∑_{i=1}^n``."""
    with pytest.raises(ParseError) as error:
        read("1/2*sum_{i=1}^n (x_i - mu", Names())
    assert "  1/2*sum_{i=1}^n (x_i - mu\n" in str(error.value)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("tr(W'S_bW)/tr(W'S_wW)", "tr(W'*S_b*W)/tr(W'*S_w*W)"),  # S_bW was a name
        ("1/2||A x - b||^2", "1/2*norm2(A*x - b)^2"),
        (r"1/2\|A x - b\|^2 + 1/n \sum_i x_i", "1/2*norm2(A*x - b)^2 + 1/n*sum(x)"),
        ("exp(-||x - c||^2/(2 s^2))", "exp(-norm2(x - c)^2/(2*s^2))"),  # refused: no vector has a square
        (r"\frac{1}{2\sigma^2}(y - w^Tx)^2", "1/(2*sigma^2)*(y - w'*x)^2"),
    ],
)
def test_what_has_one_sensible_reading(text: str, plain: str) -> None:
    assert matcalc.parse(text).plain == plain


@pytest.mark.parametrize("text", ["(y - X w)^2", "1/2 x/y z"])
def test_what_has_none_is_refused(text: str) -> None:
    with pytest.raises(MatcalcError):
        matcalc.parse(text)


def test_the_network_of_two_layers_in_numpy_has_samples_in_the_rows() -> None:
    code = "h = np.maximum(0, X @ W1 + b1)\nscores = h @ W2 + b2\nloss = np.sum((scores - Y)**2)"
    assert matcalc.parse(code, output="loss")._problem.dims["X"] == ("n", "m")


def test_an_index_is_taken_in_the_letters_of_the_text() -> None:
    d = matcalc.derive("∑ᵢ log(1 + exp(−yᵢ wᵀxᵢ))", "w", index={"xᵢ": "X[i,:]", "yᵢ": "y[i]"})
    assert d.reading.plain == "sum(log(1 + exp(-y .* (X*w))))"
