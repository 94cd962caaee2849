"""The subscripts of an einsum."""

from __future__ import annotations

import pytest

from matcalc.expr.subscripts import parse_subscripts


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
