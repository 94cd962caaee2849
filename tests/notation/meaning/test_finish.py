"""From the tape to expressions: every size solved or named."""

from __future__ import annotations

from matcalc.api import read_problem
from matcalc.expr.dims import add, mul
from matcalc.expr.table import SCALAR, Type
from matcalc.notation.meaning.finish import atoms


def test_free_sizes_get_names_that_nothing_else_has() -> None:
    p = read_problem("u'*(W*x + n*q)", {"n": (), "q": ("k",)})
    sizes = [d for shape in p.dims.values() for d in shape]
    assert p.dims["q"] == ("k",) and p.dims["u"] == ("k",) and p.dims["W"] == ("k", *p.dims["x"])
    assert "n" not in sizes  # n is a name of the text


def test_every_symbol_has_its_shape() -> None:
    p = read_problem("s = tr(A*X*B); A = C'*C", {"X": ("p", "q")})
    assert set(p.symbols) == {"C", "X", "B"} and all(s.shape == p.dims[name] for name, s in p.symbols.items())
    assert p.dims["B"] == ("q", "p") and p.output_name == "s"


def test_the_operators_of_the_expression_are_known() -> None:
    assert {"matmul", "exp", "sum"} <= read_problem("sum(exp(A*x))").ops


def test_names_of_sizes_in_a_type() -> None:
    assert atoms(Type("m", add(mul("m", "n"), 1), "k")) == ["m", "n", "k"] and atoms(SCALAR) == []
