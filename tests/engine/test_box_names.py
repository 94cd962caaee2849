"""Results are written with the names that make them shorter, the lines that say what these name counted."""

from __future__ import annotations

import pytest

import matcalc


@pytest.mark.parametrize(
    ("text", "wrt", "shown"),
    [
        ("-cos(x'*y)", "y", "sin(xᵀ y) x"),  # t = xᵀ y would stand there once
        ("norm1(A*x - b)", "x", "Aᵀ sign(A x - b)"),
        ("t = x'*y; -cos(t)", "y", "sin(t) x"),  # a name of the input stays
        ("u'*f(W*x + b)", "W", "(u ∘ f′(z)) xᵀ"),  # f′(z) says where the slope is taken
        ("sum(1 ./ cosh(A*x + b) .* y)", "x", "-Aᵀ (y ∘ sinh(A x + b) ⊘ cosh(A x + b)^∘2)"),
    ],
)
def test_a_name_stays_where_it_pays(text: str, wrt: str, shown: str) -> None:
    d = matcalc.derive(text, wrt=wrt, dims={"x": ("n",), "y": ("n",)} if "y" in text else None)
    assert [r.text for r in d.results] == [shown] == [b.rhs.text for b in d.boxes]
    assert d.replay()


def test_derivatives_are_named_in_long_results_that_share_them() -> None:
    text = "h_1 = tanh(W*x_1 + U*h_0 + b); h_2 = tanh(W*x_2 + U*h_1 + b); s = v'*h_2"
    boxes = {b.lhs.text: b.rhs.text for b in matcalc.derive(text, wrt=["W", "U"]).boxes}
    assert boxes == {"∂s/∂W": "δ₁ᵀ x₂ᵀ + δ₂ᵀ x₁ᵀ", "∂s/∂U": "δ₁ᵀ h₁ᵀ + δ₂ᵀ h₀ᵀ"}


def test_where_one_long_result_is_told_by_derivatives_others_are_too() -> None:
    """As in notes on LSTMs; and the derivatives that have a name are told without those that have none."""
    text = "i = sigmoid(W*x + U*h); o = tanh(V*x + Q*(i .* h)); c = i .* o; s = norm2(c - y)^2/2"
    d = matcalc.derive(text, wrt=["W", "U", "V", "h"], dims={"y": ("n",), "h": ("n",)})
    boxes = {b.lhs.text: b.rhs.text for b in d.boxes}
    assert boxes["∂s/∂W"] == "δ_iᵀ xᵀ" and boxes["∂s/∂V"] == "δ_oᵀ xᵀ" and "Uᵀ δ_iᵀ" in boxes["∇_h s"]
    named = [s for s in d.steps if s.lhs.text.startswith("δ")]
    assert len(named) == 3 and not any("∂" in s.rhs.text for s in named)
    assert d.replay()


def test_terms_are_not_put_in_another_order_without_a_reason() -> None:
    d = matcalc.derive("z = W*x; p = U*x; s = g'*tanh(z) + h'*tanh(p)", wrt="x")
    (line,) = [s for s in d.steps if s.lhs.text == "∂s/∂x"]
    assert [len(set(f.text.split(" + "))) for f in line.chain[1:]] == [2] * (len(line.chain) - 1)
    assert len({frozenset(f.text.split(" + ")) for f in line.chain[1:]}) == len(line.chain) - 1


def test_no_derivative_is_left_in_a_short_result() -> None:
    """The gates of an LSTM, one of four, by its own weights."""
    text = "f = sigmoid(W_f*x + b_f); c = f.*c_0 + i; s = v'*(o.*tanh(c))"
    (box,) = matcalc.derive(text, wrt="W_f", dims={"i": ("n",)}).boxes
    assert "∂" not in box.rhs.text and "δ" not in box.rhs.text and "f ∘" in box.rhs.text


def test_by_entries_a_value_keeps_its_name_where_that_is_shorter() -> None:
    assert matcalc.derive("s = u^T tanh(W x + b)", wrt="W_{23}", check=False).result.text == "u_2 (1 - tanh(z_2)²) x_3"
    assert matcalc.derive("s = u^T tanh(W x + b)", wrt="W", check=False).result.text == "(u ∘ (1 - tanh(W x + b)^∘2)) xᵀ"
