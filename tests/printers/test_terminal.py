"""The terminal: colours, width, and what is sent to it."""

from __future__ import annotations

import io
import re

import pytest

import matcalc
from matcalc.printers.terminal import folded, limit_of, paint, printable, show, table, wants_color, width_of


def test_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tty:
        def isatty(self) -> bool:
            return True

        def fileno(self) -> int:
            raise OSError

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert wants_color("auto", Tty()) and not wants_color("never", Tty())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_color("auto", Tty()) and wants_color("always", Tty())
    monkeypatch.setenv("COLUMNS", "57")
    assert width_of(Tty()) == 57
    monkeypatch.setenv("COLUMNS", "")
    assert width_of(Tty()) == 80
    assert paint("x", "head", False) == "x" and paint("x", "head", True).endswith("x\x1b[0m")
    assert printable("a\x1b[31m\tb\nc") == "a·[31m·b\nc" and len(printable("x" * 10**6)) < 2000


def test_colours_add_codes_and_nothing_else() -> None:
    d = matcalc.derive("x'*A*x", check=False)
    plain, coloured = show(d, "normal", 80, False), show(d, "normal", 80, True)
    assert "\x1b" not in plain and "\x1b[1;36m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


def test_an_unknown_style_and_an_empty_text_stay() -> None:
    assert paint("x", "no such style", True) == "x" and paint("", "head", True) == ""


def test_a_stream_that_is_none_has_no_colours() -> None:
    assert not wants_color("auto", None) and wants_color("always", None)


LONG = "title\n  note    what is said of it at some length, in words\n  a b c d e f g h i j k l m n o p q r s t u v w x y z\n"


def test_long_lines_go_on_below_their_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    lines = folded(LONG, io.StringIO()).split("\n")
    assert lines[:3] == ["title", "  note    what is said of it", "          at some length, in"] and max(map(len, lines)) <= 30
    assert "".join(folded(LONG, io.StringIO()).split()) == "".join(LONG.split())
    assert folded(LONG, io.StringIO()).split("\n")[5].startswith("    ")


def test_text_for_nobody_in_particular_is_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert folded(LONG, io.StringIO()) == LONG


CELLS = [("name", "value", "what it is", ""), ("x", "1.0", "a number that is drawn at random", ""), ("longer", "2.0", "", "a note")]


@pytest.mark.parametrize("columns", [24, 30, 60])
def test_a_table_keeps_within_the_columns(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = table(CELLS, io.StringIO()).split("\n")
    assert max(map(len, lines)) <= columns == limit_of(io.StringIO())
    words = " ".join(" ".join(lines).split())
    assert all(cell in words for row in CELLS[1:] for cell in row)
    assert columns > 50 or lines[:2] == ["  x", "    value       1.0"]


def test_a_table_in_a_file_has_one_line_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert table(CELLS, io.StringIO()).split("\n") == [
        "  name    value  what it is",
        "  x       1.0    a number that is drawn at random",
        "  longer  2.0                                      a note",
    ]
