"""Derivatives by matrices with tied entries: by the chain rule over the free parameters, one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.engine.structured import STRUCTURES, structured
from matcalc.expr.errors import ShapeError, UsageError
from tests.nodes import evaluated, read

G = np.random.default_rng(7).normal(size=(4, 4))
MADE: dict[str, Callable[[Any], Any]] = {
    "symmetric": lambda t: np.triu(t) + np.triu(t, 1).T,
    "skew": lambda t: np.triu(t, 1) - np.triu(t, 1).T,
    "diagonal": lambda t: np.diag(np.diag(t)),
    "lower-triangular": np.tril,
    "upper-triangular": np.triu,
    "toeplitz": lambda t: sum(np.eye(4, k=k) * (t[0, k] if k >= 0 else t[-k, 0]) for k in range(-3, 4)),
    "symmetric-toeplitz": lambda t: sum(np.eye(4, k=k) * t[0, abs(k)] for k in range(-3, 4)),
}


def test_every_structure_is_here() -> None:
    assert set(STRUCTURES) == set(MADE)


@pytest.mark.parametrize("structure", sorted(MADE))
def test_entry_by_entry(structure: str) -> None:
    """Entry (i, j) of the answer is Σ G ∘ ∂X/∂t for the parameter t that stands behind X_ij."""
    found = evaluated(structured(read("A"), structure), {"A": G})
    basis = {}
    for i, j in np.ndindex(4, 4):
        t = np.zeros((4, 4))
        t[i, j] = 1
        if MADE[structure](t).any():
            basis[i, j] = MADE[structure](t)
    for (i, j), unit in basis.items():
        assert np.isclose(found[i, j], (G * unit).sum()), (i, j)
    free = MADE[structure](np.ones((4, 4))) == 0
    assert np.allclose(found[free], 0) or structure == "skew"


def test_the_answer_has_a_line_of_its_own() -> None:
    d = matcalc.derive("logdet(X)", structure={"X": "symmetric"}, dims={"X": ("n", "n")})
    inverse = np.linalg.inv(G @ G.T + 4 * np.eye(4))
    assert np.allclose(d.result.evaluate({"X": G @ G.T + 4 * np.eye(4)}), 2 * inverse - np.diag(np.diag(inverse)), rtol=1e-9)
    assert any(s.kind == "structure" for s in d.steps)


def test_what_cannot_be_tied() -> None:
    with pytest.raises(ShapeError):
        structured(read("W"), "symmetric")
    with pytest.raises(UsageError):
        structured(read("A"), "blue")
