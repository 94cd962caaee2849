"""Our LaTeX read as a tree."""

from __future__ import annotations

import re

import pytest

from matcalc.expr.table import TABLE
from matcalc.printers.tex_tree import ACCENTS, FONTS, NOTHING, SIGNS, SPACES, Tree, folded, tree

# What TeX sets upright without a font, and what is built.
KNOWN = {"log", "exp", "det", "max", "min", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan", "arcsin", "arccos",
         "left", "right", "begin", "end",
         "text", "frac", "sqrt", *ACCENTS, *FONTS, *SIGNS, *SPACES}  # fmt: skip


def written(latex: str) -> str:
    """``frac(a, row(b, +, c))``"""
    return folded(tree(latex), lambda t, args: (t.text or t.kind) + (f"({', '.join(args)})" if args else ""))


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"\frac{\partial s}{\partial W}", "frac(row(∂, s), row(∂, W))"),
        (r"x_{i}^{2}", "scripts(x, i, 2)"),
        (r"{W^{(1)}}^{\top}", "scripts(scripts(W, row, ()(1)), row, ⊤)"),
        (r"f''(z)^{2}", "row(scripts(f, row, ′′), scripts(()(z), row, 2))"),
        (r"f'^{2}", "scripts(f, row, row(′, 2))"),
        (r"x^12", "row(scripts(x, row, 1), 2)"),
        (r"\left(a + b\right)^{\top}", "scripts(()(row(a, +, b)), row, ⊤)"),
        (r"\left.\frac{a}{b}\right|_{\text{spd}}", "scripts( |(frac(a, b)), spd, row)"),
        (r"[x]_{3} - 1", "row(scripts([](x), 3, row), −, 1)"),
        (r"\begin{bmatrix} a & b \\[6pt] c & d \end{bmatrix}", "bmatrix(cells(a, b), cells(c, d))"),
        (r"\mathrm{d}\mathrm{log\_p}", "row(d, log_p)"),
        (r"\mathrm{a\hat{\ }\text{U+4E2D}}", "a^中"),
        (r"\hat{y}_{t}", "scripts(hat(y), t, row)"),
        (r"0.5 \lVert z \rVert_2^2", "row(0.5, scripts(‖‖(z), 2, 2))"),
    ],
)
def test_tree(latex: str, expected: str) -> None:
    assert written(latex) == expected


def test_what_is_not_ours_is_read_all_the_same() -> None:
    for latex in ("a}b{", r"\frac{a", "x_", r"\frac", "(", ")", "", r"\left(", r"\right)", r"\nosuch x"):
        assert isinstance(tree(latex), Tree)
    assert tree("") == NOTHING and tree(r"\nosuch") == Tree("id", "nosuch", font="upright")


def test_every_macro_of_the_operators_is_known() -> None:
    for row in TABLE.values():
        for form in (row.latex, *(row.latex_of or {}).values()):
            assert set(re.findall(r"\\([A-Za-z]+)", form)) <= KNOWN, form
