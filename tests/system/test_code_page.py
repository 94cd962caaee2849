"""docs/code.md: its commands print what stands there, its targets are those that there are, its program finds the minimum."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from matcalc.cli import main
from matcalc.codegen import targets
from tests.places import ROOT

pytestmark = pytest.mark.source
PAGE = (ROOT / "docs" / "code.md").read_text("utf-8")


@pytest.mark.parametrize("block", re.findall(r"^```console\n\$ (.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
def test_commands(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # where -o writes
    command, *lines = block.rstrip("\n").split("\n")
    done = CliRunner().invoke(main, shlex.split(command)[1:])
    assert (done.exit_code == 0) is not any(line.startswith("error:") for line in lines), done.output
    said = [line.rstrip() for line in done.output.splitlines()]
    assert [line for line in lines if line.rstrip() not in said] == []


def test_no_program_lies_beside_the_folders() -> None:
    """What a command of a page writes is none of the project's files."""
    assert list(ROOT.glob("*.py")) == []


def test_all_targets_stand_in_the_table() -> None:
    assert sorted(re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE)) == list(targets.names())


PROGRAMS = {  # the module that a program of the page writes: what stands before it is read, and what must hold at the end
    "ridge": (
        "X, y, w0, lam = rng.normal(size=(9, 3)), rng.normal(size=9), np.zeros(3), 0.5",
        "assert np.allclose(w, np.linalg.solve(X.T @ X + lam * np.eye(3), X.T @ y), atol=1e-6)",
    ),
    "curve": (
        "X, t, w0, a0 = rng.normal(size=(9, 3)), rng.uniform(size=9), np.ones(3), 0.5; y = np.exp(-0.8 * t) * (X @ [1.0, 2, 3])",
        "assert np.allclose(found.x, [1, 2, 3, 0.8])",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("module", PROGRAMS)
def test_the_programs_for_scipy(tmp_path: Path, module: str) -> None:
    (program,) = (p for p in re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL) if f"from {module} import" in p)
    data, last = PROGRAMS[module]
    first, second = program.split(f"from {module}")
    opened = f"import sys; sys.path[:0] = ['.', {str(ROOT)!r}]\nimport numpy as np, scipy.optimize, matcalc\n"
    text = f"{opened}{first}rng = np.random.default_rng(0); {data}\nfrom {module}{second}{last}\n"
    done = subprocess.run([sys.executable, "-c", text], cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
