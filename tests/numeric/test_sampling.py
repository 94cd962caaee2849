"""Sizes, leaves with their properties, and points inside the domain."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.expr import dims
from matcalc.expr.errors import ShapeError, UsageError
from matcalc.expr.nodes import Expr, hadamard, make, num, ones, sym, times, transpose
from matcalc.expr.table import SCALAR, TABLE, Type
from matcalc.numeric import evaluation, sampling
from matcalc.numeric.evaluation import WithGeneric, evaluate
from matcalc.numeric.properties import DRAW, HOLDS, SQUARE, sample_one
from matcalc.numeric.sampling import Place, choose_sizes, draw, sample

RNG = np.random.default_rng(0)
A = sym("A", Type("m", "n", "n"))
x = sym("x", Type("c", "n", 1))
y = sym("y", Type("c", "n", 1))
t = sym("t", SCALAR)
SIZES = {"n": 3, "m": 4}


# ---------------------------------------------------------------- sizes


def test_sizes_differ() -> None:
    assert choose_sizes(["n", "m", "k"]) == {"n": 2, "m": 3, "k": 4}
    assert sorted(choose_sizes(list("abcdef")).values()) == [2, 3, 4, 5, 6, 7]
    assert max(choose_sizes(list("abcdefghijkl")).values()) <= 7
    assert choose_sizes(["n", "m"], avoid=[2, 4]) == {"n": 3, "m": 5}


def test_sizes_satisfy_equations() -> None:
    found = choose_sizes(["m", "n", "p", "k"], [(dims.mul("m", "n"), "p")])
    assert found["m"] * found["n"] == found["p"] and len(set(found.values())) == 4
    found = choose_sizes(["m", "p"], [(dims.mul(3, "m"), "p")])
    assert found == {"m": 2, "p": 6}
    found = choose_sizes(["m", "n", "q"], [(dims.add("m", "n"), "q")])
    assert found["m"] + found["n"] == found["q"] and len(set(found.values())) == 3
    assert choose_sizes(["m"], [("m", 30)]) == {"m": 30}
    with pytest.raises(ShapeError, match="no small sizes satisfy 2m = 5"):
        choose_sizes(["m"], [(dims.mul(2, "m"), 5)])


# ---------------------------------------------------------------- leaves


def test_every_property_can_be_drawn_and_recognised() -> None:
    assert DRAW.keys() == HOLDS.keys() and DRAW.keys() >= SQUARE
    for name in DRAW:
        for shape in ((4, 4),) if name in SQUARE else ((), (5,), (3, 4)):
            if not shape and name in ("unit", "binary", "one-hot", "one-hot-columns", "probability"):
                continue
            for _ in range(5):
                value = sample_one(shape, frozenset({name}), RNG)
                assert value.shape == shape and HOLDS[name](value), name


@pytest.mark.parametrize(
    "properties",
    [
        "symmetric positive", "diagonal positive", "symmetric invertible", "spd diagonal", "spd positive",
        "orthogonal symmetric", "toeplitz symmetric", "lower-triangular invertible",
        "symmetric near-identity",
        "spd small", "unit positive", "unit nonnegative", "probability positive", "one-hot probability",
        "diagonal invertible", "symmetric binary", "symmetric unit", "skew toeplitz",
        "diagonal orthogonal",
    ],
)  # fmt: skip
def test_several_properties(properties: str) -> None:
    names = frozenset(properties.split())
    try:
        value = sample_one((4, 4) if names & SQUARE else (4,), names, RNG)
    except UsageError:
        assert properties in ("skew toeplitz", "diagonal orthogonal", "symmetric binary", "symmetric unit")
    else:
        assert all(HOLDS[p](value) for p in names - ({"positive"} if "diagonal" in names else set()))
        assert "positive" not in names or (np.diag(value) if "diagonal" in names else value).min() > 0


def test_messages() -> None:
    def said(properties: str, shape: tuple[int, ...]) -> str:
        with pytest.raises(UsageError) as caught:
            sample_one(shape, frozenset(properties.split()), RNG, "X")
        return str(caught.value)

    assert "X: 'definite' is not a property" in said("definite", (3, 3))
    assert "X cannot be spd: that needs a square matrix, and its shape is (3, 4)" in said("spd", (3, 4))
    assert "no sample of X is skew, spd at once" in said("skew spd", (3, 3))


def test_samples_are_in_the_internal_form() -> None:
    row = sym("r", Type("r", 1, "m"))
    tensor = sym("T", Type("t", ("n", "m", 2), 1))  # type: ignore[arg-type]
    env = sample([A, x, row, t, tensor], SIZES, {"A": frozenset({"spd"})}, RNG)
    assert [v.shape for v in env.values()] == [(3, 3), (3, 1), (1, 4), (1, 1), (3, 4, 2)]
    assert HOLDS["spd"](env[A])


# ---------------------------------------------------------------- points in the domain


def log(e: Expr) -> Expr:
    return make("log", (e,))


QUADRATIC = times(transpose(x), times(A, x))
HARD = {
    "log of a quadratic form": log(QUADRATIC),
    "log of a vector": make("sum", (log(x),)),
    "entropy of what is left": make("sum", (log(make("sub", (ones(x.type), x))),)),
    "arcsin and log": make("add", (make("sum", (make("asin", (x,)),)), make("sum", (log(y),)))),
    "root of a difference": make("sqrt", (make("sub", (num(1), make("sqnorm", (x,)))),)),
    "log det": log(make("det", (A,))),
    "negative power of an inverse": make("mpow", (make("inv", (A,)),), -3),
    "relu": make("relu", (times(A, x),)),
    "largest entry": make("max", (hadamard(x, y),)),
    "a real power": make("pow", (t, make("pow", (num(2), num(-1))))),
    "nested": log(log(make("add", (num(2), make("sum", (log(x),)))))),
    "norm of a diagonal matrix": make("norm1", (make("diagm", (x,)),)),
    "unspecified": make("sum", (log(make("exp", (make("fn", (x,), ("f", 2)),))),)),
}


@pytest.mark.parametrize("name", HARD)
def test_a_point_in_the_domain_is_found(name: str) -> None:
    root = HARD[name]
    symbols = [A, x, y, t]
    for seed in range(5):
        env = draw([root], symbols, SIZES, WithGeneric(), rng=np.random.default_rng(seed))
        assert env is not None
        (value,) = evaluate([root], env, SIZES, WithGeneric())
        assert np.isfinite(value).all()


def test_declared_properties_are_kept() -> None:
    env = draw([log(make("det", (A,)))], [A], SIZES, assume={"A": frozenset({"symmetric"})})
    assert env is not None and HOLDS["symmetric"](env[A])
    env = draw([make("sum", (log(x),))], [x], SIZES, assume={"x": frozenset({"probability"})})
    assert env is not None and HOLDS["probability"](env[x][:, 0])


def test_no_point() -> None:
    for root in (log(num(-1)), make("div", (x, num(0))), make("inv", (times(x, transpose(x)),)),
                 log(make("neg", (make("sqnorm", (x,)),)))):  # fmt: skip
        assert draw([root], [x], SIZES, place=Place(tries=15)) is None


def test_kinks_are_kept_away_from() -> None:
    def at(op: str, *arguments: list[float]) -> bool:
        symbols = [sym(f"v{i}", Type("c", len(a), 1)) for i, a in enumerate(arguments)]
        node = make(op, tuple(symbols))
        return sampling.in_domain(node, [np.array(a)[:, None] for a in arguments])

    assert at("abs", [1.0, -1.0]) and not at("abs", [1.0, 1e-5])
    assert at("relu", [1.0, 0.0])  # an exact zero is a structural one
    assert at("max", [1.0, 2.0]) and not at("max", [2.0, 2.00001]) and at("min", [1.0, 2.0, 2.00001])
    assert at("max2", [1.0, 2.0], [2.0, 1.0]) and not at("max2", [1.0, 2.0], [1.00001, 1.0])
    assert at("norm2", [0.0, 1.0]) and not at("norm2", [0.0, 0.0])


def test_entries_that_are_the_same_function_make_no_kink() -> None:
    """At a random point nothing else is so near: x 1' has each entry of x more than once, also where rounding sets them apart."""
    x = np.array([[0.3, 0.7], [0.7, 0.7 * (1 - 1e-15)]])
    for op, value in (("max", x), ("min", -x), ("rowmax", x[1:])):
        assert sampling.SMOOTH[op](value) and sampling.SMOOTH[op](np.zeros((2, 2)))
        assert not sampling.SMOOTH[op](value + np.array([[0, 0], [0, 1e-6]]))
    assert sampling.SMOOTH["max2"](x, x.T) and not sampling.SMOOTH["max2"](x, x + 1e-6)
    assert not sampling.SMOOTH["normspec"](np.eye(2))  # of these the vectors are not the same


