"""Which matrices are known to be positive definite: then Cholesky factors do, and no others."""

from __future__ import annotations

import pytest

from matcalc.codegen.ir.entrywise_values import Algebra
from matcalc.codegen.lower.lowering import lowered
from matcalc.codegen.lower.operators import RULES
from matcalc.codegen.lower.positive import is_positive, is_positive_definite
from tests.codes import body
from tests.nodes import read

DECLARED = {"A": frozenset({"spd"}), "x": frozenset({"positive"}), "s": frozenset({"positive"})}


def node_of(text: str):  # type: ignore[no-untyped-def]
    e = read(text)
    algebra = Algebra(DECLARED)
    low = lowered(algebra, RULES, [e], [])
    return algebra, algebra.ref(low.vals[e]).node


@pytest.mark.parametrize("text", ["A", "2*A", "s*A", "W'*W + A", "W'*W + s*eye(n)", "A + A*A", "W'*W + diag(x)", "W'*W + 3*eye(n)"])
def test_definite(text: str) -> None:
    assert is_positive_definite(*node_of(text))


@pytest.mark.parametrize("text", ["B", "W'*W", "-A", "t*A", "A - B", "W'*W + t*eye(n)", "W'*W + diag(y)", "A - W'*W", "A + B"])
def test_not_known_to_be(text: str) -> None:
    assert not is_positive_definite(*node_of(text))


@pytest.mark.parametrize(
    ("text", "yes"),
    [("x", True), ("y", False), ("exp(y)", True), ("x .* exp(y)", True), ("x .* y", False), ("s*t", False)],
)
def test_positive_entries(text: str, yes: bool) -> None:
    assert is_positive(*node_of(text)) is yes


def test_squares_are_not_negative_and_may_be_zero() -> None:
    algebra, node = node_of("y.^2")
    assert is_positive(algebra, node, strictly=False) and not is_positive(algebra, node)


def test_the_factorisation_is_chosen_by_it() -> None:
    assert "cho_" in body("x'*inv(S)*y + logdet(S)", assume={"S": "spd"}) and "cho_" not in body("x'*inv(S)*y + logdet(S)")
