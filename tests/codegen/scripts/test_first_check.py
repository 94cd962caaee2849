"""The gradient check before the first step finds wrong derivatives of every kind, and no others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from matcalc.codegen.scripts.first_check import slope, wrong_gradient

Arrays = dict[str, Any]
RNG = np.random.default_rng(5)
BATCH = {"X": RNG.normal(size=(8, 5)), "y": RNG.normal(size=8)}
P = {"W": RNG.normal(size=(5, 4)), "u": RNG.normal(size=4), "c": np.array(0.3)}


def net(batch: Arrays, p: Arrays) -> tuple[float, Arrays]:
    """With kinks: max(0, XW) u + c against y."""
    Z = batch["X"] @ p["W"]
    r = np.maximum(Z, 0) @ p["u"] + p["c"] - batch["y"]
    W = batch["X"].T @ (np.outer(r, p["u"]) * (Z > 0))
    return float(r @ r) / 2, {"W": W, "u": np.maximum(Z, 0).T @ r, "c": r.sum()}


@pytest.mark.parametrize("seed", range(20))
def test_right_gradients_pass(seed: int) -> None:
    assert wrong_gradient(net, P, BATCH, np.random.default_rng(seed)) is None


FAULTS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "sign": ("W", lambda g: -g),
    "factor": ("u", lambda g: 2 * g),
    "small factor": ("u", lambda g: 1.001 * g),
    "one entry": ("W", lambda g: g + 0.01 * np.eye(5, 4)[::-1] * (np.arange(5) == 2)[:, None]),
    "one row": ("W", lambda g: g * (np.arange(5) != 2)[:, None]),
    "zero": ("c", lambda g: 0 * g),
    "nan": ("u", lambda g: np.nan * g),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_wrong_ones_are_named(fault: str) -> None:
    name, change = FAULTS[fault]

    def wrong(batch: Arrays, p: Arrays) -> tuple[float, Arrays]:
        value, gradients = net(batch, p)
        return value, {**gradients, name: change(gradients[name])}

    found = wrong_gradient(wrong, P, BATCH, np.random.default_rng(0))
    assert found is not None and found.startswith(f"the gradient by {name} is wrong")


def test_one_direction_that_meets_a_kink_with_every_step_is_no_fault() -> None:
    """The six values of the first direction are off, as where max(0, z) turns between them."""
    calls = []

    def turning(batch: Arrays, p: Arrays) -> tuple[float, Arrays]:
        calls.append(p)
        value, gradients = net(batch, p)
        return value + (2 <= len(calls) <= 7) * len(calls) * 1e-3, gradients

    assert wrong_gradient(turning, P, BATCH, np.random.default_rng(0)) is None and len(calls) == 1 + 3 * 3 * 6


def test_sizes_are_compared_too() -> None:
    found = wrong_gradient(lambda b, p: (0.0, {"W": np.zeros((4, 5))}), {"W": P["W"]}, BATCH, np.random.default_rng(0))
    assert found == "the gradient by W has the sizes (4, 5), and W has (5, 4)"


@pytest.mark.parametrize("factor, row, fine", [(1, 0, True), (1.01, 0, False), (1, 1, False)])
def test_gradients_of_few_rows(factor: float, row: int, fine: bool) -> None:
    """The rows 1 and 3 of five are looked up; a wrong value, and a row put elsewhere, are seen."""

    def loss(b: Arrays, p: Arrays) -> tuple[float, Arrays]:
        r = p["L"][[1, 3]] - 1
        return float((r * r).sum()), {"L": (np.array([1 + row, 3]), 2 * factor * r)}

    found = wrong_gradient(loss, {"L": RNG.normal(size=(5, 2))}, BATCH, np.random.default_rng(0))
    assert (found is None) is fine


def test_a_slope() -> None:
    found = slope(lambda b, p: (float(p["x"] @ p["x"]), {}), {"x": np.array([1.0, 2.0])}, {}, "x", np.array([0.6, 0.8]), 1e-3)
    assert abs(found - 2 * (0.6 + 1.6)) < 1e-9


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_loss_without_a_value_is_no_wrong_gradient(value: float) -> None:
    """log of a negative number at the start: it said that a gradient is wrong."""
    found = wrong_gradient(lambda b, p: (value, {"W": p["W"]}), {"W": P["W"]}, BATCH, np.random.default_rng(0))
    assert found is not None and found.startswith(f"the loss is {value} at the start") and "gradient" not in found
