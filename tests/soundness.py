"""Soundness by volume: random expressions, the printed derivative judged by an oracle of its own.

usage: python -m tests.soundness [--n 20000] [--processes 2] [--seed 0] [--family wide|baseline|both]
       [--show 10] [--minimise] [--log FILE]     or     --replay SEED   (one case, with its text)
exit 0 when nothing is wrong, nothing crashed and at least 99.9 % were derived.
"""

from __future__ import annotations

import argparse
import collections
import json
import multiprocessing
import os
import re
import signal
import statistics
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402

import matcalc  # noqa: E402
from matcalc.algebra.normal.normal_form import Normalizer  # noqa: E402
from matcalc.api import as_properties  # noqa: E402
from matcalc.engine.public_value import evaluate  # noqa: E402
from matcalc.notation.write.render import TEXT, render  # noqa: E402
from tests import soundness_generator as generator  # noqa: E402
from tests import soundness_oracle as oracle  # noqa: E402
from tests.soundness_generator import FEATURES, Case  # noqa: E402

SEEDS = Path(__file__).with_name("soundness_seeds.txt")
RTOL, ATOL = 1e-6, 1e-9
LIMIT = 20  # seconds for one case
STYLE_EVERY = 10
GOOD = ("right",)
BAD = ("wrong-passed", "wrong-caught", "misread", "normal-wrong", "crash")
STATUSES = (*GOOD, *BAD, "refused", "not-evaluable", "false-alarm", "roundtrip",
            "style-wrong", "style-caught", "style-refused")  # fmt: skip


class Verdict(NamedTuple):
    """What became of a case: the worst that was seen, and the time of derive without its check, in ms."""

    seed: int
    status: str
    message: str
    ms: float
    check_ms: float
    plain: str
    text: str


class TooSlow(Exception):
    """A case took longer than LIMIT."""


def probe() -> frozenset[str]:
    """The operators of FEATURES that derive knows today."""
    found = set()
    for name, text in FEATURES.items():
        try:
            matcalc.derive(text, wrt="A", dims={"A": ("n", "m"), "B": ("n", "m")}, check=False)
            found.add(name)
        except matcalc.MatcalcError:
            pass
        except Exception:
            found.add(name)  # let the cases show it
    return frozenset(found)


def agrees(got: Any, want: Any, top: float) -> tuple[bool, str]:
    got, want = np.asarray(got), np.asarray(want)
    if got.shape != want.shape:
        return False, f"shape {got.shape} for {want.shape}"
    if not np.isfinite(got).all():
        return False, "not finite"
    gap = float(np.abs(got - want).max(initial=0.0))
    size = float(np.abs(want).max(initial=0.0))
    return gap <= RTOL * size + ATOL * max(1.0, top), f"off by {gap:.2e} of {size:.2e}"


def options(case: Case) -> dict[str, Any]:
    wrt: Any = list(case.wrt) if len(case.wrt) > 1 else case.wrt[0]
    found: dict[str, Any] = {"wrt": wrt, "dims": case.dims, "kind": case.kind}
    if case.direction:
        found["direction"] = case.direction
    if case.assume and case.family != "baseline":
        found["assume"] = case.assume
    return found


def judge(case: Case, styles: bool = False, full: bool = True) -> Verdict:
    """Derive the case, and judge the printed formula, the check, the reading and the printing."""
    state = {"ms": 0.0, "check": 0.0, "plain": "", "stage": "derive"}
    try:
        status, message = _judge(case, styles, full, state)
    except TooSlow:
        status, message = "crash", f"{state['stage']}: more than {LIMIT} s"
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(at.filename).name}:{at.lineno}"
        status, message = "crash", f"{state['stage']}: {type(error).__name__}: {str(error)[:120]} ({where})"
    return Verdict(case.seed, status, message, state["ms"], state["check"], state["plain"], case.text)


def brief(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0][:140] if str(error) else ''}"


