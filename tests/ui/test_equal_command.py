"""``matcalc equal``."""

from __future__ import annotations

import json
import math
import re
import shlex

import numpy as np
import pytest

from matcalc.check import points
from tests.places import ROOT
from tests.test_cli import run


@pytest.mark.slow
def test_the_identity_of_the_lecture() -> None:
    done = run("equal", "tanh(z)", "2*sigmoid(2*z) - 1")
    assert done.exit_code == 0 and done.stdout.startswith("equal\n") and "exactly" in done.stdout
    assert "a thousand digits" in run("equal", "softplus(z) - softplus(-z)", "z").stdout


def test_a_counterexample() -> None:
    done = run("equal", "tanh(z)", "2*sigmoid(z) - 1", "--dim", "z=")
    assert done.exit_code == 4 and done.stdout.startswith("not equal\n")
    z, ratio = (float(re.search(pattern, done.stdout)[1]) for pattern in (r"z = (\S+)", r"ratio +(\S+)"))  # type: ignore[index]
    assert abs(ratio - math.tanh(z) / (2 / (1 + math.exp(-z)) - 1)) < 1e-5


def test_reasons() -> None:
    assert "normal forms agree" in run("equal", "(A*B)'", "B'*A'").stdout
    assert "exactly, modulo large primes" in run("equal", "det(A*B)", "det(A)*det(B)").stdout
    assert "exactly, modulo large primes" in run("equal", "sin(z)^2 + cos(z)^2", "1", "--dim", "z=").stdout
    done = run("equal", "A*x", "x'*x")
    assert done.exit_code == 4 and "sizes differ" in done.stdout and "[n×1] and a scalar" in done.stdout


def test_as_many_digits_as_tell_the_sides_apart() -> None:
    done = run("equal", "x", "x + 0.0000001", "--dim", "x=")
    left, right = re.findall(r"^  (?:left|right) +(-?[\d.]+)$", done.stdout, re.MULTILINE)
    assert left != right
    done = run("equal", "s", "s*(1 + 10^(-300))", "--dim", "s=")
    assert done.exit_code == 4 and "differ beyond" in done.stdout


def test_a_factor() -> None:
    assert "left = -1 right" in run("equal", "-x", "x").stdout  # no option, an expression
    assert "left = 1/2 right" in run("equal", "x'*A*x", "2*x'*A*x").stdout


def test_json() -> None:
    done = run("equal", "x'*A*x", "2*x'*A*x", "--format", "json")
    found = json.loads(done.stdout)
    assert done.exit_code == 4 and found["equal"] is False and found["counterexample"]["factor"] == "1/2"
    x, a = found["counterexample"]["values"]["x"], found["counterexample"]["values"]["A"]
    assert math.isclose(found["counterexample"]["a"], x[0] * a[0][0] * x[0])
    assert json.loads(run("equal", "x", "x", "--format", "json").stdout)["counterexample"] is None
    assert json.loads(run("equal", "A*x", "x'*x", "--format", "json").stdout)["sizes"] == [["n"], []]
    assert json.loads(run("equal", "x'*", "x", "--format", "json").stdout)["error"]["kind"]


def test_what_is_said_of_both() -> None:
    assert run("equal", "g(x)", "x*sigmoid(x)", "--dim", "x=", "--define", "g(z) = z/(1+exp(-z))").exit_code == 0
    words = ["--meant", "a/b c", "(a/b) c", "--dim", "a=", "--dim", "b=", "--dim", "c="]
    assert run("equal", "a/b c", "a*c/b", *words).exit_code == 0
    assert run("equal", r"\w^\top x", "w'*x", "--macro", r"\w=w").exit_code == 0
    assert "does not stand in the text" in run("equal", "a", "b", "--meant", "q", "r").stderr
    assert "f and g: any function" in run("equal", "f(x)", "g(x)", "--dim", "x=").stdout


def test_errors() -> None:
    done = run("equal", r"\nabla_x x^T x", "2*x")
    assert done.exit_code == 2 and "the text asks for a derivative" in done.stderr
    done = run("equal", "x")
    assert done.exit_code == 2 and "two expressions are expected, and there are 1" in done.stderr
    assert run("equal", "x", "y", "z").exit_code == 2
    done = run("equal", "log(x)", "log(-x)", "--dim", "x=")
    assert done.exit_code == 4 and "no random point was found" in done.stderr


def test_the_page_shows_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points, "generator", np.random.default_rng)  # the page shows the usual points
    page = (ROOT / "docs" / "functions.md").read_text("utf-8")
    block = page[page.index("$ matcalc equal") :].partition("```")[0]
    shown = re.findall(r"^\$ matcalc (.*)\n((?:[^$].*\n)*)", block, re.MULTILINE)
    assert len(shown) == 2
    for command, text in shown:  # rounding may differ
        assert [re.sub(r"\d\.\de-\d\d", "", x) for x in (text, run(*shlex.split(command)).stdout)].count(
            re.sub(r"\d\.\de-\d\d", "", text)
        ) == 2


@pytest.mark.parametrize("left, right, sizes", [
    ("A*x", "x'*A'", "[n×1] and [1×n]"), ("A", "A'", "[n×m] and [m×n]"), ("x*A*y", "y'*A'*x", "[n×1] and [1×n]"),
    (r"\mathbf{x}^\top A", r"A^\top \mathbf{x}", "[1×m] and [m×1]"),
])  # fmt: skip
def test_a_row_and_a_column_are_told_apart(left: str, right: str, sizes: str) -> None:
    """By their true sizes; what is said leads on: with one side transposed the entries are compared."""
    done = run("equal", left, right)
    assert done.exit_code == 4 and sizes in done.stdout
    hint = done.stdout.partition("compare with ")[2].strip()
    assert "sizes differ" not in run("equal", left, hint).stdout
    assert hint.startswith(f"({right})")


def test_how_names_were_read_stands_beside_sizes_that_differ() -> None:
    done = run("equal", "x*A*y", "y'*A'*x")
    assert "'x' is read as a scalar: --dim x=n says otherwise" in done.stdout
    again = run("equal", "x*A*y", "y'*A'*x", "--dim", "x=n")
    assert again.exit_code == 2 and "did you mean x'*A?" in again.stderr
    assert run("equal", "x'*A*y", "y'*A'*x").exit_code == 0


def test_sizes_of_other_kinds_have_no_such_hint() -> None:
    for left, right in (("x'*y", "x"), ("A*x", "x"), ("A", "x")):
        assert "transposed" not in run("equal", left, right).stdout


def test_a_difference_and_a_transpose() -> None:
    done = run("equal", "x'*x", "x'*x + 2")
    assert done.exit_code == 4 and "left = right - 2, whatever the values are" in done.stdout
    done = run("equal", "A*B'", "B*A'", "--dim", "A=n,n", "--dim", "B=n,n")
    assert done.exit_code == 4 and "left = right^T, whatever the values are" in done.stdout
