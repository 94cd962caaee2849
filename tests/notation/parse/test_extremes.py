"""Minima in words are read like the sign: the function is differentiated, and a notice says that the minimum is not taken."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.expr.errors import NoRuleError
from matcalc.notation.lex.lexer_plain import tokenize_plain
from matcalc.notation.parse.heads import in_signs

SAID = "the {} over x is not taken"


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("minimize ||A*x-b||^2 over x", "min"),
        ("minimise ||Ax-b||^2 with respect to x", "min"),
        ("min_x ||A*x-b||^2", "min"),
        ("argmin_x ||A*x-b||^2", "argmin"),
        ("maximize_x ||A*x-b||^2", "max"),
        (r"\text{minimize } \|Ax-b\|^2 \text{ over } x", "min"),
        (r"\operatorname{minimize}_{x} \|Ax-b\|^2", "min"),
    ],
)
def test_the_function_is_differentiated_and_it_is_said(text: str, sign: str) -> None:
    d = matcalc.derive(text, "x")
    assert d.result.plain == "2*A'*(A*x - b)" and d.dims.keys() == {"A", "x", "b"}
    assert any(SAID.format(sign) in w for w in d.warnings)


def test_a_word_without_variables_is_left_out() -> None:
    for text in ("minimize ||A*x-b||^2", r"\underset{x}{\text{minimize}}\ \|Ax-b\|^2"):
        d = matcalc.derive(text, "x")
        assert d.result.plain == "2*A'*(A*x - b)" and any("'minimize' is left out" in w for w in d.warnings)


@pytest.mark.parametrize("text", ["max_len*x'*x", "s = min(x, y); s'*s", "x_min'*x", "minimum(x, y)'*x", "min_x = x'*x"])
def test_names_and_functions_stay(text: str) -> None:
    tokens = tokenize_plain(text)
    assert in_signs(tokens, ()) == (tokens, ())


def test_a_declared_name_stays() -> None:
    tokens = tokenize_plain("min_x y'*y")
    assert in_signs(tokens, {"min_x"}) == (tokens, ())


def test_conditions_are_refused() -> None:
    with pytest.raises(NoRuleError, match="conditions beside a minimum"):
        matcalc.derive("minimize ||A*x-b||^2 subject to x = 1", "x")
