"""A derivation as data: lines, their members and sizes, and the parts of a product."""

from __future__ import annotations

import pytest

from matcalc.engine.derivation import (
    LONG,
    MEANT,
    Case,
    Check,
    Equation,
    Formula,
    Step,
    all_factors,
    direction_of,
    is_long,
    product_factors,
    public_shape,
    settled_by,
    sum_terms,
    with_directions,
)
from matcalc.expr.dims import mul
from matcalc.expr.nodes import make
from matcalc.expr.table import Type
from matcalc.notation.write.indexed import lettering
from tests.nodes import read


def test_a_formula_in_three_notations() -> None:
    f = Formula(read("A*x + y"))
    assert (f.plain, f.text) == ("A*x + y", "A x + y") and f.latex == "A x + y" and f.shape == ("n",)
    named = Formula(read("A*x + y"), {read("A*x"): "z"})
    assert named.text == "z + y"


def test_labels_that_are_names_and_cases() -> None:
    """The index y of f_y is the label of the input, and no letter that could be another one."""
    f = Formula(read("x"), entries=(f"{MEANT}alpha",), lettering=lettering({"alpha"}, {"a"}))
    assert f.text == "x_α" and f.latex == r"x_{\alpha}"
    assert Formula(read("A"), entries=("i", f"{MEANT}y:i")).text == "A_{i,y_i}"
    either = Formula(
        read("x + y"), cases=(Case(Formula(read("x"), entries=("c",)), ("c = y", "c = y")), Case(f, ("c ≠ y", r"c \neq y")))
    )
    assert either.text == "{c = y: x_c; c ≠ y: x_α}" and either.plain == "x + y"
    assert either.latex == r"\begin{cases} x_{c} & c = y \\ x_{\alpha} & c \neq y \end{cases}"


def test_a_line_and_its_members() -> None:
    lhs, via, rhs = (Formula(read(t)) for t in ("z", "A*(x + y)", "A*x + A*y"))
    step = Step("definition", "product", "", lhs, rhs, via)
    assert step.chain == (lhs, via, rhs) and step._replace(via=None).chain == (lhs, rhs)
    assert step.checked(Check(1e-16, 2)).check == Check(1e-16, 2) and step.check is None  # a line is never changed
    with pytest.raises(AttributeError):
        step.rule = "other"  # type: ignore[misc]


def test_sizes_of_a_line() -> None:
    step = Step("definition", "", "", Formula(read("z")), Formula(read("A*x")))
    assert step.dims == "[n×1] = [n×n][n×1]"


def test_parts_of_expressions() -> None:
    assert product_factors(read("-2*A*(B*x)")) == [read("A"), read("B"), read("x")]
    assert sum_terms(read("x - y + A*z")) == [read("x"), read("y"), read("A*z")]
    assert all_factors(read("s*A*x")) == [read("s"), read("A"), read("x")]


def test_what_has_a_name_is_one_part() -> None:
    product, total = read("A*(B*x)"), read("x - y")
    assert product_factors(product, {read("B*x"): "b"}) == [read("A"), read("B*x")]
    assert product_factors(read("-2*A"), {read("2*A"): "C"}) == [read("2*A")]
    assert sum_terms(make("add", (total, read("A*z"))), {total: "d"}) == [total, read("A*z")]
    step = Step("result", "", "", Formula(read("z")), Formula(read("A*(B*x)"), {read("B*x"): "b"}))
    assert step.dims == "[n×1] = [n×n][n×1]"


def test_remarks_hold_equations() -> None:
    e = Equation(Formula(read("x")), Formula(read("y")))
    step = Step("chain", "", "", Formula(read("x")), Formula(read("y")), about=(Formula(read("z")), e))
    assert step.equations == (e,) and e.text == "x = y" and e.latex == "x = y"


def test_parts_that_were_settled() -> None:
    x = read("x")
    step = Step("rewrite", "cancelling", "", Formula(read("norm2(x - x)")), Formula(read("0*s")))
    assert settled_by([step]) == {read("norm2(x - x)"): read("0*s")} and settled_by([step._replace(rule="other")]) == {}
    assert x not in settled_by([step])


def test_directions() -> None:
    x = read("x")
    assert direction_of(x).attr == "dx" and direction_of(x).type == x.type
    assert with_directions(make("matmul", (read("A"), make("d", (x,))))).args[1] is direction_of(x)


def test_long_formulas_count_shared_parts_each_time() -> None:
    e = read("x")
    for _ in range(12):
        e = make("add", (e, e))
    assert is_long(Formula(e)) and not is_long(Formula(e, {e.args[0]: "h"})) and LONG < 2**12


def test_public_shapes_have_text_for_compound_sizes() -> None:
    assert public_shape(Type("m", mul("m", "n"), 3)) == ("m*n", 3)
