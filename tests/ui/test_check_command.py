"""``matcalc check``: exit codes, and where the work comes from."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from matcalc.cli import main
from tests.places import ROOT

WORK = "z = W*x + b\ns = u'*z\nds/dW = x*u'\n"


def run(*words: str, given: str | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(words), input=given, standalone_mode=False)
    return int(result.return_value or 0), result.output


def test_answers() -> None:
    assert run("check", "tr(A*X*B)", "--wrt", "X", "--answer", "A'*B'") == (0, "right: normal forms agree\n")
    code, out = run("check", "tr(A*X*B)", "--wrt", "X", "--answer", "B*A")
    assert code == 4 and "up to layout: the transpose" in out
    assert run("check", "x'*x", "--wrt", "x", "--answer", "2*y", "--name", "y=x")[0] == 0


def test_work_from_standard_input_and_from_a_file(tmp_path: Path) -> None:
    code, out = run("check", "-", given=WORK)
    assert code == 4 and "up to layout: the transpose" in out
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


PAGE = (ROOT / "docs" / "check.md").read_text("utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
BO = "r = A*x - b\nf = r'*r\ndf = r'*dr\ndr = A*dx\ndf/dx = A'*r\n"


@pytest.mark.sample(2)
@pytest.mark.parametrize("block", BLOCKS)
def test_the_page_shows_what_is_printed(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "homework"
    folder.mkdir()
    (folder / "anna.txt").write_text("r = A*x - b\nf = r'*r\ndf/dx = 2*A'*r\n", "utf-8")
    (folder / "cleo.py").write_text("def grad(A, x, b):\n    return 2 * A.T @ (A @ x + b)\n", "utf-8")
    (tmp_path / "grads.py").write_text("def grad(X, w, y):\n    return 2 * X.T @ (X @ w - y)\n", "utf-8")
    for path in (tmp_path / "work.txt", folder / "bo.txt"):
        path.write_text(BO, "utf-8")
    for part in block.split("$ ")[1:]:
        command, _, shown = part.partition("\n")
        if command.startswith("cat "):
            assert shown == BO
        else:
            printed = CliRunner().invoke(main, shlex.split(command)[1:], env={"COLUMNS": "160"}).output
            assert printed.strip() == shown.strip()


def test_explained_lines_and_forms(tmp_path: Path) -> None:
    path = tmp_path / "work.txt"
    path.write_text(BO, "utf-8")
    code, out = run("check", str(path), "--explain")
    assert code == 4 and "\n        df = 2rᵀ dr\n" in out
    assert run("check", str(path), "--format", "latex", "--document")[1].startswith("\\documentclass")
    for words in (("--document",), ("--explain", "--format", "json")):
        assert CliRunner().invoke(main, ["check", str(path), *words]).exit_code == 2


def test_what_was_not_understood_has_its_own_exit_code(tmp_path: Path) -> None:
    path = tmp_path / "work.txt"
    path.write_bytes(b"\xef\xbb\xbf" + BO.replace("df = r'*dr", "df = 2*r'*q*dr").replace("= A'*r", "= 2*A'*r").encode())
    code, out = run("check", str(path))
    assert code == 2 and out.startswith("not understood: line 3, 2*r'*q*dr: 'q' is not defined")
