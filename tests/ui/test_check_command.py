"""``matcalc check``: exit codes, and where the work comes from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from matcalc.cli import main

WORK = "z = W*x + b\ns = u'*z\nds/dW = x*u'\n"


def run(*words: str, given: str | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(words), input=given, standalone_mode=False)
    return int(result.return_value or 0), result.output


def test_answers() -> None:
    assert run("check", "tr(A*X*B)", "--wrt", "X", "--answer", "A'*B'") == (0, "right\n")
    code, out = run("check", "tr(A*X*B)", "--wrt", "X", "--answer", "B*A")
    assert code == 4 and "transposed" in out
    assert run("check", "x'*x", "--wrt", "x", "--answer", "2*y", "--name", "y=x")[0] == 0


def test_work_from_standard_input_and_from_a_file(tmp_path: Path) -> None:
    code, out = run("check", "-", given=WORK)
    assert code == 4 and "transposed" in out
    path = tmp_path / "work.txt"
    path.write_text(WORK.replace("x*u'", "u*x'"), encoding="utf-8")
    assert run("check", str(path))[0] == 0
    assert run("check", "s = u'*(W*x + b)", "--wrt", "W", "--work", str(path))[0] == 0


def test_json() -> None:
    code, out = run("check", "x'*x", "--wrt", "x", "--answer", "x", "--format", "json")
    assert code == 4 and json.loads(out)["verdict"] == "factor"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("check", "x'*x"), "--answer"),
        (("check",), "one expression or file"),
        (("check", "x'*x", "--answer", "x", "--work", "w"), "exclude"),
        (("check", "x'*x", "--wrt", "x", "--answer", "q*x"), "'q'"),
    ],
)
def test_refusals(words: tuple[str, ...], said: str) -> None:
    code, out = run(*words)
    assert code == 2 and said in out
