"""Within one derivation no two things print alike; what cannot be told apart in plain notation is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest

import matcalc
from matcalc.expr.errors import AmbiguityError
from matcalc.notation.write.signs import quoted

ALIKE: list[tuple[str, str, dict[str, Any], list[str], dict[str, Any]]] = [
    ("z1'*tanh(W*x)+z_1'*x", "x", {"z1": ("n",), "z_1": ("n",), "W": ("n", "n"), "x": ("n",)}, ["z_1"], {}),
    ("alpha1*x+alpha_1*x", "x", {"alpha1": (), "alpha_1": (), "x": ("n",)}, ["alpha_1"], {}),
    ("f1(x)+f_1(x)", "x", {"x": ("n",)}, ["f_1"], {"functions": {"f1": None, "f_1": None}}),
    ("eps*x+epsilon*x+varepsilon*x", "x", {"eps": (), "epsilon": (), "varepsilon": (), "x": ("n",)}, ["epsilon"], {}),
    ("I*x+2*x", "x", {"I": ("n", "n"), "x": ("n",)}, ["I"], {}),
    ("I_n*x+2*x", "x", {"I_n": ("n", "n"), "x": ("n",)}, ["I_n"], {}),
    ("dX*X*b", "X", {"dX": ("n", "n"), "X": ("n", "n"), "b": ("n",)}, ["dX"], {}),
    ("e_1'*A*x + x[1]", "x", {"e_1": ("n",), "A": ("n", "n"), "x": ("n",)}, ["e_1"], {}),
    ("e1'*A*x + x[1]", "x", {"e1": ("n",), "A": ("n", "n"), "x": ("n",)}, ["e1"], {}),
    ("X_kl*X*X_kl", "X", {"X_kl": ("n", "n"), "X": ("n", "n")}, ["X_kl"], {}),
    ("sigma*sigmoid(x)", "x", {"sigma": ("n", "n"), "x": ("n",)}, ["sigma"], {}),
]


@pytest.mark.sample(2)
@pytest.mark.parametrize(("plain", "wrt", "dims", "quoted", "more"), ALIKE, ids=[a[0] for a in ALIKE])
def test_what_looks_like_something_else_stands_in_quotes(
    plain: str, wrt: str, dims: dict[str, Any], quoted: list[str], more: dict[str, Any]
) -> None:
    d = matcalc.derive(plain, wrt=wrt, dims=dims, **more)
    text, latex = d.to_text(), d.to_latex()
    assert set(re.findall(r"`(\w+)`", text)) == set(quoted)
    corners = {name.replace("\\_", "_") for name in re.findall(r"\\ulcorner\\mathrm\{((?:\w|\\_)+)\}\\urcorner", latex)}
    assert corners == set(quoted)
    assert quoted[0] in d.to_html() and f"`{quoted[0]}`" in d.to_html()
    again = matcalc.parse(d[wrt].plain, dims=dims, **more)
    assert matcalc.equal(again, d[wrt], dims=dims, **more)


def test_a_name_that_looks_like_nothing_else_has_no_quotes() -> None:
    dims = {"I": ("n", "n"), "x": ("n",), "z_1": ("n",), "e_1": ("n",), "sigma": (), "dX": ("n",)}
    d = matcalc.derive("sigma*(z_1+e_1+dX)'*I*x", wrt="x", dims=dims)
    assert "`" not in d.to_text() and "ulcorner" not in d.to_latex()


def test_a_value_that_a_derivation_names_looks_like_no_variable() -> None:
    pairs = {f"W{i}": ("n", "n") for i in (1, 2, 3)} | {f"b{i}": ("n",) for i in (1, 2, 3)}
    dims = {**pairs, "x": ("n",), "delta1": ("n",), "delta": ()}
    d = matcalc.derive("delta1'*tanh(W1*tanh(W2*tanh(W3*x+b3)+b2)+b1)+delta", wrt=list(pairs), dims=dims)
    text, latex = d.to_text(), d.to_latex()
    assert "`delta_1` = ∂s/∂q" in text and "∇_b₁ s = (∂s/∂b₁)ᵀ = `delta_1`ᵀ" in text and "(δ₁ ∘" in text
    assert r"\ulcorner\mathrm{delta\_1}\urcorner" in latex and r"\delta_{1}^{\top}" in latex


REFUSED: list[tuple[str, str, dict[str, Any], str, str, dict[str, Any]]] = [
    ("mean(x)*n-sum(x)", "x", {"x": ("n",), "n": ()}, "'n' is a variable [1×1] and also a size", "*n", {"x": ("n",)}),
    ("n'*x", "x", {"x": ("n",), "n": ("n",)}, "'n' is a variable [n×1] and also a size", "n'", {"x": ("k",), "n": ("k",)}),
    ("erf(alpha)*pi", "alpha", {"alpha": (), "pi": ()}, "the constant pi is needed too", "*pi", {"alpha": ()}),
    ("norm2(ones(x))^2*mean(x)", "x", {"x": ("n",)}, "'x' is a variable [n×1] and also a size", "(x", {}),
    ("eye(x)*x", "x", {}, "'x' is a variable [x×1] and also a size", "(x", {}),
]


@pytest.mark.parametrize(("plain", "wrt", "dims", "said", "at", "instead"), REFUSED, ids=[r[0] for r in REFUSED])
def test_one_name_for_two_things_is_refused(
    plain: str, wrt: str, dims: dict[str, Any], said: str, at: str, instead: dict[str, Any]
) -> None:
    with pytest.raises(AmbiguityError) as error:
        matcalc.derive(plain, wrt=wrt, dims=dims)
    assert said in error.value.message and error.value.hint is not None
    assert error.value.span is not None and plain[slice(*error.value.span)] in at
    if instead:  # what the hint says to type
        d = matcalc.derive(plain, wrt=wrt, dims=instead)
        assert d.check().passed and matcalc.equal(d[wrt].plain, d[wrt], dims=instead)


def test_a_variable_called_pi_is_one_where_no_constant_is() -> None:
    assert matcalc.derive("sin(x)*pi", wrt="x", dims={"x": (), "pi": ()})["x"].text == "π cos(x)"


def test_sizes_that_look_alike_are_refused() -> None:
    with pytest.raises(AmbiguityError, match="the sizes 'n1' and 'n_1' look alike") as error:
        matcalc.derive("A*x", wrt="x", dims={"A": ("n1", "n_1"), "x": ("n_1",)})
    assert error.value.hint == "give one of them another name, or write 'n1' for both"
    assert matcalc.derive("A*x", wrt="x", dims={"A": ("n1", "n1"), "x": ("n1",)}).check().passed


def test_a_variable_looks_like_no_size() -> None:
    d = matcalc.derive("x'*x*n1", wrt="x", dims={"x": ("n_1",), "n1": ()})
    assert d["x"].text == "2`n1` x" and r"2 \ulcorner\mathrm{n1}\urcorner" in d["x"].latex


def test_what_a_function_means_has_sizes_that_are_no_variables() -> None:
    text = matcalc.derive("mean(x)*n", wrt="x", dims={"n": ()}).to_text()
    assert "mean(x) means sum(x)/i, for x [i×1]" in text and "n 𝟏/m" in text
    assert "mean(x) means sum(x)/n, for x [n×1]" in matcalc.derive("mean(x)", wrt="x").to_text()


def test_a_power_that_is_a_variable_is_written_as_a_power_unless_its_base_is_a_variable_too() -> None:
    d = matcalc.derive(r"\log\sigma^2 + \frac{x^T x}{\sigma^2}", wrt=r"\sigma^2")
    assert d.result.text == "(1 - ‖x‖²/σ²)/σ²" and r"\sigma^2" in d.to_latex()
    assert repr(matcalc.parse("`sigma^2` + sigma", {"sigma^2": (), "sigma": ()})) == "`sigma^2` + σ"


@pytest.mark.parametrize("size", list("zaqrtckhevwps"))
def test_a_named_value_is_no_size(size: str) -> None:
    """Values and the output get other letters than the sizes."""
    dims = {"W": (size, size), "V": (size, size), "x": (size,), "u": (size,)}
    d = matcalc.derive("log(u'*softmax(W*tanh(V*x)) + norm2(V*x))", wrt="x", dims=dims)
    named = {str(step.lhs.expr.attr) for step in d.steps if step.kind == "definition"}
    assert len(named) > 3 and size not in named


def test_an_expression_that_was_read_prints_no_two_names_alike() -> None:
    e = matcalc.parse("z1 + z_1 + I*x", dims={"z1": ("n",), "z_1": ("n",), "I": ("n", "n"), "x": ("n",)})
    assert repr(e) == "z₁ + `z_1` + I x" and e.latex.count(r"\ulcorner") == 1


def test_a_sum_as_the_input_has_it_is_left_out_where_its_names_need_quotes() -> None:
    sigma = r"\sum_{i=1}^{n} \sigma x_i \mathrm{sigmoid}(x_i)"
    text = matcalc.derive(sigma, wrt="x", dims={"sigma": (), "x": ("n",)}).to_text()
    assert "`sigma` sum(x ∘ h)" in text and "σ x" not in text
    other = matcalc.derive(sigma.replace("sigmoid", "tanh"), wrt="x", dims={"sigma": (), "x": ("n",)}).to_text()
    assert "Σ_{i=1}^n σ x_i tanh(x_i)" in other and "`" not in other


def test_a_letter_below_a_name_is_an_index_only_where_one_is_called_so() -> None:
    """h_t beside h, the state of a cell and the one before: no line has an index t."""
    names = ("h", "h_t", "x", "x_i")
    assert quoted(names, (), indices="ij") == {"x_i"} and quoted(names, (), indices="ijt") == {"x_i", "h_t"}
    assert quoted(names, ()) == frozenset()
    text = matcalc.derive("k = sigmoid(W*x); h_t = (1 - k).*h + k; L = g'*h_t", wrt="W", output="L", check=False)
    assert "∂L/∂h_t = gᵀ" in text.to_text() and r"\frac{\partial L}{\partial h_{t}}" in text.to_latex()
