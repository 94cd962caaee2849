"""Groups, fonts, words and accents: what a mark says and what it does not."""

from __future__ import annotations

from matcalc.notation.lex.lexer_latex import tokenize_latex
from tests.notation.lex.test_lexer_latex import check


def test_type_travels_on_the_name() -> None:
    def marks(text: str) -> dict[str, str]:
        return {t.text: t.mark for t in tokenize_latex(text) if t.kind == "name"}

    assert marks(r"\mathbf{x}^T \bm\theta + {\bf A b} + \hat{\boldsymbol\mu} + \vec v + c") == {
        **dict.fromkeys(("x", "theta", "A", "b", "mu_hat"), "bold"), "v": "arrow", "c": ""
    }  # fmt: skip
    assert marks(r"\mathcal{L}(x) + \mathrm{E}(y) + \vec{\mathbf{z}}") == {"L": "cal", "x": "", "E": "word", "y": "", "z": "bold"}
    assert marks(r"\mathbf{w_{jk} u}") == {"w": "bold", "j": "", "k": "", "u": "bold"}  # an index is set as its letter
    assert marks(r"\mathsf{X} + {\sf Y} + \mathfrak{g} + \mathbb{H} + \text{u} + \mathit{v} + \mathbf{\mathsf{Z}}") == {
        "X": "sf", "Y": "sf", "g": "frak", "H": "bb", "u": "word", "v": "", "Z": "bold"
    }  # fmt: skip
    assert marks("\U0001d431 \\cdot y") == {"x": "bold", "y": ""}


def test_fonts_and_words() -> None:
    check(
        [
            (r"\mathbf{AXB}\boldsymbol\mu\bm{w}", "A X B ‹mu› w"),
            (r"\mathbf{x_i}^T\mathbf{W_1}^T\mathbf{11}^T", "x _ { i } ᵀ ‹W_1› ᵀ ‹1vec› ‹1vec› ᵀ"),
            (r"{\bf x}^T{\rm tr}(A){\cal L}", "x ᵀ @tr ( A ) L"),
            (r"\boldsymbol{\Sigma^{-1}}", "‹Sigma› ^ { - 1 }"),
            (
                r"\mathbf 1^\top x+\mathbf{1}\mathbf{1}'+\mathbb{1}_n",
                "‹1vec› ᵀ x + ‹1vec› ‹1vec› ' + ‹1vec› _ { n }",
            ),
            (r"\max(\mathbf 0,x)", "@max ( 0 , x )"),
            (r"x\in\mathbb{R}^n", "x in ‹RR› ^ { n }"),
            (r"\mathrm{Tr}(A)\text{ReLU}(x)", "@tr ( A ) @relu ( x )"),
            (r"\operatorname{LSE}(z)\mbox{tr}\{A\}", r"@logsumexp ( z ) @tr \{ A \}"),
            (r"\operatorname*{arg\,max}_x", "@argmax _ { x }"),
            (r"\mathbf{softmax}(x)", "@softmax ( x )"),
            (r"\text{loss}+\mathrm{RMSE}(x)", "‹loss› + ‹RMSE› ( x )"),
            (r"\mathrm{AXB}", "A", "X", "B", "A X B"),
            (r"\mathrm{d}X", "$d X"),
            (r"\mathrm{d}", "d", "d"),
            (r"x\text{ where }y,\ X\ \text{diagonal}", "x $words y , X $words"),
            (r"\epsilon\varepsilon\ell λ", "‹epsilon› ‹varepsilon› ‹ell› ‹lambda›"),
            (r"𝐱ᵀ𝜎", "x ᵀ ‹sigma›"),
            (r"\underbrace{Wx+b}_{z}+c", "{ W x + b } + c"),
        ]
    )


def test_accents() -> None:
    check(
        [
            (r"\hat A\tilde h_1\bar{x}_i\vec x", "‹A_hat› ‹h_tilde_1› ‹x_bar› _ { i } x"),
            (r"\hat AX", "hat A", "‹hat A› X"),
            (r"\hat{A}", "hatA", "‹hatA›"),
            (r"\hat{A}", "Ahat", "‹Ahat›"),
            (r"\hat{\mathbf A}", r"\hat{A}", r"‹\hat{A}›"),
            (r"\vec(A)+\vec x", "@vec ( A ) + x"),
        ]
    )
