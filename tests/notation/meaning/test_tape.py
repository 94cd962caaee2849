"""The tape: nodes with unknown sizes, solved as operators are applied."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.expr.dims import walk
from matcalc.expr.errors import ShapeError
from matcalc.expr.table import Type
from matcalc.notation.lex.syntax import Ast
from matcalc.notation.meaning.tape import Scope
from matcalc.notation.meaning.typing import infer

AT = Ast("name", 0, 1, (), "x")


def scope() -> Scope:
    declared = {"A": Type("m", "m", "n"), "x": Type("c", "n", 1), "y": Type("c", "k", 1)}
    return Scope(infer, "A*x", declared, frozenset("mnk"), frozenset())


def name(found: Scope, text: str) -> int:
    return found.infer(Ast("name", 0, 1, (), text))


def test_operators_have_the_type_of_their_rule() -> None:
    found = scope()
    i = found.apply("matmul", (name(found, "A"), name(found, "x")), AT)
    assert found.type(i) == Type("c", "m", 1) and found.original(i).op == "matmul" and "[m×1]" in found.size(i)


def test_unknown_sizes_are_solved_by_use() -> None:
    found = scope()
    q = found.infer(Ast("name", 0, 1, (), "q"))  # a vector by convention
    found.apply("matmul", (name(found, "A"), q), AT)
    assert walk(found.type(q).rows) == "n"


def test_sizes_that_do_not_fit_are_refused_with_both() -> None:
    found = scope()
    with pytest.raises(ShapeError) as caught:
        found.apply("matmul", (name(found, "A"), name(found, "y")), AT)
    assert "[m×n]" in caught.value.message and "[k×1]" in caught.value.message


def test_a_name_is_on_the_tape_once() -> None:
    found = scope()
    assert found.original(name(found, "x")) == found.original(name(found, "x"))


@pytest.mark.parametrize("text", [r"k(x, x') = \exp(-\|x - x'\|^2)", r"\gamma\|x - x^\prime\|^2"])
def test_a_second_point_with_a_prime_is_a_reading_beside_the_row(text: str) -> None:
    for dims in ({"x": ("n",)}, {"x": (3,)}):
        with pytest.raises(ShapeError, match="difference") as caught:
            matcalc.derive(text, "x", dims=dims)
        assert f"""--dim "x'={dims["x"][0]}\"""" in (caught.value.hint or "")
        assert matcalc.derive(text, "x", dims={**dims, "x'": dims["x"]}).dims["x'"] == dims["x"]
        (reading,) = [r for r in caught.value.readings if "x'" in r.kwargs["dims"]]
        assert matcalc.derive(text, "x", **{**reading.kwargs, "dims": {**dims, **reading.kwargs["dims"]}}).wrt == ("x",)


def test_a_row_of_another_name_is_no_second_point() -> None:
    with pytest.raises(ShapeError) as caught:
        matcalc.derive("\\|x - y'\\|^2", "x", dims={"x": ("n",), "y": ("n",)})
    assert "of its own" not in (caught.value.hint or "")


def test_a_point_with_a_prime_beside_the_point_may_be_another_one() -> None:
    with pytest.raises(ShapeError) as asked:
        matcalc.derive("exp(-norm(x - x')^2/2)", "x")
    assert "call it x_2" in asked.value.hint
    (way,) = [r.kwargs for r in asked.value.readings if "meant" in r.kwargs]
    assert matcalc.derive("exp(-norm(x - x')^2/2)", "x", **way).dims.keys() == {"x", "x_2"}
    assert matcalc.derive("(x - x')'*A*(x - x')", "x", meant={"x - x'": "x - x_2"}).dims.keys() == {"x", "x_2", "A"}
