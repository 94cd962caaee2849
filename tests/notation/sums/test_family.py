"""A family: one value for each value of the bound indices."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import NoRuleError
from matcalc.expr.table import SCALAR, Type
from matcalc.notation.sums.family import Family, Part, array_type, axis

PART = Part(3, ("i",))


def test_a_product_of_matrices_or_one_array() -> None:
    one, several = Family(0, ("i",), "s"), Family(0, ("i",), "s", parts=(0, (PART, Part(4, ("i", "j")))))
    assert not one.contracts("i") and several.contracts("i") and len(several.factors) == 2
    assert not several.is_tensor(("i", "j"))
    three = Family(0, ("i", "j", "k"), "s", parts=(0, (Part(1, ("i", "j", "k")), PART)))
    assert three.is_tensor(("i", "j", "k"))


def test_types_of_arrays() -> None:
    assert array_type(()) == SCALAR and array_type(("n",)) == Type("c", "n", 1) and array_type(("m", "n")) == Type("m", "m", "n")
    assert array_type(("m", "n", "k")).kind == "t"
    assert axis(Type("m", "m", "n"), 1) == "n" and axis(Type("t", ("m", "n", "k"), 1), 2) == "k"


def test_neighbours_are_said_as_slices() -> None:
    with pytest.raises(NoRuleError) as caught:
        matcalc.derive(r"\sum_{i=1}^{n-1} (x_{i+1} - x_i)^2", "x")
    assert "x[2:n] beside x[1:n-1]" in str(caught.value.hint)
    d = matcalc.derive("sum((x[2:n] - x[1:n-1]).^2)", "x", dims={"x": ("n",)})
    x = np.array([1.0, 4.0, 2.0, -3.0])
    step = np.diff(x)
    assert np.allclose(d.result.evaluate({"x": x}), 2 * (np.append(0, step) - np.append(step, 0)))
