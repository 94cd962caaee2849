"""Stable forms: each right side is right to the last digits where its left side overflows or cancels, by eight hundred digits."""

from __future__ import annotations

import re

import numpy as np
import pytest

import matcalc
from matcalc.algebra.book import book
from matcalc.algebra.rule import Rule
from matcalc.codegen.lower.stable_forms import stable_forms
from matcalc.expr.nodes import Expr, postorder
from matcalc.expr.table import TABLE
from matcalc.numeric import evaluation
from matcalc.numeric.precise import many_digits, precise

ROWS = book().groups["stable"]
SIZES = [10.0**k for k in range(-18, 4)]
POINTS = np.array([*SIZES, *[3 * x for x in SIZES[:-1]], 0.5, 0.9999])
WORKS = 1e-13  # relative error of a form that works, and of one that does not
FAILS = 1e-6
# Near 0 log(cosh(x)) is x²/2, and its form is right to the last digit of 1 only; what is better there takes four times as long.
LEAST = {"log-of-cosh": 1.0}


def points(row: Rule) -> np.ndarray:
    ((_, conditions),) = row.variables.values()
    if "unit-interval" in conditions:
        return POINTS[POINTS < 1]
    return POINTS if "positive" in conditions else np.concatenate((POINTS, -POINTS))


def errors(row: Rule, side: Expr) -> np.ndarray:
    """Of one side in doubles, relative to the left side with many digits; what is below the smallest double is 0."""
    ((name, _),) = row.variables.items()
    x = points(row).reshape(1, -1)
    (variable,) = [e for e in postorder(row.sides) if e.op == "sym" and e.attr == name]
    sizes = {str(variable.type.rows): 1, str(variable.type.cols): x.size}
    with np.errstate(all="ignore"):
        got = np.broadcast_to(evaluation.evaluate([side], {variable: x}, sizes)[0], x.shape)
    with many_digits({}, 800) as digits:
        exact = evaluation.evaluate([row.sides[0]], {variable: precise(x)}, sizes, digits)[0].astype(float)
    return np.abs(got - exact) / np.maximum(np.abs(exact), LEAST.get(row.name, 1e-300))


@pytest.mark.sample(3)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_right_side_has_all_its_digits(row: Rule) -> None:
    assert errors(row, row.sides[1]).max() < WORKS


@pytest.mark.sample(2)
@pytest.mark.parametrize("row", [row for row in ROWS if len(postorder(row.sides[:1])) > 2], ids=lambda row: row.name)
def test_the_left_side_of_several_operators_has_not(row: Rule) -> None:
    with np.errstate(invalid="ignore"):
        assert not (errors(row, row.sides[0]) < FAILS).all()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_form_is_stable_itself(row: Rule) -> None:
    assert stable_forms(row.sides[1:], {}) == row.sides[1:]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
@pytest.mark.parametrize(("x", "weights"), [("x", "y"), ("S", "P"), ("b", "a")])
def test_code_computes_the_right_side_for_the_left_one(row: Rule, x: str, weights: str) -> None:
    """Among other factors, of numbers, vectors and matrices."""
    dims = {"x": ("n",), "y": ("n",), "S": ("n", "n"), "P": ("n", "n"), "a": (), "b": ()}
    left, right = (re.sub(r"\bX\b", x, side) for side in row.equation.split(" = "))

    def body(side: str) -> list[str]:
        d = matcalc.derive(f"2*sum(({side}) .* {weights})", wrt=weights, dims=dims, check=False)
        return sorted(re.findall(r"\w+|\S", d.to_code().split('"""')[-1]))  # the order of factors may differ

    assert body(left) == body(right)


def test_rows_are_about_one_operator_entry_by_entry() -> None:
    """What is made of several arrays, as softmax is, belongs to the rewrite rows, whose steps are shown."""
    for row in ROWS:
        assert len(row.variables) == 1
        assert TABLE[row.sides[0].op].elementwise or row.sides[0].op in ("hadamard", "hdiv", "sub")
