"""The text of a loop: names that clash with none, and two sources in one."""

from __future__ import annotations

import ast

from matcalc.codegen.products.calling import Code
from matcalc.codegen.products.looped import Loop, Slice, joined, loop_source, stacked_source
from matcalc.codegen.products.runtime import check_source

TERM = Code("import numpy as np\n\n\ndef term(i, count):\n    return i * count, count\n", "term", ("i", "count"), (), ())
ONE = Loop(TERM, {"i": Slice("rows", ("k", ":"))}, {}, (("k", "np.shape(rows)[0]"),), (), (("i", "rows"),))


def test_names_of_the_loop_are_none_of_the_user() -> None:
    source = loop_source([ONE], None, ("rows", "count"), ["rows"], [], "loop")
    check_source(source)
    loop = ast.parse(source).body[-1]
    assert isinstance(loop, ast.FunctionDef) and [a.arg for a in loop.args.args] == ["rows", "count"]
    stored = {n.id for n in ast.walk(loop) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    assert not stored & {"rows", "count", "i", "term"}


def test_places() -> None:
    assert Slice("X", (":", "i")).at({"i": "i_"}) == "X[:, i_]" and Slice("X", ("k", ":")).at({}) == "X[k]"
    assert Slice("K", ("i", "j")).at({"i": "a", "j": "b"}) == "K[a, b]" and Slice("y", ("k",)).at({}) == "y[k]"


def test_numbers_and_rows_are_stacked() -> None:
    both = [stacked_source(ONE, ("rows", "count"), [], "loop", scalars) for scalars in (True, False)]
    assert "np.hstack" in both[0] and "np.vstack" in both[1]


def test_loops_stand_inside_each_other_under_what_restricts_them() -> None:
    two = ONE._replace(slices={"i": Slice("K", ("i", "j"))}, counts=(("i", "4"), ("j", "5")), signs=("{i} < {j}",))
    source = loop_source([two], None, ("K", "count"), ["rows"], [], "loop")
    lines = [line.strip() for line in source[source.index("def loop") :].splitlines()]
    k = lines.index("for j in range(5):")
    assert lines[k - 1] == "for i2 in range(4):" and lines[k + 1] == "if i2 < j:"  # i is a parameter of the term


def test_what_both_have_stands_once() -> None:
    other = TERM.source.replace("def term", "import scipy.linalg\n\n\ndef helper(x):\n    return x\n\n\ndef other")
    text = joined(TERM.source, other)
    assert text.startswith("import numpy as np\nimport scipy.linalg\n\n\ndef term") and text.count("import numpy") == 1
    assert [n.name for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)] == ["term", "helper", "other"]
