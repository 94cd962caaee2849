"""What the functions of the table mean, said for the reader."""

from __future__ import annotations

from matcalc.api import read_problem
from matcalc.expr.nodes import sym
from matcalc.expr.table import Type
from matcalc.notation.meaning.formula_rows import table
from matcalc.notation.meaning.meanings import extent, meaning, sentence
from matcalc.notation.write.program import plain


def test_formulas_in_their_parameters() -> None:
    (row,) = table()["mish"]
    found = meaning(row)
    assert found.name == "mish" and plain(found.formula) == "x*tanh(softplus(x))"


def test_sentences() -> None:
    vector = next(row for row in table()["mean"] if row.head == ("x",) and row.parameters[0][1] == "c")
    assert sentence(vector) == "mean(x) means sum(x)/n, for x [n×1]"
    (mish,) = table()["mish"]
    assert sentence(mish).startswith("mish(x) means ") and "entry" in sentence(mish)


def test_extents() -> None:
    x = sym("x", Type("c", "n", 1))
    assert extent([x]) == "for x [n×1]" and "[m×n]" in extent([x, sym("A", Type("m", "m", "n"))])


def test_a_problem_says_which_it_uses() -> None:
    assert [row.name for row in read_problem("mean(x) + mish(s)", {"x": ("n",), "s": ()}).meanings] == ["mean", "mish"]
