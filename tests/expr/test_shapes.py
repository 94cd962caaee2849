"""Shape rules: what a line such as ``m(m,n) c(n) -> c(m)`` says of types."""

from __future__ import annotations

import pytest

from matcalc.expr.dims import add, mul, sub
from matcalc.expr.shapes import SCALAR, Op, Type, parse_dim

MATRIX, SQUARE, COLUMN, ROW = Type("m", "m", "n"), Type("m", "n", "n"), Type("c", "n", 1), Type("r", 1, "n")


def op(name: str, shape: str, linear: str = "", sign: str = "") -> Op:
    return Op(name, shape, linear=linear, sign=sign, words="")


def test_sizes_are_sums_of_products() -> None:
    assert parse_dim("n") == "n" and parse_dim("3") == 3
    assert parse_dim("m*n") == mul("m", "n") and parse_dim("2*n+1") == add(mul(2, "n"), 1)
    assert parse_dim("j-i+1") == add(sub("j", "i"), 1)
    assert parse_dim("-n+m") == sub("m", "n")


def test_a_rule_gives_the_type_of_the_result() -> None:
    product = op("p", "m(m,n) c(n) -> c(m) | r(m) m(m,n) -> r(n) | c(m) r(n) -> m(m,n)")
    assert product.result((MATRIX, COLUMN)) == Type("c", "m", 1)
    assert product.result((Type("r", 1, "m"), MATRIX)) == ROW
    assert product.result((Type("c", "m", 1), ROW)) == MATRIX
    with pytest.raises(KeyError):
        product.result((COLUMN, COLUMN))


def test_a_star_is_the_same_kind_everywhere() -> None:
    pair = op("p", "* * -> *")
    assert all(pair.result((t, t)) == t for t in (SCALAR, COLUMN, ROW, MATRIX, Type("t", ("m", "n", 2), 1)))
    with pytest.raises(KeyError):
        pair.result((COLUMN, ROW))
    scaled = op("s", "s * -> *")
    assert scaled.result((SCALAR, MATRIX)) == MATRIX and scaled.arity == pair.arity == 2


@pytest.mark.parametrize(
    ("rule", "types", "wanted"),
    [
        ("m(m,n) -> c(m*n)", (Type("m", 2, 3),), Type("c", 6, 1)),
        ("c(n) c(k) -> c(n+k-1)", (Type("c", 5, 1), Type("c", 3, 1)), Type("c", 7, 1)),
        ("c(n) c(k) -> c(n-k+1)", (Type("c", 5, 1), Type("c", 3, 1)), Type("c", 3, 1)),
        ("m(m,n) c(m) -> m(m,1+n)", (Type("m", 2, 3), Type("c", 2, 1)), Type("m", 2, 4)),
        ("c(m) c(m) -> m(m,2)", (Type("c", 4, 1), Type("c", 4, 1)), Type("m", 4, 2)),
        ("m(m,n) -> s", (Type("m", 2, 3),), SCALAR),
        ("c(n) -> r(n)", (COLUMN,), ROW),
    ],
)
def test_sizes_of_the_result_are_computed(rule: str, types: tuple[Type, ...], wanted: Type) -> None:
    assert op("o", rule).result(types) == wanted


def test_what_a_rule_says_of_its_operator() -> None:
    assert op("o", "m(n,n) -> s").square and not op("o", "m(m,n) -> s").square and not op("o", "c(n) -> s").square
    assert not op("leaf", "").square
    assert op("o", "* * -> *", linear="1").is_linear(1) and not op("o", "* * -> *", linear="1").is_linear(0)
    assert all(op("o", "* * -> *", linear="*").is_linear(i) for i in (0, 1))
    assert set(op("o", "m(n,n) -> s | s -> s").alternatives) == {"m", "s"}


def test_facts_that_follow_from_a_sign() -> None:
    plus, zero, none = (op("o", "s -> s", sign=sign) for sign in ("+", "0+", ""))
    assert (plus.positive, plus.nonnegative) == (True, True)
    assert (zero.positive, zero.nonnegative) == (False, True)
    assert (none.positive, none.nonnegative) == (False, False)