def _judge(case: Case, styles: bool, full: bool, state: dict[str, Any]) -> tuple[str, str]:
    start = time.perf_counter()
    try:
        d = matcalc.derive(case.text, check=False, **options(case))
        r = d.result
        state["plain"] = r.plain
    except matcalc.MatcalcError as error:
        return "refused", brief(error)
    finally:
        state["ms"] = 1e3 * (time.perf_counter() - start)
    state["stage"] = "reading back"
    try:
        printed = matcalc.parse(r.plain, dims=case.dims)
    except matcalc.MatcalcError as error:
        return "not-evaluable", brief(error)
    read = matcalc.parse(case.text, dims=case.dims) if full else None
    right, message = True, ""
    for k, arrays in enumerate(generator.points(case, 2)):
        state["stage"] = "the oracle"
        watch = oracle.Watch()
        oracle.value(case.tree, generator.point_of(case, arrays), watch)
        want = generator.truth(case, arrays)
        top = max(watch.top, float(np.abs(want).max(initial=0.0)) * 1e-3)
        state["stage"] = "evaluate"
        if read is not None and k == 0:
            same, gap = agrees(read.evaluate(arrays, oracle.FUNCTIONS), generator.plain_value(case, arrays), watch.top)
            if not same:
                return "misread", gap
            state["stage"] = "normal"
            simple = Normalizer(as_properties({} if case.family == "baseline" else case.assume)).normal(read.node)
            value = evaluate(simple, d.problem.types, arrays, oracle.FUNCTIONS)
            same, gap = agrees(value, generator.plain_value(case, arrays), watch.top)
            if not same:
                return "normal-wrong", f"{gap}: {render(simple, TEXT)}"
            state["stage"] = "evaluate"
        try:
            got = printed.evaluate(arrays, functions=oracle.FUNCTIONS)
            own = r.evaluate(arrays, functions=oracle.FUNCTIONS) if k == 0 else got
        except matcalc.MatcalcError as error:
            return "not-evaluable", brief(error)
        ok, gap = agrees(got, want, top)
        if not ok and np.shape(got) == np.shape(want) and case.kind in ("hessian", "hvp", "mixed"):
            ok, gap = agrees(got, generator.truth(case, arrays, 3e-5), top)  # steep: a smaller step
        same, other = agrees(own, got, top)
        if ok and not same:
            ok, gap = False, f"result.evaluate differs from result.plain: {other}"
        if not ok:
            right, message = False, gap
            break
    state["stage"] = "check"
    start = time.perf_counter()
    alarm = None
    try:
        d.check()
    except matcalc.MatcalcError as error:
        alarm = error
    state["check"] = 1e3 * (time.perf_counter() - start)
    if not right:
        return ("wrong-caught" if alarm else "wrong-passed"), message
    if alarm:
        return "false-alarm", brief(alarm)
    if full:
        state["stage"] = "roundtrip"
        for what, e in (("input", read), ("result", printed)):
            again = matcalc.parse(e.plain, dims=case.dims)  # type: ignore[union-attr]
            if again.plain != e.plain:  # type: ignore[union-attr]
                return "roundtrip", f"{what}: {e.plain}  ->  {again.plain}"  # type: ignore[union-attr]
    if styles and case.kind == "gradient":
        return _styles(case, state)
    return "right", ""


def _styles(case: Case, state: dict[str, Any]) -> tuple[str, str]:
    (arrays,) = generator.points(case, 1)
    want = generator.truth(case, arrays)
    top = max(1.0, float(np.abs(want).max(initial=0.0)))
    for style in ("differential", "elementwise"):
        state["stage"] = f"style {style}"
        try:
            r = matcalc.derive(case.text, style=style, check=True, **options(case)).result
            got = matcalc.parse(r.plain, dims=case.dims).evaluate(arrays, functions=oracle.FUNCTIONS)
        except matcalc.CheckError as error:
            return "style-caught", f"{style}: {brief(error)}"
        except matcalc.MatcalcError as error:
            return "style-refused", f"{style}: {brief(error)}"
        ok, gap = agrees(got, want, top)
        if not ok:
            return "style-wrong", f"{style}: {gap}"
    return "right", ""


