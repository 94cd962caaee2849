"""The operator table: what its rows say of signs, linearity and symmetry, held against the kernels at random arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from matcalc.expr.nodes import Expr, make, sym
from matcalc.expr.table import CALLS, ROWS, SCALAR, SYNONYMS, TABLE, Op, Type
from matcalc.numeric import evaluation
from tests.nodes import evaluated
from tests.numeric.test_kernels import CASES, SIZES, Case, build, label, typed

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
    assert set(SYNONYMS.values()) <= {row.plain for row in ROWS} | set(CALLS)
    assert all(row.twin in TABLE for row in ROWS if row.twin)


@pytest.mark.parametrize("row", [row for row in WITH_RULE if row.commutes], ids=lambda row: row.name)
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


def test_the_rows_say_what_takes_square_matrices_only() -> None:
    """By the sizes that each operator refuses; where it takes two matrices, both are square."""
    only = {case.op for case in CASES if "m" in [typed(a).kind for a in case.arguments.split()]}
    for op in only:
        kinds = [[typed(a) for a in case.arguments.split()] for case in CASES if case.op == op]
        square = all(t.rows == t.cols for types in kinds for t in types if t.kind == "m")
        assert square or not TABLE[op].square, op
        assert TABLE[op].shape == "" or not square or TABLE[op].square, op
