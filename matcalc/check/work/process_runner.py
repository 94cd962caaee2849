"""What the process of ``check-code`` runs: somebody's own file, named on the command line, and one function of it.

It is started as a script and imports nothing of matcalc: what the file does stays here, and only arrays of numbers go back.
"""

from __future__ import annotations

import inspect
import runpy
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

Value = Any  # what somebody's functions take and give


def main(path: str, function: str, given: str, out: str, item: str, seconds: str, megabytes: str) -> None:
    limit(int(seconds), int(megabytes))
    sys.path.insert(0, str(Path(path).parent))
    with np.load(given, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    count = 1 + max(int(name.partition(":")[0]) for name in arrays)
    every = [{n.partition(":")[2]: x for n, x in arrays.items() if n.startswith(f"{k}:")} for k in range(count)]
    try:
        names = runpy.run_path(path, run_name="matcalc_check_code")
        found = {str(k): plain(chosen(called(names, function, one), item)) for k, one in enumerate(every)}
    except BaseException as error:  # whatever the file raises is told where it was asked for
        np.savez(out, error=np.array(f"{type(error).__name__}: {error}"))
    else:
        np.savez(out, **found)


def limit(seconds: int, megabytes: int) -> None:
    """Where the system has such limits."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))


def called(names: dict[str, Value], function: str, arrays: dict[str, Value]) -> Value:
    """The function at the arrays that its parameters name; in tensors, where the file speaks of these."""
    if not callable(names.get(function)):
        raise NameError(f"the file has no function '{function}'")
    parameters = inspect.signature(names[function]).parameters
    needed = [n for n, p in parameters.items() if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    missing = [n for n in needed if n not in arrays]
    if missing:
        raise TypeError(f"the argument '{missing[0]}' is none of the problem: say what it is with --name '{missing[0]}=…'")
    given = {n: tensor(names, arrays[n]) for n in parameters if n in arrays}
    if not any(hasattr(x, "requires_grad_") for x in given.values()):
        return names[function](**given)
    with suppress(RuntimeError):  # "does not require grad": it counts on tensors that do
        if (found := names[function](**given)) is not None:
            return found
    return names[function](**{n: tensor(names, arrays[n]).requires_grad_() for n in given})


def tensor(names: dict[str, Value], array: Value) -> Value:
    libraries = {getattr(v, "__name__", "") for v in names.values() if inspect.ismodule(v)}
    if "torch" in libraries:
        return sys.modules["torch"].from_numpy(np.array(array))
    if libraries & {"jax", "jax.numpy"}:
        sys.modules["jax"].config.update("jax_enable_x64", True)
        return sys.modules["jax"].numpy.asarray(array)
    return array


def chosen(found: Value, item: str) -> Value:
    """One of several results."""
    if isinstance(found, dict):
        if item not in found:
            raise KeyError(f"it gives {', '.join(map(str, found))}: choose one with --item NAME")
        return found[item]
    if isinstance(found, tuple) and len(found) > 1:
        if not item.isdigit() or not 0 < int(item) <= len(found):
            raise IndexError(f"it gives {len(found)} arrays: choose one with --item 1")
        return found[int(item) - 1]
    return found


def plain(found: Value) -> Value:
    array = np.asarray(found.detach().cpu().numpy() if hasattr(found, "detach") else found)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"it gives no array of numbers, but {type(found).__name__}")
    return array.astype(float)


if __name__ == "__main__":
    main(*sys.argv[1:])
