"""The derivatives of elementwise functions that code and SymPy are given, against complex steps."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.algebra.slopes import derivative, has_slope, slope
from matcalc.expr.nodes import make, sym
from matcalc.expr.table import ROWS, TABLE, Type
from matcalc.numeric import evaluation
from matcalc.numeric.properties import sample_one

FUNCTIONS = [op.name for op in ROWS if op.elementwise and op.name != "fn" and has_slope(op.name)]
SIZES = {"s": (1, 1), "c": (3, 1), "r": (1, 4), "m": (3, 4)}


@pytest.mark.parametrize("kind", SIZES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_slope_is_that_of_a_complex_step(name: str, kind: str) -> None:
    z = sym("z", Type(kind, *SIZES[kind]))
    domain = frozenset(({"above-minus-one": "small"}.get(TABLE[name].domain, TABLE[name].domain) or "nonzero",))
    at = {z: sample_one(SIZES[kind], domain, np.random.default_rng(1))}
    value = make(name, (z,))
    (want,) = evaluation.directional([value], at, {z: np.ones(SIZES[kind])}, {})
    (got,) = evaluation.evaluate([slope(value)], at, {})
    np.testing.assert_allclose(np.broadcast_to(got, SIZES[kind]), want, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_derivative_of_any_order_is_the_slope_of_the_one_before(name: str) -> None:
    z = sym("z", Type("s", 1, 1))
    domain = frozenset(({"above-minus-one": "small"}.get(TABLE[name].domain, TABLE[name].domain) or "nonzero",))
    at = {z: sample_one((1, 1), domain, np.random.default_rng(2))}
    value = make(name, (z,))
    assert derivative(value, 0) is value
    for order in (1, 2, 3):
        if not has_slope(name, order):
            assert (name, order) in {("lgamma", 3), ("digamma", 2), ("trigamma", 1)}
            return
        (want,) = evaluation.directional([derivative(value, order - 1)], at, {z: np.ones((1, 1))}, {})
        (got,) = evaluation.evaluate([derivative(value, order)], at, {})
        np.testing.assert_allclose(got, want, rtol=1e-11, atol=1e-13)


def test_most_functions_have_one() -> None:
    assert len(FUNCTIONS) > 35 and "tanh" in FUNCTIONS and "softplus" in FUNCTIONS
    assert not has_slope("polar")
