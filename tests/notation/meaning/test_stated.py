"""Sizes that the text states beside the formula."""

from __future__ import annotations

import pytest

from matcalc.api import read_problem
from matcalc.expr.errors import MatcalcError


@pytest.mark.parametrize(
    ("text", "dims"),
    [
        (r"x^T A x, A \in \mathbb{R}^{m \times m}", {"A": ("m", "m"), "x": ("m",)}),
        (r"\|A x - b\|^2, A \in \mathbb{R}^{p \times q}", {"A": ("p", "q"), "x": ("q",), "b": ("p",)}),
        (r"x^T y, x, y \in \mathbb{R}^d", {"x": ("d",), "y": ("d",)}),
        (r"\lambda x^T x, \lambda \in \mathbb{R}", {"lambda": ()}),
        (r"x^T x, x \in \mathbb{R}^5", {"x": (5,)}),
    ],
)
def test_shapes(text: str, dims: dict[str, tuple[object, ...]]) -> None:
    found = read_problem(text, notation="latex").dims
    assert {name: found[name] for name in dims} == dims


def test_what_is_declared_must_agree() -> None:
    text = r"x^T A x, A \in \mathbb{R}^{m \times m}"
    assert read_problem(text, {"A": ("m", "m")}, notation="latex").dims["A"] == ("m", "m")
    with pytest.raises(MatcalcError) as caught:
        read_problem(text, {"A": ("p", "p")}, notation="latex")
    assert "A" in caught.value.message


@pytest.mark.parametrize("text", [r"x^T x, x \in", r"x^T x, x \in \mathbb{R}^{", r"x \in \mathbb{R}^n"])
def test_statements_that_say_nothing(text: str) -> None:
    with pytest.raises(MatcalcError):
        read_problem(text, notation="latex")
