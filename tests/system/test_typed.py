"""Text as people type it: the corpus of public questions, papers and the lecture, each answer compared with numbers of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

import matcalc
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


@pytest.mark.parametrize("kind", ["gradient", "hessian"])
@pytest.mark.parametrize(
    "text",
    [
        "x'*A*x + 2*b'*x + c",
        r"\frac12 x^TAx - b^Tx + c",
        "w'*x + b",
        r"\frac{1}{2}\|w\|^2 - \sum_{i=1}^m \alpha_i[y^{(i)}(w^T x^{(i)}+b) - 1]",
        "log(sigmoid(w'*x + b))",
    ],
)
def test_to_ask_for_the_kind_that_is_found_changes_no_reading(text: str, kind: str) -> None:
    """c of x'Ax + b'x + c was a number, and where a scalar was demanded, by kind=, a vector, which made the sum none."""
    wrt = "w" if "w" in text else "x"
    found, asked = (matcalc.derive(text, wrt=wrt, kind=k) for k in (None, kind))
    assert asked.dims == found.dims
    assert kind == "hessian" or asked.result.plain == found.result.plain


@pytest.mark.slow
@pytest.mark.skipif(not JUDGE.is_file(), reason="no corpus beside the checkout")
def test_no_text_of_the_corpus_is_read_otherwise_where_its_kind_is_asked_for() -> None:
    seen = 0
    for case in map(json.loads, (CORPUS / "typed.jsonl").read_text("utf-8").splitlines()):
        said = {"wrt": case["truth"]["wrt"], "check": False}
        try:
            found = matcalc.derive(case["text"], **said)
        except matcalc.MatcalcError:
            continue
        if found.kind == "gradient":
            seen += 1
            asked = matcalc.derive(case["text"], kind="gradient", **said)
            assert [r.plain for r in asked.results] == [r.plain for r in found.results], case["text"]
    assert seen > 100
