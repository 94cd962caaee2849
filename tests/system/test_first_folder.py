"""What a newcomer asks is answered by the folder that the page of the architecture names, and nothing on that page has moved."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.places import ROOT

pytestmark = pytest.mark.source

PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8").partition("## To add something\n")[0]
ROWS = [row.strip("| ").split(" | ") for row in re.findall(r"^\| (?!a question|---).*\|$", PAGE, re.MULTILINE)]

# Questions, a word of the row on the page that should answer each, and where the answer is: a file, and what it says there.
QUESTIONS = [
    ("which equation is the rule of inv?", "rule of `inv`", "rules/differential.py", "d(inv(X))"),
    ("where is an operator not differentiable?", "not differentiable", "matcalc/expr/table.py", 'kink="'),
    ("which operators are powers?", "which are powers", "matcalc/expr/groups.py", "POWERS ="),
    ("which letters are indices?", "letter by habit", "matcalc/notation/lex/habits.py", "LABEL_INDEX ="),
    ("how is a LaTeX macro read?", r"`X_{i\cdot}`", "matcalc/notation/lex/macros.py", r"\otimes"),
    (r"how is X_{i\cdot} read?", r"`X_{i\cdot}`", "matcalc/notation/parse/indices.py", r"\\cdot"),
    (r"where is the reader of \begin{cases}?", r"\begin{cases}", "matcalc/notation/parse/by_cases.py", "def cases"),
    ("who lists the meanings of a text?", "which of several meanings", "matcalc/notation/meaning/readings.py", "def read_problem"),
    ("what is made of --dim?", "`--dim` and `--assume`", "matcalc/notation/meaning/declarations.py", "def declared_types"),
    ("at which points is a line evaluated?", "at which random points", "matcalc/numeric/sampling.py", "def sample"),
    ("what does 'spd' mean for a value?", "can be assumed", "matcalc/numeric/properties.py", '"spd"'),
    ("when is a kink noticed?", "kink noticed", "matcalc/engine/kinks.py", "def kinks"),
    ("which errors are there?", "which errors", "matcalc/expr/errors.py", "class ShapeError"),
    ("how is a norm written in LaTeX?", "norm written", "matcalc/expr/table.py", r"\lVert {0} \rVert_2"),
    ("what is the value of kron in doubles?", "in doubles", "matcalc/numeric/kernels.py", '"kron": _kron'),
    ("which lines are told?", "lines are told", "matcalc/engine/exposition.py", "members of each line"),
    ("how is a line checked?", "line checked", "matcalc/check/lines.py", "def check_point"),
    ("what is the stable form of log(sigmoid)?", "what is the stable form", "rules/stable.py", "log(sigmoid(X))"),
    ("which formats are there?", "formats", "matcalc/printers/formats.py", '"markdown"'),
    ("from which lines does the rule of softmax follow?", "rule of softmax follow", "rules/unfolding.py", "softmax"),
    ("who leads from a line to its box?", "to its box", "matcalc/engine/reaching.py", "def with_chains"),
    ("who explains the signs?", "explains the signs", "matcalc/printers/legend.py", "def legend"),
    ("which optimisers are there?", "optimisers", "matcalc/codegen/scripts/optimisers.py", "def adam"),
    ("where does the code use stable forms?", "stable form? which", "matcalc/codegen/lower/stable_forms.py", "def stable_forms"),
    ("which libraries can code use?", "libraries", "matcalc/codegen/targets/numpy_target.py", "def source"),
]


@pytest.mark.parametrize(("question", "words", "path", "answer"), QUESTIONS, ids=[q for q, *_ in QUESTIONS])
def test_the_first_folder_answers(question: str, words: str, path: str, answer: str) -> None:
    (rooms,) = [room for asked, room in ROWS if words in asked]
    folder = rooms.partition("`")[2].partition("`")[0]
    assert path.removeprefix("matcalc/").startswith(folder), rooms
    assert answer in (ROOT / path).read_text("utf-8")


@pytest.mark.parametrize("room", [room for _, room in ROWS])
def test_what_the_page_names_is_there(room: str) -> None:
    folder, *inside = re.findall(r"`([\w/.]+)`", re.split(", set by|, found by|, `cli", room)[0])
    at = next(p for p in (ROOT / folder, ROOT / "matcalc" / folder) if p.is_dir())
    assert all((at / name).exists() for name in inside), room


@pytest.mark.parametrize("room", [p.parent for p in sorted((ROOT / "matcalc").glob("*/__init__.py"))], ids=lambda p: p.name)
def test_each_room_says_what_lives_there(room: Path) -> None:
    text = (room / "__init__.py").read_text("utf-8")
    assert 40 < len(text.partition('"""')[2].partition('"""')[0]) < 1200
