"""Small solutions of equations between sizes, against all of them tried one by one."""

from __future__ import annotations

from itertools import product

import pytest

from matcalc.expr.dims import Dim, add, mul, substitute, value
from matcalc.expr.errors import ShapeError
from matcalc.expr.size_equations import agree, determined, eliminated, require, solutions


def test_solutions_are_all_of_them() -> None:
    found = list(solutions([(mul("m", "n"), 12)], ["m", "n"], 12))
    assert found == [{"m": a, "n": 12 // a} for a in (2, 3, 4, 6)]
    assert list(solutions([(mul(2, "m"), 7)], ["m"], 12)) == []
    assert next(iter(solutions([(add("m", "n"), "p")], ["m", "n", "p"], 12))) == {"m": 2, "n": 2, "p": 4}


@pytest.mark.parametrize(
    ("ties", "limits"),
    [
        ([(add("m", "n"), add("p", 3))], []),
        ([(mul("m", "n"), mul(2, "p")), ("m", add("n", 1))], []),
        ([(mul("m", "m"), add("n", "p"))], [("n", "p")]),
        ([], [(add("m", 2), "n"), ("p", "m")]),
    ],
)
def test_solutions_are_those_of_a_search_without_thought(ties: list[tuple[Dim, Dim]], limits: list[tuple[Dim, Dim]]) -> None:
    names, top = ["m", "n", "p"], 6
    every = [dict(zip(names, found, strict=True)) for found in product(range(2, top + 1), repeat=3)]
    wanted = [
        sizes for sizes in every
        if all(value(a, sizes) == value(b, sizes) for a, b in ties) and all(value(a, sizes) <= value(b, sizes) for a, b in limits)
    ]  # fmt: skip
    found = [dict(sorted(one.items())) for one in solutions(ties, names, top, limits)]
    assert wanted and sorted(found, key=str) == sorted(wanted, key=str)


def test_what_follows_is_left_out() -> None:
    following, rest = eliminated([(add("p", "q"), "n"), (mul("m", "n"), 12)])
    ((name, of),) = following.items()
    assert substitute(add("p", "q"), following) == substitute("n", following)
    assert name in ("n", "p", "q") and name not in str(of)
    assert len(rest) == 1 and name not in str(rest)
    numbers = {"p": 1, "q": 2, "n": 3, "m": 4}
    assert all(value(a, numbers) == value(b, numbers) for a, b in rest)
    assert eliminated([("n", "n")]) == ({}, [])


def test_sizes_agree_where_the_equations_hold() -> None:
    ties = [("p", mul(3, "k"))]
    assert agree(["p"], [mul(3, "k")], ties) and agree([mul(2, "p")], [mul(6, "k")], ties)
    assert not agree(["p"], [mul(2, "k")], ties)
    assert not agree(["p"], ["p", "p"], ties)
    assert not agree(["p"], [mul(3, "k")], [])  # nothing says so
    assert agree([1000], [mul(2, "n")], [(mul(2, "n"), 1000)]) and agree([mul(2, "n")], [1000], [(1000, mul(2, "n"))])
    assert not agree([999], [mul(2, "n")], [(mul(2, "n"), 1000)])  # beyond the sizes that are tried
    assert agree([add("m", "n")], [add("n", 2)], [(mul("m", "m"), 4)])  # m = 2 by no linear equation


def test_arrays_of_sizes_that_break_an_equation_are_refused() -> None:
    ties, limits = [("p", mul(2, "n"))], [(3, "n")]
    require({"p": 8, "n": 4}, ties, limits)
    require({"p": 9}, ties, limits)  # as far as they are known
    with pytest.raises(ShapeError, match="p = 9 to be equal to 2·n = 8"):
        require({"p": 9, "n": 4}, ties, limits)
    with pytest.raises(ShapeError, match="3 to be at most n = 2"):
        require({"p": 4, "n": 2}, ties, limits)


def test_what_equations_tell() -> None:
    assert determined([("N", 9), (mul(5, "d"), 250), (add("m", "N"), 12)]) == {"N": 9, "d": 50, "m": 3}
    assert determined([(mul("m", "n"), 12)]) == {} and determined([(mul("m", "n"), 12), ("n", 4)]) == {"n": 4, "m": 3}
    assert determined([(mul(5, "d"), 251), ("N", 9), ("N", 8)]) == {"N": 9}  # what is wrong tells nothing
