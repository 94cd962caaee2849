"""The operator table: what its rows say of signs, linearity and symmetry, held against the kernels at random arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from matcalc.expr.errors import UsageError
from matcalc.expr.nodes import Expr, make, num, sym
from matcalc.expr.table import CALLS, ROWS, SCALAR, SYNONYMS, TABLE, Op, Type
from matcalc.notation.parse.cursor import BUILDERS
from matcalc.numeric import evaluation, sampling
from tests.nodes import evaluated
from tests.numeric.test_kernels import CASES, ELEMENTWISE, REAL_ONLY, SIZES, Case, build, label, typed

RNG = np.random.default_rng(11)
TYPES = {"s": SCALAR, "c": Type("c", 4, 1), "r": Type("r", 1, 4), "m": Type("m", 4, 4)}  # all alike: every argument fits
ATTRIBUTES = {"mpow": 3, "trpow": 3, "entry": (2,), "col": (2,)}
WITH_RULE = [row for row in ROWS if row.shape and row.name not in ("fn", "partial", "d")]


def array(kind: str) -> np.ndarray:
    """Entries in (0.2, 0.8): inside of the domain of every function but acosh; matrices are symmetric and positive definite."""
    if kind == "m":
        root = RNG.uniform(0.2, 0.8, (4, 4))
        return 0.5 * np.eye(4) + 0.05 * (root + root.T)
    return np.asarray(RNG.uniform(0.2, 0.8, {"s": (), "c": (4,), "r": (4,)}[kind]))


def value(row: Op, kinds: str, arrays: list[np.ndarray]) -> np.ndarray:
    leaves: list[Expr] = [sym(f"v{i}", TYPES[kind]) for i, kind in enumerate(kinds)]
    node = make(row.name, tuple(leaves), ATTRIBUTES.get(row.name))
    return evaluated(node, {f"v{i}": a for i, a in enumerate(arrays)})


def kinds_of(row: Op) -> list[str]:
    return [kinds for kinds in row.alternatives if "t" not in kinds]


def test_names_are_unique_and_synonyms_name_something() -> None:
    assert len(TABLE) == len(ROWS)
    assert set(SYNONYMS.values()) <= {row.plain for row in ROWS} | set(CALLS) | BUILDERS
    assert all(row.twin in TABLE for row in ROWS if row.twin)


@pytest.mark.parametrize("row", [row for row in WITH_RULE if row.commutes and row.name != "inner"], ids=lambda row: row.name)
def test_what_commutes_commutes(row: Op) -> None:
    for kinds in kinds_of(row):
        one, two = array(kinds[0]), array(kinds[1])
        assert np.array_equal(value(row, kinds, [one, two]), value(row, kinds, [two, one]))


@pytest.mark.parametrize("row", [row for row in WITH_RULE if row.elementwise], ids=lambda row: row.name)
def test_elementwise_functions_take_each_entry_by_itself(row: Op) -> None:
    x = np.asarray(RNG.uniform(0.2, 0.8, 4)) + (1 if row.domain == "above-one" else 0)
    each = [float(value(row, "s", [np.asarray(v)])) for v in x]
    assert np.allclose(value(row, "c", [x]), each, rtol=1e-13, atol=0)


def values_along(case: Case, slot: int) -> Callable[[Any], Any]:
    """The operator as a function of one argument, the others being fixed."""
    node, env, _ = build(case, np.random.default_rng(1))
    return lambda x: evaluation.evaluate([node], {**env, node.args[slot]: x}, SIZES)[0]


def is_linear(case: Case, slot: int) -> bool:
    (one, two), f = (list(build(case, np.random.default_rng(s))[1].values())[slot] for s in (1, 2)), values_along(case, slot)
    both = np.allclose(f(0.3 * one + 0.7 * two), 0.3 * f(one) + 0.7 * f(two), atol=1e-9)
    return both and np.allclose(f(2 * one), 2 * f(one), atol=1e-9)


def test_the_rows_say_in_which_arguments_an_operator_is_linear() -> None:
    found: dict[tuple[str, int], list[bool]] = {}
    for case in CASES:
        for slot in range(len(case.arguments.split())):
            found.setdefault((case.op, slot), []).append(is_linear(case, slot))
    said = {(op, slot): TABLE[op].is_linear(slot) for op, slot in found}
    assert said == {place: all(each) for place, each in found.items()}


@pytest.mark.parametrize("case", CASES, ids=label)
def test_the_rows_say_which_sign_values_have(case: Case) -> None:
    op = TABLE[case.op]
    for seed in range(8 if op.nonnegative else 0):
        node, env, _ = build(case, np.random.default_rng(seed))
        (value,) = evaluation.evaluate([node], env, SIZES)
        assert np.real(value).min() > 0 or (not op.positive and np.real(value).min() == 0)


@pytest.mark.parametrize("case", [case for case in CASES if TABLE[case.op].sign == "kept"], ids=label)
def test_a_sign_that_is_kept_is_kept(case: Case) -> None:
    """Of positive entries the value is positive; where some of them are 0, no entry is negative."""
    for seed in range(4):
        node, env, _ = build(case, np.random.default_rng(seed))
        positive = {s: np.abs(x) + 0.1 for s, x in env.items()}
        assert np.real(evaluation.evaluate([node], positive, SIZES)[0]).min() > 0
        some = {s: x * (np.arange(x.size).reshape(x.shape) % 2) for s, x in positive.items()}
        some = positive if TABLE[case.op].domain else some
        assert np.real(evaluation.evaluate([node], some, SIZES)[0]).min() >= 0


def test_the_rows_say_what_is_linear_in_all_arguments_together() -> None:
    found = {}
    for case in [case for case in CASES if len(case.arguments.split()) > 1]:
        node, one, _ = build(case, np.random.default_rng(1))
        two = dict(zip(one, build(case, np.random.default_rng(2))[1].values(), strict=True))
        both = {s: 0.3 * one[s] + 0.7 * two[s] for s in one}
        f, g, h = (np.real(evaluation.evaluate([node], env, SIZES)[0]) for env in (one, two, both))
        found[case.op] = found.get(case.op, True) and np.allclose(h, 0.3 * f + 0.7 * g, atol=1e-9)
    assert found == {op: TABLE[op].jointly for op in found}


def test_what_jumps_does_so_where_an_operator_with_a_kink_has_it() -> None:
    assert all(TABLE[row.jumps].kink for row in ROWS if row.jumps)


def test_the_rows_say_what_takes_square_matrices_only() -> None:
    """By the sizes that each operator refuses; where it takes two matrices, both are square."""
    only = {case.op for case in CASES if "m" in [typed(a).kind for a in case.arguments.split()]}
    for op in only:
        kinds = [[typed(a) for a in case.arguments.split()] for case in CASES if case.op == op]
        square = all(t.rows == t.cols for types in kinds for t in types if t.kind == "m")
        assert square or not TABLE[op].square, op
        assert TABLE[op].shape == "" or not square or TABLE[op].square, op


def moved(case: Case, points: list[Any], t: float = 0.0) -> Any:
    """The value at these points moved by t in a random direction; NaN where there is none."""
    rng = np.random.default_rng(0)
    node, env, _ = build(case, rng)
    ways = [rng.standard_normal(x.shape) for x in points]
    ways = [w + w.T for w in ways] if case.property == "symmetric" else ways
    return value_at(node, {s: x + t * w for s, x, w in zip(env, points, ways, strict=True)}, SIZES)


def value_at(node: Expr, env: dict[Expr, Any], sizes: dict[Any, int]) -> Any:
    """NaN where there is none."""
    try:
        with np.errstate(all="ignore"):
            return np.real(evaluation.evaluate([node], env, sizes)[0])
    except (UsageError, np.linalg.LinAlgError):
        return np.nan


def special(case: Case) -> Iterator[list[Any]]:
    """Arguments in the domain where something may happen: zeros, equal entries, the identity."""
    _, env, _ = build(case, np.random.default_rng(1))
    for made in (
        np.zeros,
        np.ones,
        lambda shape: -np.ones(shape),
        lambda shape: np.eye(*shape) if len(shape) == 2 else np.ones(shape),
    ):
        points = [made(x.shape) for x in env.values()]
        where, _, domain = TABLE[case.op].domain.rpartition(":")
        if domain not in sampling.INSIDE or sampling.INSIDE[domain](points[int(where or 0)]):
            yield points


def test_the_rows_say_what_is_zero_where_its_arguments_are() -> None:
    found: dict[str, list[bool]] = {}
    for case in (*CASES, *REAL_ONLY):
        shapes = [x.shape for x in build(case, np.random.default_rng(1))[1].values()]
        values = [moved(case, [np.zeros(shape) for shape in shapes])]
        if case.arguments == "nn" and case.attr is None:  # of one entry too
            values.append(value_at(make(case.op, (ONE,)), {ONE: np.zeros((1, 1))}, {}))
        if len(case.arguments) == 1 and case.arguments != "-" and case.attr is None and not case.result:  # of one and two entries
            values += [value_at(make(case.op, (x,)), {x: np.zeros((k, 1))}, {}) for k, x in enumerate(FEW, 1)]
        found.setdefault(case.op, []).extend(not v.any() for v in values if np.isfinite(v).all())
    whole = {"mpow", "trpow"}  # here with an exponent above 0
    assert {op: TABLE[op].zero for op, values in found.items() if values and op not in whole} == {
        op: all(values) for op, values in found.items() if values and op not in whole
    }


ONE = sym("A", Type("m", 1, 1))
FEW = [sym("x", Type("c", k, 1)) for k in (1, 2)]


@pytest.mark.slow
def test_the_rows_say_what_has_a_kink_or_jumps() -> None:
    kinks, jumps, h = set(), set(), 1e-5
    for case in (*CASES, *REAL_ONLY):
        for points in special(case):
            left, here, right = (moved(case, points, t) for t in (-h, 0.0, h))
            if np.isfinite(left + here + right).all():
                kinks |= {case.op} if np.abs(right - 2 * here + left).max() > 1e-2 * h else set()
                jumps |= {case.op} if np.abs(right - left).max() > 0.1 else set()
    assert jumps == {op for op in TABLE if TABLE[op].jumps}
    assert kinks | jumps == {op for op in TABLE if TABLE[op].kink or TABLE[op].jumps}
    assert sampling.SMOOTH.keys() == {op for op in TABLE if TABLE[op].kink or TABLE[op].jumps}


def test_the_rows_say_where_functions_pass_from_one_formula_to_another() -> None:
    """By second differences on both sides."""
    h = 1e-4
    for case in ELEMENTWISE:
        found = set()
        for b in (-1.0, 0.0, 1.0):
            f = [evaluation.evaluate([make(case.op, (num(0),))], {num(0): np.full((1, 1), b + k * h)}, {})[0] for k in range(-2, 3)]
            first = [(f[k + 1] - f[k]) / h for k in (1, 2)]
            second = [(f[k] - 2 * f[k + 1] + f[k + 2]) / h**2 for k in (0, 2)]
            apart = [abs(left - right) > 0.1 for left, right in (first, second)]
            found |= {b} if np.isfinite([*first, *second]).all() and any(apart) else set()
        assert found == set(TABLE[case.op].breaks), case.op


def test_the_rows_say_where_functions_have_a_value() -> None:
    """Inside of its domain a function has one, and so has no other; lgamma and its derivatives have poles, and values between."""
    grid = np.linspace(-3, 3, 49)
    for case in (c for c in ELEMENTWISE if c.arguments == "-"):
        found = np.array([np.isfinite(value_at(make(case.op, (num(0),)), {num(0): np.full((1, 1), x)}, {})).all() for x in grid])
        inside = sampling.INSIDE.get(TABLE[case.op].domain, lambda x: x == x)
        said = np.array([bool(np.all(inside(np.full((1, 1), x)))) for x in grid])
        assert found[said].all(), case.op
        between = {"lgamma", "digamma", "trigamma"}  # poles, and values between them, where no point is drawn
        singular = {"tan", "cbrt"}  # a value, but no slope, or a huge one
        ends = np.abs(np.abs(grid) - 1) < 0.07
        assert case.op in between | singular or not found[~said & ~ends & (grid != 0)].any(), case.op