# ---------------------------------------------------------------- seeds that were wrong once


def line_of(case: Case, was: str) -> str:
    """A case as a line of soundness_seeds.txt."""
    entry: dict[str, Any] = {"expression": case.text, "dims": {k: list(v) for k, v in case.dims.items()}}
    entry["sizes"] = case.sizes
    full = generator.full_text(case)
    if full.replace(" ", "") != case.text.replace(" ", ""):
        entry["full"] = full
    entry |= {"wrt": list(case.wrt), "kind": case.kind}
    if case.direction:
        entry["direction"] = case.direction
    if case.assume:
        entry["assume"] = case.assume
    return json.dumps({**entry, "was": was}, ensure_ascii=False)


def case_of(line: str | Mapping[str, Any], number: int = 0) -> Case:
    """The case of a line of soundness_seeds.txt."""
    e = json.loads(line) if isinstance(line, str) else line
    wrt = [e["wrt"]] if isinstance(e["wrt"], str) else e["wrt"]
    sizes = e.get("sizes") or {}
    for shape in e["dims"].values():
        for d in shape:
            if isinstance(d, str):
                sizes.setdefault(d, next(k for k in (3, 4, 2, 5, 6) if k not in sizes.values()))
    tree = oracle.read(e.get("full") or e["expression"], list(sizes))
    dims = {k: tuple(v) for k, v in e["dims"].items()}
    return Case(number, "seed", tree, e["expression"], dims, sizes, tuple(wrt), e["kind"], e.get("direction"),
                e.get("assume") or {})  # fmt: skip


def kept_seeds() -> list[str]:
    lines = SEEDS.read_text("utf-8").splitlines() if SEEDS.exists() else []
    return [line for line in lines if line.strip() and not line.startswith("#")]


# ---------------------------------------------------------------- many


def _alarm(signum: int, frame: Any) -> None:
    raise TooSlow


