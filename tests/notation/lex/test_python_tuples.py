"""Assignments to several names."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.expr.errors import MatcalcError, ParseError
from matcalc.notation.lex.lexer_plain import tokenize_plain
from matcalc.notation.lex.sequential import apart


def told(text: str) -> str:
    return " ".join(t.text for t in apart(tokenize_plain(text)) if t.kind != "end")


def test_each_name_that_is_read_gets_its_part() -> None:
    assert told("n, d = X.shape\ns = n*d") == "n = X shape [ 0 ] ; d = X shape [ 1 ] ; s = n * d"
    assert told("n, d = X.shape\ns = d") == "d = X shape [ 1 ] ; s = d"
    assert told("sign, ld = np.linalg.slogdet(S)\ns = ld") == "ld = np linalg slogdet ( S ) [ 1 ] ; s = ld"
    tokens = tokenize_plain("n = X.shape[0]; s = n")
    assert apart(tokens) == tokens


def test_the_sizes_of_an_array_and_the_logarithm_of_a_determinant() -> None:
    d = matcalc.derive("n, d = X.shape\ns = np.sum((X @ w - y)**2) / n", "w", {"X": (5, 3)})
    assert d.result.plain == "2*X'*(X*w - y)/5"
    assert matcalc.derive("_, ld = np.linalg.slogdet(S)\ns = -0.5 * ld", "S").result.plain == "-inv(S)'/2"


def test_others_are_refused() -> None:
    with pytest.raises(ParseError, match="'sign' is the sign of a determinant"):
        matcalc.derive("sign, ld = np.linalg.slogdet(S)\ns = sign*ld", "S")
    with pytest.raises(MatcalcError):
        matcalc.derive("u, v = A @ x\ns = u @ v", "x")
