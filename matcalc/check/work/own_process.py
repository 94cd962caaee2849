"""Runs a function of somebody's own file in a process of its own, with limits of time and memory; nothing of it runs here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from matcalc.expr.errors import LimitError, UsageError, visible
from matcalc.numeric.evaluation import Array

RUNNER = Path(__file__).with_name("process_runner.py")


class Limits(NamedTuple):
    """What a process may take."""

    seconds: int = 20
    megabytes: int = 8192  # of addresses: libraries of tensors take some thousands


def called(path: Path, function: str, every: Sequence[Mapping[str, Array]], item: str, limits: Limits) -> list[Array]:
    """What the function gives at each of the points, whose arrays are handed to its parameters by name.

    ``item`` chooses one of several that it gives, by number from 1 or by name. Raises ``UsageError`` for what fails there, and
    ``LimitError`` for what takes too long or too much.
    """
    with tempfile.TemporaryDirectory(prefix="matcalc-") as folder:
        given, out = Path(folder, "given.npz"), Path(folder, "out.npz")
        arrays: dict[str, Any] = {f"{k}:{name}": array for k, one in enumerate(every) for name, array in one.items()}
        np.savez(given, **arrays)
        _run([str(path.resolve()), function, str(given), str(out), item, str(limits.seconds), str(limits.megabytes)], limits)
        if not out.exists():
            raise UsageError(f"{path.name} ended the process before {function} gave anything", hint="does it call exit?")
        with np.load(out, allow_pickle=False) as found:
            if "error" in found:
                raise UsageError(visible(str(found["error"]))[:600], hint=f"run it by itself: python {path.name}")
            return [found[str(k)] for k in range(len(every))]


def _run(words: Sequence[str], limits: Limits) -> None:
    more: dict[str, Any] = {"process_group": 0} if os.name == "posix" else {}
    more |= dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    with subprocess.Popen([sys.executable, "-W", "ignore", "-P", str(RUNNER), *words], **more) as child:
        try:
            code = child.wait(limits.seconds)
        except subprocess.TimeoutExpired:
            _end(child)
            raise LimitError(f"the function takes more than {limits.seconds} seconds", hint="--seconds 60 waits longer") from None
        except BaseException:
            _end(child)
            raise
    if code < 0:
        raise LimitError(f"the process was ended by the signal {-code}", hint=f"is {limits.megabytes} MB enough? --megabytes 16384")


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ends the process and what it has started."""
    with suppress(OSError):
        if os.name == "posix":
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
