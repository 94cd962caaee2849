"""Functions of somebody's file run elsewhere: what they raise, how long they take and what they eat stays there."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from matcalc.check.work.own_process import Limits, called
from matcalc.expr.errors import LimitError, UsageError

SOURCE = """
import os
import numpy as np
PID = os.getpid()

def pid(x): return np.full(2, float(PID))
def twice(x): return 2 * x
def bad(x, q): return q
def raises(x): raise ValueError("no\\x1b[31m")
def leaves(x): os._exit(3)
def forever(x):
    while True: pass
def eats(x): return np.ones(10**11)
def words(x): return "2"
def pair(x): return x, x
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "own.py").write_text(SOURCE, "utf-8")
    return tmp_path / "own.py"


@pytest.mark.slow
def test_values_come_back_from_another_process(file: Path) -> None:
    points = [{"x": np.ones(2)}, {"x": np.arange(3.0)}]
    assert [list(v) for v in called(file, "twice", points, "", Limits())] == [[2, 2], [0, 2, 4]]
    assert called(file, "pid", points[:1], "", Limits())[0][0] != os.getpid()


@pytest.mark.sample(4)
@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("bad", "argument 'q'"),
        ("raises", "ValueError: no·"),
        ("leaves", "ended the process"),
        ("eats", "MemoryError"),
        ("words", "no array of numbers"),
        ("pair", "choose one with --item 1"),
        ("missing", "no function 'missing'"),
    ],
)
def test_what_fails_there_is_told_here(file: Path, function: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        called(file, function, [{"x": np.ones(2)}], "", Limits(60, 4096))


@pytest.mark.slow
def test_time_is_limited(file: Path) -> None:
    with pytest.raises(LimitError, match=r"1 seconds|signal"):
        called(file, "forever", [{"x": np.ones(2)}], "", Limits(1))
