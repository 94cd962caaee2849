"""``matcalc functions``."""

from __future__ import annotations

import sys
from math import isfinite, isnan
from pathlib import Path

import pytest

from matcalc.expr.errors import UsageError
from matcalc.ui.functions_command import panels
from tests.test_cli import run


def test_one_function() -> None:
    done = run("functions", "hard", "tanh")
    assert done.exit_code == 2
    done = run("functions", "hard tanh")
    assert done.exit_code == 0 and done.stdout.startswith("hardtanh(z)\n") and "[-1, 1]" in done.stdout


def test_all_functions() -> None:
    done = run("functions")
    assert done.exit_code == 0 and "softplus(z)" in done.stdout and "logdet" in done.stdout


def test_the_nearest_name_when_typed_works() -> None:
    done = run("functions", "leakyrel")
    assert done.exit_code == 2 and "did you mean leakyrelu" in done.stderr
    assert run("functions", "leakyrelu").exit_code == 0


def test_a_plot(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "tanh.svg"
    done = run("functions", "tanh", "--plot", str(path))
    assert done.exit_code == 0 and f"wrote {path}" in done.stderr and path.read_text("utf-8").startswith("<?xml")


def test_what_has_no_plot_is_refused(tmp_path: Path) -> None:
    done = run("functions", "logdet", "--plot", str(tmp_path / "a.svg"))
    assert done.exit_code == 2 and "'logdet' is no function of one number" in done.stderr
    assert run("functions", "tanh", "--plot", "tanh.txt").exit_code == 2


def test_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = run("functions", "tanh", "--plot", "tanh.svg")
    assert done.exit_code == 2 and "pip install" in done.stderr


def test_curves_are_interrupted_where_a_derivative_jumps() -> None:
    (panel,) = panels("relu")
    value, slope = panel.lines
    assert all(isfinite(y) for y in value.ys) and [x for x, y in zip(slope.xs, slope.ys, strict=True) if isnan(y)] == [0.0]
    (panel,) = panels("step")
    assert [x for x, y in zip(panel.lines[0].xs, panel.lines[0].ys, strict=True) if isnan(y)] == [0.0]


def test_curves_have_no_values_outside_of_the_domain() -> None:
    (panel,) = panels("log")
    line = panel.lines[0]
    assert all(isnan(y) for x, y in zip(line.xs, line.ys, strict=True) if x < 0)
    assert sum(isfinite(y) for y in line.ys) > 150


def test_functions_without_curves() -> None:
    with pytest.raises(UsageError):
        panels("logsumexp")
