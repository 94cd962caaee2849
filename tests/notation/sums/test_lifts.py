"""Sums as they were written, beside what they became: for a loop to follow."""

from __future__ import annotations

from collections import Counter

from matcalc.expr.nodes import postorder
from matcalc.notation.meaning.user_functions import walk
from matcalc.notation.parse.statements import Names
from matcalc.notation.parse.statements import read as tree
from matcalc.notation.sums.lifts import counted, indices, replaced
from tests.meanings import problem, read


def test_each_sum_has_a_lift_and_what_it_became() -> None:
    p = problem(r"\sum_{i=1}^n x_i y_i + \sum_i \log x_i")
    assert len(p.lifts) == 2 and all(lift.expr in postorder((p.output,)) for lift in p.lifts)
    assert problem("x'*y").lifts == ()


def test_what_knows_no_index_is_a_value() -> None:
    (lift,) = problem(r"\sum_i x_i (y^T y)").lifts
    assert read("y'*y") in lift.values


def test_indices_under_big_operators() -> None:
    (statement,) = tree(r"\sum_{i,j} A_{ij} x_j", Names(), "latex").statements
    assert indices(statement.body) == {"i", "j"}
    (plain,) = tree("x'*y", Names()).statements
    assert indices(plain.body) == set()


def test_names_are_replaced_by_trees() -> None:
    (statement,) = tree("t^2 + s", Names()).statements
    (other,) = tree("x'*y", Names()).statements
    found = replaced(statement.body, {"t": other.body})
    assert "t" not in [n.value for n in walk(found) if n.kind == "name"] and "x" in [
        n.value for n in walk(found) if n.kind == "name"
    ]


def test_literal_sizes_of_a_body_are_counted_and_exponents_are_none() -> None:
    """In a mean over 1000 entries 1000 is the size, wherever it stands in the body, and x^1000 stays a power."""
    (statement,) = tree("x/1000 + 7*x^1000 + 1000", Names()).statements
    found = [n for n in walk(counted(statement.body, {1000})) if n.kind in ("num", "sized")]
    assert Counter(str(n.value if n.kind == "num" else n.value[0]) for n in found if n.kind == "num") == {"7": 1, "1000": 1}
    assert [int(n.value[0]) for n in found if n.kind == "sized"] == [1000, 1000]
    assert counted(statement.body, ()) is statement.body
