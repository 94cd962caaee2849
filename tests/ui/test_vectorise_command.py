"""The command: what stands for the loop and why, the code, times where they are asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from matcalc.cli import main


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, ["vectorise", *words])
    return done.exit_code, done.stdout, done.stderr


def test_why_and_both_codes() -> None:
    code, out, _ = run("z_i = W x_i")
    assert code == 0 and "X*W', row i is the term" in out and "W x_i, where x_i = X[i]" in out
    assert "gradient of sum(V ∘ (X Wᵀ)) by V" in out and "def in_a_loop(W, X):" in out and "def at_once(W, X):" in out
    assert "✓ at 2 random points" in out and "Measured" not in out


@pytest.mark.slow
def test_times_and_a_file(tmp_path: Path) -> None:
    path = tmp_path / "both.py"
    code, out, err = run(r"\sum_{i=1}^N (w^T x_i - y_i)^2", "--wrt", "w", "--time", "--dim", "w=4", "-o", str(path))
    assert code == 0 and "at N = 500" in out and "times as long" in out and "def " not in out
    assert f"wrote {path}" in err and "for i in range(np.shape(X)[0]):" in path.read_text()


@pytest.mark.parametrize("words", [("x'*x",), ("w_j'*x_i",), ("W x_i", "--over", "k")])
def test_refusals(words: tuple[str, ...]) -> None:
    code, out, err = run(*words)
    assert code == 2 and out == "" and err.startswith("error: ") and "hint: " in err
