"""Epochs of shuffled batches, and what is noted of them. A training script contains these functions word for word."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from matcalc.codegen.scripts.intake import Arrays, Gradients, Objective, take
from matcalc.codegen.scripts.row_gradients import places

Update = Callable[[Arrays, Gradients, int, int], None]  # of parameters, gradients, epoch, step


class Diverged(Exception):
    """The loss, its gradient or a parameter is no finite number any more; ``kept`` says which parameters were put back."""

    kept = "before the first step"


class Task(NamedTuple):
    """What is minimised, how, on which data, in batches of which size; ``asked`` is filled by Ctrl-C."""

    objective: Objective
    update: Update
    data: Arrays
    axes: dict[str, int | None]
    size: int
    asked: list[int]


def one_epoch(task: Task, parameters: Arrays, order: np.ndarray, epoch: int) -> dict[str, Any] | None:
    """All samples once, in this order, a step after each batch: mean loss, mean norm of each gradient. None if asked to end."""
    starts = range(0, len(order), task.size)
    total, norms = 0.0, dict.fromkeys(parameters, 0.0)
    for number, start in enumerate(starts):
        if task.asked:
            return None
        batch = take(task.data, task.axes, order[start : start + task.size])
        where = f"in epoch {epoch + 1}, batch {number + 1}"
        try:
            value, gradients = task.objective(batch, parameters)
        except np.linalg.LinAlgError as error:
            raise Diverged(f"the loss has no value {where} ({error})") from None
        for name, gradient in gradients.items():
            there = places(gradient)[1]
            norms[name] += float(np.sqrt(np.vdot(there, there))) / len(starts)
        if not np.isfinite(value + sum(norms.values())):
            raise Diverged(f"the loss is {value:g} {where}" + ", and its gradient is not finite" * bool(np.isfinite(value)))
        total += float(value) * min(task.size, len(order) - start)
        task.update(parameters, gradients, epoch, epoch * len(starts) + number)
        show_progress(epoch, (number + 1) / len(starts))
    if not finite(parameters):
        raise Diverged(f"the last step of epoch {epoch + 1} left parameters that are not finite")
    return {"epoch": epoch + 1, "loss": total / len(order), "gradient_norms": norms}


def show_progress(epoch: int, part: float) -> None:
    """A bar on standard error, where that is a terminal."""
    if sys.stderr.isatty():
        done = int(30 * part)
        sys.stderr.write(f"\repoch {epoch + 1} [{'#' * done}{'.' * (30 - done)}]" if part < 1 else "\r" + " " * 60 + "\r")
        sys.stderr.flush()


def fit(
    task: Task,
    parameters: Arrays,
    rows: np.ndarray,
    held_out: np.ndarray,
    epochs: int,
    generator: np.random.Generator,
    history: list[dict[str, Any]],
) -> None:
    """The epochs, each in another order; a line for each, and an entry of ``history``. Raises ``Diverged``, a stage put back."""
    stages = [copied(parameters)]
    for epoch in range(epochs):
        began = time.perf_counter()
        try:
            noted = one_epoch(task, parameters, generator.permutation(rows), epoch)
        except Diverged as error:
            back = put_back(task, parameters, stages, rows)
            error.kept = f"after epoch {epoch - back}" if epoch > back else Diverged.kept
            raise
        if noted is None:
            return
        stages = [*stages[-1:], copied(parameters)]
        noted["seconds"] = time.perf_counter() - began
        said = f"epoch {epoch + 1}: loss {noted['loss']:.6g}"
        if len(held_out):
            noted["test_loss"] = float(task.objective(take(task.data, task.axes, held_out), parameters)[0])
            said += f", of the test samples {noted['test_loss']:.6g}"
        history.append(noted)
        print(said, flush=True)


def put_back(task: Task, parameters: Arrays, stages: list[Arrays], rows: np.ndarray) -> int:
    """The latest stage whose loss is finite becomes the parameters, the first one where none is; how many after it are left."""
    batch = take(task.data, task.axes, rows)
    back = 0
    while back < len(stages) - 1 and not has_loss(task, batch, stages[-1 - back]):
        back += 1
    for name, value in stages[-1 - back].items():
        parameters[name][...] = value
    return back


def has_loss(task: Task, batch: Arrays, parameters: Arrays) -> bool:
    """Whether the loss is a finite number."""
    try:
        return bool(np.isfinite(task.objective(batch, parameters)[0]))
    except np.linalg.LinAlgError:
        return False


def copied(parameters: Arrays) -> Arrays:
    return {name: value.copy() for name, value in parameters.items()}


def finite(parameters: Arrays) -> bool:
    return all(np.isfinite(value).all() for value in parameters.values())


def best_rate(loss_with: Callable[[float], float]) -> float:
    """The power of ten, from 1 to 0.00001, after whose epoch the loss is least. Raises ``Diverged`` where none is finite."""
    losses = {}
    for power in range(6):
        rate = float(f"1e-{power}")
        try:
            losses[rate] = loss_with(rate)
        except Diverged:
            losses[rate] = np.inf
        print(f"rate {rate:.0e}: loss {losses[rate]:.6g} after one epoch", flush=True)
    best = min(losses, key=lambda rate: losses[rate])
    if not np.isfinite(losses[best]):
        raise Diverged("the loss is no finite number with any rate from 1 to 0.00001")
    return best


def loss_after_epoch(task: Task, parameters: Arrays, rows: np.ndarray) -> float:
    """The loss of all these samples after an epoch on a copy of the parameters."""
    copies = copied(parameters)
    one_epoch(task, copies, rows, 0)
    loss = float(task.objective(take(task.data, task.axes, rows), copies)[0])
    return loss if np.isfinite(loss) else np.inf


def accuracy(task: Task, parameters: Arrays, name: str, rows: np.ndarray) -> float | None:
    """The part of these samples whose label ``name`` is the one with which the loss of the sample alone is least.

    None where the loss is not a sum or a mean over samples, so that one alone has none.
    """
    labels = np.unique(task.data[name])
    losses = np.empty((len(rows), len(labels)))
    for i, row in enumerate(rows):
        sample = take(task.data, task.axes, np.array([row]))
        for j, label in enumerate(labels):
            sample[name] = np.full_like(sample[name], label)
            losses[i, j] = task.objective(sample, parameters)[0]
    true = np.searchsorted(labels, task.data[name][rows])
    if not adds_up(task, parameters, rows, losses[np.arange(len(rows)), true]):
        return None
    return float(np.mean(losses.argmin(axis=1) == true))


def adds_up(task: Task, parameters: Arrays, rows: np.ndarray, losses: np.ndarray) -> bool:
    """Whether losses of single samples are together the loss of all: their mean, or their sum beside a term without samples."""
    together = float(task.objective(take(task.data, task.axes, rows), parameters)[0])
    if np.isclose(together, losses.mean(), rtol=1e-9, atol=1e-12):
        return True
    if len(rows) < 3:
        return False
    half = len(rows) // 2
    fixed = (losses.sum() - together) / (len(rows) - 1)
    first = float(task.objective(take(task.data, task.axes, rows[:half]), parameters)[0])
    return bool(np.isclose(first, losses[:half].sum() - (half - 1) * fixed, rtol=1e-9, atol=1e-12))


def stop_on_interrupt() -> list[int]:
    """A list that Ctrl-C fills: training looks at it between batches, so that no step is left half done. A second one ends all."""
    asked: list[int] = []

    def heard(number: int, frame: Any) -> None:
        if asked:
            sys.exit(130)
        asked.append(number)

    signal.signal(signal.SIGINT, heard)
    return asked


def complain(message: str, code: int) -> int:
    """Say what is wrong on standard error; the exit code."""
    print(message if code == 130 else f"error: {message}", file=sys.stderr, flush=True)
    return code
