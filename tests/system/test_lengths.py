"""Lengths that a reader can hold in mind: files of at most 400 lines, functions of at most 40 beside signature and docstring."""

from __future__ import annotations

import ast

import pytest

from tests.places import parsed
from tests.system.test_rooms import SOURCES, found_in, label

LINES, BODY = 400, 40

pytestmark = pytest.mark.source


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body, without the docstring."""
    body = function.body[ast.get_docstring(function) is not None :]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def long_functions(tree: ast.Module) -> list[str]:
    functions = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    return [f"{f.name}: {length(f)} lines" for f in functions if length(f) > BODY]


def test_no_file_is_long() -> None:
    lengths = {label(path): len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert {name: n for name, n in lengths.items() if n > LINES} == {}


def test_no_function_is_long() -> None:
    assert found_in(SOURCES, lambda path: long_functions(parsed(path))) == {}


def test_a_long_function_is_seen() -> None:
    body = "\n".join(["    x = 1"] * BODY)
    assert long_functions(ast.parse(f'def f():\n    """Words."""\n{body}\n')) == []
    assert long_functions(ast.parse(f"def f():\n{body}\n    y = 2\n")) == ["f: 41 lines"]
