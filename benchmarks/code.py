"""Generated code against NumPy written by hand, JAX, PyTorch, autograd and PyTensor: medians of interleaved rounds, threads pinned.

    python benchmarks/code.py [--rounds 21] [--task NAME] [--threads 1] [--single] [--show]

The tasks and the NumPy by hand are in benchmarks/code_tasks.py. The first column is milliseconds by hand, the others are ratios to
it: below 1 is faster. What is not installed is left out. Results are compared. With one thread the time of the processor counts.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

THREADS = next((b for a, b in zip(sys.argv, sys.argv[1:], strict=False) if a == "--threads"), "1")
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = THREADS
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(THREADS)])

import numpy as np  # noqa: E402
from code_tasks import TASKS, Arrays, Task  # noqa: E402

import matcalc  # noqa: E402

Run = Callable[[], Any]
CLOCK = time.process_time if THREADS == "1" else time.perf_counter
LEAST = 2e-3  # seconds of a round


def arrays(task: Task, single: bool) -> Arrays:
    rng = np.random.default_rng(0)
    out: Arrays = {}
    for name, shape in task.dims.items():
        out[name] = rng.standard_normal([task.sizes[d] for d in shape]) if shape else np.float64(0.1)
        if (task.assume or {}).get(name) == "spd":
            out[name] = out[name] @ out[name].T / len(out[name]) + np.eye(len(out[name]))
        if (task.assume or {}).get(name) == "one-hot":
            out[name] = np.eye(task.sizes["k"])[rng.integers(task.sizes["k"], size=task.sizes["N"])]
    return {n: x.astype(np.float32) for n, x in out.items()} if single else out


class Jax:
    """The stable functions of JAX."""

    def __init__(self) -> None:
        import jax

        self.tanh, self.relu, self.sigmoid, self.softplus = jax.numpy.tanh, jax.nn.relu, jax.nn.sigmoid, jax.nn.softplus
        self.softmax, self.logsoftmax = jax.nn.softmax, jax.nn.log_softmax
        self.solve, self.logdet = jax.numpy.linalg.solve, lambda K: jax.numpy.linalg.slogdet(K)[1]


class Torch:
    """Those of PyTorch."""

    def __init__(self) -> None:
        import torch

        f = torch.nn.functional
        self.tanh, self.relu, self.sigmoid, self.softplus = torch.tanh, torch.relu, torch.sigmoid, f.softplus
        self.softmax, self.logsoftmax = (lambda x: torch.softmax(x, -1)), (lambda x: torch.log_softmax(x, -1))
        self.solve, self.logdet = torch.linalg.solve, torch.logdet


def derived(task: Task) -> Any:
    options = {"direction": "p"} if task.kind == "hvp" else {}
    return matcalc.derive(task.text, wrt=task.wrt, dims=task.dims, kind=task.kind, assume=task.assume, check=False, **options)


def named(function: Callable[..., Any], given: Arrays) -> list[Any]:
    code: Any = function.__code__
    return [given[name] for name in code.co_varnames[: code.co_argcount] if name != "of"]


def by_matcalc(task: Task, given: Arrays, target: str = "numpy") -> Run:
    made = derived(task).function(target, value=task.value)
    own = [given[str(s.attr)] for s in made.symbols]
    return lambda: made.run(*own)


def with_jax(task: Task, given: Arrays) -> dict[str, Run]:
    """Our code and JAX's own derivative, both compiled."""
    import jax

    jax.config.update("jax_enable_x64", next(iter(given.values())).dtype == np.float64)
    there = {n: jax.numpy.asarray(x) for n, x in given.items()}
    made = derived(task).function("jax", value=task.value)
    ours, own = jax.jit(made.run), [there[str(s.attr)] for s in made.symbols]
    found: dict[str, Run] = {"our jax": lambda: jax.block_until_ready(ours(*own))}
    if task.loss:
        code: Any = task.loss.__code__
        names, of = code.co_varnames[1 : code.co_argcount], Jax()
        places = tuple(names.index(n) for n in task.wrt)
        loss = task.loss

        def value(*xs: Any) -> Any:
            return loss(of, *xs)

        run = jax.jit(jax.value_and_grad(value, places) if task.kind == "gradient" else jax.hessian(value, places))
        theirs = [there[n] for n in names]
        found["jax.jit"] = lambda: jax.block_until_ready(run(*theirs))
    return found


def with_torch(task: Task, given: Arrays) -> dict[str, Run]:
    """Our code and torch.autograd, both eager; and theirs as torch.compile makes it."""
    import torch

    torch.set_num_threads(int(THREADS))
    there = {n: torch.tensor(x) for n, x in given.items()}
    made = derived(task).function("torch", value=task.value)
    own = [there[str(s.attr)] for s in made.symbols]
    found: dict[str, Run] = {"our torch": lambda: made.run(*own)}
    if task.loss and task.kind == "gradient":
        loss, of = task.loss, Torch()
        leaves = {n: x.clone().requires_grad_(n in task.wrt) for n, x in there.items()}
        theirs, by = named(loss, leaves), [leaves[n] for n in task.wrt]

        def run() -> Any:
            value = loss(of, *theirs)
            return value, torch.autograd.grad(value, by)

        whole = torch.compile(lambda *xs: loss(of, *xs))

        def compiled() -> Any:
            value = whole(*theirs)
            return value, torch.autograd.grad(value, by)

        found |= {"torch": run, "compiled": compiled}
    return found


