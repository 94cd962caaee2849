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
def test_commands(block: str) -> None:
    command, *lines = block.rstrip("\n").split("\n")
    done = CliRunner().invoke(main, shlex.split(command)[1:])
    said = [line.rstrip() for line in done.output.splitlines()]
    assert [line for line in lines if line.rstrip() not in said] == []


def test_all_targets_stand_in_the_table() -> None:
    assert sorted(re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE)) == list(targets.names())


def test_the_program_for_scipy(tmp_path: Path) -> None:
    (program,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    first, second = program.split("from ridge")
    data = "rng = np.random.default_rng(0); X, y, w0, lam = rng.normal(size=(9, 3)), rng.normal(size=9), np.zeros(3), 0.5\n"
    last = "assert np.allclose(w, np.linalg.solve(X.T @ X + lam * np.eye(3), X.T @ y), atol=1e-6)\n"
    env_path = str(ROOT)
    text = f"import sys; sys.path[:0] = ['.', {env_path!r}]\n" + first + data + "from ridge" + second + last
    done = subprocess.run([sys.executable, "-c", text], cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
