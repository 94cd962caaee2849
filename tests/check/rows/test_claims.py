"""What a row claims, read off it: as it is written, and for each kind of its operands."""

from __future__ import annotations

import pytest

from matcalc.algebra.rule import make_book
from matcalc.check.rows.claims import Claim, Refuted, claims, kinds_of
from matcalc.expr.errors import UsageError
from matcalc.expr.nodes import make, sym
from matcalc.expr.table import Type
from matcalc.rules.row import R


def read(group: str, equation: str, where: str) -> list[Claim]:
    book = make_book({group: [R("row", equation, where, "s")]}, {"s": "somewhere"})
    return list(claims(book.rows()["row"]))


def test_a_differential_row_moves_each_variable() -> None:
    first, *kinds = read("differential", "d(A*B) = d(A)*B + A*d(B)", "A[m,n] B[n,k]")
    assert first.kind == "differential" and {str(v.attr) for v in first.moves} == {"A", "B"} and first.left.op == "matmul"
    said = {claim.about for claim in kinds}
    assert len(said) == 5 and ", for a row and a column" in said  # row·column, matrix·column, row·matrix, matrix·matrix, column·row


def test_conditions_go_with_their_variables() -> None:
    first, *kinds = read("differential", "d(inv(X)) = -inv(X)*d(X)*inv(X)", "X[n,n] invertible")
    assert first.conditions["X"] == {"invertible"}
    scalar = next(claim for claim in kinds if "scalar" in claim.about)
    assert set(scalar.conditions.values()) == {frozenset({"nonzero"})}  # a scalar is invertible where it is not 0


def test_an_adjoint_row_pairs_both_sides_with_the_upstream() -> None:
    first, *_ = read("adjoint", "<G, A*L> = <A'*G, L>", "G[m,k] A[m,n] L[n,k]")
    assert first.kind == "linear" and [str(v.attr) for v in first.moves] == ["L"]
    assert first.left.type.kind == first.right.type.kind == "s"


def test_a_vec_row_is_a_matrix_times_vec() -> None:
    first, *_ = read("vec", "vec(A*l) = A*vec(l)", "A[m,n] l[n]")
    assert first.kind == "linear" and first.left.type.kind == first.right.type.kind == "c"


def test_an_equation_is_claimed_as_it_stands() -> None:
    first, *_ = read("rewrite", "log(exp(X)) = X", "X[m,n]")
    assert first.kind not in ("differential", "linear") and not first.moves


@pytest.mark.parametrize(
    ("group", "equation", "where"),
    [
        ("adjoint", "<G, L> = L", "G[m,n] L[m,n]"),
        ("adjoint", "<G, L*L> = <L'*G, L>", "G[n,n] L[n,n]"),
        ("vec", "vec(A*l) = A*l", "A[m,n] l[n]"),
        ("rewrite", "X = X = X", "X[m,n]"),
    ],
)
def test_rows_of_the_wrong_form_claim_nothing(group: str, equation: str, where: str) -> None:
    with pytest.raises((UsageError, Refuted)):
        read(group, equation, where)


def test_kinds_are_those_of_the_shape_rule() -> None:
    product = make("matmul", (sym("A", Type("m", "m", "n")), sym("B", Type("m", "n", "k"))))
    assert {"".join(a.kind for a in node.args) for node in kinds_of(product)} == {"rc", "mc", "rm", "mm", "cr"}
    inverse = make("inv", (sym("A", Type("m", "n", "n")),))
    assert {node.args[0].kind for node in kinds_of(inverse)} == {"m", "s"}
    for node in kinds_of(inverse):
        assert node.type == node.args[0].type
