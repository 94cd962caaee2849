"""A row of the rules: its variables with their conditions, its sides, and what is refused at load."""

from __future__ import annotations

import pytest

from matcalc.algebra.book import book
from matcalc.algebra.rule import Rule, differential_name, make_book, own_names
from matcalc.expr.errors import UsageError
from matcalc.expr.nodes import make, sym, times, transpose
from matcalc.expr.table import SCALAR, Type
from matcalc.rules.row import R

SOURCES = {"book": "A Book, sec. {}"}
X = sym("X", Type("m", "m", "n"))


def rule(equation: str, where: str = "X[m,n]") -> Rule:
    return Rule("some-rule", equation, where, "book:1")


def test_variables_have_types_and_conditions() -> None:
    found = rule("X = X", "X[n,n] invertible near-identity, y[n], r[1,n], a[] positive").variables
    assert found["X"] == (Type("m", "n", "n"), frozenset({"invertible", "near-identity"}))
    assert found["y"] == (Type("c", "n", 1), frozenset()) and found["r"][0] == Type("r", 1, "n")
    assert found["a"] == (SCALAR, frozenset({"positive"}))


def test_an_equation_has_two_sides_and_a_pairing_four() -> None:
    left, right = rule("(X')' = X").sides
    assert left is transpose(transpose(X)) or left is X
    assert right is X
    found = rule("<G, A*L> = <A'*G, L>", "G[m,n] A[m,k] L[k,n]").sides
    G, A, L = (sym(name, t) for name, (t, _) in rule("", "G[m,n] A[m,k] L[k,n]").variables.items())
    assert found == (G, times(A, L), times(transpose(A), G), L)


def test_a_differential_is_a_variable_of_its_own() -> None:
    (left, right) = rule("d(2*X) = 2*d(X)").sides
    assert right is times(*left.args[:1], sym(differential_name("X"), X.type)) or left.args[0].op == "num"
    assert sym(differential_name("X"), X.type) in right.args


def test_definitions_are_put_in() -> None:
    (left, right) = rule("X = Y + Y; Y = 2*X").sides
    assert left is X and right is make("add", (right.args[0], right.args[0])) and right.args[0].op == "scale"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (Rule("Some", "X = X", "X[m,n]", "book:1"), "kebab-case"),
        (Rule("some", "X = X", "X(m,n)", "book:1"), "where is not understood"),
        (Rule("some", "X = X*X", "X[m,n]", "book:1"), "rule some:"),
        (Rule("some", "X = (X", "X[m,n]", "book:1"), "rule some:"),
    ],
)
def test_rows_that_are_not_understood(row: Rule, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        assert row.variables and row.sides


def test_a_book_knows_its_rows_and_their_sources() -> None:
    made = make_book({"rewrite": [R("one", "X = X", "X[m,n]", "book:3")]}, SOURCES)
    assert made.rows()["one"].group == "rewrite" and made.source(made.rows()["one"]) == "A Book, sec. 3"


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ({"other": []}, "group 'other'"),
        ({"vec": [R("one", "X = X", "X[m,n]", "book:3")], "rewrite": [R("one", "X = X", "X[m,n]", "book:3")]}, "used twice"),
        ({"vec": [R("one", "X = X", "X[m,n]", "paper:3")]}, "not in the sources"),
    ],
)
def test_books_that_are_refused(groups: dict[str, list[R]], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        make_book(groups, SOURCES)


def test_what_a_row_is_about_stands_first_in_its_text() -> None:
    """Rows are found by it before they are parsed: one that is not found by its own operator would never be used."""
    for group in ("differential", "adjoint", "vec", "laws"):
        for row in book().groups[group]:
            assert row.may_be_about(row.subject.op), row
    found = {op: [r.name for r in book().about("adjoint", op)] for op in ("kron", "matmul", "fill", "add")}
    assert len(found["kron"]) == 14 and found["fill"] == ["spread"] and found["add"] == ["sum-rule"] and "chain" in found["matmul"]
    assert [r.name for r in book().about("differential", "fn")] == ["elementwise"] and not book().about("vec", "exp")


def test_the_first_line_of_an_unfolding_gives_a_name() -> None:
    lines = (("r^2 = x'*x", ""),)
    right, wrong = (R("a", f"norm2(x) = {name}", "x[n] nonzero, r[]", "s", lines=lines) for name in ("r", "2*r"))
    named = own_names(make_book({"unfolding": (right,)}, {"s": "x"}).groups["unfolding"])
    assert {str(variable.attr): value.op for variable, value in named.items()} == {"r": "norm2"}
    with pytest.raises(UsageError, match="gives no name"):
        own_names(make_book({"unfolding": (wrong,)}, {"s": "x"}).groups["unfolding"])
