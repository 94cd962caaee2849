"""Three styles of one expression."""

from __future__ import annotations

import pytest

from matcalc.expr.dims import add, mul
from matcalc.expr.table import Type
from matcalc.notation.write.lettering import GREEK_LETTERS
from matcalc.notation.write.render import render
from matcalc.notation.write.styles import LATEX, PLAIN, TEXT, axis_latex, size_latex
from tests.meanings import read


@pytest.mark.parametrize(
    ("text", "shown", "latex"),
    [
        ("A*x + y", "A x + y", "A x + y"),
        ("A'", "Aᵀ", r"A^{\top}"),
        ("inv(A)", "A⁻¹", "A^{-1}"),
        ("inv(A)'", "A⁻ᵀ", r"A^{-\top}"),
        ("x .* y", "x ∘ y", r"x \odot y"),
        ("norm2(x)", "‖x‖", r"\lVert x \rVert_2"),
        ("s^2", "s²", "s^{2}"),
        ("x/s", "x/s", r"\frac{x}{s}"),
        ("ones(n)", "𝟏", r"\mathbf{1}_{n}"),
        ("eye(n)", "I", "I_{n}"),
        ("f'(x)", "f′(x)", r"f'\left(x\right)"),
        ("sqrt(s)", "√s", r"\sqrt{s}"),
        ("log(s)", "log(s)", r"\log\left(s\right)"),
        ("kron(A, B)", "A ⊗ B", r"A \otimes B"),
    ],
)
def test_text_and_latex(text: str, shown: str, latex: str) -> None:
    e = read(text)
    assert render(e, TEXT) == shown and render(e, LATEX) == latex and render(e, PLAIN) == text


@pytest.mark.parametrize(
    "text", ["A*x + y", "inv(A)*B", "norm2(x)^2", "x .* y", "x*y'", "tr(A*B)", "softmax(x)", "s^t", "kron(A, B)", "W'*W"]
)
def test_latex_is_read_back(text: str) -> None:
    e = read(text)
    assert read(render(e, LATEX), notation="latex") is e


def test_greek_letters() -> None:
    assert GREEK_LETTERS["alpha"] == "α" and TEXT.name("alpha_1") == "α₁" and LATEX.name("alpha_1") == r"\alpha_{1}"


def test_fractions_in_blocks_stand_apart() -> None:
    assert LATEX.blocks([["a"], ["b"]]) == r"\begin{bmatrix} a \\ b \end{bmatrix}"
    assert LATEX.blocks([[r"\frac{a}{b}"], ["c"]]) == r"\begin{bmatrix} \frac{a}{b} \\[6pt] c \end{bmatrix}"
    import matcalc

    assert matcalc.parse(r"\begin{bmatrix} \frac{x}{2} \\[6pt] y \end{bmatrix}", {"x": ("n",), "y": ("m",)}).plain == "[x/2; y]"


def test_sizes_of_axes_are_set_with_times() -> None:
    assert size_latex(Type("m", "n_1", 3)) == r"[n_{1} \times 3]"
    assert size_latex(Type("t", ("m", "n", 2), 1)) == r"[m \times n \times 2]"
    assert axis_latex(add(mul(2, "n"), 1)) == "2 n + 1" and axis_latex("n") == "n"
