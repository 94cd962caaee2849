"""What the readers of operands ask of the parser: the parser has it."""

from __future__ import annotations

import pytest

from matcalc.expr.errors import LimitError, ParseError
from matcalc.notation.lex.lexer_plain import tokenize_plain
from matcalc.notation.parse.cursor import MAX_DEPTH, Cursor, Words
from matcalc.notation.parse.parser import Parser


def parser(text: str) -> Cursor:
    return Parser(tokenize_plain(text), Words((), ()))


def test_the_parser_is_a_cursor() -> None:
    wanted = {name for name in vars(Cursor) if not name.startswith("_")}
    assert wanted and all(hasattr(parser("x"), name) for name in wanted)


def test_one_token_after_the_other() -> None:
    p = parser("x + y")
    assert p.here.text == "x" and p.at("name") and p.at("name", "x", "y") and not p.at("op")
    assert p.take().text == "x" and p.here.text == "+"


def test_there_is_nothing_to_take_after_the_end() -> None:
    p = parser("x")
    p.take()
    with pytest.raises(ParseError, match="something is missing"):
        p.take()


def test_a_bracket_has_to_be_closed() -> None:
    p = parser("(x]")
    opener = p.take()
    p.take()
    with pytest.raises(ParseError):
        p.close(opener)


def test_failures_carry_the_place() -> None:
    p = parser("x + y")
    p.take()
    assert p.fail("no").span == (2, 3)


def test_depth_is_limited() -> None:
    p = parser("x")
    with pytest.raises(LimitError):
        for _ in range(MAX_DEPTH + 2):
            p.enter()
