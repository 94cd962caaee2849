"""The text of a loop: names that clash with none, and two sources in one."""

from __future__ import annotations

import ast

from matcalc.codegen.products.calling import Code
from matcalc.codegen.products.looped import Slice, joined, loop_source
from matcalc.codegen.products.runtime import check_source

TERM = Code("import numpy as np\n\n\ndef term(i, count):\n    return i * count, count\n", "term", ("i", "count"), (), ())


def test_names_of_the_loop_are_none_of_the_user() -> None:
    source = loop_source(TERM, {"i": Slice("rows")}, ("rows", "count"), [("i", "rows")], "loop")
    check_source(source)
    loop = ast.parse(source).body[-1]
    assert isinstance(loop, ast.FunctionDef) and [a.arg for a in loop.args.args] == ["rows", "count"]
    stored = {n.id for n in ast.walk(loop) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    assert not stored & {"rows", "count", "i", "term"}


def test_columns_and_numbers() -> None:
    assert Slice("X", column=True).at("i") == "X[:, i]" and Slice("y").at("k") == "y[k]"
    source = loop_source(TERM, {"i": Slice("x")}, ("x", "count"), [], "loop", scalars=True)
    assert "np.hstack" in source and "np.vstack" in loop_source(TERM, {"i": Slice("x")}, ("x", "count"), [], "loop")


def test_what_both_have_stands_once() -> None:
    other = TERM.source.replace("def term", "import scipy.linalg\n\n\ndef helper(x):\n    return x\n\n\ndef other")
    text = joined(TERM.source, other)
    assert text.startswith("import numpy as np\nimport scipy.linalg\n\n\ndef term") and text.count("import numpy") == 1
    assert [n.name for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)] == ["term", "helper", "other"]
