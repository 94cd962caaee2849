"""The rows of signs say the kinds that the typing gives: each row is typed as a text with declared sizes."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.expr.errors import MatcalcError
from matcalc.notation.kinds.overloads import SIGNS, UNARY
from matcalc.notation.lex import python_names

SIZES = {"s": (), "c": ("n",), "r": (1, "n"), "m": ("n", "n")}
# the sign in a text of which {0} and {1} are the operands; what is no sign of the plain notation is left to the tests of Python
WRITTEN = {
    **{"+": "{0} + {1}", " ": "{0} {1}", "*": "{0}*{1}", "dot": "{0} · {1}", "/": "{0}/{1}", "./": "{0} ./ {1}"},
    **{".*": "{0} .* {1}", "<>": "⟨{0}, {1}⟩", ".^": "{0}.^{1}", "np@": "np.matmul({0}, {1})", "np.*": "np.multiply({0}, {1})"},
    **{"np+": "np.add({0}, {1})", "npmax": "np.maximum({0}, {1})", "npmin": "np.minimum({0}, {1})"},
}
ROWS = [(sign, kinds) for sign in WRITTEN for kinds in SIGNS[sign]]
# the plain notation asks what these are; in LaTeX, and where nothing else fits, they are read
ASKED = {(" ", "cr"), ("np@", "cr"), ("np@", "mr"), ("np@", "rm"), ("np@", "rc")}


@pytest.mark.parametrize(("sign", "kinds"), ROWS, ids=[f"{s} {''.join(k)}" for s, k in ROWS])
def test_each_row_is_typed_so(sign: str, kinds: tuple[str, ...]) -> None:
    left, right, result = kinds
    text = WRITTEN[sign].format("a", "b")
    try:
        e = matcalc.parse(text, {"a": SIZES[left], "b": SIZES[right]})
    except MatcalcError:
        assert (sign, left + right) in ASKED or SIGNS[sign][kinds] >= 5
        return
    assert e.node.kind == result


def test_functions_that_stand_for_signs_have_rows() -> None:
    """A sign without rows is taken for a product of matrices."""
    assert set(python_names.SIGNS.values()) - {"+", "-"} <= set(SIGNS)


@pytest.mark.parametrize("function", ["maximum", "minimum", "fmax", "fmin"])
def test_the_larger_of_two_arrays_is_a_vector_where_nothing_else_is_said(function: str) -> None:
    layer = matcalc.derive(f"z = W1 @ x + b1; h = np.{function}(0.1*z, z); s = u @ h", "b1")
    assert {name: len(shape) for name, shape in layer.problem.dims.items()} == {"W1": 2, "x": 1, "b1": 1, "u": 1}
    assert len(matcalc.derive(f"h = np.{function}(0.1*z, z); s = u @ h", "z").problem.dims["z"]) == 1


@pytest.mark.parametrize("kind", "scrm")
def test_signs_of_one_operand(kind: str) -> None:
    at = {"a": SIZES[kind]}
    for sign, text in (("neg", "-a"), ("T", "a'"), ("norm", "norm2(a)"), ("entrywise", "f(a)"), ("total", "sum(a)")):
        rows = {k[-1] for k in UNARY[sign] if k[0] == kind}
        assert rows == {matcalc.parse(text, at).node.kind}


def test_costs_are_tenths_and_what_everyone_writes_is_free() -> None:
    for rows in (*SIGNS.values(), *UNARY.values()):
        assert all(isinstance(cost, int) and 0 <= cost <= 60 for cost in rows.values())
        assert 0 in rows.values()
    assert SIGNS["*"]["m", "c", "c"] == SIGNS["*"]["r", "c", "s"] == 0 < SIGNS["*"]["m", "s", "m"]
