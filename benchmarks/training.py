"""An epoch of a generated training script beside the same net in PyTorch eager, on this CPU, in one process.

    python benchmarks/training.py [--rounds 9] [--threads 1]

The net is that of docs/training.md: digits, 64 tanh units, softmax, Adam, batches of 32. Both start from the same parameters, see
the same batches in the same order, in double precision, and end with the same parameters; medians of interleaved rounds count.
Needs scikit-learn and torch (pip install torch==2.13.0).
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--rounds", type=int, default=9)
parser.add_argument("--threads", default="1")
parser.add_argument("--limit", type=float, default=1.5, help="exit with 1 where the ratio is larger")
arguments = parser.parse_args()
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, arguments.threads)

import numpy as np  # noqa: E402
import torch  # noqa: E402

from matcalc import training  # noqa: E402

NET = r"J = \frac1N \sum_{i=1}^N -\log \frac{e^{f_{y_i}}}{\sum_{c} e^{f_c}}, f = W_2 \tanh(W_1 x_i + b_1) + b_2"
BATCH, RATE = 32, 0.001


def loaded(path: Path) -> Any:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("script", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["script"] = module
    spec.loader.exec_module(module)
    return module


def in_torch(start: dict[str, Any], data: dict[str, Any]) -> tuple[torch.nn.Module, Callable[[Any], None]]:
    net = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.Tanh(), torch.nn.Linear(64, 10)).double()
    with torch.no_grad():
        for layer, k in ((net[0], 1), (net[2], 2)):
            layer.weight.copy_(torch.from_numpy(start[f"W_{k}"]))
            layer.bias.copy_(torch.from_numpy(start[f"b_{k}"]))
    optimiser = torch.optim.Adam(net.parameters(), lr=RATE)
    loss = torch.nn.CrossEntropyLoss()
    X, y = torch.from_numpy(data["X"]), torch.from_numpy(data["y"])

    def epoch(order: Any) -> None:
        rows = torch.from_numpy(order)
        for i in range(0, len(rows), BATCH):
            part = rows[i : i + BATCH]
            optimiser.zero_grad()
            loss(net(X[part]), y[part]).backward()
            optimiser.step()

    return net, epoch


def main() -> int:
    torch.set_num_threads(int(arguments.threads))
    with tempfile.TemporaryDirectory() as folder:
        prepared = training.prepare(
            NET, "digits", {"X": "data", "y": "labels"}, sizes={"m": 64}, batch=BATCH, rate=RATE, scale="standard"
        )
        script = loaded(prepared.write(folder))
        data = script.load(Path(folder) / "training-data.npz", script.SHAPES, script.CLASSES)
    generator = np.random.default_rng(0)
    rows = generator.permutation(len(data["y"]))[:1438]
    script.standardise(data, "X", 0, rows)
    parameters = script.started(generator, data, rows)
    net, theirs = in_torch(parameters, data)
    task = script.Task(script.objective, script.updates(RATE), data, script.AXES, BATCH, [])
    times: dict[str, list[float]] = {"generated": [], "torch": []}
    for number in range(arguments.rounds + 1):
        order = generator.permutation(rows)
        began = time.perf_counter()
        with redirect_stdout(io.StringIO()):
            script.one_epoch(task, parameters, order, number)
        between = time.perf_counter()
        theirs(order)
        if number:  # the first round warms up
            times["generated"].append(between - began)
            times["torch"].append(time.perf_counter() - between)
    apart = max(float(np.abs(parameters[f"W_{k}"] - net[i].weight.detach().numpy()).max()) for k, i in ((1, 0), (2, 2)))
    ours, others = (statistics.median(times[name]) for name in ("generated", "torch"))
    print(f"an epoch on digits: generated {1e3 * ours:.1f} ms, PyTorch {torch.__version__} eager {1e3 * others:.1f} ms")
    print(f"ratio {ours / others:.2f}; the weights differ by {apart:.1e} after {arguments.rounds + 1} epochs")
    return int(ours / others > arguments.limit or apart > 1e-8)


if __name__ == "__main__":
    sys.exit(main())
