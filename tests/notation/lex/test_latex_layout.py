"""What bars and line ends are."""

from __future__ import annotations

from matcalc.notation.lex.lexer_latex import tokenize_latex
from tests.notation.lex.test_lexer_latex import check


def test_bars() -> None:
    check(
        [
            (r"{||Ax+b||}^2", "{ || A x + b || } ^ { 2 }"),
            (r"|x||y|", "| x | | y |"),
            (r"||x|-|y||", "| | x | - | y | |"),
            (r"|\|x\|-|y||", "| || x || - | y | |"),
            (r"|\sum_i|x||", "| $sum _ { i } | x | |"),
            (r"\|x\|\,\Vert y\Vert\lVert z\rVert", "|| x || || y || || z ||"),
            (r"2|x|+\frac12|y|^2", "2 | x | + $frac { 1 } { 2 } | y | ^ { 2 }"),
            (r"\left\langle|X|,Y\right\rangle", "< | X | , Y >"),
            (r"p(x|y)", "p ( x | y )"),
            (r"\left.f\right|_{x=0}", "f | _ { x = 0 }"),
            (r"\bigl|x\bigr|+\Big\|y\Big\|", "| x | + || y ||"),
            (r"\norm{x}^2+\abs y", "|| x || ^ { 2 } + | y |"),
        ]
    )
    kinds = [t.kind for t in tokenize_latex("|x||y|")[:-1]]
    assert kinds == ["open", "name", "close", "open", "name", "close"]


def test_layout() -> None:
    check(
        [
            (r"\begin{align} f(x) &= x \\ &\quad + b \end{align}", "f ( x ) = x + b"),
            (r"\begin{aligned} z&=Wx\\[2pt] h&=f(z)\\ \end{aligned}", "z = W x ; h = f ( z )"),
            (
                r"\begin{bmatrix} a & b \\ c & d \\ \end{bmatrix}",
                r"$begin:bmatrix a & b \\ c & d $end:bmatrix",
            ),
            (r"\begin{array}{cc} a&b\end{array}", "$begin:array a & b $end:array"),
            (r"\left( a \right. \\ \left. + b \right)", "( a + b )"),
            ("z = Wx+b\ns = u^T f(z)", "z = W x + b ; s = u ᵀ f ( z )"),
            ("L = a\n + b\n = c", "L = a + b = c"),
            ("z = W\nx", "z = W x"),
            ("$x$", "x"),
            (r"\[ x. \]", "x"),
            ("x % y\n+ z % end", "x + z"),
            (r"x\label{eq:1}\tag{3}\nonumber", "x"),
            (r"\overset{\text{def}}{=}x\,\color{red}y", "= x y"),
            ("", ""),
        ]
    )
    spaced = [t.text for t in tokenize_latex(r"a\,b~c d e{f}") if t.space]
    assert spaced == ["b", "c", "d", "e"]
