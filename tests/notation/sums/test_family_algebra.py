"""Sums, products and norms of families: rows of X as vectors, against loops."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.api import read_problem
from matcalc.expr.errors import MatcalcError
from matcalc.numeric.evaluation import bind, evaluate

RNG = np.random.default_rng(3)
X, Z, w, y, M = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 3)), RNG.normal(size=3), RNG.normal(size=4), RNG.normal(size=(3, 3))
DIMS = {"X": ("m", "n"), "Z": ("m", "n"), "w": ("n",), "y": ("m",), "M": ("n", "n")}
INDEX = {"x_i": "X[i,:]", "z_i": "Z[i,:]"}
ROWS = range(4)
CASES = [
    (r"\sum_i x_i^T w y_i", sum(X[i] @ w * y[i] for i in ROWS)),
    (r"\sum_i (y_i - x_i^T w)^2", sum((y[i] - X[i] @ w) ** 2 for i in ROWS)),
    (r"\sum_i \|x_i - z_i\|^2", sum(((X[i] - Z[i]) ** 2).sum() for i in ROWS)),
    (r"\sum_{i,j} \|x_i - z_j\|^2", sum(((X[i] - Z[j]) ** 2).sum() for i in ROWS for j in ROWS)),
    (r"\sum_i x_i^T M z_i", sum(X[i] @ M @ Z[i] for i in ROWS)),
    (r"\sum_i w^T x_i x_i^T w", sum((w @ X[i]) ** 2 for i in ROWS)),
    (r"\left\| \sum_i y_i x_i \right\|^2", ((y @ X) ** 2).sum()),
    (r"\mathrm{tr}\left( \sum_i x_i x_i^T M \right)", sum(np.trace(np.outer(X[i], X[i]) @ M) for i in ROWS)),
    (r"\sum_i (x_i + z_i)^T (x_i - z_i)", sum((X[i] + Z[i]) @ (X[i] - Z[i]) for i in ROWS)),
    (r"\sum_i x_i^T w / y_i", sum(X[i] @ w / y[i] for i in ROWS)),
]


@pytest.mark.parametrize(("text", "want"), CASES, ids=[text for text, _ in CASES])
def test_loops(text: str, want: float) -> None:
    arrays = {"X": X, "Z": Z, "w": w, "y": y, "M": M}
    p = read_problem(text, DIMS, "latex", index=INDEX)
    env, sizes = bind(p.symbols.values(), {name: arrays[name] for name in p.symbols})
    assert np.isclose(evaluate([p.output], env, {**sizes, "m": 4, "n": 3})[0].item(), want, rtol=1e-10)


def test_vectors_of_other_sizes_do_not_add() -> None:
    with pytest.raises(MatcalcError):
        read_problem(r"\sum_i (x_i + y)^T w", DIMS, "latex", index=INDEX)
