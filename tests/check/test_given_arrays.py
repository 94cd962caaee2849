"""The user's arrays in place of inputs: what is missing, too many, or does not fit; labels as unit vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.check.given_arrays import bound, one_hot, require_numbers
from matcalc.expr.errors import MatcalcError, UsageError
from matcalc.expr.nodes import postorder, sym
from matcalc.expr.shapes import Type


def bind(text: str, at: dict[str, Any], **more: Any) -> tuple[Any, Any]:
    problem = matcalc.derive(text, check=False, **more).problem
    inputs = {str(n.attr): n for n in postorder((problem.output,)) if n.op == "sym"}
    env, sizes = bound(problem, inputs, problem.output, at, "the expression")
    return {str(s.attr): x for s, x in env.items()}, sizes


def test_values_and_sizes() -> None:
    env, sizes = bind("u'*W*x", {"u": [1, 2], "W": [[1, 2, 3], [4, 5, 6]], "x": [1, 0, 0]})
    assert env["u"].shape == (2, 1) and env["W"].shape == (2, 3) and sorted(sizes.values()) == [2, 3]


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ({"x": [1.0]}, "no value was given for 'A'"),
        ({"x": [1.0], "A": [[1.0]], "q": 2}, "'q' is no input of the expression"),
        ({"x": [1.0, 2.0], "A": [[1.0]]}, "is 2 in"),
        ({"x": [1.0], "A": [1.0]}, "an array with one axis|an array with 1 axis"),
    ],
)
def test_what_does_not_fit(at: dict[str, Any], message: str) -> None:
    with pytest.raises(MatcalcError, match=message):
        bind("x'*A*x", at)


def test_labels() -> None:
    env, _ = bind("-log(softmax(z)[y])", {"z": [1.0, 2.0, 3.0], "y": 2})
    assert env["y"].ravel().tolist() == [0, 0, 1]


def test_labels_are_integers_of_a_known_number_of_classes() -> None:
    y = sym("y", Type("c", "C", 1))
    assert one_hot("y", 1, y, {"C": 3}).tolist() == [0, 1, 0]
    for wrong in (3, -1, 0.5, np.array([1, 7])):
        with pytest.raises(UsageError, match="an integer from 0 to 2 is expected"):
            one_hot("y", wrong, y, {"C": 3})
    with pytest.raises(UsageError, match="how many classes 'y' chooses from does not follow") as error:
        one_hot("y", 1, y, {})
    assert error.value.hint == "give 'y' as a one-hot vector"


def test_a_function_without_a_body_has_no_numbers() -> None:
    problem = matcalc.derive("u'*f(x)", check=False).problem
    with pytest.raises(UsageError, match="'f' is any function") as error:
        require_numbers(problem, {})
    assert error.value.hint == "say which it is: --function f=tanh"
