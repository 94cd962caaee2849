"""What a text says that derivatives are, beside what is derived."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

import matcalc

NET = r"s = u^T h, h = f(z), z = Wx+b, "


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("text", "agrees"),
    [
        (r"s = u^T W x, \frac{\partial s}{\partial W} = u x^T", [True]),
        (r"s = u^T W x, \frac{\partial s}{\partial W} = x u^T", [True]),  # the other layout
        (r"s = u^T W x, \frac{\partial s}{\partial W} = 2 u x^T", [False]),
        (r"f(x) = \frac12\|Ax-b\|^2, \nabla f(x) = A^T(Ax-b), \nabla^2 f(x) = A^T A", [True, True]),
        (r"f(x) = \frac12\|Ax-b\|^2, \nabla f(x) = 2A^T(Ax-b)", [False]),
        (r"f(x) = x^TAx, \text{so } \nabla f(x) = 2Ax, \text{ where A is symmetric}", [True]),
        (r"f(x) = x^TAx, \nabla f(x) = 2Ax", [False]),
        (r"\frac{\partial}{\partial X}\operatorname{tr}(AXB) = A^T B^T", [True]),
        (r"\frac{\partial}{\partial X}\operatorname{tr}(AXB) = AB", [False]),
        (r"z = Wx+b, \frac{\partial z}{\partial x} = W", [True]),
        ("J = norm2(X*w - y)^2; dJ/dw = 2*X'*(X*w - y)", [True]),
        ("J = norm2(X*w - y)^2; ∂J/∂w = X'*(X*w - y)", [False]),
        (NET + r"\frac{\partial s}{\partial z} = u \odot f'(z), \frac{\partial s}{\partial b} = u \odot f'(z)", [True, True]),
        (NET + r"\frac{\partial s}{\partial z} = u \odot f(z), \frac{\partial s}{\partial b} = u \odot f'(z)", [False, True]),
        (NET + r"\delta = \frac{\partial s}{\partial z}, \frac{\partial s}{\partial W} = \delta x^T", [True, True]),
        (NET + r"\frac{\partial s}{\partial W} = \delta x^T, \delta = \frac{\partial s}{\partial z}", [True, True]),
        (NET + r"\delta = \frac{\partial s}{\partial z}, \frac{\partial s}{\partial W} = \delta b^T", [True, False]),
    ],
)
def test_each_claim_is_compared(text: str, agrees: list[bool]) -> None:
    """By rules that anybody can look up: ∂uᵀWx/∂W = u xᵀ, ∇½‖Ax − b‖² = Aᵀ(Ax − b), ∂tr(AXB)/∂X = Aᵀ Bᵀ, ∂s/∂W = δ xᵀ."""
    d = matcalc.derive(text)
    assert [c.agrees for c in d.reading.claims] == agrees
    assert len([w for w in d.warnings if "the text says" in w]) == agrees.count(False)


def test_what_differs_is_said_with_its_factor() -> None:
    d = matcalc.derive(r"f(x) = \frac12\|Ax-b\|^2, \nabla f(x) = 2A^T(Ax-b)")
    assert d.warnings == ("the text says ∂f/∂x = 2A^T(Ax-b), and what is derived is A'*(A*x - b), 1/2 times that",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NET + r"\frac{\partial s}{\partial W} = q x^T", "not compared, for nothing says what q is"),
        (r"L = \|Ax-b\|^2, \nabla_x L = 0", "a condition, which is not solved for"),
    ],
)
def test_what_cannot_be_compared_is_said(text: str, said: str) -> None:
    (claim,) = (d := matcalc.derive(text)).reading.claims
    assert claim.agrees is None and any(said in w for w in d.warnings)


@pytest.mark.sample(2)
@pytest.mark.parametrize(("factor", "agrees"), [("", True), ("2", False)])
def test_beside_derivative_signs_stands_the_delta_of_the_derivation(factor: str, agrees: bool) -> None:
    """∂s/∂W = δ ∂z/∂W for δ = ∂s/∂z, which no line of the text defines."""
    for right in (r"\delta \frac{\partial z}{\partial W}", r"\delta x^T"):
        (claim,) = matcalc.derive(NET + rf"\frac{{\partial s}}{{\partial W}} = {factor}{right}").reading.claims
        assert claim.agrees is agrees


def test_claims_are_data() -> None:
    text = r"s = u^T W x, \frac{\partial s}{\partial W} = u x^T"
    (claim,) = (d := matcalc.derive(text)).reading.claims
    assert (claim.function, claim.by, claim.right) == ("s", ("W",), "u x^T")
    assert text[slice(*claim.span)] == r"\frac{\partial s}{\partial W} = u x^T"
    assert d.reading.notes[0] == "the text says ∂s/∂W = u x^T: that is what is derived"
    assert d.to_dict()["reading"]["claims"][0]["agrees"] is True
    with pytest.raises((AttributeError, FrozenInstanceError)):
        claim.agrees = False  # type: ignore[misc]


LAYER = r"z = Wx+b, s = u^T\tanh(z), "


@pytest.mark.parametrize(
    ("text", "agrees", "said"),
    [
        (r"z = Ax - b, f = z^Tz, \nabla_x f = A^T\nabla_z f", True, ": that is what is derived"),
        (r"z = Ax - b, f = z^Tz, \nabla_x f = 2A^T\nabla_z f", False, "it is 2 times what is right"),
        ("z = A*x-b; f = z'*z; ∇_x f = A'*∇_z f", True, ": that is what is derived"),
        (LAYER + r"\frac{\partial s}{\partial x} = \frac{\partial s}{\partial z} \frac{\partial z}{\partial x}", True, "turned"),
        (LAYER + r"\nabla_W s = \nabla_z s\, x^T", True, ": that is what is derived"),
        (LAYER + r"\frac{\partial s}{\partial x} = W\frac{\partial s}{\partial z}", False, "a transpose is misplaced"),
        (r"\nabla_x \|Ax-b\|^2 = \nabla_x (x^TA^TAx) - 2A^Tb", True, ": that is what is derived"),
    ],
)
def test_derivative_signs_on_the_right_are_compared(text: str, agrees: bool, said: str) -> None:
    """They were 'not compared (the scope of a derivative sign is not clear here)'."""
    (claim,) = matcalc.derive(text).reading.claims
    assert claim.agrees is agrees and said in claim.said


def test_a_name_of_a_derivative_beside_signs_is_that_derivative() -> None:
    text = LAYER + r"\delta = \frac{\partial s}{\partial z}, \frac{\partial s}{\partial x} = %s\delta \frac{\partial z}{\partial x}"
    for factor, agrees in (("", True), ("2", False)):
        assert [c.agrees for c in matcalc.derive(text % factor).reading.claims] == [True, agrees]
