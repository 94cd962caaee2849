"""Names in LaTeX: letters, Greek macros, labels; anything else upright and escaped."""

from __future__ import annotations

import re

import pytest

from matcalc.notation.write.lettering import escaped, is_word, latex_name, latex_word, quoted_name, text_name


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("x", "x"), ("W1", "W_{1}"), ("theta_0", r"\theta_{0}"), ("h_{t-1}", "h_{t-1}"), ("alpha", r"\alpha"), ("x_i", "x_{i}"),
        ("loss", r"\mathrm{loss}"),
    ],
)  # fmt: skip
def test_names(name: str, latex: str) -> None:
    assert latex_name(name) == latex


@pytest.mark.parametrize("name", [r"\input{x}", "a$b", "a%b", "a{b", "x^2_", "#1", "a&b", "~", "<script>", "x\\\\y"])
def test_no_name_is_a_macro_or_markup(name: str) -> None:
    for shown in (latex_name(name), escaped(name), quoted_name(name)):
        assert not re.search(r"(?<!\\)[$%#&~]", shown) and r"\input" not in shown and "\x00" not in shown
        assert shown.count("{") - shown.count(r"\{") == shown.count("}") - shown.count(r"\}")


@pytest.mark.parametrize(
    ("name", "latex", "text"),
    [
        ("y_hat", r"\hat{y}", "ŷ"), ("x_hat_t", r"\hat{x}_{t}", "x̂_t"), ("theta_hat", r"\hat{\theta}", "θ̂"),
        ("W_tilde^(1)", r"{\tilde{W}^{(1)}}", "W̃^(1)"), ("W^[l]", "{W^{[l]}}", "W^[l]"), ("x^star", r"{x^{\star}}", "x^⋆"),
        ("x_hat_dot", r"\dot{\hat{x}}", "x̂̇"), ("x_1_bar", r"x_{1\,\mathrm{bar}}", "x_1_bar"), ("x1_bar", r"\bar{x}_{1}", "x̄₁"),
        ("loss_hat", r"\mathrm{loss}_{\mathrm{hat}}", "loss_hat"), ("x_hats", r"x_{\mathrm{hats}}", "x_hats"),
        ("pi_theta", r"\pi_{\theta}", "π_θ"), ("Y_+", "Y_{+}", "Y₊"), ("sigma^2", "", "`σ^2`"),
        ("Deltax_1", r"\Delta x_{1}", "Δx₁"), ("Deltatheta", r"\Delta \theta", "Δθ"), ("Delta_x", r"\Delta_{x}", "Δ_x"),
    ],
)  # fmt: skip
def test_accents_and_marks(name: str, latex: str, text: str) -> None:
    assert text_name(name) == text and (not latex or latex_name(name) == latex)


def test_words() -> None:
    assert is_word("x_1") and is_word("h^(l)") and not is_word("a b c+") and not is_word("")
    assert latex_word("x") == "x" and latex_word("mu") == r"\mu" and latex_word("net") == r"\mathrm{net}"


def test_different_names_look_different() -> None:
    names = ["x", "x1", "X", "theta", "Theta", "xx", "x'", "W^Q"]
    assert len({latex_name(name) for name in names}) == len(names)
