"""Operators of a user's: their names carry what is known of them, and two of one name are two."""

from __future__ import annotations

import pickle

import pytest

from matcalc.expr.nodes import Expr, make, sym
from matcalc.expr.own_operators import Own, computed, formula, own_operator, sizes_of, written_out
from matcalc.expr.table import CALLS, TABLE, Type

A, B = (sym(name, Type("m", "n", "n")) for name in "AB")
X, Y = (sym(name, Type("m", "p", "p")) for name in "XY")


def product(a: Expr, b: Expr) -> Expr:
    return make("matmul", (a, b))


def comm(text: str = "comm(A, B) = A*B - B*A", whole: bool = True) -> Own:
    return own_operator("comm", (A, B), make("sub", (product(A, B), product(B, A))), text, whole)


def test_the_name_brings_its_row_and_no_table_changes() -> None:
    before = len(TABLE), len(CALLS)
    own = comm()
    assert TABLE[own].plain == "comm" and TABLE[own].shape == "m(n,n) m(n,n) -> m(n,n)"
    assert make(own, (X, Y)).type == X.type and (len(TABLE), len(CALLS)) == before
    with pytest.raises(KeyError):
        TABLE["comm"]


def test_one_text_is_one_operator_and_another_text_another() -> None:
    assert make(comm(), (X, Y)) is make(comm(), (X, Y))
    assert comm() != comm("comm(A, B) = A*B + B*A") and comm() != comm(whole=False)


def test_its_formula_on_arguments_has_their_sizes() -> None:
    own = comm()
    assert sizes_of(own, (X.type, Y.type)) == {"n": "p"}
    assert formula(own, (Y, X)) is make("sub", (product(Y, X), product(X, Y)))
    assert formula(own, (B, A)) is make("sub", (product(B, A), product(A, B)))  # all at once: no argument is taken for a parameter


def test_written_out_leaves_what_stands_for_itself() -> None:
    whole, inline = comm(), comm(whole=False)
    both = make("add", (make(whole, (X, Y)), make(inline, (X, Y))))
    plain = make("sub", (product(X, Y), product(Y, X)))
    assert written_out((both,)) == (make("add", (plain, plain)),)
    assert written_out((both,), whole=False) == (make("add", (make(whole, (X, Y)), plain)),)


def test_one_made_of_others_holds_no_other() -> None:
    own = own_operator("twice", (A, B), make(comm(), (make(comm(), (A, B)), B)), "twice(A, B) = comm(comm(A, B), B)", True)
    assert formula(own, (X, Y)) is written_out((make(comm(), (make(comm(), (X, Y)), Y)),))[0]
    copy = pickle.loads(pickle.dumps(own))
    assert copy == own and copy.body is own.body and make(copy, (X, Y)) is make(own, (X, Y))


def test_a_value_is_computed_through_the_formula_in_any_arithmetic() -> None:
    node = make(comm(), (X, Y))

    def spelled(part: Expr, sizes: object, values: list[str]) -> str:
        assert sizes == {"n": 5}
        return f"({(' - ' if part.op == 'sub' else ' ').join(values)})"

    assert computed(node, ["x", "y"], {"p": 5}, spelled) == "((x y) - (y x))"
