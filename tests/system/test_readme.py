"""The README's commands and outputs, run as they stand there."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.places import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
FILES = re.findall(r"In a file `([\w.]+)`:\n\n```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"(?<=relative error )[-+.e\d]+")
INSTALL = ("pip install .", "pip install -e")


def run(command: str) -> tuple[int, str]:
    from matcalc.cli import main

    words = shlex.split(command)
    assert words[0] == "matcalc"
    result = CliRunner().invoke(main, words[1:], env={"NO_COLOR": "1", "COLUMNS": "80"})
    return result.exit_code, result.output


def sessions() -> list[tuple[str, str]]:
    """(command, output) of the console blocks that show what comes out."""
    found = []
    for kind, text in BLOCKS:
        if kind == "console" and text.startswith("$ "):
            command, _, output = text[2:].partition("\n")
            found.append((command, output))
    return found


def commands() -> list[str]:
    return [
        line
        for kind, text in BLOCKS
        if kind == "console" and not text.startswith("$ ")
        for line in text.splitlines()
        if line and not line.startswith(INSTALL)
    ]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the commands write lands in a folder of its own, not in the source tree."""
    monkeypatch.chdir(tmp_path)
    for name, text in FILES:
        (tmp_path / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("command", "output"), sessions())
def test_shown_output(command: str, output: str) -> None:
    _, got = run(command)
    assert NUMBER.sub("E", got).split() == NUMBER.sub("E", output).split()


@pytest.mark.sample(8)
@pytest.mark.parametrize("command", commands())
def test_command_works(command: str) -> None:
    code, output = run(command)
    assert code == 0, output


def test_the_first_picture() -> None:
    """The shortened derivation: each of its lines is in the real one, in order."""
    _, got = run('matcalc derive "s = u^T f(W x + b)"')
    shown = next(text for kind, text in BLOCKS if kind == "text" and text.startswith("Gradients of"))
    lines = [" ".join(line.split()) for line in got.splitlines()]
    position = 0
    for line in shown.splitlines():
        line = " ".join(line.split())
        if line and line != "…":
            assert line in lines[position:], line
            position = lines.index(line, position)


def test_python_session() -> None:
    text = next(text for kind, text in BLOCKS if kind == "python" and ">>>" in text)
    test = doctest.DocTestParser().get_doctest(text, {}, "README", "README.md", 0)
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_the_rule_files_of_the_readme() -> None:
    assert [name for name, _ in FILES] == ["my_rules.py", "comm.py"]
    code, output = run("matcalc derive 'sum(tan(x))' --rules my_rules.py")
    assert code == 0, output
    assert "my tan" in output


def test_the_spellings_all_mean_the_same() -> None:
    import matcalc

    block = next(text for kind, text in BLOCKS if kind == "text" and r"\top" in text)
    texts = [t for line in block.splitlines() for t in re.split(r"\s{4,}", line) if t]
    results = {tuple((r.wrt, r.plain) for r in sorted(matcalc.derive(t).results, key=lambda r: r.wrt)) for t in texts}
    assert len(texts) == 6
    assert len(results) == 1
