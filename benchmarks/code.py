"""Generated NumPy against NumPy written by hand: ratios of times, medians of interleaved rounds, one thread.

    python benchmarks/code.py [--rounds 21] [--task NAME] [--show]

Tasks are those of shared/measured.md, section 4. Below 1 is faster than by hand. Results are compared too.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np  # noqa: E402

import matcalc  # noqa: E402

Arrays = dict[str, Any]


class Task(NamedTuple):
    text: str
    dims: dict[str, tuple[str, ...]]
    sizes: dict[str, int]
    wrt: str | list[str]
    by_hand: Callable[..., Any]
    kind: str = "gradient"
    assume: dict[str, str] | None = None


def layer(W: Any, x: Any, b: Any, u: Any) -> Any:
    h = np.tanh(W @ x + b)
    delta = u * (1 - h**2)
    return u @ h, (np.outer(delta, x), W.T @ delta, delta)


def softmax_regression(X: Any, W: Any, Y: Any, a: Any) -> Any:
    Z = X @ W
    Z = Z - Z.max(axis=1, keepdims=True)
    E = np.exp(Z)
    total = E.sum(axis=1, keepdims=True)
    n = X.shape[0]
    value = -(Y * (Z - np.log(total))).sum() / n + a / 2 * (W * W).sum()
    return value, X.T @ (E / total - Y) / n + a * W


def perceptron(X: Any, W1: Any, b1: Any, W2: Any, b2: Any, Y: Any) -> Any:
    H = np.tanh(X @ W1 + b1)
    R = H @ W2 + b2 - Y
    n = X.shape[0]
    G = R / n
    D = (G @ W2.T) * (1 - H**2)
    return (R * R).sum() / (2 * n), (X.T @ D, D.sum(axis=0), H.T @ G, G.sum(axis=0))


def logistic(X: Any, w: Any, y: Any, a: Any) -> Any:
    m = y * (X @ w)
    value = np.logaddexp(0, -m).sum() + a / 2 * (w @ w)
    return value, a * w - X.T @ (y / (1 + np.exp(m)))


def logistic_hessian(X: Any, w: Any) -> Any:
    p = 1 / (1 + np.exp(-(X @ w)))
    return np.logaddexp(0, X @ w).sum(), (X.T * (p * (1 - p))) @ X


def matrix_factors(T: Any, U: Any, V: Any) -> Any:
    R = U @ V.T - T
    return (R * R).sum(), 2 * R @ V


def gaussian_process(K: Any, y: Any) -> Any:
    inverse = np.linalg.inv(K)
    alpha = inverse @ y
    return y @ alpha / 2 + np.linalg.slogdet(K)[1] / 2, inverse / 2 - np.outer(alpha, alpha) / 2


def quadratic(x: Any, A: Any) -> Any:
    return x @ A @ x, (A + A.T) @ x


TASKS = {
    "a layer": Task(
        "u'*tanh(W*x + b)",
        {"W": ("n", "m"), "x": ("m",), "b": ("n",), "u": ("n",)},
        {"n": 1000, "m": 1000},
        ["W", "x", "b"],
        layer,
    ),
    "b softmax regression": Task(
        "-sum(Y .* logsoftmax(X*W))/N + a/2*norm2(W)^2",
        {"X": ("N", "d"), "W": ("d", "k"), "Y": ("N", "k"), "a": ()},
        {"N": 2000, "d": 500, "k": 50},
        "W",
        softmax_regression,
        assume={"Y": "one-hot"},
    ),
    "c perceptron": Task(
        "norm2(H*W2 + vector(1)*b2' - Y)^2/(2*N); H = tanh(X*W1 + vector(1)*b1')",
        {"X": ("N", "d"), "W1": ("d", "h"), "b1": ("h",), "W2": ("h", "k"), "b2": ("k",), "Y": ("N", "k")},
        {"N": 1000, "d": 400, "h": 200, "k": 20},
        ["W1", "b1", "W2", "b2"],
        perceptron,
    ),
    "d logistic regression": Task(
        "sum(log(1 + exp(-y .* (X*w)))) + a/2*norm2(w)^2",
        {"X": ("N", "d"), "w": ("d",), "y": ("N",), "a": ()},
        {"N": 10000, "d": 300},
        "w",
        logistic,
    ),
    "d logistic Hessian": Task(
        "sum(log(1 + exp(X*w)))",
        {"X": ("N", "d"), "w": ("d",)},
        {"N": 10000, "d": 300},
        "w",
        logistic_hessian,
        "hessian",
    ),
    "e matrix factors": Task(
        "norm2(T - U*V')^2",
        {"T": ("n", "m"), "U": ("n", "r"), "V": ("m", "r")},
        {"n": 500, "m": 400, "r": 10},
        "U",
        matrix_factors,
    ),
    "f gaussian process": Task(
        "y'*inv(K)*y/2 + logdet(K)/2",
        {"K": ("n", "n"), "y": ("n",)},
        {"n": 500},
        "K",
        gaussian_process,
        assume={"K": "spd"},
    ),
    "g quadratic form": Task("x'*A*x", {"x": ("n",), "A": ("n", "n")}, {"n": 3}, "x", quadratic),
}


def arrays(task: Task) -> Arrays:
    rng = np.random.default_rng(0)
    out: Arrays = {}
    for name, shape in task.dims.items():
        out[name] = rng.standard_normal([task.sizes[d] for d in shape]) if shape else 0.1
        if (task.assume or {}).get(name) == "spd":
            out[name] = out[name] @ out[name].T / len(out[name]) + np.eye(len(out[name]))
        if name == "Y" and "logsoftmax" in task.text:
            out[name] = np.eye(task.sizes["k"])[rng.integers(task.sizes["k"], size=task.sizes["N"])]
    return out


def flat(result: Any) -> np.ndarray[Any, Any]:
    value, derivative = result
    parts = derivative if isinstance(derivative, tuple) else (derivative,)
    return np.concatenate([np.ravel(value), *[np.ravel(p) for p in parts]])


def seconds(run: Callable[..., Any], arguments: list[Any], repeat: int) -> float:
    start = time.perf_counter()
    for _ in range(repeat):
        run(*arguments)
    return (time.perf_counter() - start) / repeat


def measure(task: Task, rounds: int, show: bool) -> tuple[float, float, float]:
    """(milliseconds by hand, median ratio, largest relative difference)"""
    derivation = matcalc.derive(task.text, wrt=task.wrt, dims=task.dims, kind=task.kind, assume=task.assume, check=False)
    if show:
        print(derivation.to_code())
    generated = derivation.function()
    given = arrays(task)
    own = [given[str(s.attr)] for s in generated.symbols]
    hand = [given[name] for name in task.by_hand.__code__.co_varnames[: task.by_hand.__code__.co_argcount]]
    a, b = flat(generated.run(*own)), flat(task.by_hand(*hand))
    difference = float(np.abs(a - b).max() / np.abs(b).max())
    repeat = max(1, int(2e-3 / seconds(task.by_hand, hand, 1)))
    times = [(seconds(task.by_hand, hand, repeat), seconds(generated.run, own, repeat)) for _ in range(rounds)]
    median = statistics.median(t for t, _ in times)
    return median * 1e3, statistics.median(t for _, t in times) / median, difference


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--task", default="")
    parser.add_argument("--show", action="store_true", help="print the generated source too")
    options = parser.parse_args()
    for name, task in TASKS.items():
        if options.task in name:
            hand, ratio, difference = measure(task, options.rounds, options.show)
            print(f"{name:24s} by hand {hand:8.3f} ms   generated/by hand {ratio:5.2f}   difference {difference:.0e}")


if __name__ == "__main__":
    main()
