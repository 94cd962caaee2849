"""The order of definitions, and which name is the output."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import AmbiguityError, UsageError
from tests.notation.meaning.test_resolve import SHAPES, STAGES, wrong


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_definitions_in_any_order(order: tuple[int, ...]) -> None:
    text = "; ".join(STAGES[i] for i in order)
    assert matcalc.parse(text).node is matcalc.parse("u'*f(W*x + b)").node
    assert matcalc.derive(text, check=False)["W"].plain == matcalc.derive("u'*f(W*x + b)", check=False)["W"].plain


@pytest.mark.parametrize("text", ["a = b; b = a", "a = a + x; a'*x", "a = b'*x; b = c; c = a*x; a", "z = z"])
def test_circular_definitions(text: str) -> None:
    error = wrong(text, {"x": ("n",)}, UsageError)
    assert "defined by itself" in error.message and error.hint and error.span is not None


@pytest.mark.parametrize(("text", "name"), [("a = x'*x; a = x'*y; a", "a"), ("x = A*x; x'*x", "x")])
def test_redefinition(text: str, name: str) -> None:
    error = wrong(text, None, UsageError)
    assert f"'{name}'" in error.message and error.hint
    assert error.span is not None and text[slice(*error.span)] == name


def test_several_outputs() -> None:
    text = "a = x'*y; b = x'*A*y"
    error = wrong(text, None, AmbiguityError)
    assert "a" in error.message and "b" in error.message and "output" in (error.hint or "")
    assert matcalc.parse(text, SHAPES, output="a").plain == "x'*y"
    assert matcalc.parse(text, SHAPES, output="b").plain == "x'*A*y"
    with pytest.raises(UsageError) as caught:
        matcalc.parse(text, SHAPES, output="c")
    assert "'c'" in caught.value.message and "a, b" in (caught.value.hint or "")


def test_the_output_is_what_no_other_definition_uses() -> None:
    assert matcalc.derive("L = z'*z; z = A*x", dims=SHAPES).value.plain == "(A*x)'*(A*x)"
    assert matcalc.derive("L = z'*z; z = A*x; q = z + y", dims=SHAPES, output="L")["x"].shape == ("n",)


ROWS = r"\begin{aligned} s &= u^T h \\ h &= f(z) \\ z &= W x + b \\ x & \quad %s \end{aligned}"


@pytest.mark.parametrize("remark", ["(input)", r"\text{(input)}", "", "(the input)"])
def test_the_last_row_of_a_lecture_names_the_input(remark: str) -> None:
    """It was read as x·t·(i n p u), and that was differentiated."""
    d = matcalc.derive(ROWS % remark, wrt="W")
    assert d.result.plain == "(u .* f'(W*x + b))*x'" and any("'x' alone in a row is read as an input" in w for w in d.warnings)


def test_a_name_alone_that_is_defined_is_the_result() -> None:
    assert matcalc.derive("h = W*x; y = tanh(h); y", wrt="x", dims={"W": ("n", "m")}).result.shape == ("n", "m")


def test_in_plain_notation_an_input_at_the_end_is_what_is_read() -> None:
    """docs/json.md says so: a line is read behind the definitions, whether it uses them or not."""
    x, a = np.array([1.0, 2.0]), np.array([3.0, 5.0])
    e = matcalc.parse("s = a'*x; a", {"x": ("n",), "a": ("n",)})
    np.testing.assert_array_equal(e.evaluate({"x": x, "a": a}), a)


@pytest.mark.parametrize(
    ("text", "condition", "letter"),
    [
        (r"\tr(P^2), P^2 = P", "P^2 = P", "P"),
        (r"P^2 = P, \tr(P^2)", "P^2 = P", "P"),
        (r"x^\top X^2 x, X^2 = X^\top", r"X^2 = X^\top", "X"),
        (r"\tr(A_1^2), A_1^2 = A_1", "A_1^2 = A_1", "A_1"),
        (r"\tr(P B), P^\top = P^{-1}", r"P^\top = P^{-1}", "P"),
        (r"s = \tr(P X), P^2 = P", "P^2 = P", "P"),
        (r"P^2 = P, s = \tr(P X)", "P^2 = P", "P"),
        (r"s = \tr(P X), P P = P", "P P = P", "P"),
        ("tr(P^2); P^2 = P", "P^2 = P", "P"),
    ],
)
def test_what_is_said_of_a_power_is_a_condition_and_defines_nothing(text: str, condition: str, letter: str) -> None:
    with pytest.raises(AmbiguityError, match=rf"a condition on {letter}, which is not used") as caught:
        matcalc.derive(text)
    assert f"'{condition}' defines nothing" in str(caught.value) and "leave it out" in str(caught.value)
    assert matcalc.derive(text.replace(condition, "").strip(",; ")).to_latex()  # as the hint says


def test_an_equation_that_defines_a_square_beside_its_letter_defines_the_positive_root() -> None:
    d = matcalc.derive(r"y = x/\sigma, \sigma^2 = w^\top w", "x", output="y")
    assert d.result.plain.endswith(")/norm2(w)") and any("positive root" in w for w in d.warnings)


@pytest.mark.parametrize("text", ["s = tr(P*A); P^2 = P", r"s = \operatorname{tr}(P A), P^2 = P", "s = x'*A*x; A*B = B*A; q = s^2"])
def test_a_condition_is_refused_whatever_the_output(text: str) -> None:
    """Beside an explicit output it was dropped without a word."""
    with pytest.raises(AmbiguityError, match="defines nothing: a condition on") as caught:
        matcalc.derive(text, output="s")
    start, end = caught.value.span or (0, 0)
    assert text[start:end].count("=") == 1
    without = text[:start].rstrip(" ;,") + text[end:]  # as the hint says
    assert not matcalc.derive(without, output="s").warnings


def test_a_formula_beside_the_output_is_named() -> None:
    d = matcalc.derive("s = x'*x; q = x'*A*x; q^2", output="s")
    assert any("'q^2' is not used" in w for w in d.warnings) and d["x"].plain == "2*x"
