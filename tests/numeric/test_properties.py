"""Declared properties: what is recognised and what is not, on matrices written out by hand; refined to many digits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from mpmath import mp

from matcalc.expr.errors import UsageError
from matcalc.numeric.properties import DRAW, HOLDS, NONE, refined, sample_one, symmetrised

ROTATION = [[0.6, -0.8], [0.8, 0.6]]
HAVE: list[tuple[str, Any, Any]] = [  # a property, an array that has it, one that has not
    ("symmetric", [[1, 2], [2, 5]], [[1, 2], [3, 5]]),
    ("skew", [[0, 2], [-2, 0]], [[1, 2], [-2, 0]]),
    ("spd", [[2, 1], [1, 2]], [[1, 2], [2, 1]]),
    ("orthogonal", ROTATION, [[1, 1], [0, 1]]),
    ("diagonal", [[1, 0], [0, 3]], [[1, 1], [0, 3]]),
    ("lower-triangular", [[1, 0], [7, 3]], [[1, 7], [0, 3]]),
    ("upper-triangular", [[1, 7], [0, 3]], [[1, 0], [7, 3]]),
    ("toeplitz", [[1, 2, 3], [4, 1, 2], [5, 4, 1]], [[1, 2, 3], [4, 1, 2], [5, 4, 2]]),
    ("symmetric-toeplitz", [[1, 2, 3], [2, 1, 2], [3, 2, 1]], [[1, 2, 3], [4, 1, 2], [5, 4, 1]]),
    ("laplacian", [[2, -1, -1], [-1, 1, 0], [-1, 0, 1]], [[2, 1, 1], [1, 1, 0], [1, 0, 1]]),
    ("near-identity", [[1.1, 0], [0.2, 1]], [[2, 0], [0, 2]]),
    ("invertible", [[1, 2], [3, 4]], [[1, 2], [2, 4]]),
    ("positive-det", [[2, 1], [0, 1]], [[0, 1], [2, 1]]),
    ("one-hot", [0, 1, 0], [0, 1, 1]),
    ("one-hot-columns", [[1, 0, 1], [0, 1, 0]], [[1, 1], [0, 1]]),
    ("probability", [0.25, 0.75], [0.5, 0.75]),
    ("unit", [0.6, 0.8], [0.6, 0.6]),
    ("sign", [1, -1], [1, 0]),
    ("binary", [1, 0], [1, 2]),
    ("count", [3, 0], [1.5, 0]),
    ("unit-interval", [0.5, 0.1], [0.5, 1.0]),
    ("above-one", [1.5, 2], [1, 2]),
    ("positive", [1, 2], [0, 2]),
    ("nonnegative", [0, 2], [-1, 2]),
    ("nonzero", [-1, 2], [0, 2]),
    ("small", [0.5, -1], [3, 0]),
]


@pytest.mark.parametrize(("name", "yes", "no"), HAVE, ids=[name for name, _, _ in HAVE])
def test_a_property_is_recognised(name: str, yes: Any, no: Any) -> None:
    assert HOLDS[name](np.array(yes, float)) and not HOLDS[name](np.array(no, float))


def test_each_property_has_an_example_here() -> None:
    assert [name for name, _, _ in HAVE if name not in DRAW] == [] and {name for name, _, _ in HAVE} == set(DRAW)


def test_binary_vectors_have_both_values() -> None:
    rng = np.random.default_rng(0)
    for _ in range(60):
        assert set(sample_one((2,), frozenset({"binary"}), rng)) == {0.0, 1.0}


def test_positive_triangular_means_elsewhere() -> None:
    x = sample_one((4, 4), frozenset({"lower-triangular", "positive"}), np.random.default_rng(0))
    assert (x[np.tril_indices(4)] > 0).all() and not np.triu(x, 1).any()


@pytest.mark.parametrize(
    ("shape", "properties", "words"),
    [
        ((3,), {"blue"}, "'blue' is not a property"),
        ((3, 4), {"symmetric"}, "needs a square matrix"),
        ((3,), {"spd"}, "needs a square matrix"),
        ((3, 3), {"skew", "positive"}, "at once"),
    ],
)
def test_what_cannot_be(shape: tuple[int, ...], properties: set[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        sample_one(shape, frozenset(properties), np.random.default_rng(0), "x")


def test_refining_gives_all_digits() -> None:
    with mp.workdps(60):
        exact = np.vectorize(mp.mpf, otypes=[object])
        q = refined(exact(np.array(ROTATION)), frozenset({"orthogonal"}))
        assert max(abs(v) for v in (q.T @ q - np.eye(2, dtype=int)).ravel()) < mp.mpf(10) ** -55
        p = refined(exact(np.array([0.1, 0.2, 0.7])), frozenset({"probability"}))
        assert abs(p.sum() - 1) < mp.mpf(10) ** -55 and abs(p[0] - mp.mpf("0.1")) < 1e-15
    x = np.array([[1.0, 2.0], [4.0, 1.0]])
    assert refined(x, NONE) is x and symmetrised(x).tolist() == [[1.0, 3.0], [3.0, 1.0]]
