"""The parts of a source put together, with lines that fit."""

from __future__ import annotations

import ast

from matcalc.codegen.targets.assembly import converting, entries_of, filled, head, returning
from tests.codes import derived

MANY = [f"argument_{i}" for i in range(30)]


def test_short_ones_on_one_line() -> None:
    assert head("f", ["x", "A"]) == ["def f(x, A):"]
    assert converting(["x"]) == ["(x,) = _floats(x)"] and converting([]) == []
    assert converting(["x", "A"]) == ["x, A = _floats(x, A)"]
    assert returning(["v", "g"]) == ["return v, g"] and returning(["v", "g", "h"]) == ["return v, (g, h)"]


def test_long_ones_fit_the_page_and_say_the_same() -> None:
    lines = [*head("f", MANY), *["    " + line for line in (*converting(MANY), *returning(["v", *MANY]))]]
    assert max(map(len, lines)) <= 100
    (function,) = ast.parse("\n".join(lines)).body
    assert isinstance(function, ast.FunctionDef) and [a.arg for a in function.args.args] == MANY
    assert isinstance(function.body[-1], ast.Return)
    assert "".join(filled(MANY, "    ")).replace(" ", "").split(",")[:-1] == MANY


def test_imports_helpers_function() -> None:
    source = derived("x'*inv(S)*x + norm2(x)").to_code()
    tree = ast.parse(source)
    kinds = [type(node).__name__ for node in tree.body]
    assert kinds == sorted(kinds, key=["Import", "FunctionDef"].index)
    assert [node.name for node in tree.body if isinstance(node, ast.FunctionDef)][-1].endswith("_gradients")


def test_names_of_results_in_the_docstring() -> None:
    found = entries_of(["s", "W^Q"], ["float", "(n,) array"], ["x'*x"])
    assert [e.name for e in found] == ["s", "result1"] and found[0].text == ["x'*x"] and found[1].text == []
