r"""The LaTeX lexer: token streams, spans and refusals.

Streams are written one token a word: ``@log`` a function, ``$frac`` a command, ``‹W_1›`` a name of several
characters, ``ᵀ`` a transposition; names of one letter, numbers, operators and brackets as they are.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from matcalc.expr.errors import AmbiguityError, MatcalcError, ParseError
from matcalc.notation.lex.lexer_latex import tokenize_latex
from matcalc.notation.lex.syntax import Token


def stream(text: str, *names: str, **macros: str) -> str:
    def show(t: Token) -> str:
        if t.kind == "name":
            return t.text if len(t.text) == 1 else f"‹{t.text}›"
        return {"fn": "@" + t.text, "cmd": "$" + t.text, "T": "ᵀ"}.get(t.kind, t.text)

    return " ".join(show(t) for t in tokenize_latex(text, names, macros)[:-1])


def check(cases: list[tuple[str, ...]]) -> None:
    for source, *names, expected in cases:
        assert stream(source, *names) == expected, source


def refused(text: str, *names: str, **macros: str) -> MatcalcError:
    with pytest.raises(MatcalcError) as caught:
        tokenize_latex(text, names, macros)
    error = caught.value
    assert error.span is not None and error.source == text
    assert 0 <= error.span[0] <= error.span[1] <= len(text)
    return error


def test_kinds_and_spans() -> None:
    assert tokenize_latex(r"\mathbf{W} x^T+2") == [
        Token("name", "W", 0, 10, False, "bold"),
        Token("name", "x", 11, 12, True),
        Token("T", "T", 12, 14, False, "^"),
        Token("op", "+", 14, 15, False),
        Token("num", "2", 15, 16, False),
        Token("end", "", 16, 16, False),
    ]


@pytest.mark.parametrize(
    ("text", "span", "message", "hint"),
    [
        (r"\frac{x}{}", (8, 10), r"the denominator of \frac is empty", "denominator"),
        (r"\frac{x}", (0, 5), r"\frac has no denominator", r"\frac{…}{…}"),
        (r"\frac{}{x}", (5, 7), r"the numerator of \frac is empty", "numerator"),
        (r"x^", (1, 2), "^ has no exponent", "^{…}"),
        (r"x^0.5", (2, 3), "only the 0", "^{0.5}"),
        (r"X^-1", (1, 3), "minus", "^{-1}"),
        (r"\fancynorm{x}", (0, 10), r"unknown macro \fancynorm", r"--macro '\fancynorm=…'"),
        (r"\alhpa x", (0, 6), r"unknown macro \alhpa", r"\alpha?"),
        (r"a\over b", (1, 6), r"unknown macro \over", r"\frac"),
        (r"a+{x", (2, 3), "to close '{' at column 3", "'}'"),
        (r"x}", (1, 2), "'}' closes no '{'", "delete"),
        (r"\left(x", (0, 5), r"\left( has no \right", r"\right"),
        (r"x\right)", (1, 7), r"\right) has no \left", r"\left"),
        (r"\begin{bmatrix}a", (0, 6), r"\begin{bmatrix} is never closed", r"\end{bmatrix}"),
        (r"\begin{foo}a\end{foo}", (0, 11), "unknown environment 'foo'", "bmatrix"),
        (r"\begin{align}a\end{split}", (14, 25), r"\end{split} has no \begin{split}", r"\begin{align}"),
        (r"a+|x", (2, 3), "'|' has no partner", r"\left|"),
        (r"\bar{x_iy}", (0, 4), r"\bar must stand over a single symbol", "name"),
        (r"\bar{AB}", (0, 4), r"\bar must stand over a single symbol", "name"),
        (r"x\top", (1, 5), "transposition", r"X^\top"),
        ("x $ y", (2, 3), "'$' inside", "'$'"),
        ("A\u200bx", (1, 2), "U+200B (ZERO WIDTH SPACE)", "delete"),
        ("x\x00", (1, 2), "U+0000", "delete"),
        ("\u0445+y", (0, 1), "U+0445 (CYRILLIC SMALL LETTER HA)", "'x'"),
        ("tr(\u0391)", (3, 4), "U+0391 (GREEK CAPITAL LETTER ALPHA)", "'A'"),
        ("\uff12x", (0, 1), "U+FF12 (FULLWIDTH DIGIT TWO)", "'2'"),
    ],
)
def test_refusals(text: str, span: tuple[int, int], message: str, hint: str) -> None:
    error = refused(text)
    assert isinstance(error, ParseError)
    assert error.span == span
    assert message in error.message and hint in (error.hint or "")


@pytest.mark.parametrize("text", [r"tr X", r"\mathbf{AX}^T", r"\boldsymbol{Ab}_1"])
def test_two_readings(text: str) -> None:
    assert isinstance(refused(text), AmbiguityError)


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys; from matcalc.notation.lex.lexer_latex import tokenize_latex; tokenize_latex(r'\\hat x^T'); "
        "print(sorted({'numpy', 'sympy', 'difflib', 'scipy', 'rich'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
