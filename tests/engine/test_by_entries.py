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
    ("z = W x + b", "W", ["∂z_k/∂W_ij = [k = i] x_j"]),
    ("z = W x + b", "b", ["∂z_k/∂b_i = [k = i]"]),
    ("h = tanh(V c + a)", "V", ["∂h_k/∂z_i = [k = i] (1 - h_k²)", "∂z_k/∂V_ij = [k = i] c_j"]),
    ("y = U tanh(W x)", "x", ["∂y_l/∂h_i = U_li", "∂h_l/∂z_i = [l = i] (1 - h_l²)", "∂z_l/∂x_i = W_li"]),
    ("H = X*W", "W", ["∂H_pl/∂W_ij = [l = j] X_pi"]),
])  # fmt: skip
def test_jacobians_by_entries(text: str, wrt: str, lines: list[str]) -> None:
    """From the output down to the variable; each line is checked and rebuilt, and the result is that of the other style."""
    d = matcalc.derive(text, wrt=wrt, style="elementwise")
    assert [s.text for s in d.steps if s.kind == "entries"] == lines and not d.warnings
    assert all(s.check is not None for s in d.steps) and d.replay()
    assert d[wrt].plain == matcalc.derive(text, wrt=wrt, style="differential")[wrt].plain


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
