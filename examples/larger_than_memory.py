"""Newton's method for logistic regression on 4,000,000 samples of 50 numbers, 1.6 GB, by two workers of 700 MB each.

    python examples/larger_than_memory.py

No process has all samples: each block is made, or read, where it is used. A worker that dies is replaced, and its blocks are
made again.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from dask.distributed import Client, LocalCluster

import matcalc

BLOCKS, EACH, WIDTH = 200, 20_000, 50
LENGTHS = (EACH,) * BLOCKS
TRUE = np.linspace(-1, 1, WIDTH)


def samples(i: int) -> Any:
    """Block i, as np.load(f"part{i}.npy") may give it."""
    return np.random.default_rng(i).standard_normal((EACH, WIDTH))


def labels(i: int) -> Any:
    """1 or -1 for each sample of block i."""
    chance = 1 / (1 + np.exp(-samples(i) @ TRUE))
    return np.where(np.random.default_rng((i, 1)).random(EACH) < chance, 1.0, -1.0)


def memory() -> str:
    """The most that this process has needed."""
    with open("/proc/self/status") as lines:
        return next(line.split()[1] for line in lines if line.startswith("VmHWM"))


def main() -> None:
    text = "sum(log(1 + exp(-y .* (X*w))))/N + a/2*w'*w"
    dims = {"X": ("N", "d"), "w": "d", "y": "N", "a": ()}
    newton = matcalc.derive(text, wrt="w", dims=dims, kind="hessian").function("dask", gradient=True)
    given = {"X": (samples, LENGTHS), "y": (labels, LENGTHS), "a": 1e-4}
    w = np.zeros(WIDTH)
    with LocalCluster(n_workers=2, threads_per_worker=1, memory_limit="700MB") as cluster, Client(cluster) as client:
        for step in range(5):
            start = time.perf_counter()
            value, (gradient, hessian) = newton(w=w, **given)
            w -= np.linalg.solve(hessian, gradient)
            print(f"{step}: {value:.6f}, |gradient| {np.linalg.norm(gradient):.1e}, {time.perf_counter() - start:.1f} s")
        most = max(int(kB) for kB in client.run(memory).values()) // 1024
        print(f"largest error of w: {np.abs(w - TRUE).max():.3f}; the most that a worker needed: {most} MB")


if __name__ == "__main__":
    main()
