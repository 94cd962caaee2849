"""What is said of names beside the text: sizes, slices, properties."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc
from matcalc.api import read_problem
from matcalc.expr.dims import add
from matcalc.expr.errors import AmbiguityError, MatcalcError, UsageError
from matcalc.expr.table import Type
from matcalc.notation.meaning.declarations import (
    as_properties,
    declared_type,
    idle,
    properties_of,
    question_of,
    read_slices,
    require_fitting,
    square_names,
)
from tests.test_api import DIMS, TEXT, wrong


@pytest.mark.parametrize(
    ("dims", "words"),
    [
        ({"W": ("a", "b", "c", "d")}, ("'W'", "4 axes")),
        ({"x": (0,)}, ("0", "'x'")),
        ({"x": (-2,)}, ("-2", "'x'")),
        ({"x": (2.5,)}, ("2.5", "'x'")),
        ({"x": ("n m",)}, ("'n m'", "'x'")),
        ({"x": ("5d",)}, ("'5d'", "'x'")),
        ({"x": ("n]); exit() #",)}, ("exit", "'x'")),
        ({"x": (None,)}, ("None", "'x'")),
        ({"x": (True,)}, ("True", "'x'")),
    ],
)
def test_wrong_dims(dims: Any, words: tuple[str, ...]) -> None:
    error = wrong(TEXT, dims=dims)
    assert all(w in error.message for w in words)


def test_a_multiple_of_a_size_is_spelled_out() -> None:
    hint = wrong(TEXT, dims={"x": ("5d",)}).hint
    assert hint == "write 5*d" and matcalc.parse("sum(x)", dims={"x": (hint.removeprefix("write "),)})


@pytest.mark.parametrize("dims", [{"x": 3}, {"x": None}, [("x", 3)], {"x y;": ("n",)}, {3: ("n",)}])
def test_dims_of_the_wrong_type(dims: Any) -> None:
    wrong("x'*x", dims=dims, error=MatcalcError)


def test_an_unknown_property_is_refused_without_a_check() -> None:
    wrong("x'*A*x", dims=DIMS, assume={"A": "shiny"}, check=False, error=MatcalcError)


@pytest.mark.parametrize(
    ("shape", "kind"), [((), "s"), (("n",), "c"), (("m", "n"), "m"), (("m", "n", 2), "t"), (("m*n",), "c"), (("n+1", "3"), "m")]
)
def test_declared_types(shape: tuple[str | int, ...], kind: str) -> None:
    assert declared_type("X", shape).kind == kind
    assert declared_type("X", ("n+1",)).rows == add("n", 1) and declared_type("X", ("3",)).rows == 3


def test_slices() -> None:
    assert read_slices({"x_i": "X[i,:]", r"\mathbf{y}_{i}": "y[i]"}) == {"x_i": ("X", ("i", ":")), "y_i": ("y", ("i",))}
    with pytest.raises(UsageError, match="is not a slice"):
        read_slices({"x_i": "X"})


def test_properties_and_what_can_have_them() -> None:
    found = as_properties({"A": "symmetric, invertible", "x": "positive"})
    assert found == {"A": {"symmetric", "invertible"}, "x": {"positive"}} and as_properties(None) == {}
    types = {"A": Type("m", "n", "n"), "x": Type("c", "n", 1), "s": Type("s", 1, 1)}
    require_fitting(found, types)
    for name, word in (("x", "symmetric"), ("s", "one-hot")):
        with pytest.raises(UsageError, match=f"'{name}' is a .* and cannot be {word}"):
            require_fitting({name: frozenset({word})}, types)
    assert square_names({"A": "spd", "x": "positive"}, {"X": "symmetric"}) == {"A", "X"}


def test_what_is_said_of_no_name_is_noticed() -> None:
    assert idle(["q"], ["x"], ["x"], "declared") == ("'q' is declared and does not occur in the expression (its names: x)",)
    assert idle(["x"], ["x"], ["x"], "declared") == ()


def test_one_name_for_two_things_is_refused() -> None:
    with pytest.raises(AmbiguityError, match="look alike"):
        matcalc.derive("A*B", dims={"A": ("n1", "n1"), "B": ("n1", "n_1")}, kind="jacobian", check=False)


def test_what_the_text_asks_stands_where_the_call_says_nothing() -> None:
    problem = read_problem(r"\nabla^2_x \left(x^\top A x\right)")
    assert question_of(problem, "all", None) == (["x"], "hessian") and question_of(problem, "A", "gradient") == ("A", "gradient")


def test_properties_come_from_the_text_the_call_and_a_structure() -> None:
    problem = read_problem("x'*S*x", {"S": ("n", "n"), "x": ("n",)})
    assert properties_of(problem, {"x": "positive"}, {"S": "symmetric"}) == {"x": {"positive"}, "S": {"symmetric"}}
    with pytest.raises(UsageError):
        properties_of(problem, {"x": "spd"}, {})


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("lower", {"lower-triangular"}), ("lower triangular", {"lower-triangular"}),
        ("Upper, positive", {"upper-triangular", "positive"}),
        ("positive definite", {"spd"}), ("one hot", {"one-hot"}), ("skew symmetric, invertible", {"skew", "invertible"}),
    ],
)  # fmt: skip
def test_properties_have_other_names(said: str, known: set[str]) -> None:
    assert as_properties({"A": said}) == {"A": frozenset(known)}


def test_the_nearest_property_is_offered() -> None:
    with pytest.raises(UsageError, match="'symetric' is not") as caught:
        as_properties({"A": "symetric"})
    assert (caught.value.hint or "").startswith("did you mean --assume A=symmetric (assume={'A': 'symmetric'})? known: ")


def test_semidefinite_is_symmetric() -> None:
    assert as_properties({"P": "psd", "Q": "positive-semidefinite"}) == dict.fromkeys("PQ", frozenset({"symmetric"}))
