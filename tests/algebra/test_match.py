"""Matching: variables take what stands in their place, in both orders of what commutes, and in no other."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.algebra.match import match, matches
from matcalc.algebra.rule import make_book
from matcalc.expr.nodes import Expr
from matcalc.expr.table import TABLE
from matcalc.rules.row import R

SHAPES: dict[str, tuple[str, ...]] = {"t": (), "x": ("n",), "y": ("n",), "X": ("m", "n"), "Y": ("m", "n"), "A": ("n", "n")}


def node(text: str) -> Expr:
    return matcalc.parse(text, SHAPES).node


def pattern(text: str, where: str) -> Expr:
    return make_book({"rewrite": (R("p", f"{text} = {text}", where, "s"),)}, {"s": ""}).by_name["p"].sides[0]


@pytest.mark.parametrize(
    ("left", "where", "texts"),
    [
        ("1/(1 + exp(t))", "t[]", ["1/(1 + exp(t))", "1/(exp(t) + 1)"]),
        ("X .* exp(X)", "X[m,n]", ["Y .* exp(Y)", "exp(Y) .* Y", "exp(x) .* x"]),
        ("(X + 1) .* exp(X)", "X[m,n]", ["(X + 1) .* exp(X)", "exp(X) .* (1 + X)"]),
        ("(X + Y) .* X", "X[m,n] Y[m,n]", ["(x + y) .* x", "(x + y) .* y", "y .* (x + y)"]),  # the second order of the sum
    ],
)
def test_both_orders_of_what_commutes(left: str, where: str, texts: list[str]) -> None:
    for text in texts:
        assert match(pattern(left, where), node(text)) is not None, text


@pytest.mark.parametrize(
    ("left", "where", "text"),
    [
        ("A - exp(A)", "A[n,n]", "exp(A) - A"),
        ("A*exp(A)", "A[n,n]", "exp(A)*A"),
        ("X ./ exp(X)", "X[m,n]", "exp(X) ./ X"),
        ("X .* exp(X)", "X[m,n]", "X .* exp(Y)"),
    ],
)
def test_only_one_order_of_the_others(left: str, where: str, text: str) -> None:
    assert match(pattern(left, where), node(text)) is None


def test_every_way_is_found_once() -> None:
    ways = list(matches(pattern("A + B", "A[m,n] B[m,n]"), node("x + y")))
    assert [sorted((str(v.attr), str(e.attr)) for v, e in way.items()) for way in ways] == [
        [("A", "x"), ("B", "y")],
        [("A", "y"), ("B", "x")],
    ]


def test_what_commutes_has_the_same_value_in_both_orders() -> None:
    import numpy as np

    rng = np.random.default_rng(0)
    at = {"X": rng.normal(size=(2, 3)), "Y": rng.normal(size=(2, 3))}
    written = {"add": "X + Y", "hadamard": "X .* Y", "max2": "max(X, Y)", "min2": "min(X, Y)", "inner": "inner(X, Y)"}
    assert written.keys() == {op for op, row in TABLE.items() if row.commutes}
    for op, text in written.items():
        if op == "inner":  # of the rules only
            continue
        turned = text.replace("X", "Z").replace("Y", "X").replace("Z", "Y")
        left, right = (matcalc.parse(t, SHAPES) for t in (text, turned))
        assert left.node.op == op
        assert np.array_equal(left.evaluate(at), right.evaluate(at))
