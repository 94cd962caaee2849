"""Matching: variables take what stands in their place, in both orders of what commutes, and in no other."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.algebra.match import Unfit, contains, fits, inner, instantiate, match, matches, paths, size_map, variables
from matcalc.algebra.rule import make_book
from matcalc.expr.nodes import Expr, make, num, sym, transpose
from matcalc.expr.table import SCALAR, TABLE, Type
from matcalc.rules.row import R
from tests.nodes import read

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


A, B = sym("X", Type("m", "p", "q")), sym("Y", Type("m", "q", "r"))
COLUMN, NUMBER = sym("C", Type("c", "p", 1)), sym("S", SCALAR)


def bound_by(pattern: Expr, node: Expr) -> dict[str, Expr] | None:
    bound = match(pattern, node)
    return None if bound is None else {v.attr: e for v, e in bound.items()}


def test_variables_are_bound_to_what_stands_there() -> None:
    assert bound_by(make("matmul", (A, B)), read("W*(A*B)")) == {"X": read("W"), "Y": read("A*B")}
    assert bound_by(make("matmul", (A, B)), read("W + V")) is None


def test_a_matrix_variable_takes_any_kind_and_others_their_own() -> None:
    assert bound_by(make("matmul", (A, B)), read("A*x")) == {"X": read("A"), "Y": read("x")}
    assert bound_by(make("exp", (COLUMN,)), read("exp(x)")) == {"C": read("x")}
    assert bound_by(make("exp", (COLUMN,)), read("exp(A)")) is None
    assert fits(A, read("x")) and fits(COLUMN, read("x")) and not fits(COLUMN, read("A")) and not fits(NUMBER, read("x"))


def test_a_variable_twice_is_one_thing() -> None:
    twice = make("hadamard", (A, A))
    assert bound_by(twice, read("(A*x) .* (A*x)")) == {"X": read("A*x")} and bound_by(twice, read("x .* y")) is None


def test_numbers_match_themselves() -> None:
    power = make("hpow", (A, num(2)))
    assert bound_by(power, read("A.^2")) == {"X": read("A")} and bound_by(power, read("A.^3")) is None


def test_every_way_down_to_a_leaf() -> None:
    x = read("x")
    assert len(list(paths(read("x'*A*x + y'*x"), x))) == 3 and list(paths(x, x)) == [[x]] and not list(paths(read("y"), x))
    assert contains(read("A*x"), x) and not contains(read("A*y"), x) and set(variables(read("x'*A*x"))) == {x, read("A")}


def test_products_are_resolved_for_the_kinds_at_hand() -> None:
    product = make("matmul", (A, B))
    assert instantiate(product, {A: read("A"), B: read("x")}, None) is read("A*x")
    assert instantiate(product, {A: read("s"), B: read("x")}, None) is read("s*x")  # a scalar scales
    assert instantiate(make("T", (A,)), {A: read("s")}, None) is read("s")
    square = sym("Z", Type("m", "p", "p"))
    with pytest.raises(Unfit):
        instantiate(make("inv", (square,)), {square: read("x")}, None)


def test_sizes_are_those_of_what_was_bound() -> None:
    found = size_map({A: read("W")})
    assert found["p"] == "m" and found["q"] == "n"
    assert instantiate(make("eye", (), None, Type("m", "q", "q")), {A: read("W")}, None) is read("eye(n)")


def test_inner_products_as_people_write_them() -> None:
    x, y = read("x"), read("y")
    assert inner(x, y) is read("x'*y") and inner(read("s"), read("t")) is read("s*t")
    assert inner(transpose(x), transpose(y)) is read("x'*y") and inner(read("W"), read("V")) is read("sum(W .* V)")
