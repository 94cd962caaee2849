"""The quick test for zero: what it says of expressions that are zero everywhere, and of others."""

from __future__ import annotations

import pytest

from matcalc.expr.nodes import make, num, postorder
from matcalc.numeric.fingerprint import P, fingerprints
from tests.nodes import read


def mark(text: str) -> int:
    root = read(text)
    return fingerprints(root)[root]


@pytest.mark.parametrize(
    "text",
    [
        "A*B - B*A",  # matrices of one entry commute: 0 here, not in general
        "x'*y - y'*x", "tr(A*B) - tr(B*A)", "(A*B)' - B'*A'", "inv(A)*A*x - x", "(s + t)^2 - s^2 - 2*s*t - t^2", "s/t - s*t^(-1)",
        "exp(x) .* exp(-x) - ones(n)", "sin(x).^2 + cos(x).^2 - 1", "tanh(x) .* cosh(x) - sinh(x)", "sigmoid(x) + sigmoid(-x) - 1",
        "relu(0*x)", "norm2(0*x)", "sum(x - x)",
    ],
)  # fmt: skip
def test_zero_where_it_is(text: str) -> None:
    assert mark(text) == 0


@pytest.mark.parametrize(
    "text",
    [
        "x'*y",
        "A*B + B*A",
        "s - t",
        "exp(x) - 1 - x",
        "sin(x) - x",
        "relu(x) - x",
        "f(x) - x",
        "f(x) - g(x)",
        "x .* y - x",
        "exp(0*x)",
        "logdet(A)",
    ],
)
def test_not_zero_where_it_is_not(text: str) -> None:
    assert mark(text) != 0


def test_numbers_are_residues() -> None:
    third = fingerprints(make("num", (), num(1).attr / 3, num(1).type))
    assert list(third.values()) == [pow(3, -1, P)]
    assert mark("3*s - s - s - s") == 0 and mark("s/3 + s/3 + s/3 - s") == 0


def test_every_node_has_a_value() -> None:
    root = read("x'*A*exp(y)")
    assert set(fingerprints(root)) == set(postorder((root,)))
    assert fingerprints(root) == fingerprints(root)
