"""Names that a formula defines with a number as their last script."""

from __future__ import annotations

import pytest

from matcalc.notation.lex.lexer_latex import tokenize_latex


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (r"\sigma^2 = w^\top w, y = \sigma^2", "sigma^2"),
        (r"\sigma^2 = w^\top w, \sigma = \sqrt{\sigma^2}", "sigma^2"),
        (r"h^1 = W h, h^2 = W h^1", "h^2"),
        (r"h_1 = W h", "h_1"),
        (r"x_1^2 = x_2", "x_1^2"),
    ],
)
def test_a_name(text: str, name: str) -> None:
    assert name in [t.text for t in tokenize_latex(text)]


@pytest.mark.parametrize(
    "text",
    [
        r"\tr(P^2), P^2 = P",
        r"x^\top X^2 x, X^2 = X^\top",
        r"X^2 = X^{-1}",
        r"A_1^2 = A_1",
        r"y = x/\sigma, \sigma^2 = w^\top w",
    ],
)
def test_a_power_of_what_stands_elsewhere_is_no_name(text: str) -> None:
    assert not [t for t in tokenize_latex(text) if t.kind == "name" and "^" in t.text]
