"""Errors: one family, each with its exit code; the picture points at the span and shows nothing that a terminal obeys."""

from __future__ import annotations

import pytest

from matcalc.expr import errors
from matcalc.expr.errors import (
    LONGEST,
    WINDOW,
    MatcalcError,
    MissingError,
    NoValueError,
    ParseError,
    UsageError,
    caret,
    edited,
    one_of,
    visible,
)

FAMILY = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, Exception)]


def test_one_family_with_the_documented_exit_codes() -> None:
    assert all(issubclass(e, MatcalcError) for e in FAMILY)
    codes = {e.kind: e.exit_code for e in FAMILY}
    assert codes["no-rule"] == 3 and codes["check"] == 4
    assert {code for kind, code in codes.items() if kind not in ("no-rule", "check")} == {2}


def test_a_missing_result_is_a_key_error_that_prints_as_words() -> None:
    error = MissingError("there is no result 'q'", hint="the results are: x")
    assert isinstance(error, KeyError) and isinstance(error, UsageError)
    assert str(error) == "there is no result 'q'\nhint: the results are: x"  # KeyError would print its repr
    assert issubclass(NoValueError, UsageError)


def test_the_message_the_picture_and_the_hint_stand_below_each_other() -> None:
    error = ParseError("what is this?", span=(4, 6), source="a + ?? + b", hint="leave it out")
    assert str(error) == "what is this?\n  a + ?? + b\n      ^^\nhint: leave it out"
    assert str(ParseError("no place", source="a")) == "no place"


@pytest.mark.parametrize(
    ("source", "span", "shown"),
    [
        ("abc", (1, 2), "  abc\n   ^"),
        ("abc", (3, 3), "  abc\n     ^"),  # the end of the text
        ("abc", (9, 12), "  abc\n     ^"),  # outside: at its end
        ("one\ntwo\nthree", (4, 7), "  two\n  ^^^"),
        ("one\ntwo\nthree", (4, 99), "  two\n  ^^^"),  # no further than its line
    ],
)
def test_carets_stand_below_the_span(source: str, span: tuple[int, int], shown: str) -> None:
    assert caret(source, span) == shown


@pytest.mark.parametrize("at", [0, 40, 150, 299])
def test_of_a_long_line_a_window_around_the_span_is_shown(at: int) -> None:
    source = "." * at + "X" + "." * (299 - at)
    above, below = caret(source, (at, at + 1)).split("\n")
    assert above[below.index("^")] == "X" and below.count("^") == 1
    assert len(above) <= WINDOW + 4
    assert (above[2] == "…") is (at > WINDOW // 2) and (above[-1] == "…") is (at < 300 - WINDOW // 2)


def test_what_a_terminal_would_obey_becomes_a_dot() -> None:
    assert visible("a\x1b[31mb\u202ec\u2028d\ud800e") == "a·[31mb·c·d·e"
    assert visible("é ∂ 数\nβ") == "é ∂ 数\nβ"
    assert "\x1b" not in str(MatcalcError("m\x1b", hint="h\x1b", span=(0, 1), source="\x1bs"))


def test_a_long_message_keeps_its_two_ends() -> None:
    message = MatcalcError("start " + "x" * 10 * LONGEST + " end").message
    assert message.startswith("start x") and message.endswith("x end") and len(message) < LONGEST + 10


def test_a_text_with_other_texts_in_some_places() -> None:
    assert edited("a/b c", [(3, 3, ")"), (0, 0, "(")]) == "(a/b) c"
    assert edited("xa/b cx", [(1, 2, "q")], 1, 6) == "q/b c"


def test_choices() -> None:
    one_of("layout", "shape", ("shape", "numerator"))
    with pytest.raises(UsageError, match="layout 'q' is not known"):
        one_of("layout", "q", ("shape", "numerator"))
