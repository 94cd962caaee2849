"""Roles as they are typed, and what follows from the expression: biases, rows that are looked up."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc
from matcalc.codegen.scripts.roles import Role, added_only, read_role, roles_of
from matcalc.expr.errors import UsageError

LOSS = r"J = \frac1N \sum_{i=1}^N -\log \frac{e^{f_{y_i}}}{\sum_{c} e^{f_c}} + \lambda \|W\|^2, f = W x_i + b"


def problem(text: str, **more: Any) -> Any:
    return matcalc.derive(text, check=False, **more).problem


@pytest.mark.parametrize("word, role", [
    ("data", Role("data")), ("labels:species", Role("labels", "species")), (" targets : price ", Role("targets", "price")),
    ("parameter", Role("parameter")), ("signs", Role("signs")),
])  # fmt: skip
def test_words(word: str, role: Role) -> None:
    assert read_role("x", word)[:2] == role[:2]
    assert read_role("lambda", "1e-3").value == read_role("lambda", 0.001).value == 0.001


@pytest.mark.parametrize("word", ["", "date", "data:", "parameter:x", "nan", "inf", "1:2", ":x"])
def test_other_words_are_refused(word: str) -> None:
    with pytest.raises(UsageError, match="is no role of 'x'") as caught:
        read_role("x", word)
    assert "--roles X=data,y=labels" in str(caught.value.hint)


def test_arrays_without_a_role_are_parameters() -> None:
    p = problem(LOSS)
    found = roles_of({"X": "data", "y": "labels", "λ": "0.1"}, p.symbols, p.labels)
    assert {name: role.kind for name, role in found.items()} == {
        "W": "parameter", "X": "data", "b": "parameter", "y": "labels", "lambda": "hyperparameter",
    }  # fmt: skip
    assert roles_of({"X": "data", "y": "labels", "\\lambda": 0.1}, p.symbols, p.labels)["lambda"].value == 0.1


@pytest.mark.parametrize("given, said, hint", [
    ({"X": "data", "y": "labels"}, "the role of the number 'lambda' is not said", "--roles lambda=0.001"),
    ({"X": "data", "lambda": 1}, "the role of 'y' is not said", "--roles y=labels"),
    ({"X": "data", "y": "targets", "lambda": 1}, "'y' holds integers that select", "--roles y=labels"),
    ({"x_i": "data"}, "'x_i' does not stand in the expression", "--roles X=data"),
    ({"Z": "data"}, "'Z' does not stand in the expression: it has W, X, b, y, lambda", "--roles"),
    ({"X": "data", "y": "labels", "lambda": 1, "λ": 2}, "'λ' is given twice", "one role"),
    ({"X": 3, "y": "labels", "lambda": 1}, "'X' is an array, and its role a number", "--roles X=data"),
    ({"X": "data", "y": "labels", "lambda": 1, "W": "data", "b": "data"}, "nothing is left to be trained", "W=parameter"),
])  # fmt: skip
def test_what_is_no_answer_is_refused(given: dict[str, Any], said: str, hint: str) -> None:
    p = problem(LOSS)
    with pytest.raises(UsageError) as caught:
        roles_of(given, p.symbols, p.labels)
    assert said in str(caught.value) and hint in str(caught.value.hint)


def test_nothing_from_data_is_refused() -> None:
    p = problem("norm2(A*x - b)^2")
    with pytest.raises(UsageError, match="no name is said to be data: the expression has A, x, b"):
        roles_of({}, p.symbols, p.labels)


@pytest.mark.parametrize("text, biases", [
    ("mean((tanh(X*W + ones(N)*b')*u + c*ones(N) - y).^2)", {"b"}),
    ("np.mean((np.tanh(X @ W + b) @ u - y)**2)", {"b"}),
    (r"\frac1N \sum_{i=1}^N (u^T \tanh(W x_i + b) - y_i)^2", {"b"}),
    ("norm2(A*x + b)^2 + b'*b", set()),  # b is used elsewhere too
    ("norm2(b .* (A*x))^2", set()),
    ("norm2(A*x - (b + c))^2", {"b", "c"}),
])  # fmt: skip
def test_biases_stand_in_sums_only(text: str, biases: set[str]) -> None:
    p = problem(text, **({"dims": {"c": ()}} if "c*" in text else {}))
    assert {name for name in "bcuWAx" if name in p.symbols and added_only(name, (p.output,))} == biases | ({"c"} & biases)


def test_a_number_that_is_spread_is_a_bias() -> None:
    p = problem("mean(softplus(X*w + b) - y .* (X*w + b))", dims={"b": ()})
    assert added_only("b", (p.output,)) and not added_only("w", (p.output,))
