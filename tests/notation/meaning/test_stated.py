"""Sizes that the text states beside the formula."""

from __future__ import annotations

import pytest

from matcalc.api import read_problem
from matcalc.expr.dims import text as text_of
from matcalc.expr.errors import MatcalcError


@pytest.mark.parametrize(
    ("text", "dims"),
    [
        (r"x^T A x, A \in \mathbb{R}^{m \times m}", {"A": ("m", "m"), "x": ("m",)}),
        (r"\|A x - b\|^2, A \in \mathbb{R}^{p \times q}", {"A": ("p", "q"), "x": ("q",), "b": ("p",)}),
        (r"x^T y, x, y \in \mathbb{R}^d", {"x": ("d",), "y": ("d",)}),
        (r"\lambda x^T x, \lambda \in \mathbb{R}", {"lambda": ()}),
        (r"x^T x, x \in \mathbb{R}^5", {"x": (5,)}),
        (r"u^T W x, W \in \mathbb{R}^{n \times 5d}", {"W": ("n", "5*d"), "x": ("5*d",)}),
        (r"u^T x, x \in \mathbb{R}^{2n + 1}", {"u": ("2*n+1",)}),
    ],
)
def test_shapes(text: str, dims: dict[str, tuple[object, ...]]) -> None:
    found = read_problem(text, notation="latex").dims
    assert {name: tuple(d if isinstance(d, int) else text_of(d, "*") for d in found[name]) for name in dims} == dims


def test_what_is_declared_must_agree() -> None:
    text = r"x^T A x, A \in \mathbb{R}^{m \times m}"
    assert read_problem(text, {"A": ("m", "m")}, notation="latex").dims["A"] == ("m", "m")
    with pytest.raises(MatcalcError) as caught:
        read_problem(text, {"A": ("p", "p")}, notation="latex")
    assert "A" in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        r"x^T x, x \in",
        r"x^T x, x \in \mathbb{R}^{",
        r"x \in \mathbb{R}^n",
        r"x^T x, x \in \mathbb{R}^{n +}",
        r"x^T x, x \in \mathbb{R}^{n \times}",
        r"x^T x, x \in \mathbb{R}^{1.5 n}",
    ],
)
def test_statements_that_say_nothing(text: str) -> None:
    with pytest.raises(MatcalcError):
        read_problem(text, notation="latex")


def test_a_stated_vector_has_vectors_as_parts() -> None:
    text = r"u^T \tanh(W X_{w}), X_{w} = [X_{in} \quad X_{Paris} \quad X_{are}], X_{w} \in \mathbb{R}^{3d}"
    found = read_problem(text, notation="latex")
    assert found.dims["X_in"] == found.dims["X_Paris"] == ("d",)
    assert any("is a vector" in w for w in found.warnings) and any("d each is assumed" in w for w in found.warnings)
    assert len(read_problem(text.rpartition(",")[0], notation="latex").dims["X_in"]) == 2


def test_sizes_may_stand_behind_a_formula() -> None:
    text = r"f=\tanh(z)\in\mathbb R^M,\ z=Ax+b,\ x\in\mathbb R^N"
    assert read_problem(text, notation="latex").dims == {"A": ("M", "N"), "x": ("N",), "b": ("M",)}
    assert read_problem(r"f = x^TAx \in \mathbb R", notation="latex").output.kind == "s"
    with pytest.raises(MatcalcError, match="stated to be"):
        read_problem(r"f = Ax \in \mathbb R", notation="latex")
