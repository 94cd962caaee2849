"""Parameters: variables first, then each function with its derivatives; no two names alike."""

from __future__ import annotations

from matcalc.codegen.products.signatures import Signature, signature
from matcalc.expr.nodes import make, sym
from matcalc.expr.table import Type

COLUMN = Type("c", "n", 1)
x = sym("x", COLUMN)


def test_functions_with_the_derivatives_that_are_used() -> None:
    f, df, d2f = (make("fn", (x,), ("f", k)) for k in range(3))
    assert signature(f, [("x", df)], [x], ["f"]).arguments == ["x", "f", "df"]
    assert signature(f, [("x", d2f)], [x], ["f"]).arguments == ["x", "f", "df", "d2f"]
    assert signature(x, [], [x], ["f"]).arguments == ["x"]  # a function that is not used is no parameter


def test_variables_that_python_or_the_source_has() -> None:
    names = Signature([sym(name, COLUMN) for name in ("lambda", "np", "x", "W^Q", "_norm")], [], {}).arguments
    assert len(set(names)) == 5 and all(name.isidentifier() for name in names)
    assert "lambda" not in names and "np" not in names and "_norm" not in names and "x" in names


def test_a_variable_beside_the_derivative_of_a_function() -> None:
    found = Signature([sym("df", COLUMN)], ["f"], {"f": 1})
    assert len(set(found.arguments)) == 3 and found.functions["f", 1] == "df" and found.parameters["df"].name != "df"


def test_shapes_are_public() -> None:
    assert Signature([sym("A", Type("m", "m", "n")), sym("s", Type("s", 1, 1))], [], {}).parameters["A"].shape == ("m", "n")
