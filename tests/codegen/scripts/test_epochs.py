"""Epochs, rates and accuracy on losses that can be followed by hand."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from matcalc.codegen.scripts import epochs
from matcalc.codegen.scripts.epochs import Diverged, Task, accuracy, best_rate, fit, loss_after_epoch, one_epoch

Arrays = dict[str, Any]
Y = np.array([1.0, 2, 3, 4, 5])


def squares(batch: Arrays, p: Arrays) -> tuple[float, Arrays]:
    r = p["c"] - batch["y"]
    return float((r * r).mean()), {"c": np.float64(2 * r.mean())}


def task(rate: float = 0.1, size: int = 2, asked: list[int] | None = None) -> Task:
    seen: list[tuple[int, int]] = []

    def update(parameters: Arrays, gradients: Arrays, epoch: int, step: int) -> None:
        seen.append((epoch, step))
        parameters["c"] -= rate * gradients["c"]

    update.seen = seen  # type: ignore[attr-defined]
    return Task(squares, update, {"y": Y}, {"y": 0}, size, [] if asked is None else asked)


def test_an_epoch_by_hand() -> None:
    c, losses, norms = 0.0, 0.0, 0.0
    for batch in ([5.0, 1.0], [2.0, 4.0], [3.0]):
        r = [c - y for y in batch]
        losses += sum(x * x for x in r)
        slope = 2 * sum(r) / len(r)
        norms += abs(slope) / 3
        c -= 0.1 * slope
    t, p = task(), {"c": np.array(0.0)}
    noted = one_epoch(t, p, np.array([4, 0, 1, 3, 2]), 2)
    assert noted == {"epoch": 3, "loss": pytest.approx(losses / 5), "gradient_norms": {"c": pytest.approx(norms)}}
    assert p["c"] == pytest.approx(c)
    assert t.update.seen == [(2, 6), (2, 7), (2, 8)]  # type: ignore[attr-defined]


def test_every_epoch_has_an_order_of_its_own_and_every_sample_once(capsys: pytest.CaptureFixture[str]) -> None:
    orders: list[list[float]] = [[]]

    def noting(batch: Arrays, p: Arrays) -> tuple[float, Arrays]:
        orders[-1] += batch["y"].tolist()
        return squares(batch, p)

    t = task(size=1)._replace(objective=noting)
    history: list[dict[str, Any]] = []
    generator = np.random.default_rng(0)
    for _ in range(3):
        fit(t, {"c": np.array(0.0)}, np.arange(5), np.array([], int), 1, generator, history)
        orders.append([])
    assert all(sorted(order) == Y.tolist() for order in orders[:3]) and len({tuple(o) for o in orders[:3]}) == 3
    assert "test_loss" not in history[0] and capsys.readouterr().out.startswith("epoch 1: loss ")


def test_samples_that_are_held_out_are_not_learned_from() -> None:
    t = task()._replace(data={"y": np.array([1.0, 1.0, 1.0, 100.0])})
    history: list[dict[str, Any]] = []
    p = {"c": np.array(0.0)}
    fit(t, p, np.arange(3), np.array([3]), 60, np.random.default_rng(0), history)
    assert p["c"] == pytest.approx(1) and history[-1]["test_loss"] == pytest.approx(99**2, rel=1e-3) and len(history) == 60


def test_training_ends_between_batches_when_asked() -> None:
    asked = [2]
    assert one_epoch(task(asked=asked), {"c": np.array(0.0)}, np.arange(5), 0) is None
    history: list[dict[str, Any]] = []
    fit(task(asked=asked), {"c": np.array(0.0)}, np.arange(5), np.array([], int), 3, np.random.default_rng(0), history)
    assert history == []


def test_what_is_no_finite_number_ends_training() -> None:
    with pytest.raises(Diverged, match=r"^the loss is inf in epoch 1, batch 1$"):
        one_epoch(task()._replace(objective=lambda b, p: (np.inf, {"c": 0.0})), {"c": np.array(0.0)}, np.arange(5), 0)
    with pytest.raises(Diverged, match="its gradient is not finite"):
        one_epoch(task()._replace(objective=lambda b, p: (1.0, {"c": np.float64("nan")})), {"c": np.array(0.0)}, np.arange(5), 0)


def doubled(limit: float, singular: bool = False) -> Task:
    """c is doubled by each batch; its loss is c, and from the limit on there is none."""

    def objective(batch: Arrays, p: Arrays) -> tuple[float, Arrays]:
        if p["c"] >= limit and singular:
            raise np.linalg.LinAlgError("Singular matrix")
        return float(p["c"]) if p["c"] < limit else np.nan, {"c": np.float64(1.0)}

    def update(p: Arrays, gradients: Arrays, epoch: int, step: int) -> None:
        p["c"] *= 2

    return Task(objective, update, {"y": Y[:4]}, {"y": 0}, 2, [])


@pytest.mark.parametrize("limit, where, kept, c", [
    (32, "epoch 3, batch 2", "after epoch 2", 16.0),  # 1 2 | 4 8 | 16 [32]
    (16, "epoch 3, batch 1", "after epoch 1", 4.0),  # what epoch 2 left has no loss itself
    (2, "epoch 1, batch 2", "before the first step", 1.0),
    (1, "epoch 1, batch 1", "before the first step", 1.0),
])  # fmt: skip
@pytest.mark.parametrize("singular", [False, True])
def test_the_last_parameters_with_a_loss_are_put_back(limit: float, where: str, kept: str, c: float, singular: bool) -> None:
    p, history = {"c": np.array(1.0)}, list[dict[str, Any]]()
    with pytest.raises(Diverged, match=f"{'has no value' if singular else 'is nan'} in {where}") as caught:
        fit(doubled(limit, singular), p, np.arange(4), np.array([], int), 9, np.random.default_rng(0), history)
    assert caught.value.kept == kept and p["c"] == c and len(history) == int(where[6]) - 1


def test_parameters_that_are_not_finite_after_the_last_batch() -> None:
    t = doubled(np.inf)._replace(update=lambda p, *more: p["c"].fill(np.inf))
    p = {"c": np.array(1.0)}
    with pytest.raises(Diverged, match="the last step of epoch 1 left parameters that are not finite"):
        fit(t._replace(size=4), p, np.arange(4), np.array([], int), 1, np.random.default_rng(0), [])
    assert p["c"] == 1


def test_the_best_power_of_ten(capsys: pytest.CaptureFixture[str]) -> None:
    p = {"c": np.array(0.0)}
    best = best_rate(lambda rate: loss_after_epoch(task(rate, 5), p, np.arange(5)))
    by_hand = {10.0**-k: np.mean([(2 * 10.0**-k * 3 - y) ** 2 for y in Y]) for k in range(6)}
    assert best == min(by_hand, key=lambda r: by_hand[r]) and p["c"] == 0
    assert len(capsys.readouterr().out.splitlines()) == 6

    def explodes(rate: float) -> float:
        if rate > 0.005:
            raise Diverged("")
        return 1 / rate

    assert best_rate(explodes) == 0.001
    with pytest.raises(Diverged, match="with any rate"):
        best_rate(lambda rate: np.inf)


def labelled(kind: str) -> Task:
    """Scores are x·w for three classes; the loss is their distance from a one-hot target."""
    X, w = np.array([[1.0], [2], [3], [-1], [-2], [0.1]]), np.array([[1.0, -1, 0.2]])

    def objective(batch: Arrays, p: Arrays) -> tuple[float, Arrays]:
        losses = ((batch["X"] @ w - np.eye(3)[batch["y"]]) ** 2).sum(axis=1)
        value = {"mean": losses.mean(), "sum": losses.sum() + 0.7, "product": losses.prod()}[kind]
        return float(value), {}

    return Task(objective, lambda *given: None, {"X": X, "y": np.array([0, 0, 1, 1, 1, 2])}, {"X": 0, "y": 0}, 2, [])


@pytest.mark.parametrize("kind", ["mean", "sum"])
def test_accuracy_by_the_least_loss(kind: str) -> None:
    """By hand: x > 0 scores class 0 highest, x < 0 class 1; samples 2 and 5 are wrong."""
    assert accuracy(labelled(kind), {}, "y", np.arange(6)) == pytest.approx(4 / 6)
    assert accuracy(labelled(kind), {}, "y", np.array([0, 1, 2])) == pytest.approx(2 / 3)


def test_no_accuracy_where_samples_have_no_loss_of_their_own() -> None:
    assert accuracy(labelled("product"), {}, "y", np.arange(6)) is None


@pytest.mark.slow
def test_ctrl_c_is_noted_and_a_second_one_ends() -> None:
    code = (
        "import os, signal\nfrom matcalc.codegen.scripts.epochs import stop_on_interrupt\nasked = stop_on_interrupt()\n"
        "os.kill(os.getpid(), signal.SIGINT)\nprint(asked, flush=True)\nos.kill(os.getpid(), signal.SIGINT)\nprint('not reached')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.strip() == f"[{int(signal.SIGINT)}]" and done.returncode == 130 and not done.stderr


def test_complaints_are_errors_but_for_interrupts(capsys: pytest.CaptureFixture[str]) -> None:
    assert epochs.complain("what", 4) == 4 and epochs.complain("interrupted", 130) == 130
    assert capsys.readouterr().err == "error: what\ninterrupted\n"


def test_the_bar_is_for_terminals_only(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    epochs.show_progress(0, 0.5)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    epochs.show_progress(0, 0.5)
    assert capsys.readouterr().err == "\repoch 1 [###############...............]"
    epochs.show_progress(0, 1.0)
    assert capsys.readouterr().err.strip() == ""
