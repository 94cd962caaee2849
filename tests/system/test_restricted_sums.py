"""Sums over i < j, i ≠ j, j ≠ y_i and sets of pairs, as they are typed, against plain loops and finite differences."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

import matcalc

N, D = 5, 3
PAIRS = [(i, j) for i in range(N) for j in range(N) if i != j]
BELOW = [(i, j) for i, j in PAIRS if i < j]
Values = Mapping[str, Any]


def distance(v: Values, i: int, j: int, name: str = "X") -> Any:
    return np.sqrt(((v[name][i] - v[name][j]) ** 2).sum())


def student(v: Values, i: int, j: int) -> Any:
    return 1 / (1 + distance(v, i, j, "Y") ** 2)


def tsne(v: Values) -> Any:
    total = sum(student(v, k, m) for k, m in PAIRS)
    return sum(v["p"][i, j] * np.log(v["p"][i, j] / (student(v, i, j) / total)) for i, j in PAIRS)


def contrast(v: Values) -> Any:
    z, a, t = v["Z"], v["A"], v["tau"]
    return -sum(np.log(np.exp(z[i] @ a[i] / t) / sum(np.exp(z[i] @ z[k] / t) for k in range(N) if k != i)) for i in range(N)) / N


X, d = {"X": (N, D)}, {"d": (N, N)}
CASES: dict[str, tuple[str, str, dict[str, tuple[int, ...]], Callable[[Values], Any]]] = {
    "mds": (r"\sum_{i<j} (d_{ij} - \|x_i - x_j\|)^2", "X", X | d, lambda v: sum((v["d"][p] - distance(v, *p)) ** 2 for p in BELOW)),
    "sammon": (
        r"\frac{1}{\sum_{i<j} d_{ij}}\sum_{i<j}\frac{(d_{ij}-\|x_i-x_j\|)^2}{d_{ij}}", "X", X | d,
        lambda v: sum((v["d"][p] - distance(v, *p)) ** 2 / v["d"][p] for p in BELOW) / sum(v["d"][p] for p in BELOW),
    ),
    "tsne": (
        r"C = \sum_{i\neq j} p_{ij}\log\frac{p_{ij}}{q_{ij}}, "
        r"q_{ij} = \frac{(1+\|y_i-y_j\|^2)^{-1}}{\sum_{k\ne l}(1+\|y_k-y_l\|^2)^{-1}}", "Y", {"p": (N, N), "Y": (N, 2)}, tsne,
    ),
    "coulomb": (r"\sum_{i\ne j} \frac{1}{\|x_i-x_j\|}", "X", X, lambda v: sum(1 / distance(v, *p) for p in PAIRS)),
    "triplet": (
        r"\sum_{i=1}^N \max(0, \|a_i - p_i\|^2 - \|a_i - n_i\|^2 + \alpha)", "A",
        {"A": (N, D), "P": (N, D), "ns": (N, D), "alpha": ()},
        lambda v: np.maximum(0, ((v["A"] - v["P"]) ** 2).sum(1) - ((v["A"] - v["ns"]) ** 2).sum(1) + v["alpha"]).sum(),
    ),
    "nt-xent": (
        r"-\frac1N\sum_{i=1}^N \log\frac{\exp(z_i^\top a_i/\tau)}{\sum_{k\neq i}\exp(z_i^\top z_k/\tau)}", "Z",
        {"Z": (N, D), "A": (N, D), "tau": ()}, contrast,
    ),
    "nt-xent-indicator": (
        r"-\frac1N\sum_i \log\frac{\exp(z_i^\top a_i/\tau)}{\sum_{k=1}^{N}\mathbb{1}_{[k\neq i]}\exp(z_i^\top z_k/\tau)}", "Z",
        {"Z": (N, D), "A": (N, D), "tau": ()}, contrast,
    ),
    "nested": (
        r"\sum_{i=1}^{n-1}\sum_{j=i+1}^n |x_i - x_j|", "x", {"x": (N,)},
        lambda v: sum(abs(v["x"][i] - v["x"][j]) for i, j in BELOW),
    ),
    "chain": (r"\sum_{1\le i<j\le n} a_{ij} x_i x_j", "x", {"x": (N,), "a": (N, N)},
              lambda v: sum(v["a"][i, j] * v["x"][i] * v["x"][j] for i, j in BELOW)),
    "ising": (r"-\sum_{i<j} J_{ij} s_i s_j", "s", {"s": (N,), "J": (N, N)},
              lambda v: -sum(v["J"][i, j] * v["s"][i] * v["s"][j] for i, j in BELOW)),
    "log-gas": (r"\sum_{i\neq j} \log|x_i - x_j|", "x", {"x": (N,)},
                lambda v: sum(np.log(abs(v["x"][i] - v["x"][j])) for i, j in PAIRS)),
    "edges": (r"\sum_{(i,j)\in E} \|x_i - x_j\|", "X", X | {"E": (N, N)},
              lambda v: sum(v["E"][p] * distance(v, *p) for p in PAIRS)),
    "from-zero": (r"\sum_{i=0}^{K-1} x_i^2", "x", {"x": (N,)}, lambda v: sum(t * t for t in v["x"])),
}  # fmt: skip


@pytest.mark.sample(3)
@pytest.mark.parametrize("name", CASES)
def test_code_is_the_sum_and_its_slopes(name: str) -> None:
    text, wrt, shapes, loss = CASES[name]
    derivation = matcalc.derive(text, wrt=wrt)
    assert derivation.checked is not None and derivation.checked.passed
    rng = np.random.default_rng(11)
    values: dict[str, Any] = {n: np.abs(rng.normal(size=s)) + 0.2 for n, s in shapes.items()}
    if "E" in values:
        values["E"] = (values["E"] > 0.7) * (1 - np.eye(N))
    value, gradient = derivation.function()(**values)
    assert value == pytest.approx(loss(values), rel=1e-9)
    for place in itertools.product(*map(range, shapes[wrt])):
        moved = []
        for h in (1e-6, -1e-6):
            x = values[wrt].copy()
            x[place] += h
            moved.append(loss({**values, wrt: x}))
        assert gradient[place] == pytest.approx((moved[0] - moved[1]) / 2e-6, abs=1e-5, rel=1e-5)


def test_code_is_finite_where_points_coincide_with_themselves_only() -> None:
    """The root of 0 at i = j is masked before it is taken."""
    run = matcalc.derive(r"\sum_{i\ne j} \|x_i-x_j\|", wrt="X").function()
    assert all(np.isfinite(a).all() for a in run(X=np.arange(6.0).reshape(3, 2)))


@pytest.mark.parametrize(
    ("inner", "holds"),
    [
        (r"\sum_{j=i+1}^{n}", lambda i, j: j > i),
        (r"\sum_{j=1, j \neq i}^{n}", lambda i, j: i != j),
        (r"\sum_{j \ne i}", lambda i, j: i != j),
        (r"\sum_{j=1}^{i}", lambda i, j: j <= i),
        (r"\sum_{j=1}^{i-1}", lambda i, j: j < i),
    ],
)
def test_an_inner_index_that_the_terms_lack_counts_them(inner: str, holds: Callable[[int, int], bool]) -> None:
    d = matcalc.derive(rf"\sum_{{i=1}}^{{n}} {inner} y_i", dims={"y": ("n",)})
    assert d.result.evaluate({"y": np.ones(N)}).tolist() == [sum(holds(i, j) for j in range(N)) for i in range(N)]


@pytest.mark.parametrize("first", [r"\sum_{i,j} S_{ij}", r"\sum_i \sum_j S_{ij}", r"\sum_{i=1}^{n} \sum_{j=i+1}^{n} S_{ij}"])
@pytest.mark.parametrize("second, holds", [(r"\sum_{i \ne j}", lambda i, j: i != j), (r"\sum_{i<j}", lambda i, j: i < j)])
def test_a_sum_that_binds_an_index_anew_is_another_sum(first: str, second: str, holds: Callable[[int, int], bool]) -> None:
    d = matcalc.derive(rf"{first} - {second} y_i y_j^2", "y", dims={"S": ("n", "n"), "y": ("n",)})
    y = np.arange(1.0, N + 1)
    pairs = [(i, j) for i in range(N) for j in range(N) if holds(i, j)]
    want = -np.array([sum((i == k) * y[j] ** 2 + (j == k) * 2 * y[i] * y[j] for i, j in pairs) for k in range(N)])
    np.testing.assert_allclose(d.result.evaluate({"y": y, "S": np.ones((N, N))}), want)
