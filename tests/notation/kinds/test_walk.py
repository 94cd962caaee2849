"""The walk over a text gives each part to those who walk, once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from matcalc.notation.kinds.elimination import Kinds
from matcalc.notation.kinds.walk import Asked, Walk
from matcalc.notation.parse.statements import Names, read


class Sizes(Walk):
    """Counts the parts: each is the number of letters in it."""

    def fixed(self, kinds: str) -> int:
        return 0

    def choice(self, arguments: tuple[Any, ...], costs: Mapping[Kinds, int]) -> int:
        assert all(len(key) == len(arguments) + 1 for key in costs)
        return sum(arguments)

    def same(self, a: Any, b: Any) -> None:
        self.names.setdefault("=", []).append((a, b))

    def prefer(self, part: Any, costs: Mapping[Kinds, int]) -> None:
        self.names["output"] = part

    def letter(self, text: str, bold: bool) -> int:
        return 1

    def of_array(self, part: Any, base: str, indices: int) -> None:
        self.names["array", base, indices] = part


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("x'*A*x", 3),
        ("sum(exp(x)) + norm2(y)", 2),
        ("[a, b; c, d]*x", 2),  # what one part of blocks is they all are
        ("max(0, x) .* y", 2),
        ("x^2 + 3", 1),
        (r"\frac{a}{b} c", 3),
    ],
)
def test_every_letter_is_met_where_it_stands(text: str, letters: int) -> None:
    walk = Sizes(Asked(read(text, Names()).statements, {}, frozenset(), None))
    walk.read()
    assert walk.names["output"] == letters


def test_functions_of_the_text_are_walked_with_their_arguments() -> None:
    walk = Sizes(Asked(read("g(z) = z*z*z; s = g(x) + g(y)", Names()).statements, {}, frozenset(), None))
    walk.read()
    assert walk.names["output"] == 2 * (1 + 1 + 3) and "z" not in walk.names  # argument, parameter, body


def test_a_bound_index_is_no_letter_and_a_member_is_asked_for_once() -> None:
    walk = Sizes(Asked(read(r"\sum_i x_i x_i + \sum_j x_j", Names()).statements, {}, frozenset(), None))
    walk.read()
    assert list(walk.members) == [("x", 1)] and "i" not in walk.names


def test_a_label_on_the_left_names_the_whole() -> None:
    walk = Sizes(Asked(read("J(w, b) = w'*w + b", Names()).statements, {}, frozenset(), None))
    walk.read()
    assert set(walk.names) == {"w", "b", "J", "output", "="}
