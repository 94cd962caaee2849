"""Right and wrong work of real people: none that is right is called wrong, all that is wrong is caught, with place and kind."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.places import CORPUS

FILE = CORPUS / "check.jsonl"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not FILE.exists(), reason="no corpus beside the checkout")]


def test_the_corpus_is_judged_as_it_says() -> None:
    done = subprocess.run(
        [sys.executable, str(CORPUS / "judge_check.py"), "--min-kind", "0.95"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]
