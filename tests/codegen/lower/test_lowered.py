"""What rules read and make: nodes with the shape of their expression, functions of what is repeated, the terms of nested sums."""

from __future__ import annotations

from matcalc.codegen.ir.entrywise_values import Algebra
from matcalc.codegen.lower.lowering import lowered
from matcalc.codegen.lower.operators import RULES
from tests.nodes import read


def test_a_node_has_the_shape_of_its_expression() -> None:
    e = read("W*x")
    low = lowered(Algebra(), RULES, [e], [])
    plain, turned = (low.made(e.args[0], "slice", (), None, flip).chain[0] for flip in (False, True))
    assert plain.node.shape == ("m", "n") and not plain.flip
    assert turned.node.shape == ("n", "m") and turned.flip


def test_what_is_linear_goes_on_with_the_array_alone() -> None:
    e = read("2*s*x")
    low = lowered(Algebra(), RULES, [e], [])
    scalars, ref = low.pure(low.vals[e])
    assert scalars.coef == 2 and scalars.chain == () and [n.attr for n in scalars.nums] == ["s"] and ref.node.attr == "x"


def test_a_function_of_a_repeated_column_is_taken_before_it_is_repeated() -> None:
    for text, side in (("exp(x*ones(n)')", 0), ("exp(ones(n)*x')", 1)):
        e = read(text)
        chain = lowered(Algebra(), RULES, [e], []).vals[e].chain
        assert [f.node.op for f in chain].index("exp") == side and chain[side].node.shape == ("n",)


def test_the_terms_of_nested_sums_with_their_signs() -> None:
    e = read("x - (y - (z + x)) + (-y)")
    low = lowered(Algebra(), RULES, [e], [])
    assert [(v.coef, v.chain[0].node.attr) for v in low.terms(e)] == [(1, "x"), (-1, "y"), (1, "z"), (1, "x"), (-1, "y")]
