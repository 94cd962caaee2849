"""The quick test for zero: what it says of expressions that are zero everywhere, and of others."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from matcalc.expr.nodes import make, num, postorder, resized
from matcalc.numeric import evaluation
from matcalc.numeric.fingerprint import VALUES, P, fingerprints
from tests.nodes import read
from tests.numeric.test_kernels import CASES, build


def mark(text: str) -> int:
    root = read(text)
    return fingerprints(root)[root]


@pytest.mark.parametrize(
    "text",
    [
        "A*B - B*A",  # matrices of one entry commute: 0 here, not in general
        "x'*y - y'*x", "tr(A*B) - tr(B*A)", "(A*B)' - B'*A'", "inv(A)*A*x - x", "(s + t)^2 - s^2 - 2*s*t - t^2", "s/t - s*t^(-1)",
        "exp(x) .* exp(-x) - ones(n)", "sin(x).^2 + cos(x).^2 - 1", "tanh(x) .* cosh(x) - sinh(x)", "sigmoid(x) + sigmoid(-x) - 1",
        "conv(x - x, y)", "conv(x, y) - conv(y, x)", "tan(x - x)", "lowerhalf(A - A)", "rowsum(softmax(A)) - ones(n)",
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


ANY = {"exp", "log", "sigmoid", "tanh", "sinh", "cosh", "sin", "cos", "pow", "hpow", "epow"}  # of which any value is taken


def test_fingerprints_are_values_where_every_size_is_one() -> None:
    for case in (c for c in CASES if c.op in VALUES.keys() - ANY and "mnp" not in c.arguments):
        node, env, _ = build(case, np.random.default_rng(1))
        names = {name: 1 for name in "mnpqk"}
        small = resized((node,), names)[0]
        at = {a: np.full((1, 1), v) for a, v in zip(small.args, (3.0, 7.0, 11.0), strict=False)}
        found = Fraction(float(evaluation.evaluate([small], at, {})[0].squeeze())).limit_denominator(1000)
        residue = found.numerator * pow(found.denominator, -1, P) % P
        assert VALUES[case.op](small, [3, 7, 11][: len(env)]) == residue, case.op
