"""Choices: those that there are, and a message with what can be written for all others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcalc.codegen.scripts.choices import Choices, read_schedule, read_start, require
from matcalc.expr.errors import UsageError


@pytest.mark.parametrize("text, found", [
    ("constant", ("constant", {})), ("halving:10", ("halving", {"every": 10})),
    ("exponential:0.1", ("exponential", {"decay": 0.1})), ("cyclical:0.1:200", ("cyclical", {"top": 0.1, "half": 200})),
])  # fmt: skip
def test_schedules(text: str, found: Any) -> None:
    assert read_schedule(text) == found


@pytest.mark.parametrize("text", ["", "linear", "halving", "halving:0", "halving:2.5", "constant:1", "exponential:nan",
                                  "cyclical:1", "cyclical:0.1:-3", "exponential:inf"])  # fmt: skip
def test_other_schedules(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_schedule(text)
    assert "halving:EPOCHS" in str(caught.value.hint)


@pytest.mark.parametrize("more, said", [
    ({"optimiser": "lion"}, "one of sgd, momentum, adagrad, rmsprop, adam, sparse-adam"),
    ({"scale": "max"}, "one of none, standard"),
    ({"epochs": 0}, "epochs is 0"), ({"epochs": 2.5}, "epochs is 2.5"), ({"batch": True}, "batch is True"),
    ({"seed": -1}, "seed is -1"),
    ({"rate": 0}, "a positive number, or search"), ({"rate": "fast"}, "'fast'"), ({"rate": float("nan")}, "rate is nan"),
    ({"l2": -1e-3}, "a number from 0 on"), ({"test": 1}, "between 0 and 1"), ({"test": -0.1}, "between 0 and 1"),
    ({"schedule": "often"}, "no schedule"),
])  # fmt: skip
def test_what_there_is_not(more: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        require(Choices(**more))
    assert said in str(caught.value) and caught.value.hint


def test_the_defaults_and_the_edges_hold() -> None:
    require(Choices())
    require(Choices(rate="search", test=0, l2=0.0, epochs=1, batch=10**6))


def test_starts(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", W=np.ones(2))
    assert read_start("xavier") == "xavier" and read_start("0.1") == read_start(0.1) == 0.1
    assert read_start(str(tmp_path / "w.npz")) == str(tmp_path / "w.npz")
    for word in ("zeros", "-1", "0", str(tmp_path / "none.npz")):
        with pytest.raises(UsageError):
            read_start(word)
