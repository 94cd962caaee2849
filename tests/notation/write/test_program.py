"""Plain notation that stands alone: shared parts are definitions, and all is read back."""

from __future__ import annotations

import pytest

from matcalc.expr.nodes import Expr, make
from matcalc.notation.write.program import Program, plain, readable
from matcalc.notation.write.render import render
from tests.meanings import problem, read


def nested(depth: int) -> Expr:
    e = read("x")
    for _ in range(depth):
        e = make("softmax", (make("add", (make("matmul", (read("A"), e)), e)),))
    return e


def test_short_ones_are_one_expression() -> None:
    assert plain(read("A*x + y")) == "A*x + y"


@pytest.mark.parametrize("depth", [5, 12, 60])
def test_long_ones_are_programs_that_are_read_back(depth: int) -> None:
    e = nested(depth)
    text = plain(e)
    assert ";" in text and len(text) < 200 * depth
    assert problem(text).output is e


def test_results_take_the_definitions_that_they_need() -> None:
    one, other = nested(8), make("exp", (nested(8),))
    program = Program([one, other], {})
    first, second = program.text(one), program.text(other)
    assert set(first.split("; ")[:-1]) <= set(second.split("; ")[:-1]) and second.split("; ")[-1].startswith("exp(")


def test_names_of_definitions_are_free() -> None:
    e = make("hadamard", (nested(8), read("y")))
    defined = [part.partition("=")[0].strip() for part in plain(e).split(";")[:-1]]
    assert defined and not set(defined) & {"A", "x", "y", "n"} and len(set(defined)) == len(defined)


def test_messages_hold_a_page_at_most() -> None:
    assert readable(read("A*x + y")) == "A*x + y" and readable(nested(5)) == render(nested(5))
    assert readable(nested(60)) == plain(nested(60))
