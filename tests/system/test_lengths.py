"""Lengths that a reader can hold in mind: files of at most 400 lines, functions of at most 40 beside signature and docstring."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.system.test_rooms import SOURCES, label

LINES, BODY = 400, 40

pytestmark = pytest.mark.source


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body, without the docstring."""
    body = function.body[ast.get_docstring(function) is not None :]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def long_functions(source: str) -> list[str]:
    functions = (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    return [f"{f.name}: {length(f)} lines" for f in functions if length(f) > BODY]


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_no_file_and_no_function_is_long(path: Path) -> None:
    source = path.read_text("utf-8")
    assert len(source.splitlines()) <= LINES
    assert long_functions(source) == []


def test_a_long_function_is_seen() -> None:
    body = "\n".join(["    x = 1"] * BODY)
    assert long_functions(f'def f():\n    """Words."""\n{body}\n') == []
    assert long_functions(f"def f():\n{body}\n    y = 2\n") == ["f: 41 lines"]