class Autograd:
    """Stable functions in autograd's NumPy, as its users write them."""

    def __init__(self) -> None:
        import autograd.numpy as np
        from autograd.scipy.special import expit, logsumexp

        self.tanh, self.relu, self.sigmoid = np.tanh, lambda x: np.maximum(x, 0.0), expit
        self.softplus = lambda x: np.logaddexp(0.0, x)
        self.logsoftmax = lambda x: x - logsumexp(x, axis=1, keepdims=True)
        self.softmax = lambda x: np.exp(self.logsoftmax(x))
        self.solve, self.logdet = np.linalg.solve, lambda K: np.linalg.slogdet(K)[1]


def with_autograd(task: Task, given: Arrays) -> dict[str, Run]:
    """The value and its gradients, or its Hessian."""
    if not task.loss or task.kind not in ("gradient", "hessian"):
        return {}
    import autograd

    code: Any = task.loss.__code__
    names, of, loss = code.co_varnames[1 : code.co_argcount], Autograd(), task.loss
    places, theirs = tuple(names.index(n) for n in task.wrt), [given[n] for n in names]

    def value(*xs: Any) -> Any:
        return loss(of, *_put(theirs, places, xs))

    moved = [theirs[i] for i in places]
    if task.kind == "hessian":
        run = autograd.hessian(value)
        return {"autograd": lambda: run(*moved)}
    both = autograd.value_and_grad(lambda xs: value(*xs))
    return {"autograd": lambda: both(tuple(moved))}


def _put(arrays: list[Any], places: tuple[int, ...], moved: Any) -> list[Any]:
    """The arrays with others in some places."""
    by = dict(zip(places, moved, strict=True))
    return [by.get(i, x) for i, x in enumerate(arrays)]


class Tensors:
    """The stable functions of PyTensor."""

    def __init__(self) -> None:
        import pytensor.tensor as pt

        self.tanh, self.sigmoid, self.softplus = pt.tanh, pt.sigmoid, pt.softplus
        self.relu = lambda x: pt.maximum(x, 0)
        self.softmax, self.logsoftmax = (lambda x: pt.special.softmax(x, axis=-1)), (lambda x: pt.special.log_softmax(x, axis=-1))
        self.solve, self.logdet = pt.linalg.solve, lambda K: pt.linalg.slogdet(K)[1]


def with_pytensor(task: Task, given: Arrays) -> dict[str, Run]:
    """The value and its gradients, or its Hessian, as PyTensor compiles them."""
    if not task.loss or task.kind not in ("gradient", "hessian"):
        return {}
    import pytensor
    import pytensor.tensor as pt

    code: Any = task.loss.__code__
    names = code.co_varnames[1 : code.co_argcount]
    inputs = {n: pt.TensorType(given[n].dtype, given[n].shape)(n) for n in names}
    value, wrt = task.loss(Tensors(), *inputs.values()), [inputs[n] for n in task.wrt]
    found = pytensor.gradient.hessian(value, wrt) if task.kind == "hessian" else pytensor.grad(value, wrt)
    run = pytensor.function([*inputs.values()], [value, *found] if task.kind == "gradient" else found)
    theirs = [given[n] for n in names]
    return {"pytensor": lambda: run(*theirs)}


def flat(result: Any) -> Any:
    parts = result if isinstance(result, tuple | list) else (result,)
    plain = [p.detach() if hasattr(p, "detach") else p for p in parts]
    return np.concatenate([flat(p) if isinstance(p, tuple | list) else np.ravel(np.asarray(p)) for p in plain])


def seconds(run: Run, repeat: int) -> float:
    start = CLOCK()
    for _ in range(repeat):
        run()
    return (CLOCK() - start) / repeat


def measure(task: Task, rounds: int, single: bool) -> dict[str, float]:
    """Milliseconds by hand, and the ratios of medians to it; raises ``ValueError`` where results differ."""
    given = arrays(task, single)
    hand = named(task.by_hand, given)
    runs: dict[str, Run] = {"by hand": lambda: task.by_hand(*hand), "numpy": by_matcalc(task, given)}
    peers = {"jax": with_jax, "torch": with_torch, "autograd": with_autograd, "pytensor": with_pytensor}
    for library, peer in peers.items():
        if importlib.util.find_spec(library):
            runs |= peer(task, given)
    want = flat(runs["by hand"]())
    for name, run in runs.items():
        found = flat(run())
        error = np.abs(found[-want.size :] - want[-found.size :]).max() / np.abs(want).max()
        if not error < (1e-3 if single else 1e-9):
            raise ValueError(f"{name} differs by {error:.1e} in {task.text}")
    counts = {name: max(1, int(LEAST / max(seconds(run, 3), 1e-7))) for name, run in runs.items()}
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            times[name].append(seconds(run, counts[name]))
    medians = {name: statistics.median(t) for name, t in times.items()}
    base = medians.pop("by hand")
    return {"by hand": base * 1e3} | {name: median / base for name, median in medians.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--task", default="")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--single", action="store_true", help="in float32")
    parser.add_argument("--show", action="store_true", help="print the generated NumPy source too")
    options = parser.parse_args()
    columns = ["by hand", "numpy", "our jax", "jax.jit", "our torch", "torch", "compiled", "autograd", "pytensor"]
    print(f"{'task':22s}" + "".join(f"{c:>11s}" for c in columns), f"  {'float32' if options.single else 'float64'}")
    for name, task in TASKS.items():
        if options.task in name:
            if options.show:
                print(derived(task).to_code(value=task.value))
            row = measure(task, options.rounds, options.single)
            shown = [f"{row[c]:11.3f}" if c == "by hand" else f"{row[c]:11.2f}" if c in row else f"{'':11s}" for c in columns]
            print(f"{name:22s}" + "".join(shown), flush=True)


if __name__ == "__main__":
    main()