def test_entries_that_are_equal_by_chance_make_a_kink() -> None:
    """As those of a vector of signs do, and what is made of them."""
    b, c = (sym(name, Type("c", "n", 1)) for name in "bc")
    signs = np.array([[1.0], [1.0], [-1.0]])
    for node, given in ((make("max", (b,)), [b]), (make("min", (make("add", (b, b)),)), [b]), (make("max2", (b, c)), [b, c])):
        known = evaluation.values([node], dict.fromkeys(given, -signs if node.op == "min" else signs), {"n": 3})
        found = sampling.first_obstacle(known, few={"b"})
        assert found is not None and found[0] is node
        assert sampling.first_obstacle(known) is not None and sampling.first_obstacle(known, moving=()) is None  # each moves alone
    large = {e: 1e8 * x for e, x in known.items()}  # however far from 0
    assert sampling.first_obstacle(large) is not None


def test_what_stands_in_the_way_is_told_by_the_table() -> None:
    x = sym("x", Type("c", "n", 1))
    for op, said in (("max", "two entries that change differently tie for the largest"), ("argmax1", "two entries that change")):
        node = make(op, (x,))
        found = sampling.first_obstacle({x: np.array([[1.0], [1 + 1e-6]]), node: np.ones((1, 1))})
        assert found is not None and found[0] is node and f"comes too near to where {said}" in found[1]


