"""What goes into training: arrays, checked, scaled, cut in batches. A training script contains these functions word for word."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Arrays = dict[str, np.ndarray]
Gradients = dict[str, Any]  # arrays, or integers and rows
Objective = Callable[[Arrays, Arrays], tuple[float, Gradients]]  # of a batch and parameters: the loss, and its gradients


def load(path: Path, shapes: dict[str, tuple[int | None, ...]], classes: dict[str, int]) -> Arrays:
    """The arrays of a file. Raises ``ValueError`` for what nothing can be learned from, ``OSError`` where there is no file."""
    arrays = read_arrays(path)
    require(arrays, shapes, classes)
    return arrays


def read_arrays(path: Path) -> Arrays:
    """All arrays of a file by name. Raises ``ValueError`` for what is no such file, ``OSError`` where there is none."""
    if path.stat().st_size == 0:
        raise ValueError("the file is empty")
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (AttributeError, EOFError, TypeError, ValueError, zipfile.BadZipFile):
        raise ValueError("it is no file of numbers by name, as np.savez writes them") from None


def require(arrays: Arrays, shapes: dict[str, tuple[int | None, ...]], classes: dict[str, int]) -> None:
    """Numbers of these shapes (None: an entry per sample), labels from 0 on. Raises ``ValueError``."""
    samples: dict[str, int] = {}
    for name, shape in shapes.items():
        if name not in arrays:
            raise ValueError(f"there is no array {name}: the file has {', '.join(arrays) or 'none'}")
        found = arrays[name]
        fits = found.ndim == len(shape) and all(n in (None, m) for n, m in zip(shape, found.shape, strict=True))
        if not fits:
            wanted = " x ".join("samples" if n is None else str(n) for n in shape) or "one number"
            raise ValueError(f"{name} is {' x '.join(map(str, found.shape)) or 'one number'}, and has to be {wanted}")
        if None in shape:
            samples[name] = found.shape[shape.index(None)]
        require_numbers(name, found)
        if name in classes:
            require_labels(name, found, classes[name])
    if len(set(samples.values())) > 1:
        raise ValueError(f"the numbers of samples differ: {', '.join(f'{name} has {n}' for name, n in samples.items())}")


def require_numbers(name: str, array: np.ndarray) -> None:
    """At least one, and all of them finite. Raises ``ValueError``."""
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{name} does not hold numbers (its entries are of type {array.dtype})")
    if not array.size:
        raise ValueError(f"{name} is empty: its sizes are {' x '.join(map(str, array.shape))}")
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        first = f"{array[tuple(bad[0])]}, at [{', '.join(map(str, bad[0]))}]"
        some = f"{len(bad)} entries that are" if len(bad) > 1 else "an entry that is"
        raise ValueError(f"{name} has {some} no finite number; the first is {first}")


def require_labels(name: str, array: np.ndarray, count: float = np.inf) -> None:
    """Whole numbers from 0 to count − 1. Raises ``ValueError``."""
    bad = np.argwhere((array != np.floor(array)) | (array < 0) | (array >= count))
    if len(bad):
        first = f"{array[tuple(bad[0])]}, at [{', '.join(map(str, bad[0]))}]"
        raise ValueError(f"{name} holds labels, whole numbers from 0 {'on' if np.isinf(count) else f'to {count - 1}'}, and {first}")


def standardise(data: Arrays, name: str, axis: int, rows: np.ndarray) -> Arrays:
    """Take off the mean of each feature and divide by its spread, both of these samples only; the mean and the spread."""
    known = np.take(data[name], rows, axis)
    spread = known.std(axis, keepdims=True)
    used = {f"{name}.mean": known.mean(axis, keepdims=True), f"{name}.spread": np.where(spread > 0, spread, 1.0)}
    data[name] = (data[name] - used[f"{name}.mean"]) / used[f"{name}.spread"]
    return used


def take(arrays: Arrays, axes: dict[str, int | None], rows: np.ndarray) -> Arrays:
    """These samples of all arrays, each along its axis; an array without samples stays whole."""
    found = {}
    for name, array in arrays.items():
        axis = axes[name]
        found[name] = array if axis is None else np.take(array, rows, axis)
    return found
