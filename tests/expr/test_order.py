"""The order of expressions: by size, then by name; the same in every process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from matcalc.expr.nodes import Expr, make, sym, transpose
from matcalc.expr.order import key
from matcalc.expr.table import Type
from tests.nodes import read
from tests.places import ROOT

TEXTS = ("x'*A*y", "y'*A*x", "exp(x)", "A'*x", "W*x + b", "s", "t", "(A*x)*(A*x)'", "tr(A*B)")


def test_smaller_ones_first_and_then_by_the_first_name() -> None:
    assert key(read("t")) < key(read("s*x")) < key(read("s*x + s*y"))
    assert key(read("s")) < key(read("t"))
    # how many nodes, transposes left out, and the first name among them
    assert key(read("exp(x)"))[:2] == (2, "x") and key(read("x'*A*y"))[:2] == (5, "A")


def test_a_transpose_stands_beside_its_matrix() -> None:
    a = sym("A", Type("m", "n", "n"))
    assert key(a)[:2] == key(transpose(a))[:2] and key(a) < key(transpose(a)) < key(sym("B", a.type))


def test_different_expressions_have_different_keys() -> None:
    assert len({key(read(text)) for text in TEXTS}) == len(TEXTS)
    assert key(read("x'*A*y")) != key(read("y'*A*x"))


@pytest.mark.slow
def test_the_same_in_another_process() -> None:
    code = f"from tests.nodes import read\nfrom matcalc.expr.order import key\nprint([key(read(t)) for t in {TEXTS!r}])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={"PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == repr([key(read(text)) for text in TEXTS])


def test_a_deep_graph_has_a_key() -> None:
    node: Expr = read("x")
    for _ in range(5000):
        node = make("exp", (node,))
    assert key(node)[:2] == (5001, "x")
