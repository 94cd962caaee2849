"""The tables of macros: each group is read, and no macro means two things."""

from __future__ import annotations

import pytest

from matcalc.notation.lex import macros
from matcalc.notation.lex.lexer_latex import tokenize_latex
from tests.streams import line


def test_greek_letters_are_names() -> None:
    for name in macros.GREEK:
        tokens = tokenize_latex(rf"2 \{name} + x")
        assert len(tokens) == 5, name
    assert line(tokenize_latex(r"\alpha \Sigma")) == "name:alpha name:Sigma"


@pytest.mark.parametrize(
    ("macro", "sign"),
    [
        (r"\cdot", "dot"),
        (r"\times", "times"),
        (r"\odot", ".*"),
        (r"\oslash", "./"),
        (r"\otimes", "kron"),
        (r"\le", "<="),
        (r"\ne", "!="),
    ],
)
def test_signs(macro: str, sign: str) -> None:
    assert tokenize_latex(f"a {macro} b")[1].text == sign


@pytest.mark.parametrize("space", [r"\,", r"\;", r"\!", r"\quad", r"\ ", "~", r"\displaystyle", r"\nonumber"])
def test_spaces_are_nothing(space: str) -> None:
    assert line(tokenize_latex(f"a {space} + b")) == "name:a op:+ name:b"


@pytest.mark.parametrize("font", [r"\mathbf", r"\boldsymbol", r"\mathrm", r"\mathit", r"\mathsf", r"\bm"])
def test_fonts_keep_the_letter(font: str) -> None:
    assert line(tokenize_latex(f"{font}{{x}} + y")) == "name:x op:+ name:y"


@pytest.mark.parametrize(
    ("word", "name"), [("exp", "exp"), ("log", "log"), ("tanh", "tanh"), ("det", "det"), ("ln", "log"), ("arctan", "arctan")]
)
def test_functions(word: str, name: str) -> None:
    token = tokenize_latex(rf"\{word}(x)")[0]
    assert (token.kind, token.text) == ("fn", name)
