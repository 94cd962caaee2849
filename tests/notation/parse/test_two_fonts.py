"""One letter in two fonts."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import AmbiguityError
from matcalc.notation.lex.lexer_latex import tokenize_latex
from matcalc.notation.parse.two_fonts import TwoFonts, settled


@pytest.mark.parametrize(
    "text",
    [
        r"\|\mathbf{x}\|^2 + \sum_i x_i^3",
        r"f(x) = \mathbf{x}^T A \mathbf{x}",
        r"\mathcal{L} = \|W x\|^2, \frac{\partial L}{\partial W}",
        r"L = \mathcal{L}(w) = \|X w\|^2",
        r"\mathcal{S}^T \mathcal{S}",
    ],
)
def test_one_object(text: str) -> None:
    tokens = tokenize_latex(text)
    assert settled(tokens, (), text) == (tokens, ())
    assert not matcalc.derive(text).warnings


def test_a_calligraphic_letter_is_another() -> None:
    d = matcalc.derive(r"\mathcal{L} = \lambda \|L\|_F^2", wrt="L")
    assert d["L"].plain == "2*lambda*L" and d.warnings == (r"'\mathcal{L}' and 'L' are read as two names, L_cal and L",)
    assert (
        r"\mathcal{L} &= \lambda \lVert L \rVert_F^2" in d.to_latex() and r"\frac{\partial \mathcal{L}}{\partial L}" in d.to_latex()
    )
    at = {"lambda": np.array(0.5), "L": np.array([[1.0, 2.0], [3.0, 4.0]])}
    assert np.allclose(d["L"].evaluate(at), at["L"])


@pytest.mark.parametrize(
    ("text", "wrt", "one", "two"),
    [
        (r"\mathbf{x}^T A x", "x", "(A + A')*x", "A*x"),
        (r"\|\mathbf{w}\|^2 + \lambda \|w\|^2", "w", "2*(1 + lambda)*w", "2*w"),
    ],
)
def test_bold_and_not_bold_are_asked_about_with_both_readings(text: str, wrt: str, one: str, two: str) -> None:
    with pytest.raises(TwoFonts, match="one object, or two") as caught:
        matcalc.derive(text, wrt=wrt)
    first, second = caught.value.readings
    assert "plain" not in first.text and "plain" in second.text
    assert matcalc.equal(matcalc.derive(text, wrt=wrt, **first.kwargs)[wrt].plain, one)
    assert matcalc.equal(matcalc.derive(text, wrt=wrt, **second.kwargs)[wrt].plain.replace("x_plain", "x"), two)


def test_two_names_where_one_cannot_be_read() -> None:
    text = r"\mathbf{W}x + W, x \in \mathbb{R}^n, y \in \mathbb{R}"
    tokens = tokenize_latex(text)
    found = settled(tokens, (), text, "two")
    assert [t.text for t in found.tokens if t.text.startswith("W")] == ["W_bold", "W"]
    assert found.notes == (r"'\mathbf{W}' and 'W' are read as two names, W_bold and W",)
    with pytest.raises(AmbiguityError):
        settled(tokens, (), text)
    assert settled(tokens, ("W",), text).tokens == tokens


def test_only_one_of_both_fits_the_sizes() -> None:
    text = r"\mathbf{a}^T \mathbf{x} + a^T y, \mathbf{x} \in \mathbb{R}^3, y \in \mathbb{R}^4"
    d = matcalc.derive(text, wrt=r"\mathbf{a}")
    assert d.result.plain == "x" and "read as two names, a_bold and a" in d.warnings[0]
