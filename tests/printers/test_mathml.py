"""Formulas in MathML: valid, and they say what the LaTeX says."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from matcalc.expr.table import TABLE
from matcalc.printers.mathml import mathml
from tests.mathml_reader import faults, said, says

FORMULAS = [
    r"\frac{\partial s}{\partial W} = -\delta^{\top} x^{\top}",
    r"{W^{(1)}}^{\top} f''(z)^{2} - x_{i}^{2}",
    r"\mathrm{tr}\left(A^{-1}\right) + \left\lVert x \right\rVert_2^2",
    r"\begin{bmatrix} a & b \\[6pt] c & \frac{1}{n} \end{bmatrix} x",
    r"\begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}",
    r"\left.\frac{\partial s}{\partial X}\right|_{\text{lower-triangular}}",
    r"\left\{\sum_{k}\, A_{ik} \delta_{k}\right\}_{ij}",
    r"\mathbf{1}_{n \times m} \boldsymbol{\phi} \mathcal{L} \mathbb{R}^{n} \mathfrak{C} \mathsf{x1} \hat{y}_{t} \underline{x}",
    r"\ulcorner\mathrm{a\_b{<}\hat{\ }\text{U+4E2D}\backslash \$}\urcorner x",
    r"x^{\odot -2} \oslash y",
]


@pytest.mark.parametrize("latex", FORMULAS)
def test_mathml(latex: str) -> None:
    element = ElementTree.fromstring(mathml(latex))
    assert list(faults(element)) == []
    assert said(element) == says(latex.replace(r"\text{U+4E2D}", "中"))


def test_every_operator() -> None:
    for op, row in TABLE.items():
        for form in (row.latex, *(row.latex_of or {}).values()):
            latex = form.format(*"ABCDEFGH", attr=2) if "{0}" in form else form
            element = ElementTree.fromstring(mathml(latex))
            assert list(faults(element)) == [] and said(element) == says(latex), op


def test_markup() -> None:
    assert mathml(r"\mathrm{<b>}") == "<math><mi>&lt;b&gt;</mi></math>"
    assert mathml(r"\text{\&a b}") == "<math><mtext>&amp;a&#160;b</mtext></math>"
    assert mathml(r"f(x)") == '<math><mi>f</mi><mrow><mo stretchy="false">(</mo><mi>x</mi><mo stretchy="false">)</mo></mrow></math>'


def test_letters_of_fonts() -> None:
    assert mathml(r"\mathbf{W}") == "<math><mi>𝐖</mi></math>" and mathml(r"\mathcal{L}") == "<math><mi>ℒ</mi></math>"
    assert mathml(r"\mathrm{d}x") == '<math><mi mathvariant="normal">d</mi><mi>x</mi></math>'


def test_a_sign_before_one_operand() -> None:
    assert '<mo>=</mo><mo form="prefix">−</mo>' in mathml("a = -b") and "prefix" not in mathml("a - b")


def test_any_depth_and_no_quadratic_growth() -> None:
    deep = r"\frac{1}{1 + \sqrt{" * 3000 + "x" + "}}" * 3000
    assert mathml(deep).count("<mfrac>") == 3000
    assert len(mathml("x + " * 2000)) < 2.1 * len(mathml("x + " * 1000))


def test_the_reader_sees_faults() -> None:
    for markup in ("<math><mfrac><mi>x</mi></mfrac></math>", "<math><b>x</b></math>", "<math>x</math>", "<math><mi/></math>",
                   '<math><mi onclick="x">x</mi></math>', "<math><mtable><mi>x</mi></mtable></math>"):  # fmt: skip
        assert list(faults(ElementTree.fromstring(markup)))
    assert (
        says("a - b") != says("a + b") and says("x_{i}^{2}") != says("x_{2}^{i}") and says(r"\frac{a}{b}c") != says(r"\frac{a}{bc}")
    )
