"""Tokens and trees are values: equal where they say the same, never changed."""

from __future__ import annotations

import pytest

from matcalc.notation.lex.lexer_latex import tokenize_latex
from matcalc.notation.lex.lexer_plain import tokenize_plain
from matcalc.notation.lex.syntax import Ast, Binder, Statement, Text, Token


def test_both_lexers_give_the_same_kind_of_tokens() -> None:
    for tokens in (tokenize_plain("A*x"), tokenize_latex("A x")):
        assert all(isinstance(t, Token) for t in tokens) and tokens[-1].kind == "end"
        assert all(t.start <= t.end for t in tokens)


def test_trees_are_values() -> None:
    one, other = Ast("name", 0, 1, (), "x"), Ast("name", 0, 1, (), "x")
    assert one == other and hash(one) == hash(other) and one._replace(value="y") != one
    with pytest.raises(AttributeError):
        one.value = "y"  # type: ignore[misc]


def test_what_is_left_out_is_nothing() -> None:
    body = Ast("name", 0, 1, (), "x")
    statement = Statement(None, (), body, (0, 1))
    assert statement.others == statement.letters == () and statement.extreme is None
    assert Binder(("i",)) == Binder(("i",), None, None, (), None) and not Text([statement], "x", False).sums
