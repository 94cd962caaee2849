"""A sentence goes down through the rooms and does not come back up: see benchmarks/path.py, which traces it."""

from __future__ import annotations

import importlib.util
import re
from types import FrameType, ModuleType
from typing import Any

import pytest

import matcalc
from tests.places import ROOT
from tests.system.test_rooms import MODULES

FILE = ROOT / "benchmarks" / "path.py"
SENTENCE = "s = u^T f(W x + b)"


@pytest.fixture(scope="module")
def path() -> ModuleType:
    spec = importlib.util.spec_from_file_location("matcalc_path", FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    d = matcalc.derive("x'*x")
    assert d.to_code() and d.to_latex()  # what is loaded once, rows of rules among it, is no part of the path
    return module


def test_no_module_is_entered_left_and_entered_again(path: ModuleType) -> None:
    assert not path.reentries(SENTENCE)


def test_a_hand_over_that_comes_back_is_seen(path: ModuleType) -> None:
    """The handlers of a nested function read their arguments through the table that called them."""
    assert ("matcalc.notation.meaning.reductions", "matcalc.notation.meaning.tape") in path.reentries("np.sum(np.sum(X, axis=0))")


@pytest.mark.source
def test_the_ten_steps_name_what_is_called(path: ModuleType) -> None:
    """docs/architecture.md tells the path of this sentence: each function that it names runs, one step's after another's."""
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8").partition("## One sentence")[2]
    listed = text[text.index("\n1. ") : text.index("\n\n", text.index("\n10. "))]
    steps = [re.findall(r"`((?:\w+\.)+\w+)`", step) for step in re.split(r"^\d+\. ", listed, flags=re.MULTILINE)[1:]]
    order: dict[str, int] = {}

    def watch(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and (module := path.module_of(frame)) is not None:
            parts = module.removeprefix("matcalc.").split(".") + frame.f_code.co_qualname.split(".")[:1]
            for i in range(len(parts) - 1):  # by its full name, or as the page shortens it
                order.setdefault(".".join(parts[i:]), len(order))

    path.traced(SENTENCE, watch)
    functions = [[name for name in names if f"matcalc.{name}" not in MODULES] for names in steps]
    assert len(steps) == 10 and all(functions)
    assert not [name for names in functions for name in names if name not in order]
    assert [names[0] for names in functions] == sorted([names[0] for names in functions], key=lambda name: order[name])
