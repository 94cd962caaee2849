"""Arrays are checked before anything is learned from them; scaling and batches against plain loops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcalc.codegen.scripts import intake

SHAPES: dict[str, tuple[int | None, ...]] = {"X": (None, 3), "y": (None,)}


def arrays(**more: Any) -> dict[str, Any]:
    return {"X": np.arange(12.0).reshape(4, 3), "y": np.array([0, 2, 1, 0]), **more}


def test_what_is_right_is_taken(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **arrays())
    found = intake.load(tmp_path / "a.npz", SHAPES, {"y": 3})
    assert {name: (a == found[name]).all() for name, a in arrays().items()} == {"X": True, "y": True}


@pytest.mark.parametrize("more, said", [
    ({"X": np.full((4, 3), np.nan)}, "X has 12 entries that are no finite number; the first is nan, at [0, 0]"),
    ({"X": np.where(np.arange(12).reshape(4, 3) == 7, np.inf, 1.0)}, "the first is inf, at [2, 1]"),
    ({"X": np.ones((4, 2))}, "X is 4 x 2, and has to be samples x 3"),
    ({"X": np.ones(4)}, "X is 4, and has to be samples x 3"),
    ({"X": np.ones((5, 3))}, "the numbers of samples differ: X has 5, y has 4"),
    ({"X": np.ones((0, 3)), "y": np.ones(0)}, "X is empty: its sizes are 0 x 3"),
    ({"X": np.array([["a"] * 3] * 4)}, "X does not hold numbers"),
    ({"y": np.array([0, 1, 3, 0])}, "y holds labels, whole numbers from 0 to 2, and 3, at [2]"),
    ({"y": np.array([0, -1, 2, 0])}, "whole numbers from 0 to 2, and -1, at [1]"),
    ({"y": np.array([0, 0.5, 2, 0])}, "and 0.5, at [1]"),
])  # fmt: skip
def test_what_is_wrong_is_said(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError) as caught:
        intake.require(arrays(**more), SHAPES, {"y": 3})
    assert said in str(caught.value)


def test_a_missing_array_is_said() -> None:
    with pytest.raises(ValueError, match="there is no array y: the file has X"):
        intake.require({"X": arrays()["X"]}, SHAPES, {})


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 cut off"])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(ValueError, match="empty" if not content else "no file of numbers by name"):
        intake.read_arrays(tmp_path / "a.npz")
    np.save(tmp_path / "b.npy", np.ones(2))
    with pytest.raises(ValueError, match="no file of numbers by name"):
        intake.read_arrays(tmp_path / "b.npy")
    with pytest.raises(OSError):
        intake.read_arrays(tmp_path / "there is none.npz")


def test_features_are_scaled_by_the_training_samples_alone() -> None:
    X, rows = np.random.default_rng(0).normal(3, 5, (6, 3)), np.array([0, 2, 5])
    X[:, 2] = 7
    data = {"X": X, "y": rows}
    used = intake.standardise(data, "X", 0, rows)
    found = data["X"]
    for j in range(2):
        values = [X[i, j] for i in rows]
        mean = sum(values) / 3
        spread = (sum((v - mean) ** 2 for v in values) / 3) ** 0.5
        np.testing.assert_allclose(found[:, j], [(x - mean) / spread for x in X[:, j]], rtol=1e-12)
    assert (found[:, 2] == 0).all()  # no spread: only the mean is taken off
    turned = {"X": X.T}
    intake.standardise(turned, "X", 1, rows)
    np.testing.assert_array_equal(turned["X"], found.T)
    np.testing.assert_array_equal((X - used["X.mean"]) / used["X.spread"], found)  # with what is saved


def test_a_batch_is_taken_along_each_axis() -> None:
    data = {"X": np.arange(6).reshape(3, 2), "T": np.arange(6).reshape(2, 3), "A": np.eye(2)}
    found = intake.take(data, {"X": 0, "T": 1, "A": None}, np.array([2, 0]))
    assert found["X"].tolist() == [[4, 5], [0, 1]] and found["T"].tolist() == [[2, 0], [5, 3]] and found["A"] is data["A"]
