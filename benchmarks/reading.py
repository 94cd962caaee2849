"""Speed of reading: ``matcalc.parse`` of each text of a corpus, alone or side by side with another copy of the source.

    python benchmarks/reading.py cases.jsonl typed.jsonl [--against FOLDER] [--rounds 5] [--check]

Each line of a corpus is JSON with `plain`, `latex` or `text`, and `dims` where sizes are declared. FOLDER is a checkout
(`git worktree add FOLDER COMMIT`); both read the same texts by turns, each in a process of its own, and the least time of the
rounds counts. Only what both read is compared. With --check the exit code is 1 beyond the limits below.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

SLOWER = 1.10  # the most that the median of the ratios may be
LONGEST = 0.050  # seconds for one formula
LAYERS = (500, 1000, 2000)
GROWTH = 3.0  # the most that twice the layers may take over one

HERE = Path(__file__).resolve().parent.parent


def texts(path: str) -> list[dict[str, Any]]:
    """The arguments of ``matcalc.parse`` for each text of a corpus."""
    found = []
    for line in Path(path).read_text("utf-8").splitlines():
        case = json.loads(line)
        names = case.get("latex_names") or case.get("names") or {}
        dims = case.get("dims") or (case.get("stated") or {}).get("dims") or {}
        for key in ("plain", "latex", "text"):
            if case.get(key):
                own = {names.get(n, n) if key == "latex" else n: tuple(d) for n, d in dims.items()}
                found.append({"text": case[key], "dims": own, "notation": "latex" if key == "latex" else case.get("notation")})
    return found


def layers(count: int) -> dict[str, Any]:
    """A net of so many layers."""
    steps = "; ".join(f"h{i} = tanh(W*h{i - 1} + b)" for i in range(1, count))
    return {"text": f"h0 = x; {steps}; s = sum(h{count - 1})", "dims": {"W": ["n", "n"], "x": ["n"], "b": ["n"]}, "notation": None}


def work() -> None:
    """Reads arguments line by line, and answers with the processor seconds of one reading, or null where it is not read."""
    import matcalc

    for line in sys.stdin:
        case = json.loads(line)
        arguments = {k: v for k, v in (("dims", case["dims"]), ("notation", case["notation"])) if v}
        start = time.process_time()
        try:
            matcalc.parse(case["text"], **arguments)
            print(time.process_time() - start, flush=True)
        except matcalc.MatcalcError:
            print("null", flush=True)


class Reader:
    """A process that reads with the source of a folder."""

    def __init__(self, folder: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(folder)}
        self.process = subprocess.Popen([sys.executable, __file__, "--work"], env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip

    def seconds(self, case: dict[str, Any]) -> float | None:
        assert self.process.stdin and self.process.stdout
        print(json.dumps(case), file=self.process.stdin, flush=True)
        answer: float | None = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> None:
        self.process.communicate()


def least(readers: list[Reader], case: dict[str, Any], rounds: int) -> list[float] | None:
    """The least time of each reader; none where one does not read it."""
    found = []
    for _ in range(rounds):
        once = [r.seconds(case) for r in readers]
        if None in once:
            return None
        found.append([s for s in once if s is not None])
    return [min(times) for times in zip(*found, strict=True)]


def main() -> int:
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("corpora", nargs="*")
    p.add_argument("--against", type=Path)
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--check", action="store_true")
    p.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    arguments = p.parse_args()
    if arguments.work:
        work()
        return 0
    readers = [Reader(folder) for folder in (HERE, arguments.against) if folder]
    cases = [case for path in arguments.corpora for case in texts(path)]
    rows = [(times, case["text"]) for case in cases if (times := least(readers, case, arguments.rounds))]
    late = longest(rows)
    if arguments.against and rows:
        late |= compared(rows)
    late |= deep(readers[0], arguments.rounds)
    for r in readers:
        r.close()
    return int(arguments.check and late)


def longest(rows: list[tuple[list[float], str]]) -> bool:
    print(f"{len(rows)} texts, the longest:")
    for times, text in sorted(rows, reverse=True)[:5]:
        print(f"  {times[0] * 1e3:7.2f} ms  {text[:90]!r}")
    return any(times[0] > LONGEST for times, _ in rows)


def compared(rows: list[tuple[list[float], str]]) -> bool:
    ratios = sorted(((a / b, text) for (a, b), text in rows), reverse=True)
    median = statistics.median(r for r, _ in ratios)
    total = sum(t[0] for t, _ in rows) / sum(t[1] for t, _ in rows)
    print(f"time against the other: median {median:.2f}, of all together {total:.2f}; the largest:")
    for ratio, text in ratios[:10]:
        print(f"  {ratio:7.2f}  {text[:90]!r}")
    return median > SLOWER


def deep(reader: Reader, rounds: int) -> bool:
    seconds = [(least([reader], layers(n), min(rounds, 3)) or [float("inf")])[0] for n in LAYERS]
    print("layers: " + ", ".join(f"{n}: {s:.2f} s" for n, s in zip(LAYERS, seconds, strict=True)))
    return any(b / a > GROWTH for a, b in pairwise(seconds))


if __name__ == "__main__":
    sys.exit(main())
