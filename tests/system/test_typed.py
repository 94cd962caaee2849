"""Text as people type it: the corpus of public questions, papers and the lecture, each answer compared with numbers of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.places import CORPUS, ROOT

JUDGE = CORPUS / "judge_typed.py"
LEVELS = [("stated", "0.92", "0.94"), ("bare", "0.80", "0.92")]


@pytest.mark.slow
@pytest.mark.skipif(not JUDGE.is_file(), reason="no corpus beside the checkout")
@pytest.mark.parametrize(("level", "right", "one_round"), LEVELS)
def test_what_people_type_is_read_right_or_asked_about_and_never_misread_in_silence(level: str, right: str, one_round: str) -> None:
    """The judge fails where an answer is silently wrong, where something crashes, and below these shares."""
    words = [sys.executable, str(JUDGE), "--level", level, "--min", right, "--min-one-round", one_round]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False, env=environment)
    assert done.returncode == 0, done.stdout[-3000:]
