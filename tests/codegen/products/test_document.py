"""The docstring: sections of numpydoc, and no text that ends it or hides in it."""

from __future__ import annotations

import ast

import pytest

from matcalc.codegen.products.document import LONGEST, WIDTH, Doc, Entry, array_type, clean, docstring, formula, section
from matcalc.expr.dims import add, mul


def test_types_of_arrays() -> None:
    shapes = ((), ("n",), ("m", "n"), (add(mul(2, "n"), 1),))
    assert [array_type(s) for s in shapes] == ["float", "(n,) array", "(m, n) array", "(2*n+1,) array"]


@pytest.mark.parametrize("text", ['"""', "\\", 'a\\"""b', "a\nb", "\x00\x1b[31m", "\u202e", "\ud800", '"', "\\N{DEL}", "x" * 500])
def test_no_text_ends_the_docstring_or_hides_in_it(text: str) -> None:
    lines = docstring(Doc(source=text, check=text, warnings=(text,)), [Entry("x", "float", [text])], [Entry("v", "float", [text])])
    source = "def f():\n" + "\n".join("    " + line for line in lines) + "\n    return 1\n"
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef) and len(function.body) == 2
    shown = ast.get_docstring(function) or ""
    assert all(c.isprintable() or c == "\n" for c in shown)


def test_sections() -> None:
    assert section("Returns", [Entry("v", "float", ["the value"])]) == ["", "Returns", "-------", "v : float", "    the value"]


def test_what_is_said() -> None:
    two = docstring(Doc("x'*x", "s"), [Entry("x", "(n,) array")], [Entry("v", "float"), Entry("g", "(n,) array")])
    assert two[0] == '"""Value and gradient of x\'*x.' and two[-1] == '"""'
    three = docstring(Doc("x'*y", kind="jacobian"), [], [Entry("v", "float")] * 3)
    assert three[0].startswith('"""Value and Jacobians of')
    assert "Notes" not in two and "Notes" in docstring(Doc("x", check="Not checked."), [], [])


def test_long_formulas_are_cut_and_lines_fit() -> None:
    assert formula("x" * (LONGEST + 5)) == "x" * LONGEST + " …" and formula("x") == "x"
    lines = docstring(Doc("x + " * 100), [], [Entry("v", "float", ["word " * 100])])
    assert all(len(line) <= WIDTH for line in lines) and clean("a\\b") == "a\\\\b"
