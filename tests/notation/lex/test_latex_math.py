"""Numbers, scripts, fractions, roots and signs."""

from __future__ import annotations

import matcalc
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


def test_a_sum_without_its_backslash_is_read_and_said() -> None:
    d = matcalc.derive(r"sum_{i,j} K_{ij} a_i a_j", "a")
    assert d.reading.plain == "a'*(K*a)" and any("the sign of a sum" in w for w in d.warnings)
    assert matcalc.derive("prod_j x_j", "x").reading.plain == "prod(x)"