def test_a_domain_belongs_to_one_argument() -> None:
    divide = make("div", (x, t))
    zero, one = np.zeros((3, 1)), np.ones((1, 1))
    assert sampling.in_domain(divide, [zero, one]) and not sampling.in_domain(divide, [zero + 1, 0 * one])


def test_powers() -> None:
    def at(exponent: Expr, base: float, value: float) -> bool:
        return sampling.in_domain(make("pow", (t, exponent)), [np.array([[base]]), np.array([[value]])])

    assert at(num(2), -1.0, 2.0) and at(num(2), 0.0, 2.0)
    assert at(num(-2), -1.0, -2.0) and not at(num(-2), 0.0, -2.0)
    assert not at(make("pow", (num(2), num(-1))), -1.0, 0.5)
    assert not at(sym("a", SCALAR), -1.0, 2.0)


def test_every_domain_in_the_table_has_a_condition() -> None:
    domains = {op.domain.rpartition(":")[2] for op in TABLE.values()} - {"", "power"}
    assert domains <= sampling.INSIDE.keys()
    assert {op.name for op in TABLE.values() if op.kink} <= sampling.SMOOTH.keys()


def test_seeds_repeat() -> None:
    one, two = (draw([HARD["relu"]], [A, x], SIZES, rng=np.random.default_rng(7)) for _ in range(2))
    assert one is not None and two is not None
    assert all(np.array_equal(one[s], two[s]) for s in one)
