"""Declared names in all the spellings that LaTeX gives them."""

from __future__ import annotations

import pytest

from matcalc.notation.lex.latex_names import has_accents, names_of, slice_bases, spellings
from matcalc.notation.lex.lexer_latex import tokenize_latex
from tests.notation.lex.test_lexer_latex import check


def test_declared_names() -> None:
    check(
        [
            (r"(xW^K)^T", "x", "W^K", "( x ‹W^K› ) ᵀ"),
            (r"Wf(h_{j-1})+W^{hx}x_{[t]}", "W", "h_j-1", "W^hx", "x_[t]", "W f ( ‹h_j-1› ) + ‹W^hx› ‹x_[t]›"),
            (r"K_kP_k^-H_k^T", "P_k^-", "K_k", "H_k", "‹K_k› ‹P_k^-› ‹H_k› ᵀ"),
            (r"f(X_{ij})-\log X_{ij}", "f(X_ij)", "log X_ij", "‹f(X_ij)› - ‹log X_ij›"),
            (r"\log|L|+(x-z)^TL^{-T}", "L", "(x-z)", "@log | L | + ‹(x-z)› ᵀ L ^ { - 1 } ᵀ"),
            (r"a_i^Tx+bi", "a_i", "bi", "x", "‹a_i› ᵀ x + ‹bi›"),
            (r"b i", "bi", "b i"),
            (r"(K+\sigma^2I)", "sigma^2", "( K + ‹sigma^2› I )"),
            (r"\pi_k\boldsymbol{v}_{c}", "pi_k", "v_c", "‹pi_k› ‹v_c›"),
            (r"b_1+W1", "b1", "W_1", "‹b1› + ‹W_1›"),
            (r"W^Q+v_{\text{out}}", "WQ", "vout", "‹WQ› + ‹vout›"),
            (r"x^2+x_2", "x2", "x", "x ^ { 2 } + ‹x2›"),
            (r"x_{ty}", "x_t", "‹x_ty›"),
            (r"\theta", "θ", "θ"),
            (r"\lambda_{\max}(A)", "lambda_max", "‹lambda_max› ( A )"),
            (r"tr(A)", "tr", "‹tr› ( A )"),
        ]
    )


def test_spellings() -> None:
    assert spellings(r"\mathbf{x}_{i}")[0] == "x_i"
    assert spellings("hat y_i")[0] == spellings(r"\hat{\boldsymbol y}_i")[0] == "y_hat_i"
    assert "A_hat" in spellings("hatA") and spellings("σ^2")[0] == "sigma^2"


def test_the_longest_declared_name_is_taken() -> None:
    names = names_of(("W", "W_h", "W_hh"))
    tokens = tokenize_latex("W_hh", ("W_hh",))
    assert [t.text for t in tokens[:-1]] == ["W_hh"] and names_of(("W", "W_h", "W_hh")) is names
    assert names_of(("WQ",)).alias("W^Q") == "WQ" and names.alias("q") == "q"


def test_what_an_indexed_token_is_a_slice_of() -> None:
    assert "x" in slice_bases("x_i") and "y_hat" in slice_bases(r"\hat{y}_i")


@pytest.mark.parametrize(("text", "has"), [(r"\hat y - y", True), (r"\dot r", True), (r"\|x\|^2", False), ("x'*x", False)])
def test_texts_with_accents(text: str, has: bool) -> None:
    assert has_accents(text) == has
