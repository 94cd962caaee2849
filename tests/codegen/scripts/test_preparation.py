"""From a derivation and arrays to settings: names, sizes, biases, what is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.codegen.scripts import preparation
from matcalc.codegen.scripts.choices import Choices
from matcalc.codegen.scripts.roles import Role
from matcalc.expr.errors import UsageError

SOFTMAX = r"J = \frac1N \sum_{i=1}^N -\log \frac{e^{f_{y_i}}}{\sum_{c} e^{f_c}}, f = W x_i + b"
LOGISTIC = "J = mean(softplus(X*w + b) - y .* (X*w + b)) + lambda*norm2(w)^2"
RNG = np.random.default_rng(0)


def facts(text: str, roles: dict[str, Role], **more: Any) -> preparation.Facts:
    wrt = [name for name, role in roles.items() if role.kind == "parameter"]
    return preparation.facts_of(matcalc.derive(text, wrt=wrt, check=False, **more), roles)


def softmax() -> preparation.Facts:
    return facts(SOFTMAX, {"W": Role("parameter"), "X": Role("data"), "b": Role("parameter"), "y": Role("labels")})


def logistic(kind: str = "labels") -> preparation.Facts:
    roles = {
        "X": Role("data"),
        "w": Role("parameter"),
        "b": Role("parameter"),
        "y": Role(kind),
        "lambda": Role("hyperparameter", None, 0.5),
    }
    return facts(LOGISTIC, roles, dims={"b": ()})


def test_settings_of_a_softmax() -> None:
    f = softmax()
    arrays = preparation.numbers(f, {"X": RNG.normal(size=(9, 4)), "y": np.array([0, 1, 2] * 3, float)})
    assert arrays["y"].dtype == np.int64
    layout = preparation.layout_of(f, arrays, {}, {})
    s = preparation.settings_of(f, layout, Choices(scale="standard"), "t", ())
    assert s.shapes == {"X": (None, 4), "y": (None,)} and s.axes == {"X": 0, "y": 0} and s.classes == {"y": 3}
    assert s.parameters == {"W": (3, 4), "b": (3,)} and s.biases == ["b"] and s.scaled == ["X"] and s.target == "y"
    notes = preparation.notes_of(f, layout, arrays, Choices())
    assert notes == [
        "parameters: W [3×4], b [3]",
        "9 samples, of which 2 are held out for the test",
        "'y' holds labels from 0 to 2",
    ]


def test_numbers_of_a_loss_have_python_names() -> None:
    f = logistic()
    arrays = preparation.numbers(f, {"X": RNG.normal(size=(8, 2)) * [1, 1000], "y": np.array([0, 1] * 4)})
    layout = preparation.layout_of(f, arrays, {}, {})
    s = preparation.settings_of(f, layout, Choices(), "t", ())
    assert s.numbers == {"lambda_": 0.5} and s.parameters == {"w": (2,), "b": ()} and s.biases == ["b"] and s.scaled == []
    notes = preparation.notes_of(f, layout, arrays, Choices())
    assert notes[-1].endswith("--scale standard makes them 1") and "parameters: w [2], b [1]" in notes


@pytest.mark.parametrize("y, said", [
    ([0, 1, 2], "its labels are 0 and 1, and the data have 0, 1, 2"),
    ([1, 2, 1], "and the data have 1, 2"),
    ([0.5, 1, 0], "the data have 0, 0.5, 1"),
    ([np.nan, 1, 0], "no finite number"),
])  # fmt: skip
def test_labels_in_a_loss_of_numbers(y: list[float], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        preparation.numbers(logistic(), {"y": np.array(y)})
    assert said in str(caught.value)
    preparation.numbers(logistic("targets"), {"y": np.nan_to_num(np.array(y))})


@pytest.mark.parametrize(
    "y, said", [([0, -1, 1], "and -1, at [1]"), ([0, 0.5, 1], "and 0.5, at [1]"), ([0, 1, np.nan], "no finite number")]
)
def test_integer_labels(y: list[float], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        preparation.numbers(softmax(), {"y": np.array(y)})
    assert said in str(caught.value)


def test_labels_beyond_a_size_that_was_said() -> None:
    f = softmax()
    arrays = preparation.numbers(f, {"X": RNG.normal(size=(3, 4)), "y": np.array([0, 1, 2])})
    size = f.classes["y"]
    with pytest.raises(UsageError, match="whole numbers from 0 to 1, and 2") as caught:
        preparation.layout_of(f, arrays, {str(size): 2}, {})
    assert caught.value.hint == f"there are 2 of them because {size} is 2"


def test_nothing_to_train_on_is_refused() -> None:
    f = softmax()
    arrays = preparation.numbers(f, {"X": RNG.normal(size=(1, 4)), "y": np.array([1])})
    with pytest.raises(UsageError, match="of 1 samples nothing is left"):
        preparation.notes_of(f, preparation.layout_of(f, arrays, {}, {}), arrays, Choices(test=0.9))


def test_sparse_adam_wants_rows_that_are_looked_up() -> None:
    f = softmax()
    arrays = preparation.numbers(f, {"X": RNG.normal(size=(3, 4)), "y": np.array([0, 1, 2])})
    layout = preparation.layout_of(f, arrays, {}, {})
    for l2, hint in ((0.0, "take adam"), (0.1, "leave out l2")):
        with pytest.raises(UsageError, match="sparse-adam moves rows that are looked up: no gradient is sparse") as caught:
            preparation.settings_of(f, layout, Choices(optimiser="sparse-adam", l2=l2), "t", ())
        assert caught.value.hint.startswith(hint)


def test_labels_that_a_loss_ignores_are_told() -> None:
    """max(0, 1 − y·s) with labels 0 and 1: the samples of class 0 move nothing; signs are meant."""
    text = "J = mean(max(0, 1 - y .* (X*w))) + 0.1*norm2(w)^2"
    roles = {"X": Role("data"), "w": Role("parameter"), "y": Role("labels")}
    f = facts(text, roles)
    arrays = preparation.numbers(f, {"X": RNG.normal(size=(8, 2)), "y": np.array([0, 1] * 4)})
    notes = preparation.notes_of(f, preparation.layout_of(f, arrays, {}, {}), arrays, Choices())
    assert any("--roles y=signs" in note for note in notes)
    f = logistic()
    arrays = preparation.numbers(f, {"X": RNG.normal(size=(8, 2)), "y": np.array([0, 1] * 4)})
    notes = preparation.notes_of(f, preparation.layout_of(f, arrays, {}, {}), arrays, Choices())
    assert not any("signs" in note for note in notes)
    alike = preparation.numbers(f, {"X": np.ones((8, 2)), "y": np.zeros(8)})  # it is the data that are alike
    notes = preparation.notes_of(f, preparation.layout_of(f, alike, {}, {}), alike, Choices(test=0.1))
    assert not any("signs" in note for note in notes) and any("all labels 'y' are the same" in note for note in notes)
    assert "8 samples, of which 1 is held out for the test" in notes
