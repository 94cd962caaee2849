"""Nodes of one line of NumPy: no line for what is nothing, powers by squaring."""

from __future__ import annotations

from fractions import Fraction

from matcalc.codegen.ir.graph import Ref
from matcalc.codegen.plan.kernel_nodes import UNIT, Kernels, Scalars

K = Kernels()
x, y = (K.make("sym", (), name, ("n",)) for name in "xy")
A, B = (K.make("sym", (), name, ("m", "n")) for name in "AB")
s = K.make("sym", (), "s")


def test_what_is_nothing_is_no_node() -> None:
    assert K.prod([x], [1]) is x and K.lin([x], [Fraction(1)]) is x and K.scaled(x, UNIT) is x and K.power(x, 1) is x
    assert UNIT.trivial and not Scalars(Fraction(2)).trivial and not Scalars(nums=(s,)).trivial


def test_products_carry_number_and_signs() -> None:
    found = K.prod([x, y], [1, -1], Fraction(2))
    assert found.op == "prod" and found.attr == (2, (1, -1)) and found.shape == ("n",)
    assert K.scaled(A, Scalars(Fraction(3), (s,), ())).shape == ("m", "n")


def test_powers_by_squaring() -> None:
    """x⁸ is three squarings."""
    node, squares = K.power(x, 8), 0
    while node is not x:
        assert len(set(node.args)) == 1
        node, squares = node.args[0], squares + 1
    assert squares == 3


def test_transposes() -> None:
    assert K.explicit(Ref(A)) is A and K.explicit(Ref(A, True)).op == "T" and K.explicit(Ref(A, True)).shape == ("n", "m")


def test_operands_that_are_all_transposed_are_a_transposed_result() -> None:
    assert K.aligned([Ref(A, True), Ref(B, True)]) == ([A, B], True)
    assert K.aligned([Ref(A), Ref(B)]) == ([A, B], False)


def test_reductions() -> None:
    assert K.total(A).shape == () and K.total(A, 0).shape == ("n",) and K.total(A, 1).shape == ("m",)
    assert K.dot(x, y).shape == () and K.inner(Ref(A), Ref(B)).shape == ()
    assert K.expand(x, ("m", "n")).shape == ("m", "n") and K.column(y).shape == ("n", 1)
