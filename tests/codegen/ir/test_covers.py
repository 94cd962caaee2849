"""Sums in sums and products in products that are there already."""

from __future__ import annotations

from fractions import Fraction

from matcalc.codegen.ir.covers import Covers, items_of
from matcalc.codegen.ir.graph import Graph

G = Graph()
a, b, c, d = (G.make("sym", (), name, ("n",)) for name in "abcd")


def lin(*terms: tuple[object, int]):  # type: ignore[no-untyped-def]
    nodes, coefs = zip(*terms, strict=True)
    return G.make("lin", nodes, (tuple(map(Fraction, coefs)), 0), ("n",))  # type: ignore[arg-type]


def mul(*factors: tuple[object, int]):  # type: ignore[no-untyped-def]
    nodes, powers = zip(*factors, strict=True)
    return G.make("mul", nodes, tuple(map(Fraction, powers)), ("n",))  # type: ignore[arg-type]


def test_a_multiple_of_a_sum_is_one_term() -> None:
    part, whole = lin((a, 1), (b, 2)), lin((a, 3), (b, 6), (c, 1))
    assert dict(Covers([part, whole]).total(whole)) == {part: 3, c: 1}


def test_no_multiple_is_no_part() -> None:
    part, whole = lin((a, 1), (b, 2)), lin((a, 3), (b, 5), (c, 1))
    assert dict(Covers([part, whole]).total(whole)) == {a: 3, b: 5, c: 1}
    assert dict(Covers([whole]).total(whole)) == {a: 3, b: 5, c: 1}  # it is no part of itself


def test_a_product_in_a_product() -> None:
    part, whole = mul((a, 1), (b, 1)), mul((a, 2), (b, 1), (c, -1))
    assert dict(Covers([part, whole]).product(whole)) == {part: 1, a: 1, c: -1}
    below = mul((a, -1), (b, -1))
    assert dict(Covers([part, below]).product(below)) == {a: -1, b: -1}  # on the other side of the line


def test_the_longest_part_is_taken() -> None:
    short, long, whole = lin((a, 1), (b, 1)), lin((a, 1), (b, 1), (c, 1)), lin((a, 1), (b, 1), (c, 1), (d, 1))
    assert dict(Covers([short, long, whole]).total(whole)) == {long: 1, d: 1}


def test_items() -> None:
    assert items_of(lin((a, 2), (b, -1))) == {a: 2, b: -1} and items_of(a) == {}
    diagonal = G.make("lin", (a, b), ((Fraction(1), Fraction(1)), 1), ("n",))
    assert items_of(diagonal) == {a: 1}  # the last goes onto the diagonal


def test_of_two_that_are_the_same_but_for_their_order_the_first_is_computed() -> None:
    """Each was a part of the other, and the planner went round and round: RecursionError."""
    for one, other, look in (
        (mul((a, 1), (b, 1), (c, 2)), mul((a, 1), (c, 2), (b, 1)), Covers.product),
        (lin((a, 1), (b, 2)), lin((b, 4), (a, 2)), Covers.total),
    ):
        covers = Covers([other, one])
        assert dict(look(covers, one)) == items_of(one) and [*dict(look(covers, other))] == [one]
