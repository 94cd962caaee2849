"""Which engine answers, and what it needs to be asked."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc
from matcalc.api import read_problem
from matcalc.engine.strategy import (
    choose_direction,
    choose_variables,
    require_scalar,
    with_differentials,
    with_direction,
    with_settled,
)
from matcalc.expr.errors import ShapeError, UsageError

PROBLEM = read_problem("s = u'*z; z = W*x + b")


def test_variables() -> None:
    assert [str(v.attr) for v in choose_variables(PROBLEM, "all")] == ["W", "x", "b", "u"]
    assert [str(v.attr) for v in choose_variables(PROBLEM, ["b", "W"])] == ["b", "W"]
    greek = read_problem("alpha*x", {"alpha": ()})
    assert [str(v.attr) for v in choose_variables(greek, "α")] == ["alpha"]


@pytest.mark.parametrize(
    ("wrt", "words"),
    [
        ("q", "is not a variable"),
        ("z", "is defined in the input"),
        (["x", "x"], "named twice"),
        ([], "no variable"),
        (3, "no variable"),
    ],
)
def test_names_that_are_no_variables(wrt: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        choose_variables(PROBLEM, wrt)


def test_an_expression_without_variables() -> None:
    with pytest.raises(UsageError, match="no variables"):
        choose_variables(read_problem("1 + 2"), "all")


def test_directions() -> None:
    problem = read_problem("x'*x", {"x": ("n",)})
    found = with_direction(problem, [problem.symbols["x"]], "v")
    assert found.dims["v"] == ("n",) and choose_direction(found, "hvp", "v").shape == ("n",)  # type: ignore[union-attr]
    assert choose_direction(found, "gradient", None) is None
    with pytest.raises(UsageError, match="needs a direction"):
        choose_direction(problem, "hvp", None)
    with pytest.raises(UsageError, match="is a name of the input"):
        with_direction(problem, [problem.symbols["x"]], "n")


def test_differentials_must_not_be_names_of_the_input() -> None:
    problem = read_problem("x'*dx", {"x": ("n",), "dx": ("n",)})
    with pytest.raises(UsageError, match="'dx' is a name of the input"):
        with_differentials(problem, [problem.symbols["x"]])
    free = read_problem("x'*x", {"x": ("n",)})
    assert with_differentials(free, [free.symbols["x"]]).dims["dx"] == ("n",)


def test_a_label_is_not_among_what_one_can_differentiate_by() -> None:
    with pytest.raises(UsageError, match="'p_y' is not a variable") as caught:
        choose_variables(read_problem(r"J=-\log p_y; p = softmax(W x)"), "p_y")
    assert caught.value.hint == "one can differentiate by: W, x"


def test_a_gradient_needs_a_scalar() -> None:
    require_scalar(PROBLEM, "gradient")
    with pytest.raises(ShapeError, match="a gradient needs a scalar"):
        require_scalar(read_problem("W*x"), "gradient")


def test_parts_that_are_constant_are_put_in_place() -> None:
    from matcalc.algebra.book import book
    from matcalc.algebra.pullbacks import Compiler
    from tests.nodes import read

    problem = read_problem("norm2(x - x) + x'*x", {"x": ("n",)})
    found, steps = with_settled(Compiler(book()), problem, {read("norm2(x - x)"): read("0*s").args[0]})
    assert "norm2" not in repr(found.output) and [s.kind for s in steps] == ["rewrite"]
    assert with_settled(Compiler(book()), problem, {}) == (problem, ())


@pytest.mark.parametrize(
    ("options", "kind"),
    [({}, "chain"), ({"style": "differential"}, "differential"), ({"style": "elementwise"}, "entries")],
)
def test_each_style_has_its_lines(options: dict[str, str], kind: str) -> None:
    assert kind in [s.kind for s in matcalc.derive("s = u'*tanh(W*x)", check=False, **options).steps]


@pytest.mark.sample(3)
@pytest.mark.parametrize("name", ["c", "t", "z", "h", "q", "s", "a"])
@pytest.mark.parametrize("style", ["backprop", "differential", "elementwise"])
def test_no_value_is_called_as_the_direction_is(name: str, style: str) -> None:
    """c = 1 + T² and the direction c were both on one page."""
    for text, shape in (("sqrt(1 + T^2)*u^3", ()), ("sqrt(1 + T'*T) + u'*tanh(T)", ("n",))):
        d = matcalc.derive(text, wrt="T", dims={"T": shape, "u": shape, name: shape}, kind="hvp", direction=name, style=style)
        assert name not in [value for value, _ in d.trace.waypoints]
