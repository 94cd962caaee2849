"""Symmetric by structure, from what is declared."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

import numpy as np
import pytest

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.normal.symmetry import is_symmetric
from matcalc.expr.errors import NoValueError
from matcalc.expr.nodes import Expr, make, names_in, num, sym
from matcalc.expr.table import SCALAR, TABLE, Type
from tests.laws import read
from tests.nodes import evaluated


def test_symmetric_by_structure() -> None:
    n = Normalizer({"S": frozenset({"symmetric"})})
    for text in ("A + A'", "A*A'", "A'*S*A", "diag(x)", "inv(S)", "S^3", "2*S"):
        assert is_symmetric(n, read(text)), text
    for text in ("A", "A*S", "A - A'", "A'*B*A", "S*diag(x)"):
        assert not is_symmetric(n, read(text)), text


# Positive definite, with entries between 0 and 1; each symmetric.
FIRST, SECOND = (np.full((3, 3), 0.1) + np.diag([0.6, 0.5, 0.4]) + 0.05 * np.array(x) for x in (
    [[0, 1, 2], [1, 0, 0], [2, 0, 0]], [[0, 0, 1], [0, 0, 2], [1, 2, 0]]))  # fmt: skip
OFF = np.array([[0.1, 0.9, 0.2], [0.9, 0.2, 0.3], [0.2, 0.3, 0.1]])  # the largest entry beside the diagonal
GIVEN = {"mpow": 3}
MATRICES = [
    (op.name, kinds) for op in TABLE.values() if op.shape and op.name not in ("d", "fn")
    for kinds, found in op.alternatives.items() if set(kinds) <= {"m", "s"} and "m" in kinds and found.kind == "m"
]  # fmt: skip


def square(name: str, kinds: str) -> Expr:
    """The operator on symmetric matrices, and numbers."""
    like = [sym("ST"[i], Type("m", "n", "n")) if kind == "m" else num(Fraction(3, 2)) for i, kind in enumerate(kinds)]
    return make(name, tuple(like), GIVEN.get(name))


@pytest.mark.parametrize(("name", "kinds"), MATRICES)
def test_what_keeps_a_matrix_symmetric_and_what_does_not(name: str, kinds: str) -> None:
    """By the values of the operator: its row says neither too much nor too little."""
    e = square(name, kinds)
    if e.type[1] != e.type[2]:
        return
    values = []
    for at in ({"S": FIRST, "T": SECOND}, {"S": FIRST + 1, "T": SECOND + 1}, {"S": OFF, "T": SECOND}):
        with np.errstate(all="ignore"), suppress(NoValueError):
            values.append(evaluated(e, {k: v for k, v in at.items() if k in names_in((e,))}))
    symmetric = [np.allclose(y, y.T, atol=1e-12) for y in values if np.isfinite(y).all()]
    n = Normalizer({v: frozenset({"symmetric"}) for v in "ST"})
    assert is_symmetric(n, e) == (TABLE[name].symmetric == "kept") == all(symmetric) and symmetric


def test_what_is_always_symmetric() -> None:
    """Whatever it is made of; that of a hankel matrix with as many rows as columns."""
    x, s, t = sym("x", Type("c", 5, 1)), sym("s", SCALAR), Type("m", 3, 3)
    every = {"eye": (), "ones": (), "zeros": (), "fill": (s,), "diagm": (x,), "hankel": (x,), "prodpairs": (x,)}
    assert every.keys() == {op.name for op in TABLE.values() if op.symmetric == "always"}
    for name, arguments in every.items():
        e = make(name, arguments, None, Type("m", 5, 5) if name in ("diagm", "prodpairs") else t)
        y = evaluated(e, {k: v for k, v in {"x": np.arange(5.0) ** 2, "s": 2.0}.items() if k in names_in((e,))})
        assert y.shape[0] == y.shape[1] and (y == y.T).all() and is_symmetric(Normalizer(), e)
