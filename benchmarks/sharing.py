"""What one backward pass costs beside the forward pass, for nets of depth 1 to 1000: operations counted, and times measured.

    python benchmarks/sharing.py [--depths 1 3 10 ...] [--size 64] [--plot sharing.svg]

A net of L layers is h_k = tanh(W h_{k-1} + b), and the score u' h_L; gradients are by u, W, b and x. The lecture says that both
passes have the same order: the ratio stays where it is while the depth grows. With a pass for each variable of its own the
ratio of the sum is that times the number of variables. BLAS runs in one thread.
"""

from __future__ import annotations

import argparse
import os
from typing import NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import matcalc


class Row(NamedTuple):
    depth: int
    forward: int
    together: int
    seconds: tuple[float, float, float]


def net(depth: int, size: int) -> matcalc.Derivation:
    layers = ["h0 = x", *(f"h{k} = tanh(W*h{k - 1} + b)" for k in range(1, depth + 1))]
    dims = {"W": (size, size), "x": (size,), "b": (size,), "u": (size,)}
    return matcalc.derive("; ".join([*layers[1:], f"s = u'*h{depth}"]).replace("h0", "x"), dims=dims, output="s", check=depth <= 30)


def measured(depth: int, size: int) -> Row:
    found = net(depth, size).passes(measured=True)
    assert found.seconds is not None and isinstance(found.cost.value, int) and isinstance(found.cost.together, int)
    return Row(depth, found.cost.value, found.cost.together, tuple(found.seconds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--depths", type=int, nargs="+", default=[1, 3, 10, 30, 100, 300, 1000])
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--plot", metavar="FILE")
    arguments = parser.parse_args()
    print("depth   operations: forward, both passes, ratio   µs: forward, both passes, ratio; apart / forward")
    rows = []
    for depth in arguments.depths:
        row = measured(depth, arguments.size)
        value, together, apart = row.seconds
        rows.append(row)
        print(f"{depth:>6} {row.forward:>14,} {row.together:>14,} {row.together / row.forward:>6.2f} {1e6 * value:>12,.1f} "
              f"{1e6 * together:>12,.1f} {together / value:>6.2f} {apart / value:>6.2f}", flush=True)  # fmt: skip
    if arguments.plot:
        drawn(rows, arguments.plot)


def drawn(rows: list[Row], path: str) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4), layout="constrained")
    depths = [row.depth for row in rows]
    axes.semilogx(depths, [row.together / row.forward for row in rows], "o-", label="operations, both passes / forward")
    axes.semilogx(depths, [row.seconds[1] / row.seconds[0] for row in rows], "s-", label="time, both passes / forward")
    axes.set(xlabel="layers", ylabel="ratio", ylim=(0, None), title="Backward costs what forward costs")
    axes.legend()
    figure.savefig(path)


if __name__ == "__main__":
    main()
