"""Equations between sizes with unknowns: what is solved, kept, or impossible."""

from __future__ import annotations

from matcalc.expr.dims import mul, text, walk
from matcalc.expr.unification import Unifier


def test_an_unknown_takes_what_it_meets() -> None:
    u = Unifier()
    a, b = u.fresh(), u.fresh()
    assert u.unify(a, b) and u.unify(b, "n")
    assert walk(a) == walk(b) == "n"
    assert u.unify("n", a) and not u.unify(a, "m")


def test_declared_names_and_numbers_differ_from_each_other() -> None:
    u = Unifier()
    assert u.unify("n", "n") and u.unify(3, 3)
    assert not u.unify("n", "m") and not u.unify(3, 4) and not u.unify("n", 3)


def test_unknowns_inside_a_product_are_substituted() -> None:
    u = Unifier()
    a = u.fresh()
    product = mul(a, "m")
    assert u.unify(a, "n")
    assert walk(product) == mul("n", "m") and text(product) == "mn"


def test_a_product_is_solved_for_its_unknown() -> None:
    u = Unifier()
    a = u.fresh()
    assert u.unify(mul(a, "m"), mul("m", "n"))
    assert walk(a) == "n" and not u.tied
    b = u.fresh()
    assert u.unify(mul(2, b), 6)
    assert walk(b) == 3


def test_an_unknown_in_its_own_value_is_no_solution() -> None:
    u = Unifier()
    a = u.fresh()
    assert u.unify(mul(a, 2), a) is False or u.tied  # 2a = a has no positive solution
    assert a.ref is None


def test_what_cannot_be_solved_is_kept() -> None:
    u = Unifier()
    assert u.unify(mul(3, "m"), "p")
    assert u.tied == [(mul(3, "m"), "p")]


def test_kept_equations_are_used_when_more_is_known() -> None:
    u = Unifier()
    a, b = u.fresh(), u.fresh()
    assert u.unify(mul(a, b), 12)
    assert u.tied
    assert u.unify(a, 3) and u.settle()
    assert walk(b) == 4 and not u.tied


def test_contradictions() -> None:
    u = Unifier()
    assert not u.unify(mul(2, "m"), 5)  # no whole number
    u = Unifier()
    a = u.fresh()
    assert u.unify(mul(2, a), 6)
    assert not u.unify(a, 4)
    u = Unifier()
    a, b = u.fresh(), u.fresh()
    assert u.unify(mul(a, b), 12) and u.unify(a, 5) and u.unify(b, 2)
    assert not u.settle()
    u = Unifier()
    assert not u.unify(mul(2, u.fresh()), 1)  # of what is not known yet, either
