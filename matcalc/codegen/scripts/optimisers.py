"""Optimisers as plain NumPy functions. A training script contains the one that it uses, word for word.

Each changes ``parameter`` in place; ``state`` is a dictionary of its own for each parameter, empty at first. The formulas are those
of PyTorch, up to the order of sums.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def sgd(parameter: np.ndarray, gradient: np.ndarray, state: dict[str, Any], rate: float) -> None:
    """θ ← θ − rate·g"""
    parameter -= rate * gradient


def momentum(parameter: np.ndarray, gradient: np.ndarray, state: dict[str, Any], rate: float, keep: float = 0.9) -> None:
    """v ← keep·v + g, θ ← θ − rate·v"""
    if not state:
        state["velocity"] = np.zeros_like(parameter)
    state["velocity"] *= keep
    state["velocity"] += gradient
    parameter -= rate * state["velocity"]


def adagrad(parameter: np.ndarray, gradient: np.ndarray, state: dict[str, Any], rate: float, small: float = 1e-10) -> None:
    """s ← s + g², θ ← θ − rate·g/(√s + small)"""
    if not state:
        state["squares"] = np.zeros_like(parameter)
    state["squares"] += gradient**2
    parameter -= rate * gradient / (np.sqrt(state["squares"]) + small)


def rmsprop(
    parameter: np.ndarray, gradient: np.ndarray, state: dict[str, Any], rate: float, keep: float = 0.99, small: float = 1e-8
) -> None:
    """s ← keep·s + (1 − keep)·g², θ ← θ − rate·g/(√s + small)"""
    if not state:
        state["squares"] = np.zeros_like(parameter)
    state["squares"] *= keep
    state["squares"] += (1 - keep) * gradient**2
    parameter -= rate * gradient / (np.sqrt(state["squares"]) + small)


def adam(
    parameter: np.ndarray,
    gradient: np.ndarray,
    state: dict[str, Any],
    rate: float,
    keep: float = 0.9,
    keep_squares: float = 0.999,
    small: float = 1e-8,
) -> None:
    """m, s: running means of g and g², both freed of their bias towards 0; θ ← θ − rate·m/(√s + small)"""
    if not state:
        state.update(step=0, mean=np.zeros_like(parameter), squares=np.zeros_like(parameter))
    state["step"] += 1
    state["mean"] += (1 - keep) * (gradient - state["mean"])
    state["squares"] += (1 - keep_squares) * (gradient**2 - state["squares"])
    root = np.sqrt(state["squares"] / (1 - keep_squares ** state["step"])) + small
    parameter -= rate / (1 - keep ** state["step"]) * state["mean"] / root


def sparse_adam(
    parameter: np.ndarray,
    gradient: tuple[np.ndarray, np.ndarray],
    state: dict[str, Any],
    rate: float,
    keep: float = 0.9,
    keep_squares: float = 0.999,
    small: float = 1e-8,
) -> None:
    """Adam on the rows that were looked up, each once; ``gradient`` is which and theirs. The others keep their place, m and s."""
    if not state:
        state.update(step=0, mean=np.zeros_like(parameter), squares=np.zeros_like(parameter))
    state["step"] += 1
    rows, g = gradient
    m, s = state["mean"][rows], state["squares"][rows]
    m += (1 - keep) * (g - m)
    s += (1 - keep_squares) * (g**2 - s)
    state["mean"][rows], state["squares"][rows] = m, s
    scale = np.sqrt(1 - keep_squares ** state["step"]) / (1 - keep ** state["step"])
    parameter[rows] -= rate * scale * m / (np.sqrt(s) + small)
