"""The loss and the norms of the gradients by epoch, as panels of a plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

from matcalc.printers.pictures.plots import Line, Panel


class Epoch(TypedDict):
    """What is noted of an epoch."""

    epoch: int
    loss: float
    test_loss: NotRequired[float]
    gradient_norms: Mapping[str, float]
    seconds: NotRequired[float]


def panels(epochs: Sequence[Epoch]) -> list[Panel]:
    """Loss, and a norm for each parameter: vanishing and exploding gradients are seen by powers of ten."""
    count = [e["epoch"] for e in epochs]
    losses = [Line("training", count, [e["loss"] for e in epochs])]
    if "test_loss" in epochs[0]:
        losses.append(Line("test", count, [e["test_loss"] for e in epochs]))
    names = epochs[0]["gradient_norms"]
    norms = [Line(name, count, [e["gradient_norms"][name] for e in epochs]) for name in names]
    return [
        Panel("Loss", tuple(losses), "epoch"),
        Panel("Norms of the gradients", tuple(norms), "epoch", "mean over batches", log_up=True),
    ]
