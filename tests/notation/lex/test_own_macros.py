r"""Macros that a text or a preamble defines."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.expr.errors import ParseError
from matcalc.notation.lex.latex_scan import macros_in, of_preamble, taken_out

DEFINITIONS = {
    r"\newcommand{\w}{\mathbf{w}}": {r"\w": r"\mathbf{w}"},
    r"\newcommand\norm[1]{\lVert #1\rVert}": {r"\norm": r"\lVert #1\rVert"},
    r"\renewcommand*{\vec}[1]{\mathbf{#1}}": {r"\vec": r"\mathbf{#1}"},
    r"\providecommand{\half}{\frac{1}{2}}": {r"\half": r"\frac{1}{2}"},
    r"\def\inner#1#2{#1^\top #2}": {r"\inner": r"#1^\top #2"},
    r"\DeclareMathOperator{\trace}{tr}": {r"\trace": r"\operatorname{tr}"},
    r"\newcommand{\set}{\{ a \}}": {r"\set": r"\{ a \}"},
}


@pytest.mark.parametrize("text", DEFINITIONS)
def test_a_definition_is_taken_out_and_the_places_stay(text: str) -> None:
    rest, found = taken_out(text + " x")
    assert found == DEFINITIONS[text] and rest == " " * len(text) + " x"


def test_other_commands_stay() -> None:
    text = r"\define{x} \newcommands{\x}{y} \deffoo{x}"
    assert taken_out(text) == (text, {})


@pytest.mark.parametrize("text", [r"\newcommand{\w}{\mathbf{w} + x", r"\newcommand{\n}[2][p]{\|#1\|_{#2}}x"])
def test_what_is_not_read_is_refused(text: str) -> None:
    with pytest.raises(ParseError, match="the definition of"):
        matcalc.parse(text)
    with pytest.raises(ParseError, match="the definition of") as caught:
        of_preamble(text)
    assert caught.value.source == text


def test_a_formula_with_its_macros_is_the_formula_without() -> None:
    text = r"\newcommand{\norm}[1]{\lVert #1\rVert}" "\n" r"\def\A{\mathbf{A}}" "\n" r"\norm{\A x-b}^2"
    assert matcalc.equal(matcalc.parse(text), r"\lVert A x-b\rVert^2")


def test_an_error_behind_a_definition_stands_at_its_place() -> None:
    text = r"\newcommand{\A}{A} \A x + \unknownthing"
    with pytest.raises(ParseError) as caught:
        matcalc.parse(text)
    assert caught.value.span is not None and text[slice(*caught.value.span)] == r"\unknownthing"


def test_a_preamble_has_comments_and_other_things() -> None:
    text = "\\usepackage{amsmath}\n% \\newcommand{\\x}{y}\n\\newcommand{\\R}{\\mathbb{R}} % the reals\n\\title{50\\% of it}"
    assert of_preamble(text) == {r"\R": r"\mathbb{R}"}


def test_the_macros_of_a_text_come_before_others() -> None:
    assert macros_in(r"\newcommand{\W}{\mathbf W} \W x", {r"\W": "V", r"\x": "y"}) == {r"\W": r"\mathbf W", r"\x": "y"}
    assert macros_in("a*x", None) == {}
    assert macros_in(r"\newcommand{\W}{\mathbf W x", {r"\x": "y"}) == {r"\x": "y"}  # the reader says that it is never closed
