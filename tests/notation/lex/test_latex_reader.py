"""Arguments of macros, with braces and without."""

from __future__ import annotations

from matcalc.notation.lex.lexer_latex import tokenize_latex
from matcalc.notation.lex.syntax import Token
from tests.notation.lex.test_lexer_latex import check


def test_missing_braces_come_without_width() -> None:
    assert tokenize_latex(r"\frac12x^23") == [
        Token("cmd", "frac", 0, 5),
        Token("open", "{", 5, 5),
        Token("num", "1", 5, 6),
        Token("close", "}", 6, 6),
        Token("open", "{", 6, 6),
        Token("num", "2", 6, 7),
        Token("close", "}", 7, 7),
        Token("name", "x", 7, 8),
        Token("op", "^", 8, 9),
        Token("open", "{", 9, 9),
        Token("num", "2", 9, 10),
        Token("close", "}", 10, 10),
        Token("num", "3", 10, 11),
        Token("end", "", 11, 11),
    ]


def test_arguments() -> None:
    check(
        [
            (r"\frac ab", "$frac { a } { b }"),
            (r"\dfrac1{2m}", "$frac { 1 } { 2 m }"),
            (r"-\frac N2", "- $frac { N } { 2 }"),
            (r"\tfrac12x^\top Ax", "$frac { 1 } { 2 } x ᵀ A x"),
            (r"\sqrt2x", "$sqrt { 2 } x"),
            (r"\sqrt[3]{x}", "$sqrt [ 3 ] { x }"),
            (r"/\sqrt d", "/ $sqrt { d }"),
            (r"x^{\frac12}", "x ^ { $frac { 1 } { 2 } }"),
            (r"A_\mathbf{x}", "‹A_x›"),
            (r"3.5x+.5y+x.", "3.5 x + 0.5 y + x"),
        ]
    )
