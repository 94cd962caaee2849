"""What a sentence leaves open is asked about, with both readings."""

from __future__ import annotations

import pytest

from matcalc.api import read_problem
from matcalc.expr.errors import MatcalcError


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("A^T^2", ()), ("x^*", ()), (r"\sigma^2(x)", ()), ("f_i(x)", ()),
        ("A x = b", ()), ("x(2)", ()), ("f ∘ g(x)", ()),
        ("k(x - y)", ()),
    ],
)  # fmt: skip
def test_two_readings_are_named(text: str, readings: tuple[str, ...]) -> None:
    with pytest.raises(MatcalcError) as caught:
        read_problem(text, {"x": ("n",), "y": ("n",), "A": ("n", "n"), "b": ("n",)})
    assert caught.value.span is not None and caught.value.hint


@pytest.mark.parametrize(
    ("text", "declared"), [("k*(x - y)", {"k": ()}), ("x[2]", {}), ("(1/2)*x", {}), ("(f(x))'*(f(x))", {}), ("f(g(x))", {})]
)
def test_said_one_way_there_is_no_question(text: str, declared: dict[str, tuple[str, ...]]) -> None:
    read_problem(text, {"x": ("n",), "y": ("n",), **declared})


def test_an_entry_is_written_as_the_notation_writes_it() -> None:
    with pytest.raises(MatcalcError) as plain:
        read_problem("x(2)", {"x": ("n",)})
    assert "x[2]" in plain.value.hint and "2*x" in plain.value.hint
    with pytest.raises(MatcalcError) as latex:
        read_problem(r"\frac{1}{2} x[2]", {"x": ("n",)})
    assert r"\left[x\right]_{2}" in latex.value.hint
