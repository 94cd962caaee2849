"""Functions by simpler ones: what is said of them is what they are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from matcalc.engine.spelled_out import cases, spelled_out
from matcalc.expr.nodes import sym
from matcalc.expr.table import ROWS, SCALAR, TABLE
from matcalc.numeric.evaluation import evaluate

GRID = np.linspace(-2, 2, 9)
TRUE = {
    "sigmoid": special.expit, "softplus": lambda z: np.log1p(np.exp(z)), "tanh": np.tanh, "silu": lambda z: z * special.expit(z),
    "sinh": np.sinh, "cosh": np.cosh, "normpdf": lambda z: np.exp(-z * z / 2) / np.sqrt(2 * np.pi),
    "gelu": lambda z: z * special.ndtr(z), "softsign": lambda z: z / (1 + abs(z)), "expm1": np.expm1,
}  # fmt: skip


@pytest.mark.parametrize("op", TRUE)
def test_the_equation_holds(op: str) -> None:
    equation = spelled_out(op)
    assert equation is not None and equation.lhs.expr.op == op and equation.rhs.expr.op != op
    z = sym("z", SCALAR)
    for at in GRID:
        (value,) = evaluate([equation.rhs.expr], {z: np.array(at)}, {})
        np.testing.assert_allclose(value, TRUE[op](at), rtol=1e-12)


def test_what_is_not_of_each_entry_has_none() -> None:
    assert spelled_out("softmax") is None and spelled_out("exp") is None and cases("exp") == "" == cases("softmax")
    assert cases("step") == "1 for z > 0, 0 for z ≤ 0"


def test_every_function_by_name_is_explained_or_well_known() -> None:
    """Of the others the name says what they are: everyone has met these at school."""
    school = {"exp", "log", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "asinh", "acosh", "atanh", "sum"}
    named = [row for row in ROWS if row.plain.isidentifier() and not row.signs and row.shape]
    mute = {r.name for r in named if not (r.told or cases(r.name) or spelled_out(r.name)) and r.words.split()[-1] == r.plain}
    assert mute <= school and TABLE["softmax"].told
