"""Numbers, scripts, fractions, roots and signs."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.expr.errors import AmbiguityError
from tests.notation.lex.test_lexer_latex import check


def test_operators() -> None:
    check(
        [
            (r"A\otimes B\odot C\circ D\oslash E", "A kron B .* C .* D ./ E"),
            (r"w\cdot x\times y\ast z", "w dot x times y * z"),
            (r"a\le b\geq c\neq d\in S\propto t\approx u", "a <= b >= c != d in S propto t approx u"),
            ("x−y·z⊙w⊗v", "x - y dot z .* w kron v"),
            (r"d_1,\dots,d_n", "‹d_1› , ... , d _ { n }"),
            (r"A\colon B", "A : B"),
        ]
    )


def test_a_sum_without_its_backslash_is_said_with_the_way_on() -> None:
    with pytest.raises(AmbiguityError, match="'sum' without a backslash") as caught:
        matcalc.parse(r"sum_{i,j} K_{ij} a_i a_j")
    assert caught.value.hint == r"write \sum_{…}"
    assert matcalc.parse(r"sum_{i,j} K_{ij} a_i a_j", meant={"sum": r"\sum"}).plain == "a'*(K*a)"
