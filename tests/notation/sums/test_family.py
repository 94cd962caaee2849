"""A family: one value for each value of the bound indices."""

from __future__ import annotations

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
