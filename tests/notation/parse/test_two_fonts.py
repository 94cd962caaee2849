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


OTHERS = (
    "X",
    r"\mathbf{X}",
    r"\boldsymbol{X}",
    r"\mathrm{X}",
    r"\mathsf{X}",
    r"\mathfrak{X}",
    r"{\bf X}",
    r"{\sf X}",
    r"\mathbb{X}",
)


@pytest.mark.parametrize("dims", [None, {"X": (2, 2)}])
@pytest.mark.parametrize("other", OTHERS)
def test_a_calligraphic_letter_is_another_than_in_every_other_font(other: str, dims: dict[str, tuple[int, int]] | None) -> None:
    d = matcalc.derive(rf"\|\mathcal{{X}} - {other}\|_F^2", dims=dims)
    at = {"X": np.array([[1.0, 2.0], [3.0, 4.0]]), "X_cal": np.array([[0.5, 1.0], [-1.0, 2.0]])}
    assert np.allclose(d["X"].evaluate(at), 2 * (at["X"] - at["X_cal"]))
    assert np.allclose(d["X_cal"].evaluate(at), 2 * (at["X_cal"] - at["X"]))
    assert "read as two names, X_cal and X" in d.warnings[0] and r"\mathcal{X}" in d.to_latex()


@pytest.mark.parametrize(
    ("text", "wrt", "gradient"),
    [
        (r"\langle \mathcal{A}, \mathbf{B}\mathbf{A}\rangle", "A", "B'*A_cal"),
        (r"\mathcal{D}(\mathbf{D}) = \|\mathbf{Y}-\mathbf{D}\mathbf{X}\|_F^2", "D", "-2*(Y - D*X)*X'"),
        (r"\mathcal{R}(\mathbf{w}) = \mathbf{w}^\top\mathbf{R}\mathbf{w}", "w", "(R + R')*w"),
    ],
)
def test_a_calligraphic_function_of_the_same_letter(text: str, wrt: str, gradient: str) -> None:
    assert matcalc.equal(matcalc.derive(text, wrt=wrt)[wrt].plain, gradient)


PAIRS = [(a, b) for i, a in enumerate(OTHERS) for b in (*OTHERS[i + 1 :], r"\vec{X}") if {a, b} not in (
    {r"\mathbf{X}", r"\boldsymbol{X}"}, {r"\mathbf{X}", r"{\bf X}"}, {r"\boldsymbol{X}", r"{\bf X}"}, {r"\mathsf{X}", r"{\sf X}"},
)]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_fonts_are_never_one_letter_without_a_question(one: str, other: str) -> None:
    with pytest.raises(TwoFonts, match="one object, or two") as caught:
        settled(tokenize_latex(text := f"{one} - {other}"), (), text)
    found = settled(tokenize_latex(text), (), text, "two")
    assert len({t.text for t in found.tokens if t.kind == "name"}) == 2 and len(found.notes) == 1
    assert "one object" in settled(tokenize_latex(text), (), text, "one").notes[0] and caught.value.ways


@pytest.mark.parametrize("font", [r"\mathsf", r"\mathfrak", r"\mathrm", r"\mathbb", r"\vec"])
def test_the_readings_of_other_fonts_are_one_letter_and_two(font: str) -> None:
    text = rf"\mathbf{{x}}^\top A {font}{{x}}"
    with pytest.raises(TwoFonts) as caught:
        matcalc.derive(text)
    first, second = caught.value.readings
    assert matcalc.equal(matcalc.derive(text, wrt="x", **first.kwargs)["x"].plain, "(A + A')*x")
    assert len({r.wrt for r in matcalc.derive(text, **second.kwargs).results}) == 3


def test_italics_and_the_identity_are_the_same_in_each_font() -> None:
    for text in (r"\|\mathit{X} - X\|_F^2", r"\mathbf{I} + \mathrm{I} + I"):
        tokens = tokenize_latex(text)
        assert settled(tokens, (), text) == (tokens, ())


@pytest.mark.parametrize(
    "dims", [(r"\mathcal{X}", r"\mathbf{X}"), (r"\mathcal{X}",), (r"\mathbf{X}",), (r"\mathcal{X}", "X"), ("X", r"\mathbf{X}")]
)
@pytest.mark.parametrize("other", [r"\mathbf{X}", "X"])
def test_a_name_that_is_declared_with_its_font_is_no_calligraphic_one(other: str, dims: tuple[str, ...]) -> None:
    d = matcalc.derive(rf"\|\mathcal{{X}} - {other}\|_F^2", dims=dict.fromkeys(dims, (2, 2)))
    assert len(d.results) == 2
    first = d.results[0].evaluate({d.results[0].wrt: np.eye(2), d.results[1].wrt: np.ones((2, 2))})
    assert np.allclose(first, 2 * (np.eye(2) - np.ones((2, 2))))


@pytest.mark.parametrize(("text", "said"), [(r"\mathbf{\Sigma} x + \Sigma y", "Sigma=n,m"), (r"\mathbf{x}^T x", "x=n")])
def test_the_declaration_of_the_hint_makes_one_object_of_that_kind(text: str, said: str) -> None:
    with pytest.raises(AmbiguityError) as caught:
        matcalc.parse(text)
    assert f"(--dim {said})" in str(caught.value.hint)
    name, _, sizes = said.partition("=")
    assert matcalc.parse(text, dims={name: tuple(sizes.split(","))}).shape is not None
