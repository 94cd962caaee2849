"""Chained equalities: the first member of known names counts, and the others are compared."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.api import read_problem
from matcalc.expr.errors import AmbiguityError, ShapeError, UsageError

DIMS = {"X": ("m", "n"), "y": ("m",), "w": ("n",)}


@pytest.mark.parametrize("text", ["f = norm2(y - X*w)^2 = (y - X*w)'*(y - X*w)", "f = (y - X*w)'*(y - X*w) = norm2(y - X*w)^2"])
def test_the_first_member_counts(text: str) -> None:
    p = read_problem(text, DIMS)
    assert p.output is read_problem(text.split(" = ")[1], DIMS).output and len(p.equal) == 1
    assert matcalc.derive(text, wrt="w", dims=DIMS).result.plain == "2*X'*(X*w - y)"


def test_a_member_that_differs_is_refused_at_its_place() -> None:
    text = "f = norm2(y - X*w)^2 = (y - X*w)'*(y - X*w) + 1"
    with pytest.raises(UsageError, match="members of this equality differ") as caught:
        matcalc.derive(text, wrt="w", dims=DIMS)
    assert text[slice(*caught.value.span)] == "(y - X*w)'*(y - X*w) + 1"  # type: ignore[misc]


def test_a_member_with_names_of_its_own_says_what_they_mean() -> None:
    p = read_problem("f = e'*e = norm2(y - X*w)^2", DIMS)
    assert set(p.symbols) == {"y", "X", "w"} and p.equal == ()


def test_members_without_a_declared_name_are_said_to_be_left() -> None:
    assert any("'e'*e' is not compared" in w for w in read_problem("f = e'*e = norm2(y - X*w)^2", DIMS).warnings)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("y = f(x) = A*x", "A*x"),
        ("s = t = x'*x", "x'*x"),
        ("y = z = W*x + b", "W*x + b"),
        (r"\mathcal{L} = J = \|x\|^2", "norm2(x)^2"),
        (r"\min_x \|A x-b\|^2 = s", "norm2(A*x - b)^2"),
        ("s = t = x'*x; L = exp(t)", "exp(x'*x)"),
        ("y = g(x) = h(x) = x - mu", "x - mu"),
        ("s = q(x) = x'*x; q(v) = v'*v", "x'*x"),
    ],
)
def test_members_that_only_name_the_value(text: str, same: str) -> None:
    """The value is differentiated, and no name of it is a variable."""
    output = "L" if "L =" in text else None
    p = read_problem(text, output=output, scalar=False)
    assert p.output is read_problem(same, p.dims, scalar=False).output
    assert not {"t", "z", "J"} & p.symbols.keys() and p.functions == ()


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("s = x'*A*x = x'*B*x", "x'*B*x"),
        ("s = x'*x = sum(x.^2) = 2*x'*x", "2*x'*x"),
        ("s = t = x'*x = sum(x)", "sum(x)"),
        (r"L = \|x\|^2 = x^\top x + c", r"x^\top x + c"),
    ],
)
def test_every_member_is_a_claim(text: str, wrong: str) -> None:
    with pytest.raises(UsageError, match="members of this equality differ") as caught:
        matcalc.derive(text)
    assert text[slice(*caught.value.span)] == wrong  # type: ignore[misc]


def test_a_member_of_other_sizes_is_no_member() -> None:
    with pytest.raises(ShapeError):
        matcalc.derive("s = x'*x = x*x", wrt="x", dims={"x": ("n",)})


def test_members_without_a_common_name_are_asked_about() -> None:
    text = "f = e'*e = (y - X*w)'*(y - X*w)"
    with pytest.raises(AmbiguityError, match="no name in common") as caught:
        matcalc.derive(text, wrt="w")
    assert caught.value.hint == "leave one out, or define its names: e = …" and caught.value.span == (0, len(text))
    d = matcalc.derive("f = e'*e = (y - X*w)'*(y - X*w); e = y - X*w", wrt="w")  # as the hint says
    assert d["w"].plain == "2*X'*(X*w - y)" and len(d.problem.equal) == 1


def test_a_member_that_comes_to_a_question_is_said_to_be_left() -> None:
    text = r"\operatorname{tr}(\operatorname{expm}(A)) = \operatorname{tr}(\exp(A))"
    p = read_problem(f"s = {text}", {"A": ("n", "n")})
    assert p.equal == () and any("is not read, and so not compared" in w for w in p.warnings)
