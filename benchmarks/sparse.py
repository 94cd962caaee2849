"""Word vectors in a matrix of 100,000 × 100: a step of training with the sparse gradient and with the dense one.

    python benchmarks/sparse.py [--words 100000] [--width 100] [--batch 1 32 1024] [--hidden 50]

A window classifier, J = u' tanh(W x_window + b) for one window of five words, and for a batch of them the sum of
tanh(X W) over the rows X = L[idx,:] of all words; gradients are by L and W. The sparse code gives (indices, rows) and adds the rows
in place; the dense code makes a matrix like L and adds that. Both steps end at the same L, which is compared. BLAS runs in one
thread.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import matcalc

RUNS = 5
STEP = -0.01
WINDOW = "J = u'*tanh(W*vec(L[idx,:]') + b)"
BATCH = "J = sum(tanh(L[idx,:]*W))"


class Row(NamedTuple):
    what: str
    sparse: float
    dense: float


def best(step: Callable[[], Any]) -> float:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return min(times)


def measured(what: str, text: str, arrays: dict[str, Any], dims: dict[str, tuple[Any, ...]]) -> Row:
    """The time of a step of either code. Raises ``AssertionError`` where they do not end at the same matrix."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        d = matcalc.derive(text, wrt=["L", "W"], dims=dims)
    sparse, dense = d.function("sparse").run, d.function().run
    given = [arrays[n] for n in d.problem.symbols]
    at = list(d.problem.symbols).index("L")

    def with_rows(L: np.ndarray) -> None:
        _, ((where, rows), _) = sparse(*given[:at], L, *given[at + 1 :])
        np.add.at(L, where, STEP * rows)

    def with_matrix(L: np.ndarray) -> None:
        _, (gradient, _) = dense(*given[:at], L, *given[at + 1 :])
        L += STEP * gradient

    one, other = arrays["L"].copy(), arrays["L"].copy()
    with_rows(one)
    with_matrix(other)
    assert np.allclose(one, other, rtol=1e-12, atol=0), f"{what}: the two steps differ"
    return Row(what, best(lambda: with_rows(one)), best(lambda: with_matrix(other)))


def rows_of(words: int, width: int, hidden: int, batches: list[int]) -> list[Row]:
    rng = np.random.default_rng(0)
    L = rng.normal(size=(words, width))
    arrays = {"L": L, "W": rng.normal(size=(hidden, 5 * width)), "u": rng.normal(size=hidden), "b": rng.normal(size=hidden)}
    arrays["idx"] = rng.integers(0, words, 5)
    dims: dict[str, tuple[Any, ...]] = {"L": ("V", "d"), "idx": (5,), "W": ("n", "5*d")}
    out = [measured("one window of 5 words", WINDOW, arrays, dims)]
    for count in batches:
        arrays = {"L": L, "W": rng.normal(size=(width, hidden)), "idx": rng.integers(0, words, count)}
        out.append(measured(f"{count} words", BATCH, arrays, {"L": ("V", "d"), "idx": ("N",), "W": ("d", "n")}))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=100_000)
    parser.add_argument("--width", type=int, default=100)
    parser.add_argument("--hidden", type=int, default=50)
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 32, 1024])
    a = parser.parse_args()
    print(f"{'a step with L ' + f'{a.words:,} × {a.width}':<34} {'sparse, µs':>12} {'dense, µs':>12} {'dense/sparse':>13}")
    for row in rows_of(a.words, a.width, a.hidden, a.batch):
        print(f"{row.what:<34} {1e6 * row.sparse:>12,.0f} {1e6 * row.dense:>12,.0f} {row.dense / row.sparse:>13,.0f}")


if __name__ == "__main__":
    main()
