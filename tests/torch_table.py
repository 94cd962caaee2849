"""What PyTorch's optimisers and schedules do, as a table: ``python -m tests.torch_table`` writes it, with ``torch==2.13.0``.

Tests compare ours with the table, and with PyTorch itself where it is installed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "codegen" / "scripts" / "torch_values.json"
START = [0.5, -1.25, 2.0, 0.0]
STEPS = 25
ROWS = 6  # of the matrix whose rows are looked up
LOOKED_UP = [[0, 3], [3], [5, 1, 0], [2], [3, 5], [0]]  # by step, again and again
OPTIMISERS: dict[str, tuple[str, dict[str, float]]] = {
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "adagrad": ("Adagrad", {}),
    "rmsprop": ("RMSprop", {}),
    "adam": ("Adam", {}),
}
RATE = 0.05


def gradient(step: int) -> list[float]:
    """Gradients of all sizes, some 0."""
    return [math.cos(1.3 * step), 100 * math.sin(0.7 * step + 1), 1e-6 * math.cos(step), 0.0 if step % 3 else -2.5]


def rows_gradient(step: int) -> tuple[list[int], list[list[float]]]:
    """The rows that are looked up in a step, and their gradients."""
    rows = LOOKED_UP[step % len(LOOKED_UP)]
    return rows, [[math.sin(step + r), math.cos(2 * step - r)] for r in rows]


def optimised(torch: Any, name: str) -> list[list[float]]:
    """The parameter after each step."""
    method, options = OPTIMISERS[name]
    p = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64))
    optimiser = getattr(torch.optim, method)([p], lr=RATE, **options)
    found = []
    for step in range(STEPS):
        p.grad = torch.tensor(gradient(step), dtype=torch.float64)
        optimiser.step()
        found.append(p.detach().tolist())
    return found


def looked_up(torch: Any) -> list[list[list[float]]]:
    """The same for SparseAdam on rows."""
    p = torch.nn.Parameter(torch.arange(2.0 * ROWS, dtype=torch.float64).reshape(ROWS, 2) / 10)
    optimiser = torch.optim.SparseAdam([p], lr=RATE)
    found = []
    for step in range(STEPS):
        rows, values = rows_gradient(step)
        values = torch.tensor(values, dtype=torch.float64)
        p.grad = torch.sparse_coo_tensor([rows], values, (ROWS, 2), check_invariants=True)
        optimiser.step()
        found.append(p.detach().tolist())
    return found


def rates(torch: Any, schedule: Callable[[Any], Any], base: float) -> list[float]:
    p = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimiser = torch.optim.SGD([p], lr=base)
    scheduler = schedule(optimiser)
    found = []
    for _ in range(STEPS):
        found.append(float(optimiser.param_groups[0]["lr"]))
        optimiser.step()
        scheduler.step()
    return found


def table(torch: Any) -> dict[str, Any]:
    s = torch.optim.lr_scheduler
    return {
        "version": torch.__version__.partition("+")[0],
        "optimisers": {name: optimised(torch, name) for name in OPTIMISERS},
        "sparse_adam": looked_up(torch),
        "schedules": {
            "constant": rates(torch, lambda o: s.ConstantLR(o, factor=1.0), RATE),
            "halving": rates(torch, lambda o: s.StepLR(o, step_size=4, gamma=0.5), RATE),
            "exponential": rates(torch, lambda o: s.ExponentialLR(o, gamma=math.exp(-0.3)), RATE),
            "cyclical": rates(torch, lambda o: s.CyclicLR(o, base_lr=RATE, max_lr=0.4, step_size_up=5, cycle_momentum=False), RATE),
        },
    }


if __name__ == "__main__":
    import torch

    FILE.write_text(json.dumps(table(torch), indent=None) + "\n", encoding="utf-8")
    print(f"wrote {FILE.name}")
