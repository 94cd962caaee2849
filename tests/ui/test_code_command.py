"""``matcalc check-code`` says what it runs, and runs nothing with --read."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from matcalc.cli import main

SOURCE = "import pathlib\npathlib.Path(__file__).with_name('ran').touch()\ndef grad(X, w, y):\n    return {} * X.T @ (X @ w - y)\n"


def test_check_code(tmp_path: Path) -> None:
    file = tmp_path / "grads.py"
    words = ["check-code", f"{file}:grad", "norm2(X*w - y)^2", "--wrt", "w"]
    file.write_text(SOURCE.format(1), "utf-8")
    walked = CliRunner().invoke(main, [*words, "--read"])
    assert walked.exit_code in (2, 4) and not (tmp_path / "ran").exists()
    run = CliRunner().invoke(main, words)
    assert run.exit_code == 4 and "running grad of" in run.output and "1/2 times what is right" in run.output
    assert (tmp_path / "ran").exists()
    file.write_text(SOURCE.format(2), "utf-8")
    assert CliRunner().invoke(main, words).exit_code == 0


def test_what_is_refused(tmp_path: Path) -> None:
    for where in ("grads.py", "grads.py:", f"{tmp_path}/none.py:grad", "grads.py:a b"):
        done = CliRunner().invoke(main, ["check-code", where, "x'*x"])
        assert done.exit_code == 2 and "Traceback" not in done.output
