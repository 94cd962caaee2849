"""A sentence goes down through the rooms and does not come back up: see benchmarks/path.py, which traces it."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

import matcalc

FILE = Path(__file__).resolve().parents[2] / "benchmarks" / "path.py"
SENTENCE = "s = u^T f(W x + b)"

# Passes that hand themselves to the rows of a table, so that these read on from there: recursion over a graph.
PASSES = {
    ("matcalc.algebra.normal.entrywise", "matcalc.algebra.normal.normal_form"),
    ("matcalc.algebra.normal.function_laws", "matcalc.algebra.normal.normal_form"),
    ("matcalc.codegen.ir.values", "matcalc.codegen.ir.entrywise_values"),
    ("matcalc.codegen.lower.arithmetic", "matcalc.codegen.lower.lowering"),
    ("matcalc.codegen.lower.operators", "matcalc.codegen.lower.lowering"),
    ("matcalc.codegen.lower.matrix_chains", "matcalc.codegen.plan.planning"),
    ("matcalc.codegen.targets.numpy_forms", "matcalc.codegen.plan.body"),
    ("matcalc.codegen.targets.printing", "matcalc.codegen.plan.body"),
}


@pytest.fixture(scope="module")
def path() -> ModuleType:
    spec = importlib.util.spec_from_file_location("matcalc_path", FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    matcalc.derive("x'*x").to_code()  # what is loaded once is no part of the path
    return module


def test_no_module_is_entered_left_and_entered_again(path: ModuleType) -> None:
    found: Counter[tuple[str, str]] = path.reentries(SENTENCE)
    assert set(found) <= PASSES


def test_the_reader_the_engine_the_check_and_the_printers_hand_over_once(path: ModuleType) -> None:
    rooms = {path.room(module) for pair in path.reentries(SENTENCE) for module in pair}
    assert rooms.isdisjoint({"notation", "engine", "check", "printers", "numeric", "expr"})


def test_a_hand_over_that_comes_back_is_seen(path: ModuleType) -> None:
    """The handlers of a nested function read their arguments through the table that called them."""
    assert ("matcalc.notation.meaning.reductions", "matcalc.notation.meaning.tape") in path.reentries("np.sum(np.sum(X, axis=0))")
