"""``matcalc graph``."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from xml.dom import minidom

import pytest

from tests.test_cli import run

LECTURE = "f = (x+y)*max(y,z)"


def test_the_worked_example() -> None:
    done = run("graph", LECTURE, "--at", "x=1,y=2,z=0")
    assert done.exit_code == 0 and "∂f/∂y = ∂f/∂a ∂a/∂y + ∂f/∂b ∂b/∂y = 2 + 3 = 5" in done.stdout
    assert re.search(r"f = a b +6 +1\n", done.stdout) and re.search(r"z +0 +0\n", done.stdout)
    assert "the two arguments tie" in done.stderr


def test_files_by_their_endings(tmp_path: Path) -> None:
    names = [str(tmp_path / f"g.{ending}") for ending in ("svg", "dot", "mmd", "tex", "txt", "other")]
    done = run("graph", "s = u^T f(W x + b)", *(word for name in names for word in ("-o", name)))
    assert done.exit_code == 0 and done.stdout == "" and "as text; --format says which format" in done.stderr
    svg, dot, mermaid, tikz, text, other = (Path(name).read_text("utf-8") for name in names)
    assert minidom.parseString(svg).documentElement.tagName == "svg" and dot.startswith("digraph")  # type: ignore[union-attr]
    assert "flowchart LR" in mermaid and tikz.startswith(r"\documentclass") and text == other and "h = f(z)" in text


def test_a_format_on_the_screen() -> None:
    assert run("graph", "x'*x", "--format", "dot").stdout.startswith("digraph")


def test_values_say_what_sizes_there_are(tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text('{"W": [[1, 2], [3, 4], [5, 6]], "x": [1, 1], "y": [0, 0, 1]}', "utf-8")
    done = run("graph", "norm2(W*x - y)^2", "--at", str(tmp_path / "v.json"))
    assert done.exit_code == 0 and "(6, 14, 20)" in done.stdout  # 2 (W x − y)
    done = run("graph", "norm2(W*x - y)^2", "--dim", "x=3", "--at", str(tmp_path / "v.json"))
    assert done.exit_code == 2 and "2" in done.stderr and "3" in done.stderr


def test_random_points() -> None:
    one, same, other = (run("graph", "x'*A*x", "--at", "random", "--seed", seed).stdout for seed in "112")
    assert one == same != other


def test_errors_say_what_to_type() -> None:
    done = run("graph", LECTURE)
    assert done.exit_code == 2 and "the text has two readings" in done.stderr
    commands = re.findall(r"^  (matcalc graph .*)$", done.stderr, re.MULTILINE)
    assert commands and all(run(*shlex.split(command)[1:]).exit_code == 0 for command in commands)
    missing = run("graph", LECTURE, "--at", "x=1,y=2")
    assert missing.exit_code == 2
    half = run("graph", "s = x*y", "--dim", "y=", "--at", "x=1")
    assert half.exit_code == 2 and "no value was given for 'y'" in half.stderr
    generic = run("graph", "s = u^T f(W x + b)", "--at", "random")
    assert generic.exit_code == 2 and "--function f=tanh" in generic.stderr
    assert run("graph", "s = u^T f(W x + b)", "--at", "random", "--function", "f=tanh").exit_code == 0


@pytest.mark.parametrize("words", [("--help",), ("-h",)])
def test_help(words: tuple[str, ...]) -> None:
    done = run("graph", *words)
    assert done.exit_code == 0 and "--at" in done.stdout and ".svg .dot .mmd .tex" in done.stdout


def program(folder: Path, script: str) -> str:
    """A path on which there is a program dot that does this."""
    (folder / "dot").write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    (folder / "dot").chmod(0o755)
    return f"{folder}{os.pathsep}/bin{os.pathsep}/usr/bin"


def test_graphviz_places_an_svg_where_it_is_asked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("graph", "x'*x", "--format", "svg", "--graphviz")
    monkeypatch.setenv("PATH", program(tmp_path, "head -n 1"))
    assert run(*words).stdout == "digraph computation {\n" and run(*words[:-1]).stdout.startswith("<svg")
    assert run(*words[:2], "--graphviz").stdout.startswith("Computation graph")
    monkeypatch.setenv("PATH", program(tmp_path, "cat > /dev/null; echo no >&2; exit 1"))
    assert "Graphviz refuses the graph: no" in run(*words).stderr
    monkeypatch.setenv("PATH", "")
    missing = run(*words)
    assert missing.exit_code == 2 and "there is no program dot" in missing.stderr and "leave --graphviz out" in missing.stderr


SOFTMAX = r"J=-\log \frac{e^{f_y}}{\sum_{c=1}^{C} e^{f_c}}"


def test_integer_labels() -> None:
    """At f = 0 the gradient is p − e_y with p = (1/3, 1/3, 1/3)."""
    integer, vector = (run("graph", SOFTMAX, "--at", f"f=[0,0,0],y={y}") for y in ("1", "[0,1,0]"))
    assert integer.exit_code == vector.exit_code == 0 and integer.stdout == vector.stdout
    assert re.search(r"∂J/∂f = .* = \(0.3333, -0.6667, 0.3333\)", " ".join(integer.stdout.split()))
    for y in ("3", "-1", "0.5"):
        wrong = run("graph", SOFTMAX, "--at", f"f=[0,0,0],y={y}")
        assert wrong.exit_code == 2 and "'y' is a label: an integer from 0 to 2 is expected" in wrong.stderr


def test_values_choose_the_reading() -> None:
    vectors = run("graph", "sum(x .* y)", "--at", "x=[1,2],y=[3,4]").stdout
    assert "(3, 4)" in vectors and "11" in vectors
    scalars = run("graph", "x*y", "--at", "x=2,y=3")
    assert scalars.exit_code == 0 and "6" in scalars.stdout


@pytest.mark.parametrize("width", [40, 60])
def test_narrow_terminals(width: int) -> None:
    for command in (("graph", "s = u^T f(W x + b)"), ("graph", "f = (x+y)*max(y,z)", "--at", "x=1,y=2,z=0"), ("functions", "gelu")):
        assert max(map(len, run(*command, COLUMNS=str(width)).stdout.splitlines())) <= width
