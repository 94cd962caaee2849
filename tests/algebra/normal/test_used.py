"""The record of the laws that a normal form used: exactly those, by the names of rows, each of which has its words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import matcalc
from matcalc.algebra.book import book
from matcalc.algebra.normal.normal_form import Normalizer
from tests.laws import form, read

USED = [
    ("x + x", {}, ["like-terms"]),
    ("A - A + B", {}, ["terms-cancel"]),
    ("(A*B)'", {}, ["transpose-of-product"]),
    ("(A*S)'", {"S": "symmetric"}, ["transpose-of-product", "symmetric"]),
    ("A'*x + A*x", {"A": "symmetric"}, ["symmetric", "like-terms"]),
    ("y'*A'*x", {}, ["transpose-of-scalar"]),
    ("tr(B*A)", {}, ["trace-is-cyclic"]),
    ("tr(A')", {}, ["trace-of-transpose"]),
    ("tr(A'*A)", {}, ["trace-as-norm"]),
    ("tr(2*A + B)", {}, ["trace-is-linear"]),
    ("2*x + 4*y", {}, ["common-factor"]),
    ("A*x + B*x", {}, ["common-matrix-on-the-right"]),
    ("x .* y + x .* z", {}, ["common-entrywise-factor"]),
    ("inv(A*B)", {}, ["inverse-of-product"]),
    ("Q'*Q*x", {"Q": "orthogonal"}, ["orthogonal", "identity-product"]),
    ("x .* (y ./ x)", {}, ["entrywise-quotient-cancels"]),
    ("a*(b/a + s)", {}, ["quotient-cancels"]),
    ("a*x/a", {}, ["quotient-cancels"]),
    ("a*x - b*x", {}, ["like-terms"]),
    ("sum(y)", {"y": "probability"}, ["sum-of-probabilities"]),
    ("x'*x", {}, ["squared-norm-as-product"]),
    ("diag(x)*y", {}, ["diagonal-times-column"]),
    ("A*x*y'*z", {}, ["scalar-in-a-product"]),
    ("exp(x')", {}, ["function-of-row"]),
    ("det(inv(A'))", {}, ["det-of-transpose", "determinant-of-inverse"]),
    ("norm2(-2*x')", {}, ["norm2-of-row", "norm-of-scaled"]),
    # what has no name: the order of factors, brackets, what stays as it is
    ("2*(x + y)", {}, []),
    ("x .* (y .* z)", {}, []),
    ("y + (z + x)", {}, []),
    ("x'*A*y", {}, []),
]


@pytest.mark.parametrize(("text", "assume", "laws"), USED, ids=[text for text, *_ in USED])
def test_the_record_holds_the_laws_that_were_used(text: str, assume: dict[str, str], laws: list[str]) -> None:
    n = Normalizer({name: frozenset({given}) for name, given in assume.items()})
    e = read(text)
    assert n.used(e) == tuple(laws)
    n.normal(e)
    assert n.used(e) == tuple(laws)  # whatever the normalizer has seen before
    assert (form(text, **assume) == text) <= (not laws)


def test_no_record_is_kept_unless_asked() -> None:
    n = Normalizer()
    n.normal(read("tr(A*B) - tr(B*A) + x'*(y + y)"))
    assert n.noted == []


def noted_in(path: Path) -> set[str]:
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    notes = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "note"]
    answers = [part for call in notes for a in call.args for part in ((a.body, a.orelse) if isinstance(a, ast.IfExp) else (a,))]
    return {str(answer.value) for answer in answers if isinstance(answer, ast.Constant)}


def test_each_law_that_is_noted_is_a_row_and_each_row_of_the_ring_is_noted() -> None:
    folder = Path(matcalc.__file__).parent / "algebra"
    elsewhere = {"centred"}  # which no normal form uses: results are written by it
    assert all(f'"{law}"' in (folder.parent / "engine" / "folded.py").read_text("utf-8") for law in elsewhere)
    assert set().union(*map(noted_in, folder.rglob("*.py"))) | elsewhere == {row.name for row in book().groups["ring"]}
