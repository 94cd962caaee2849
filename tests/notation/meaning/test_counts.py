"""Literal numbers that are sizes: 1000 beside an array of 1000 entries."""

from __future__ import annotations

from fractions import Fraction

import matcalc
from matcalc.api import read_problem
from matcalc.expr.nodes import postorder
from matcalc.notation.meaning.counts import counted_alike, literal


def test_a_number_that_counts_is_the_size() -> None:
    dims = {"x": (1000,)}
    e = read_problem("sum(x)/1000 - mean(x)", dims).output
    assert "dim" in repr(e)
    assert not matcalc.equal("sum(x)/999", "mean(x)", dims=dims)
    assert matcalc.derive("sum(x)/1000 - mean(x)", dims=dims).result.plain == "zeros(1000)"


def test_an_exponent_is_none() -> None:
    e = read_problem("sum(x.^1000)/1000", {"x": (1000,)}).output
    power = next(n for n in postorder((e,)) if n.op == "hpow")
    assert power.args[1].op == "num"


def test_a_number_that_no_axis_has_stays_a_number() -> None:
    e = read_problem("x'*x/1000", {"x": (500,)}).output
    assert not any(n.op == "dim" for n in postorder((e,)))


def test_products_and_fractions_of_sizes() -> None:
    known = {1000, 40}
    assert literal(Fraction(5), known) is None and literal(Fraction(999), known) is None
    for number, op in ((Fraction(1000), "dim"), (Fraction(40000), "scale"), (Fraction(1, 1000), "div")):
        found = literal(number, known)
        assert found is not None and found.op in (op, "dim")


def test_what_is_compared_counts_alike() -> None:
    """The mean of 1000 entries is their sum over 1000, whichever side has the number; an exponent counts nothing."""
    dims = {"x": (1000,)}
    assert matcalc.equal("sum(x)/1000", "mean(x)", dims=dims) and matcalc.equal("mean(x)", "sum(x)/1000", dims=dims)
    assert not matcalc.equal("sum(x)/1000", "mean(x)", dims={"x": (999,)})
    assert not matcalc.equal("sum(x)/100", "mean(x)", dims=dims)
    x = read_problem("sum(x.^1000)*1000", dims).output
    mean = read_problem("mean(x)", dims).output
    counted, _ = counted_alike(x, mean)
    assert next(n for n in postorder((counted,)) if n.op == "hpow").args[1].op == "num"
    assert sum(n.op == "dim" for n in postorder((counted,))) == 1
    assert counted_alike(mean, mean) == (mean, mean)
