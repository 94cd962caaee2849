"""The tests mirror the rooms: every module has its twin, tests/ROOM/test_NAME.py for matcalc/ROOM/NAME.py.

A module that only lists the fields of its records has nothing to test, and needs none.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.places import ROOT, parsed

pytestmark = pytest.mark.source
PORCH = {"__init__", "__main__"}  # docstrings, and what tests/test_cli.py calls


def has_only_fields(path: Path) -> bool:
    fields = (ast.AnnAssign, ast.Expr)
    return all(
        isinstance(node, (ast.Import, ast.ImportFrom, ast.Expr))
        or (isinstance(node, ast.ClassDef) and all(isinstance(line, fields) for line in node.body))
        for node in parsed(path).body
    )


MODULES = [path for path in sorted((ROOT / "matcalc").rglob("*.py")) if path.stem not in PORCH and "rules" not in path.parts]


def twin_of(module: Path) -> Path:
    inside = module.relative_to(ROOT / "matcalc")
    return ROOT / "tests" / inside.with_name(f"test_{inside.name}")


def label(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def named_tests(path: Path) -> list[str]:
    tree = parsed(path)
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


def test_every_module_has_its_twin() -> None:
    assert [label(module) for module in MODULES if not twin_of(module).exists() and not has_only_fields(module)] == []


@pytest.mark.slow
def test_a_twin_tests_something() -> None:
    twins = [twin for module in MODULES if (twin := twin_of(module)).exists()]
    assert len(twins) > 150 and [label(twin) for twin in twins if not named_tests(twin)] == []


def test_no_two_test_modules_have_one_name() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert len(names) == len(set(names))


def test_tests_outside_of_the_rooms_are_of_the_porch_or_the_system() -> None:
    flat = {path.stem for path in (ROOT / "tests").glob("test_*.py")}
    assert flat == {f"test_{path.stem}" for path in MODULES if path.parent == ROOT / "matcalc"}
