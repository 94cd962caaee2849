"""Loss and gradient norms by epoch, as panels and as a picture."""

from __future__ import annotations

import xml.dom.minidom
from pathlib import Path

import pytest

from matcalc.printers.pictures.curves import Epoch, panels
from matcalc.printers.pictures.plots import plot

EPOCHS: list[Epoch] = [
    {"epoch": i + 1, "loss": 1 / (i + 1), "test_loss": 1.1 / (i + 1), "gradient_norms": {"W_1": 10.0**-i, "$x<&": 0.0}}
    for i in range(5)
]


def test_panels() -> None:
    loss, norms = panels(EPOCHS)
    assert [(line.label, line.ys[1]) for line in loss.lines] == [("training", 0.5), ("test", 0.55)] and not loss.log_up
    assert [(line.label, line.xs, line.ys) for line in norms.lines] == [
        ("W_1", [1, 2, 3, 4, 5], [1.0, 0.1, 0.01, 0.001, 0.0001]), ("$x<&", [1, 2, 3, 4, 5], [0.0] * 5),
    ] and norms.log_up  # fmt: skip
    alone: Epoch = {"epoch": 1, "loss": 1.0, "gradient_norms": {"W": 0.5}}
    assert [line.label for line in panels([alone])[0].lines] == ["training"]


@pytest.mark.slow
def test_pictures(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for name, epochs in (("a.svg", EPOCHS), ("b.svg", EPOCHS), ("one.svg", EPOCHS[:1])):
        plot(panels(epochs), str(tmp_path / name))
    svg = (tmp_path / "a.svg").read_text("utf-8")
    assert svg == (tmp_path / "b.svg").read_text("utf-8") and xml.dom.minidom.parseString(svg)
