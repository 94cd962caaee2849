"""``matcalc check-gradient``."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcalc.check import points
from matcalc.check.central_differences import Entry, GradientCheck
from matcalc.ui import gradient_command
from matcalc.ui.gradient_command import told
from tests.places import ROOT
from tests.test_cli import run

NET = "s = u^T tanh(W x + b)"


def test_the_net_of_the_lecture() -> None:
    done = run("check-gradient", NET)
    assert done.exit_code == 0 and "h = 0.0001" in done.stdout and "✓ 13 entries agree" in done.stdout
    assert len(re.findall(r"^  [uWxb]\[[\d,]+\] ", done.stdout, re.MULTILINE)) == 13 and done.stderr == ""
    assert run("check-gradient", NET, "--seed", "1").stdout.splitlines()[1] != done.stdout.splitlines()[1]


def test_values_and_the_step() -> None:
    done = run("check-gradient", "f = (x+y)*max(y,z)", "--at", "x=1,y=2,z=0", "--h", "1e-5")
    assert done.exit_code == 0 and "h = 1e-05" in done.stdout and "where f = 6" in done.stdout
    assert re.search(r"^  y +5 +5 ", done.stdout, re.MULTILINE)


def test_rows_and_variables() -> None:
    done = run("check-gradient", NET, "--wrt", "W,b", "--rows", "2")
    assert "and 6 more, with errors up to" in done.stdout and "✓ 8 entries" in done.stdout
    assert "and 13 more" in run("check-gradient", NET, "--rows", "0").stdout


def test_a_kink() -> None:
    done = run("check-gradient", "f = (x+y)*max(y,z)", "--at", "x=1,y=2,z=2")
    assert done.exit_code == 0 and "a convention counts" in done.stdout and "2 of them with a note" in done.stdout


@pytest.mark.slow
def test_the_sweep_and_its_plot(tmp_path: Path) -> None:
    done = run("check-gradient", NET, "--sweep")
    assert len(re.findall(r"(truncation|rounding|smallest)$", done.stdout, re.MULTILINE)) == 13
    pytest.importorskip("matplotlib")
    path = tmp_path / "sweep.svg"
    done = run("check-gradient", NET, "--plot", str(path))
    assert done.exit_code == 0 and "smallest" in done.stdout and path.read_text("utf-8").startswith("<?xml")


def report_of(errors: Sequence[float]) -> GradientCheck:
    entries = tuple(Entry("x", (i,), 1.0, 1.0 + e, e) for i, e in enumerate(errors, 1))
    return GradientCheck(1e-4, 2.0, entries, (), ())


def test_what_differs_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    text = told(report_of([0.5, 1e-9]), "s", "a random point", 20)
    assert "✗ 1 of 2 entries differ" in text and re.search(r"x\[1\].*5\.0e-01 +differs", text)

    class Wrong:
        warnings, problem = (), type("P", (), {"output_name": "s", "order": 0})

        def check_gradient(self, *given: Any, **more: Any) -> GradientCheck:
            return report_of([0.5])

    monkeypatch.setattr(gradient_command, "derived", lambda *given: Wrong())
    assert run("check-gradient", "x'*x").exit_code == 4


def test_errors_say_what_to_type() -> None:
    done = run("check-gradient", "s = u^T f(W x + b)")
    assert done.exit_code == 2 and "--function f=tanh" in done.stderr
    assert run("check-gradient", "s = u^T f(W x + b)", "--function", "f=tanh").exit_code == 0
    assert run("check-gradient", "W x + b").exit_code == 2
    assert run("check-gradient", "x'*x", "--h", "-1").exit_code == 2
    small = run("check-gradient", "x'*x", "--h", "1e-200")
    assert small.exit_code == 2 and run("check-gradient", "x'*x", *re.findall(r"\((--h) (\S+)\)", small.stderr)[0]).exit_code == 0
    done = run("check-gradient", r"\nabla^2_x x^T x")
    assert done.exit_code == 2 and "asks for a second derivative" in done.stderr
    assert run("check-gradient", r"\nabla_x x^T x").exit_code == 0
    assert run("check-gradient", "x'*x", "--plot", "a.txt").exit_code == 2


class Terminal:
    def __init__(self, is_one: bool) -> None:
        self.is_one, self.text = is_one, ""

    def isatty(self) -> bool:
        return self.is_one

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None: ...


@pytest.mark.parametrize(("is_one", "seconds"), [(True, 10.0), (True, 0.0), (False, 10.0)])
def test_a_bar_on_a_terminal_when_it_is_long(is_one: bool, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    stream, clock = Terminal(is_one), iter([0.0, *[seconds] * 100])
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(gradient_command, "monotonic", lambda: next(clock))
    with gradient_command.progress() as tick:
        for done in range(1, 31):
            tick(done, 30)
    assert ("[##" in stream.text and stream.text.endswith("\r")) is (is_one and seconds > 1)
    assert stream.text == "" or "30 of 30 entries" in stream.text


def without_times(text: str) -> list[str]:
    """Lines without what differs from run to run, or from one machine to another in the last digits."""
    return [" ".join(re.sub(r"\d\.\de[-+]\d\d|[\d.]+ m?s\b", "", line).split()) for line in text.splitlines()]


def test_the_page_shows_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points, "generator", np.random.default_rng)  # the page shows the usual points
    page = (ROOT / "docs" / "gradient-check.md").read_text("utf-8")
    example, sweep = re.findall(r"^\$ matcalc (.*)\n((?:.*\n)*?)```", page, re.MULTILINE)
    assert without_times(run(*shlex.split(example[0])).stdout) == without_times(example[1])
    assert len(sweep[1].splitlines()) == 5 and sweep[1] in run(*shlex.split(sweep[0])).stdout  # truncation is no rounding
