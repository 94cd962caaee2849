"""What the input has is written as the input writes it."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.algebra.normal.given_forms import AsGiven
from matcalc.algebra.normal.normal_form import normal
from matcalc.expr.nodes import Expr
from matcalc.notation.write.render import TEXT, render

DIMS = {"A": ("n", "n"), "B": ("n", "n"), "x": ("n",), "b": ("n",), "t": ()}


def node(text: str) -> Expr:
    return matcalc.parse(text, dims={n: s for n, s in DIMS.items() if n in text}).node


@pytest.mark.parametrize(
    ("given", "formula", "shown"),
    [
        ("A + t*B", "inv(A + t*B)*x", "(A + t B)⁻¹ x"),
        ("A*x - b", "2*(b - A*x)", "-2(A x - b)"),
        ("A*x - b", "(b - A*x)*(b - A*x)'", "(A x - b)(A x - b)ᵀ"),
        ("b - A*x", "(b - A*x)*x'", "(b - A x) xᵀ"),
        ("x + b", "A*(x - b)", "A (x - b)"),  # another sum
    ],
)
def test_a_sum_has_the_order_and_the_signs_of_the_input(given: str, formula: str, shown: str) -> None:
    written = AsGiven((node(given),)).written(normal(node(formula)))
    assert render(written, TEXT) == shown
    assert normal(written) is normal(node(formula))


def test_a_named_value_is_known_in_normal_form() -> None:
    value = node("exp(A + t*B)")
    assert AsGiven((), (value,)).written(normal(value)) is value


def test_what_is_not_given_stays() -> None:
    e = normal(node("x + b"))
    assert AsGiven(()).written(e) is e is AsGiven((node("A*x"),)).written(e)


def test_a_sum_of_other_symbols_is_not_multiplied_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a deep Hessian that took longer than all else."""
    given, e = AsGiven((node("x + b"),)), normal(node("(A + B)*x"))
    monkeypatch.setattr(given.n, "visit", lambda _: pytest.fail("looked into"))
    assert given.written(e) is e
