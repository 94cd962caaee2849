"""The operator table: what its rows say of signs, linearity and symmetry, held against NumPy at random arguments."""

from __future__ import annotations

import re

import numpy as np
import pytest

from matcalc.expr.nodes import Expr, make, sym
from matcalc.expr.table import CALLS, ROWS, SCALAR, SYNONYMS, TABLE, Op, Type
from tests.nodes import evaluated

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


@pytest.mark.parametrize("row", [row for row in WITH_RULE if row.linear], ids=lambda row: row.name)
def test_what_is_called_linear_is_linear(row: Op) -> None:
    for kinds in kinds_of(row):
        for slot in range(len(kinds)):
            if not row.is_linear(slot) or row.linear == "*":
                continue
            one, two, rest = array(kinds[slot]), array(kinds[slot]), [array(kind) for kind in kinds]

            def at(part: np.ndarray, kinds: str = kinds, slot: int = slot, rest: list[np.ndarray] = rest) -> np.ndarray:
                return value(row, kinds, [*rest[:slot], part, *rest[slot + 1 :]])

            assert np.allclose(at(2 * one - 3 * two), 2 * at(one) - 3 * at(two)), (kinds, slot)


@pytest.mark.parametrize("row", [row for row in WITH_RULE if row.nonnegative and row.name != "acosh"], ids=lambda row: row.name)
def test_what_is_called_positive_is_positive(row: Op) -> None:
    for kinds in kinds_of(row):
        found = value(row, kinds, [array(kind) for kind in kinds])
        assert (found > 0).all() if row.positive else (found >= 0).all(), kinds


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


@pytest.mark.parametrize("row", [row for row in WITH_RULE if row.square], ids=lambda row: row.name)
def test_square_rows_take_square_matrices_only(row: Op) -> None:
    for line in row.shape.split("|"):
        matrices = re.findall(r"m\((.*?),(.*?)\)", line.partition("->")[0])
        assert all(rows == cols for rows, cols in matrices)
