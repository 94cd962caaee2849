"""Start-up times, side by side: whole processes, interleaved, medians of several rounds.

    python benchmarks/startup.py [--rounds 21] [--check]

Run it where a wheel is installed: an editable install finds its modules more slowly. Every process may write
and use bytecode, whatever PYTHONDONTWRITEBYTECODE says here, and the first round, which writes it, does not
count. With --check the exit code is 1 where a difference exceeds its limit.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

EXPRESSION = "s = u^T f(W x + b)"
# name, what it is compared with, and the most it may take over that (seconds)
DIFFERENCES = [("help", "pass", 0.07), ("derive", "numpy", 0.15)]


def matcalc_command() -> list[str]:
    """The installed command of this interpreter, else `python -m matcalc`."""
    script = shutil.which("matcalc", path=sysconfig.get_path("scripts"))
    return [script] if script else [sys.executable, "-m", "matcalc"]


def commands() -> dict[str, list[str]]:
    return {
        "pass": [sys.executable, "-c", "pass"],
        "help": [*matcalc_command(), "--help"],
        "numpy": [sys.executable, "-c", "import numpy"],
        "derive": [*matcalc_command(), "derive", EXPRESSION],
    }


def seconds(command: list[str], folder: Path) -> float:
    """One run, away from the source tree, with bytecode allowed."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    taken = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr.decode()}")
    return taken


def measure(rounds: int) -> dict[str, float]:
    """The median of each command; each round runs every command once."""
    times: dict[str, list[float]] = {name: [] for name in commands()}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds + 1):
            for name, command in commands().items():
                taken = seconds(command, Path(folder))
                if number:
                    times[name].append(taken)
    return {name: statistics.median(taken) for name, taken in times.items()}


def report(medians: dict[str, float]) -> bool:
    """Print the table; true where every difference keeps its limit."""
    for name, command in commands().items():
        shown = " ".join(["python" if part == sys.executable else Path(part).name for part in command])
        print(f"{medians[name]:7.3f} s  {shown}")
    kept = True
    for name, base, limit in DIFFERENCES:
        over = medians[name] - medians[base]
        kept &= over <= limit
        print(f"{over:+7.3f} s  {name} over {base} (limit {limit:.2f} s{'' if over <= limit else ': exceeded'})")
    return kept


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--check", action="store_true", help="exit 1 where a limit is exceeded")
    options = parser.parse_args()
    kept = report(measure(options.rounds))
    return int(options.check and not kept)


if __name__ == "__main__":
    raise SystemExit(main())
