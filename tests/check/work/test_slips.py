"""Edits that undo one slip, as trees."""

from __future__ import annotations

import pytest

from matcalc.check.work.slips import edits, expanded, scaled, with_parts
from matcalc.notation.lex.syntax import Ast
from matcalc.notation.meaning.readings import read_all
from matcalc.notation.parse.statements import Names


def tree(text: str) -> Ast:
    return read_all(text, (), Names({"A", "B", "x", "y"})).statements[0].body


def bare(node: Ast) -> tuple[object, ...]:
    """The tree without places."""
    return (node.kind, node.value, *(bare(a) for a in node.args if isinstance(a, Ast)))


@pytest.mark.parametrize(
    ("wrong", "right", "verdict"),
    [
        ("A*x", "A'*x", "transpose"),
        ("A'*x", "A*x", "transpose"),
        ("A*B*x", "B*A*x", "wrong-order"),
        ("A*x - B*y", "A*x + B*y", "sign"),
        ("A*x", "A .* x", "elementwise-for-matrix"),
        ("x*A", "A'*x", "transpose"),
    ],
)
def test_one_edit_undoes_the_slip(wrong: str, right: str, verdict: str) -> None:
    wanted = bare(tree(right))
    assert verdict in {edit.verdict for edit in edits(tree(wrong)) if bare(edit.body) == wanted}


@pytest.mark.parametrize(
    ("left", "kind", "right"),
    [("x", "factor", "A*x"), ("B*x", "factor", "B*A*x"), ("B*x", "term", "B*x - A"), ("B*x", "term", "(B + A)*x")],
)
def test_what_was_left_out_is_put_in_anywhere(left: str, kind: str, right: str) -> None:
    found = {flat(edit.body): edit for edit in with_parts(tree(left), [(kind, "A", "A")])}
    assert (found[flat(tree(right))].verdict, found[flat(tree(right))].words) == (f"missing-{kind}", f"the {kind} A is missing")


def flat(node: Ast) -> object:
    """The tree without places, its products multiplied out from the left."""
    if node.kind == "prod" and len(node.args) > 2:
        node = node._replace(args=(node._replace(args=node.args[:-1], value=node.value[:-1]), node.args[-1]), value=node.value[-1:])
    return (node.kind, node.value, *(flat(a) for a in node.args if isinstance(a, Ast)))


def test_powers_are_repeated_factors() -> None:
    assert bare(expanded(tree("A*B^2"))) == bare(tree("A*B*B"))


def test_every_part_is_scaled_once() -> None:
    assert len(list(scaled(tree("A*x + y")))) == 5
