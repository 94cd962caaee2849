"""What the line of a differential is called after, and the compound rows."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.algebra.book import book
from matcalc.algebra.compounds import called_after, compound
from matcalc.algebra.pullbacks import Compiler
from matcalc.expr.nodes import depends

COMPILER = Compiler(book())

CALLED = (
    ("x'*A*x", "x", ("quadratic-form", True)),
    ("x'*A*x", "A", ("linear-map", False)),
    ("x'*A*x", "x A", ("product", True)),
    ("3*x'*A*B*x", "x", ("quadratic-form", True)),
    ("x'*x", "x", ("squared-length", True)),
    ("A*X*B", "X", ("linear-map", False)),
    ("A*X", "X", ("linear-map", False)),
    ("A*X + X*B", "X", ("linear-map", False)),
    ("A*X*B + C", "A X B C", ("product", True)),
    ("x'*A*x/(x'*x)", "x", ("division", True)),
    ("x'*A*x/(x'*x)", "A", ("linear-map", False)),
    ("tr(X'*A*X)", "X", ("product", True)),
    ("sum(exp(x))", "x", ("exp", False)),
    ("tr(A*X)", "X", ("trace", False)),
    ("a'*log(x)", "x", ("log", False)),
    ("x + b", "x b", ("sum", False)),
    ("a .* x", "x", ("hadamard", False)),
    ("x .* exp(x)", "x", ("hadamard", True)),
    ("a ./ x", "x", ("quotient", True)),
    ("inv(X)", "X", ("inverse", False)),
)


@pytest.mark.parametrize(("text", "moving", "found"), CALLED)
def test_what_a_line_is_called_after(text: str, moving: str, found: tuple[str, bool]) -> None:
    problem = matcalc.derive(text, check=False).problem
    one = called_after(COMPILER, problem.output, {problem.symbols[name] for name in moving.split()})
    assert one is not None and (one.row.name, one.meets) == found


def test_what_moves_alone_has_no_name() -> None:
    problem = matcalc.derive("-x'", check=False).problem
    assert called_after(COMPILER, problem.output, {problem.symbols["x"]}) is None


def test_a_product_of_another_form_is_no_compound() -> None:
    for text, moving in (("A*X*B*X", "X"), ("x'*A*y", "x y"), ("X'*A*X", "X")):
        problem = matcalc.derive(text, check=False).problem
        live = depends(problem.output, {problem.symbols[name] for name in moving.split()})
        assert compound(COMPILER, problem.output, live) is None, text
