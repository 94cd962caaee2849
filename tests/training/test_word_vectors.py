"""The examples with word vectors: named entities by windows, and the word that stays behind."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests.places import ROOT

pytestmark = pytest.mark.skipif(not (ROOT / "examples").exists(), reason="the source tree")


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{name}", ROOT / "examples" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def forward(example: Any, data: dict[str, Any], p: Any) -> Any:
    """The scores of the windows, written by hand."""
    L = p["L"] if "L" in p else data["L"]
    Z = L[data["p"]] @ p["A"].T + L[data["v"]] @ p["B"].T + L[data["q"]] @ p["D"].T + p["b"]
    return np.tanh(Z) @ p["U"].T + p["g"]


@pytest.mark.slow
def test_named_entities(tmp_path: Path) -> None:
    module = example("named_entities")
    text = (ROOT / "examples" / "named_entities.tagged").read_text("utf-8")
    data, words = module.windows(text)
    assert len(text.splitlines()) == 100 and len(data["y"]) > 450 and set(data["y"]) == {0, 1, 2, 3}
    assert [words[data[k][1]] for k in "pvq"] == ["Maria", "lives", "in"] and words[data["p"][0]] == "<s>"
    still, moving = (module.trained(tmp_path, moving) for moving in (False, True))
    assert still.accuracy >= 0.92 and moving.accuracy >= 0.96
    assert moving.epochs[-1]["loss"] < still.epochs[-1]["loss"] and "L" not in still.parameters
    for found, vectors in ((still, {"L": np.load(tmp_path / "still-data.npz")["L"]}), (moving, {})):
        aside = np.random.default_rng(0).permutation(len(data["y"]))[: round(0.2 * len(data["y"]))]
        scores = forward(module, {**data, **vectors}, found.parameters)
        assert np.mean(scores.argmax(axis=1)[aside] == data["y"][aside]) == found.accuracy


@pytest.mark.slow
def test_television_stays_behind(tmp_path: Path) -> None:
    module = example("television")
    scores, vectors = module.trained(tmp_path, False)
    assert [word for word, score in scores.items() if score > 0] == ["TV", "telly", "television"]
    scores, vectors = module.trained(tmp_path, True)
    assert [word for word, score in scores.items() if score > 0] == ["TV", "telly"]
    moved = np.abs(vectors - module.VECTORS).max(axis=1)
    assert moved[2] == 0 and (np.delete(moved, 2) > 0.5).all()


@pytest.mark.slow
def test_the_examples_print(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["television.py", str(tmp_path)])
    example("television").main()
    printed = capsys.readouterr().out
    page = (ROOT / "docs" / "training.md").read_text("utf-8")
    shown = page.partition("$ python examples/television.py\n")[2].partition("```")[0]
    number = re.compile(r"\d+\.\d+")
    assert number.sub("N", shown) == number.sub("N", printed)
    assert printed.count("television a screen") == printed.count("television no screen") == 1 and "moved by 0.00" in printed
