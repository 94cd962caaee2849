"""The subscripts of an einsum."""

from __future__ import annotations

import pytest

from matcalc.expr.dims import mul
from matcalc.expr.subscripts import letter_sizes, parse_subscripts


@pytest.mark.parametrize(
    ("text", "operands", "result"),
    [
        ("ij,jk->ik", [["i", "j"], ["j", "k"]], ["i", "k"]),
        ("(ij)k,kl->ijl", [["ij", "k"], ["k", "l"]], ["i", "j", "l"]),
        ("i,i->", [["i"], ["i"]], []),
        (",i->i", [[], ["i"]], ["i"]),
        ("i->(i)", [["i"]], ["i"]),
    ],
)
def test_axes_of_operands_and_result(text: str, operands: list[list[str]], result: list[str]) -> None:
    assert parse_subscripts(text) == (operands, result)


def test_an_open_group_is_an_error() -> None:
    with pytest.raises(ValueError):
        parse_subscripts("(ij->i")


def test_sizes_of_letters() -> None:
    assert letter_sizes([["i", "j"], ["j", "k"]], [("m", "n"), ("n", 3)]) == {"i": "m", "j": "n", "k": 3}
    assert letter_sizes([["ij"], ["j"]], [(mul("m", "n"),), ("n",)]) == {"i": "m", "j": "n"}  # the rest of m·n
    assert letter_sizes([["ij"], ["j"]], [(6,), (2,)]) == {"i": 3, "j": 2}
    with pytest.raises(ValueError):
        letter_sizes([["i", "j"]], [("n",)])  # more letters than axes
