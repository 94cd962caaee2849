"""Syntax trees are made in several threads at once."""

from __future__ import annotations

import ast
import gc
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from matcalc.notation.lex.python_trees import tree_of

SOURCE = "def f(x):\n" + "    y = ((x + 1) * [x, (2, -x)][0])\n" * 50


@pytest.mark.slow
def test_trees_that_are_made_at_once_are_right() -> None:
    """The garbage collector, which may run in between, lets another thread go on."""

    def pause(*_: object) -> None:
        time.sleep(0)

    kept = gc.get_threshold()
    gc.callbacks.append(pause)
    gc.set_threshold(50)
    try:
        with ThreadPoolExecutor(8) as threads:
            found = [*threads.map(lambda _: ast.dump(tree_of(SOURCE)), range(16))]
    finally:
        gc.set_threshold(*kept)
        gc.callbacks.remove(pause)
    assert {*found} == {ast.dump(ast.parse(SOURCE))}
