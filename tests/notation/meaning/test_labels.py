"""Letters that only tell names apart are part of the name; powers and entries are not."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.notation.meaning.labels import settled
from matcalc.notation.parse.statements import Names, read


def names(text: str, declared: tuple[str, ...] = ()) -> set[str]:
    found: set[str] = set()
    for s in settled(read(text, Names(declared)).statements, declared):
        stack = [s.body]
        while stack:
            node = stack.pop()
            stack += [a for a in node.args if hasattr(a, "kind")]
            if node.kind == "name":
                found.add(node.value)
    return found


def test_capitals_above_capitals_are_labels() -> None:
    assert names(r"x^T W^Q (W^K)^T x") == {"x", "W^Q", "W^K"}
    assert names(r"W^Q x + Q x") == {"W", "Q", "x"}  # Q is a matrix of its own here
    assert names("A^N x") == {"A", "N", "x"}  # N counts
    assert names("A^k x") == {"A", "k", "x"}
    assert names(r"W^Q x", ("Q", "W")) == {"W", "Q", "x"}


def test_a_value_below_a_name_is_a_label() -> None:
    assert names(r"r = \sigma(W_r x); s = r^T r") == {"W_r", "x", "r"}
    assert names(r"r = \sigma(W x); s = W_r^T r") >= {"W"}  # an entry or a name: left open


def test_a_text_without_labels_is_returned_as_it_is() -> None:
    statements = read("x'*A*x", Names()).statements
    assert settled(statements, ()) is statements


@pytest.mark.parametrize("text", [r"\|x^T W^Q\|^2", r"r = \sigma(W_r x), s = r^T r"])
def test_they_are_read_to_the_end(text: str) -> None:
    assert matcalc.parse(text).shape == ()
