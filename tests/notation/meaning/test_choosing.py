"""The cheapest reading that fits, the questions where another is near, and what is said of what was assumed."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import AmbiguityError, MatcalcError, ShapeError


def test_sizes_decide_where_the_cheapest_kinds_do_not_fit() -> None:
    text = "sum(C*A*C + A)"
    assert matcalc.derive(text, "A").dims["C"] == ("n", "n")
    d = matcalc.derive(text, "A", dims={"A": ("m", "n")})  # a matrix on both sides would make A square
    assert d.dims["C"] == () and any("'C' is read as a scalar" in w for w in d.warnings)


def test_each_listed_reading_is_read_and_to_another_value() -> None:
    with pytest.raises(AmbiguityError) as caught:
        matcalc.derive("a*x")
    readings = caught.value.readings
    nodes = [matcalc.parse("a*x", **r.kwargs).node for r in readings]
    assert nodes == [matcalc.parse(r.text, **r.kwargs).node for r in readings]
    assert len({r.command for r in readings}) == len(set(nodes)) == 3  # a number and a vector, either way, or two numbers


def test_what_was_assumed_is_said_with_what_says_otherwise() -> None:
    (notice,) = matcalc.derive(r"\|y - X\beta\|^2", "y").warnings
    assert notice == "'beta' is read as a vector: --dim beta= says otherwise"
    with pytest.raises(ShapeError):  # as a number it does not fit
        matcalc.derive(r"\|y - X\beta\|^2", "y", dims={"beta": (), "X": ("m", "n"), "y": ("m",)})
    assert not matcalc.derive("s = u^T f(W x + b)").warnings


@pytest.mark.parametrize(
    ("text", "said"), [("np.mean((X @ w + b - y)**2)", True), ("np.tanh(W @ x + b)", False), ("A @ x - y", False)]
)
def test_a_bias_beside_samples_is_said_to_have_an_entry_for_each(text: str, said: bool) -> None:
    d = matcalc.derive(text, check=False)
    assert ("'b' is read as a vector: --dim b= says otherwise" in d.warnings) == said
    assert not matcalc.derive(text, dims={"b": ()} if "b" in text else None, check=False).warnings


def test_vectors_under_a_sum_are_rows_of_a_matrix_that_is_named() -> None:
    d = matcalc.derive(r"\sum_i (y_i - w^\top x_i)^2", "w")
    assert d["w"].plain == "2*X'*(X*w - y)"
    assert any("the vectors x_i are read as the rows of a matrix X" in w for w in d.warnings)
    taken = matcalc.derive(r"\sum_i (X^\top x_i)^\top (X^\top x_i)", "X")  # X is the text's own
    assert "xs" in taken.dims


def test_superscripts_in_brackets_count_samples() -> None:
    d = matcalc.derive(r"\sum_{i=1}^m (y^{(i)} - w^\top x^{(i)})^2", "w")
    assert d["w"].plain == "2*X'*(X*w - y)"


def test_a_gradient_makes_no_capital_a_number() -> None:
    """f(A x) is a vector by its letters: its gradient is refused, and A is no number to allow it."""
    with pytest.raises(matcalc.ShapeError, match="a gradient needs a scalar"):
        matcalc.derive("f(A*x)", kind="gradient")


def test_a_question_lists_two_readings_or_none() -> None:
    d = matcalc.derive(r"\sin^{2}(x+y)", "x")  # x and y are numbers in every reading that fits
    assert d.dims == {"x": (), "y": ()} and len(d.warnings) == 2


@pytest.mark.parametrize("text", ["h W + b", "h*W + b", r"z = h W + b"])
def test_a_declared_row_before_a_capital_is_a_row_times_a_matrix(text: str) -> None:
    """W was a vector and b a number: another derivative. The row is not in doubt, so the bias is a row as well."""
    d = matcalc.derive(text, "h", dims={"h": (1, "n")})
    assert (d.dims["W"], d.dims["b"]) == (("n", "m"), (1, "m"))
    assert d.warnings == ("'b' is read as a row: --dim b= says otherwise",)
    said = {"h": (1, "n"), "b": ()}  # as the notice says: then W may be a vector after all
    with pytest.raises(AmbiguityError) as caught:
        matcalc.derive(text, "h", dims=said)
    found = [matcalc.derive(text, "h", dims={**said, **r.kwargs["dims"]}).dims["W"] for r in caught.value.readings]
    assert found == [("n", "m"), ("n",)]


def test_a_layer_of_rows_is_read_from_its_input() -> None:
    d = matcalc.derive("s = norm(tanh(h W_1 + b_1) W_2 + b_2 - t)^2", "b_1", dims={"h": (1, 3), "W_1": (3, 4), "W_2": (4, 2)})
    rng = np.random.default_rng(1)
    at = {
        n: rng.normal(size=s)
        for n, s in {"h": (1, 3), "W_1": (3, 4), "b_1": (1, 4), "W_2": (4, 2), "b_2": (1, 2), "t": (1, 2)}.items()
    }
    inner = np.tanh(at["h"] @ at["W_1"] + at["b_1"])
    wanted = (2 * (inner @ at["W_2"] + at["b_2"] - at["t"]) @ at["W_2"].T) * (1 - inner**2)
    assert np.allclose(d["b_1"].evaluate(at), wanted)


def test_a_number_beside_a_product_of_rows_in_python_is_asked_about_by_its_kind() -> None:
    with pytest.raises(AmbiguityError, match="'b' is a row; or 'b' is a scalar") as caught:
        matcalc.derive("h @ W + b", "h", dims={"h": (1, "n")})
    assert [r.text for r in caught.value.readings] == ["h*W + b, where b is a row", "h*W + b, where b is a number"]


@pytest.mark.parametrize(
    "text",
    [r"\sum_{i=1}^m (\theta^T x^{(i)} - y^{(i)})^2", r"\sum_{i=1}^m (h_\theta(x^{(i)}) - y^{(i)})^2, h_\theta(x) = \theta^T x"],
)
def test_raised_labels_of_a_declared_vector_are_its_entries(text: str) -> None:
    dims = {"y": ("m",), "X": ("m", "n"), "theta": ("n",)}
    d = matcalc.derive(text, r"\theta", dims=dims, index={"x^{(i)}": "X[i,:]"}, check=False)
    assert d["theta"].plain == "2*X'*(X*theta - y)"
    with pytest.raises(AmbiguityError, match="two readings"):  # of a matrix it is no entry
        matcalc.derive(r"\sum_{i=1}^m \|Y^{(i)}\|^2", "Y", dims={"Y": ("m", "n")})


def test_a_number_beside_vectors_of_the_same_index_is_noticed_where_it_may_be_a_vector() -> None:
    r"""The values v_i of attention: the keys k_i are vectors by the scores, nothing says what the values are."""
    text = r"o = \sum_{i=1}^n a_i v_i, \quad a_i = \frac{\exp(q^T k_i)}{\sum_{j=1}^n \exp(q^T k_j)}"
    notes = [w for w in matcalc.derive(text, "q").warnings if "'v_i' is read as a number" in w]
    assert len(notes) == 1 and "--index 'v_i=V[i,:]'" in notes[0]
    d = matcalc.derive(text, "q", index={"v_i": "V[i,:]"})
    assert len(d.dims["V"]) == 2 and not any("v_i" in w for w in d.warnings)
    loss = matcalc.derive(r"\sum_i (y_i - x_i^T w)^2", "w")  # y_i is a number beside the number x_iᵀ w
    assert not any("y_i" in w for w in loss.warnings)


@pytest.mark.parametrize(
    ("text", "wrt", "letter"),
    [
        (r"L = -\sum_i p_i\log q_i, q_i = \frac{\exp(z_i/T)}{\sum_j\exp(z_j/T)}", "z", "T"),
        ("softmax(z/T)", "z", "T"),
        (r"\frac{1}{M}\|XW-Y\|^2", "W", "M"),
        (r"-kT\log\sum_i e^{-E_i/(kT)}", "E", "T"),
    ],
)
def test_what_a_vector_is_divided_by_is_a_number(text: str, wrt: str, letter: str) -> None:
    """It was asked whether the temperature is a matrix, by which nothing can be divided."""
    d = matcalc.derive(text, wrt=wrt)
    assert d.dims[letter] == () and f"'{letter}' is read as a scalar: --dim {letter}=n,m says otherwise" in d.warnings


@pytest.mark.parametrize("text", ["P*H'/S", "X/A", "x'/A"])
def test_a_matrix_divided_by_a_matrix_is_asked_about(text: str) -> None:
    with pytest.raises(ShapeError, match="division by a"):
        matcalc.derive(text)


FARFETCHED = {
    "(A*x - b)*(A*x - b)": ("(A*x - b)'*(A*x - b)", "(A*x - b) .* (A*x - b)"),
    "(A*x - b)^2": ("(A*x - b)'*(A*x - b)", "(A*x - b).^2"),
    "(Xw - y)(Xw - y)": ("(X*w - y)'*(X*w - y)",),
    "x^2 + a'x": ("x'*x + a'*x",),
    "x'A x + x^2": ("x'*A*x + x'*x",),
    "(A x - b)'(A x - b) + x^2": ("(A*x - b)'*(A*x - b) + x'*x",),
    "e'*e + e^2": ("e'*e + e'*e",),
    r"\|Ax - b\|^2 + x^3": (),
    "A*x'*y": (),
    "tanh(Wz)^2": ("tanh(W*z)'*tanh(W*z)", "tanh(W*z).^2"),
    "(W z)^2 + z'z": ("(W*z)'*(W*z) + z'*z",),  # its hint was W z.^2
    "h W + b": (),
}


@pytest.mark.parametrize(("text", "meant"), FARFETCHED.items(), ids=list(FARFETCHED))
def test_what_fits_and_nobody_means_is_refused_with_what_is_meant(text: str, meant: tuple[str, ...]) -> None:
    """A capital letter as a number, a small one as a matrix, and a number beside vectors of its own kind: the sizes would fit."""
    with pytest.raises(MatcalcError) as caught:
        matcalc.parse(text)
    nodes = [matcalc.parse(text, **r.kwargs).node for r in caught.value.readings]
    for other in meant:
        assert matcalc.parse(other).node in nodes


def test_a_defined_name_is_what_it_is_defined_as() -> None:
    """Not the identity that I is elsewhere."""
    text = "I = x.sum()\nf = I**2 + torch.linalg.det(x)"
    d = matcalc.derive(text, "x", output="f")
    x = np.array([[1.0, 2.0], [0.5, 3.0]])
    cofactors = np.array([[x[1, 1], -x[1, 0]], [-x[0, 1], x[0, 0]]])
    assert np.allclose(d.result.evaluate({"x": x}), 2 * x.sum() + cofactors)


def test_a_capital_letter_that_counts_is_noticed_before_a_vector() -> None:
    """N is a number by its letter, and c - N z may be a matrix times a vector."""
    said = "'N' is read as a scalar: --dim N=n,m says otherwise"
    assert said in matcalc.derive("r'*inv(M)*r; r = c - N z", "z", check=False).warnings
    assert said not in matcalc.derive(r"\frac{1}{N}\sum_{i=1}^N (y_i - w^T x_i)^2", "w", check=False).warnings


def test_the_output_is_named_as_it_is_typed() -> None:
    text = r"p = \operatorname{softmax}(V z),\ \ell = -\log(e^\top p)"
    assert str(matcalc.derive(text, "V", output=r"\ell").result) == str(matcalc.derive(text, "V", output="ell").result)
