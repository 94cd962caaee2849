"""A text that may count its entries from 0: the reading that does, by the arguments that the question lists."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import AmbiguityError

X = np.array([2.0, 3.0, 5.0, 7.0, 11.0, 13.0, 17.0, 19.0, 23.0, 29.0])


@pytest.mark.parametrize(
    ("text", "notation", "value"),
    [
        ("x[0]*x[1]", "plain", 6.0), ("x_0^2 + x_1 x_9", "latex", 4.0 + 3 * 29), ("x_{0} - x_{2}", "latex", -3.0),
        ("x[0] - 3*x[0]*x[2]", "plain", 2.0 - 30), ("(2*x)[0] + x[3]", "plain", 11.0),
    ],
)  # fmt: skip
def test_the_reading_counts_from_0(text: str, notation: str, value: float) -> None:
    with pytest.raises(AmbiguityError) as caught:
        matcalc.parse(text, {"x": (10,)}, notation=notation)
    (reading,) = caught.value.readings
    assert matcalc.parse(text, {"x": (10,)}, notation=notation, **reading.kwargs).evaluate({"x": X}) == value


def test_of_a_matrix() -> None:
    with pytest.raises(AmbiguityError) as caught:
        matcalc.parse("W[0,1]*W[1,0]*W[1,2]", {"W": (3, 3)})
    w = np.arange(1.0, 10).reshape(3, 3)
    got = matcalc.parse("W[0,1]*W[1,0]*W[1,2]", {"W": (3, 3)}, **caught.value.readings[0].kwargs).evaluate({"W": w})
    assert got == w[0, 1] * w[1, 0] * w[1, 2]


@pytest.mark.parametrize("text", ["x[0:2]'*x[1:3]", "x[-1]", "x[0]*x[n-1]"])
def test_runs_and_places_from_the_end_have_none(text: str) -> None:
    with pytest.raises(AmbiguityError) as caught:
        matcalc.parse(text, {"x": ("n",)})
    assert not caught.value.readings
