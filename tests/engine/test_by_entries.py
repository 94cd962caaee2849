"""The elementwise style: entries first, then the array that collects them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import NoRuleError

RNG = np.random.default_rng(6)


@pytest.mark.parametrize("text", ["s = u'*tanh(W*x + b)", "x'*A*x", "norm2(W*x)^2", "s = u'*relu(W*x)"])
def test_the_results_are_those_of_the_other_style(text: str) -> None:
    one, other = matcalc.derive(text, style="elementwise"), matcalc.derive(text)
    assert [r.plain for r in one.results] == [r.plain for r in other.results]


def test_lines_by_entries_stand_before_those_that_they_explain() -> None:
    d = matcalc.derive("s = u'*tanh(W*x + b)", style="elementwise")
    kinds = [s.kind for s in d.steps]
    at = kinds.index("entries")
    assert "entries" not in [s.kind for s in matcalc.derive("s = u'*tanh(W*x + b)").steps]
    assert kinds[at:].count("chain") >= 1 and all(s.check is not None for s in d.steps if s.kind == "entries")


def test_an_entry_is_what_the_lecture_says() -> None:
    """∂z_k/∂W_ij = [k = i] x_j; the sum of δ_k times this is δ_i x_j."""
    text = matcalc.derive("s = u'*tanh(W*x + b)", wrt="W", style="elementwise").to_text()
    assert "only z" in text and "x" in text and "sees W" in text


def test_of_what_is_no_gradient_it_says_so() -> None:
    d = matcalc.derive("x'*W*x", wrt="x", style="elementwise", kind="hessian")
    assert any("entry by entry only gradients" in w for w in d.warnings) and not any(s.kind == "entries" for s in d.steps)


@pytest.mark.parametrize("text, wrt, lines", [
    ("p = softmax(z)", "z", ["∂p_k/∂z_i = p_k ([k = i] - p_i)"]),
    ("z = W x + b", "W", ["z_k = Σ_l W_kl x_l + b_k"]),  # ∂z_k/∂W_ij is the result
    ("z = W x + b", "b", ["z_k = Σ_l W_kl x_l + b_k", "∂z_k/∂b_i = [k = i]"]),
    ("h = tanh(V c + a)", "V", ["∂h_k/∂z_i = [k = i] (1 - h_k²)", "z_k = Σ_l V_kl c_l + a_k", "∂z_k/∂V_ij = [k = i] c_j"]),
    ("y = U tanh(W x)", "x", ["y_l = Σ_r U_lr h_r", "∂y_l/∂h_i = U_li", "∂h_l/∂z_i = [l = i] (1 - h_l²)", "z_l = Σ_r W_lr x_r",
                              "∂z_l/∂x_i = W_li"]),
    ("H = X*W", "W", ["H_pl = Σ_r X_pr W_rl"]),
])  # fmt: skip
def test_jacobians_by_entries(text: str, wrt: str, lines: list[str]) -> None:
    """From the output down to the variable; each line is checked and rebuilt, and the result is that of the other style."""
    d = matcalc.derive(text, wrt=wrt, style="elementwise")
    assert [s.text for s in d.steps if s.kind == "entries"] == lines and not d.warnings
    assert all(s.check is not None for s in d.steps) and d.replay()
    assert d[wrt].plain == matcalc.derive(text, wrt=wrt, style="differential")[wrt].plain


def test_the_argument_of_the_lecture_line_by_line() -> None:
    """z_k = Σ_l W_kl x_l + b_k; ∂z_i/∂W_ij = x_j and why the others vanish; Σ_k δ_k ∂z_k/∂W_ij = δ_i x_j; the outer product."""
    d = matcalc.derive("s = u^T f(W x + b)", style="elementwise")
    text = " ".join(d.to_text().split())
    lines = ["z_k = Σ_l W_kl x_l + b_k entry by entry", "∂z_k/∂W_ij = [k = i] x_j only z_i sees W_ij",
             "(∂z_i/∂W_ij = x_j; the others are 0)", "∂s/∂W_ij = Σ_k δ_k ∂z_k/∂W_ij = δ_i x_j sum over entries", "∂s/∂W = δᵀ xᵀ",
             "(the outer product collects these entries)"]  # fmt: skip
    places = [text.find(line) for line in lines]
    assert -1 not in places and places == sorted(places)
    assert text.count("z_k = Σ_l W_kl x_l + b_k") == 1 and d.replay()
    latex = d.to_latex()
    assert r"z_{k} &= \sum_{l} W_{kl} x_{l} + b_{k}" in latex
    assert r"\frac{\partial z_{k}}{\partial W_{ij}} = \delta_{i} x_{j}" in latex


@pytest.mark.parametrize("text, wrt, said", [
    ("s = u^T f(W x + b)", "W_{23}", "∂s/∂W_23 = u_2 f′(z_2) x_3 [1×1] only z_2 sees W_23"),
    ("s = u^T f(W x + b)", "x_3", "∂s/∂x_3 = Σ_k W_k3 u_k f′(z_k)"),
    ("z = W x + b", "W_{23}", "∂z_k/∂W_23 = [k = 2] x_3 only z_2 sees W_23"),
    ("p = softmax(W*x)", "W_{23}", "∂p_k/∂W_23 = p_k ([k = 2] - p_2) x_3"),
])  # fmt: skip
def test_a_single_entry(text: str, wrt: str, said: str) -> None:
    d = matcalc.derive(text, wrt=wrt)
    assert said in " ".join(d.to_text().split()) and d.replay()


@pytest.mark.parametrize("text, said", [
    ("H = tanh(Z)", "only H_ij sees Z_ij (∂H_ij/∂Z_ij = 1 - H_ij²; the others are 0)"),
    ("P = softmax(Z)", "only P_i· sees Z_ij (∂P_il/∂Z_ij = P_il ([l = j] - P_ij); the others are 0)"),
    ("Z = X*W", "only Z_·j sees W_ij (∂Z_pj/∂W_ij = X_pi; the others are 0)"),
])  # fmt: skip
def test_which_entries_see_one_of_a_matrix(text: str, said: str) -> None:
    d = matcalc.derive(text, style="elementwise", dims={"Z": ("n", "m")} if "Z)" in text else {})
    assert said in " ".join(d.to_text().split()) and d.replay()


def test_why_the_others_vanish() -> None:
    text = matcalc.derive("z = W x + b", wrt="W", style="elementwise").to_text()
    assert "only z_i sees W_ij" in text and "these entries" not in text  # the result has these entries itself
    text = matcalc.derive("p = softmax(z)", style="elementwise").to_text()
    assert "sees" not in text and "(these entries, written as one matrix)" in text  # each p sees all of z
    text = matcalc.derive("p = softmax(W*x)", style="elementwise").to_text()
    assert text.count("products of these entries, summed over the indices in between") == 1


def test_the_entries_of_a_softmax_by_hand() -> None:
    """∂p_k/∂z_i at a point, entry by entry."""
    z = RNG.normal(size=4)
    p = np.exp(z) / np.exp(z).sum()
    found = matcalc.derive("p = softmax(z)", style="elementwise").result.evaluate({"z": z})
    want = [[p[k] * ((k == i) - p[i]) for i in range(4)] for k in range(4)]
    np.testing.assert_allclose(found, want, rtol=1e-12)


def test_jacobians_without_an_index_form_are_refused() -> None:
    with pytest.raises(NoRuleError, match="no index form"):
        matcalc.derive("expm(X)", wrt="X", style="elementwise", kind="jacobian")


@pytest.mark.parametrize("text, said", [
    ("y = X[2,:]", "only y_j sees X_ij"), ("y = W'*x", "only y_j sees W_ij"), ("y = W*x", "only y_i sees W_ij"),
    ("s = sum(exp(W'*x))", "only z_j sees W_ij"), ("s = sum(exp(W*x))", "only z_i sees W_ij"),
])  # fmt: skip
def test_who_sees_an_entry(text: str, said: str) -> None:
    """Of a transpose it is the entry with the second index."""
    name = "X" if "X" in text else "W"
    told = matcalc.derive(text, wrt=name, style="elementwise").to_text()
    assert said in told and told.count(f"sees {name}") == 1


ROUTES = [
    ("h = x + f(W*x)", {"W": ("n", "n")}, "x"),
    ("y = g .* x / sqrt(mean(x.^2))", {"g": ("n",), "x": ("n",)}, "x"),
    ("s = sum(f(h)); h = z + g(W*z); z = tanh(A*x)", {"W": ("n", "n"), "x": ("n",)}, "x"),
]


@pytest.mark.parametrize(("text", "dims", "wrt"), ROUTES, ids=[t for t, *_ in ROUTES])
def test_what_reaches_a_value_on_two_ways_has_no_line_for_one_of_them(text: str, dims: dict[str, Any], wrt: str) -> None:
    """Of h = x + f(W x) it said ∂h_k/∂x_i = [k = i], and below that ∂h/∂x = diag(f′(z)) W + I."""
    d = matcalc.derive(text, wrt=wrt, dims=dims, style="elementwise", functions={"g": None} if "g(" in text else {})
    local = [s for s in d.steps if s.kind == "entries" and s.rule == "entries"]
    assert local and d.replay().passed
    said = {tuple(str(x.attr) for x in step.lhs.expr.args) for step in local}
    assert said.isdisjoint({("h", "x"), ("y", "x"), ("h", "z")})