def one(task: tuple[int, str, frozenset[str]]) -> Verdict:
    seed, family, features = task
    case = generator.generate(seed, features, family)
    signal.signal(signal.SIGALRM, _alarm)
    signal.setitimer(signal.ITIMER_REAL, LIMIT)
    try:
        return judge(case, styles=seed % STYLE_EVERY == 0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def run(seeds: range, family: str, features: frozenset[str], processes: int) -> Iterator[Verdict]:
    tasks = ((seed, family, features) for seed in seeds)
    if processes <= 1:
        yield from map(one, tasks)
        return
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        yield from pool.imap_unordered(one, tasks, chunksize=20)


def minimise(case: Case, status: str, message: str, budget: float = 60.0) -> tuple[Case, Verdict]:
    """The smallest case found that fails in the same way."""
    kind = signature(message)
    styles = status.startswith("style") or message.startswith("style")
    best, verdict = case, judge(case, styles)
    end = time.monotonic() + budget
    again = True
    while again and time.monotonic() < end:
        again = False
        for other in generator.smaller(best):
            other = other._replace(seed=best.seed)
            v = None
            if generator.points(other, 1):
                v = judge(other, styles)
            if v is not None and v.status == status and signature(v.message) == kind:
                best, verdict, again = other, v, True
                break
            if time.monotonic() > end:
                break
    return best, verdict


def signature(message: str) -> str:
    """A message without its figures and quotations, to tell defects apart."""
    words = re.sub(r"'[^']*'|sym\[\w+\]|\d", "", message)
    return re.sub(r"is not shown.*|off by.*|shape .*", "", words)[:60]


class Tally:
    """Counts and times of one family."""

    def __init__(self) -> None:
        self.counts: collections.Counter[str] = collections.Counter()
        self.reasons: collections.Counter[tuple[str, str]] = collections.Counter()
        self.failures: list[Verdict] = []
        self.times: list[float] = []
        self.checks: list[float] = []

    def add(self, v: Verdict) -> None:
        self.counts[v.status] += 1
        self.times.append(v.ms)
        self.checks.append(v.check_ms)
        if v.status not in GOOD:
            self.failures.append(v)
            self.reasons[v.status, signature(v.message)] += 1

    def report(self, title: str) -> None:
        total = sum(self.counts.values())
        if not total:
            return
        print(f"{title}: {total} | " + "  ".join(f"{s} {self.counts[s]}" for s in STATUSES if self.counts[s] or s in BAD))
        for what, ms in (("derive", self.times), ("check", self.checks)):
            print(f"  {what} ms: median {statistics.median(ms):.1f}, max {max(ms):.0f}")
        for (status, reason), count in self.reasons.most_common(40):
            print(f"  {count:5d} {status}: {reason}")

    @property
    def good(self) -> bool:
        total = sum(self.counts.values())
        bad = sum(self.counts[s] for s in (*BAD, "style-wrong", "not-evaluable", "false-alarm"))
        return not bad and self.counts["refused"] <= 0.001 * total


def show(case: Case, v: Verdict) -> None:
    print(f"[{case.family} {v.seed}] {v.status}: {v.message}")
    kind = case.kind + (f" along {case.direction}" if case.direction else "")
    print(f"   {case.text}\n   wrt {', '.join(case.wrt)} ({kind}) dims {case.dims} assume {case.assume}")
    print(f"   -> {v.plain[:300]}")


def main() -> int:
    ap = argparse.ArgumentParser(prog="tests.soundness", description="random expressions against an oracle")
    ap.add_argument("--n", type=int, default=20000)
    ap.add_argument("--processes", type=int, default=2)
    ap.add_argument("--seed", type=int, default=0, help="the first seed")
    ap.add_argument("--family", default="wide", choices=("wide", "baseline", "both"))
    ap.add_argument("--show", type=int, default=10**9, help="how many failures to print")
    ap.add_argument("--minimise", action="store_true", help="look for a smaller expression for each kind of failure")
    ap.add_argument("--replay", type=int, help="one seed")
    ap.add_argument("--log", help="a file that gets each failure as it comes")
    o = ap.parse_args()
    features = probe()
    off = sorted(set(FEATURES) - features)
    print(
        f"operators on: {', '.join(sorted(features))}" + (f" | off: {', '.join(off)}" if off else ""),
        flush=True,
    )
    if o.replay is not None:
        case = generator.generate(o.replay, features, o.family)
        v = judge(case, styles=True)
        show(case, v)
        if v.status != "right" and o.minimise:
            show(*minimise(case, v.status, v.message))
        return v.status != "right"
    good = True
    start = time.monotonic()
    for family in ("wide", "baseline") if o.family == "both" else (o.family,):
        tally = Tally()
        count = min(o.n, 1000) if o.family == "both" and family == "baseline" else o.n
        for v in run(range(o.seed, o.seed + count), family, features, o.processes):
            tally.add(v)
            if o.log and v.status not in GOOD:
                with open(o.log, "a", encoding="utf-8") as log:
                    log.write(json.dumps(v._asdict(), ensure_ascii=False) + "\n")
        tally.report(family)
        _failures(tally, family, features, o)
        good = good and tally.good
    print(f"{time.monotonic() - start:.0f} s")
    return 0 if good else 1


def _failures(tally: Tally, family: str, features: frozenset[str], o: argparse.Namespace) -> None:
    seen: collections.Counter[tuple[str, str]] = collections.Counter()
    for v in sorted(tally.failures, key=lambda v: (STATUSES.index(v.status), signature(v.message), len(v.text)))[: o.show]:
        case = generator.generate(v.seed, features, family)
        key = (v.status, signature(v.message))
        seen[key] += 1
        if not o.minimise:
            show(case, v)
        elif seen[key] <= (12 if v.status in BAD[:4] else 3):
            small, again = minimise(case, v.status, v.message)
            show(small, again)
            print("   " + line_of(small, v.status), flush=True)


if __name__ == "__main__":
    sys.exit(main())
