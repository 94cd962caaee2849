"""Fuzzing all notations, kinds, styles, printers and generated code: every input gives a result or a refusal in words.

usage: python -m tests.fuzz [--n 30000] [--processes 2] [--seed 0] [--log FILE] [--show 20] [--no-minimise]
       python -m tests.fuzz --replay SEED      (one case: its call, and what becomes of it)
exit 0 when there is no crash, no defect and no hang. Every failure names its seed, and the smallest call found that still fails.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import io
import json
import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402

import matcalc  # noqa: E402
from matcalc import cli  # noqa: E402
from matcalc.expr.dims import atoms, text, value  # noqa: E402
from matcalc.expr.nodes import postorder, shape_of  # noqa: E402
from matcalc.expr.slices import limits  # noqa: E402
from matcalc.numeric.properties import sample_one  # noqa: E402
from matcalc.numeric.sampling import choose_sizes  # noqa: E402
from tests.fuzz_grammar import Case, generate, tokens  # noqa: E402

BAD = ("CRASH", "DEFECT", "HANG")
PACKAGE = Path(matcalc.__file__).parent
DEFECT_WORDS = ("this is a defect", "failed its numeric check", "bug in matcalc")
CPU, WALL = 5.0, 90.0  # seconds that one case may take: of the processor, and (on a busy machine) of the clock
MEMORY = 3 << 30
TRIES = 120  # smaller calls that are tried for one failure
LARGEST = 100_000  # entries of an array where formulas are evaluated and generated code is run
POSITIVE = frozenset({"positive"})
NOT_FINITE = "must not contain infs or NaNs"  # what SciPy's matrix functions say of such


class Verdict(NamedTuple):
    """What became of a case. ``status`` is ok, refused, NOTE or one of ``BAD``; ``kind`` says more of it."""

    seed: int
    status: str
    kind: str
    message: str
    seconds: float
    family: str = ""
    call: str = ""


class TooLong(BaseException):
    """The alarm; no ``except Exception`` stops it."""


def shown(case: Case) -> str:
    options = "".join(f", {name}={value!r}" for name, value in case.options.items())
    return f"matcalc.derive({case.text!r}{options})  # {', '.join(case.uses)}"


# ---------------------------------------------------------------- one case


def use(d: Any, what: str) -> None:
    """Do with a derivation what people do with it. What is printed must be read again as the same."""
    if what in ("brief", "full"):
        d.to_text(what, 60)
        d.to_latex(detail=what)
    elif what in ("text", "latex", "markdown", "html", "json"):
        getattr(d, f"to_{what}")()
    elif what == "document":
        d.to_latex(document=True)
    elif what == "repr":
        repr(d), [step.dims for step in d.steps], [s.rhs.latex for s in d.steps]
    elif what == "code":
        compile(d.to_code(), "<code>", "exec")
    elif what == "vec":
        [r.vec.latex for r in d.results]
    elif what == "reread":
        # a size that stands in the text alone (eye(p)) is declared by something of that size
        nodes = postorder([r.expr for r in d.results])
        stated = [size for n in nodes for size in ((n.attr,) if n.op == "dim" else shape_of(n.type))]
        sizes = dict.fromkeys(str(a) for size in stated for a in atoms(size))
        known = {**d.dims, **{f"sized_by_{size}": (size,) for size in sizes if size not in d.dims}}
        for r in d.results:
            again = matcalc.parse(r.plain, dims=known)
            if again.plain != matcalc.parse(again.plain, dims=known).plain:
                raise AssertionError(f"'{r.plain}' is read back as '{again.plain}'")
    elif what == "cli":
        command(d)
    elif what == "call":
        f = d.function()
        f(**arrays_of(d, f.symbols), **functions_of(d))
    else:
        for r in d.results:
            r.evaluate(arrays_of(d), functions_of(d))


def command(d: Any) -> None:
    """The same question by the command line, in this process. Raises ``AssertionError`` for a bug of ours."""
    words = ["derive", d.source, "--kind", d.kind, "--layout", d.layout, "--style", d.style, "--format", "markdown"]
    for name in d.wrt:
        words += ["--wrt", name]
    for name, shape in d.dims.items():
        words += ["--dim", f"{name}={','.join(text(a, '*') if not isinstance(a, int) else str(a) for a in shape)}"]
    for name, properties in d.assume.items():
        words += ["--assume", f"{name}={' '.join(properties)}"] if properties else []
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.main.main(words, standalone_mode=False)
    if code not in (0, 2, 3, 4) or "bug in matcalc" in err.getvalue():
        raise AssertionError(f"{code}: {err.getvalue()}")


def arrays_of(d: Any, symbols: Iterable[Any] | None = None) -> dict[str, Any]:
    """Arrays for the symbols, of small sizes that fulfil what holds between the sizes; functions that are not given are tanh.

    Raises ``Unfit`` where there are none that are small.
    """
    nodes = postorder([d.problem.output, *d.problem.symbols.values(), *[r.data.evaluable for r in d.results]])
    wanted = [n for n in nodes if n.op == "sym"] if symbols is None else list(symbols)
    shapes = [*d.dims.values(), *((n.attr,) if n.op == "dim" else shape_of(n.type) for n in (*nodes, *wanted))]
    names = list(dict.fromkeys(str(a) for shape in shapes for size in shape for a in atoms(size)))
    try:
        sizes = choose_sizes(names, d.problem.ties, limits=limits(nodes))
    except matcalc.ShapeError as error:
        raise Unfit from error
    if any(np.prod([value(size, sizes) for size in shape_of(n.type)]) > LARGEST for n in (*nodes, *wanted)):
        raise Unfit
    rng, found = np.random.default_rng(0), {}
    for s in wanted:
        shape = tuple(value(size, sizes) for size in shape_of(s.type))
        found[str(s.attr)] = sample_one(shape, frozenset(d.assume.get(s.attr, ())) or POSITIVE, rng, str(s.attr))
    return found


class Unfit(Exception):
    """No small arrays have the sizes that are asked for: nothing is called."""


def can_be_declared(d: Any) -> bool:
    """Whether sizes that are handed on say all: no equation between sizes is among them, and 1×m is a row, not a matrix."""
    return not d.problem.ties and not any(t.kind == "m" and 1 in (t.rows, t.cols) for t in d.problem.types.values())


def functions_of(d: Any) -> dict[str, str]:
    return {f: "tanh" for f in d.problem.functions if d.functions.get(f) is None and f not in (d.problem.scalars or {})}


def attempt(case: Case) -> tuple[str, str, str]:
    """Status, kind and message of a case."""
    try:
        d = matcalc.derive(case.text, **case.options)
    except matcalc.MatcalcError as error:
        return refusal(error, "derive")
    for what in case.uses:
        try:
            with np.errstate(all="ignore"):
                use(d, what)
        except matcalc.MatcalcError as error:
            if what == "reread" and can_be_declared(d):
                return "DEFECT", "reread", error.message
            status = refusal(error, what)
            if status[0] in BAD:
                return status
        except Unfit:
            pass
        except (np.linalg.LinAlgError, ValueError) as error:  # of the caller's data, as NumPy and SciPy document it
            if what != "call" or not (isinstance(error, np.linalg.LinAlgError) or NOT_FINITE in str(error)):
                raise
    return "ok", "", ""


def refusal(error: matcalc.MatcalcError, what: str) -> tuple[str, str, str]:
    text = str(error)
    if any(word in text for word in DEFECT_WORDS):
        return "DEFECT", f"{what}: {error.kind}", text
    if any(not c.isprintable() and c != "\n" for c in text) or not error.message or error.kind == "error":
        return "DEFECT", f"{what}: message", text
    return "refused", error.kind, error.message


def place(error: BaseException) -> str:
    """The innermost frame of ours."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if Path(f.filename).is_relative_to(PACKAGE) or f.filename.startswith("<")] or list(frames)
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno} {ours[-1].name}"


@contextlib.contextmanager
def alarm(cpu: float, wall: float) -> Iterator[None]:
    begun = time.process_time(), time.monotonic()

    def ring(*_: Any) -> None:
        left = cpu - (time.process_time() - begun[0]), wall - (time.monotonic() - begun[1])
        if min(left) > 0.01:  # some kernels count the time of a process in coarse ticks, and ring early
            signal.setitimer(signal.ITIMER_PROF, left[0])
            signal.setitimer(signal.ITIMER_REAL, left[1])
            return
        raise TooLong

    kept = [(s, signal.signal(s, ring)) for s in (signal.SIGPROF, signal.SIGALRM)]
    signal.setitimer(signal.ITIMER_PROF, cpu)
    signal.setitimer(signal.ITIMER_REAL, wall)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for s, handler in kept:
            signal.signal(s, handler)


def judge(case: Case, cpu: float = CPU, wall: float = WALL) -> Verdict:
    start = time.process_time()
    try:
        with alarm(cpu, wall):
            status, kind, message = attempt(case)
    except TooLong as error:
        status, kind, message = "HANG", place(error), f"more than {cpu} s"
    except MemoryError as error:
        status, kind, message = "NOTE", "MemoryError", place(error)
    except Exception as error:
        status, kind, message = "CRASH", f"{type(error).__name__} at {place(error)}", str(error)[:300]
    return Verdict(case.seed, status, kind, message, time.process_time() - start, case.family, shown(case))


# ---------------------------------------------------------------- smaller cases


def smaller(case: Case) -> Iterator[Case]:
    """Cases with less: an option, a use, a piece of the text."""
    for name in case.options:
        yield case._replace(options={k: v for k, v in case.options.items() if k != name})
    for i in range(len(case.uses)):
        yield case._replace(uses=case.uses[:i] + case.uses[i + 1 :])
    parts = tokens(case.text)
    length = len(parts) // 2
    while length:
        for i in range(0, len(parts), length):
            yield case._replace(text="".join(parts[:i] + parts[i + length :]))
        length //= 2
    for name in case.options.get("dims", {}):
        yield case._replace(options={**case.options, "dims": {k: v for k, v in case.options["dims"].items() if k != name}})


def minimised(case: Case, verdict: Verdict, tries: int = TRIES) -> Verdict:
    """The smallest case found that fails in the same way."""
    best, found, going = case, verdict, verdict.status != "HANG"
    while going and tries > 0:
        going = False
        for other in smaller(best):
            tries -= 1
            again = judge(other)
            if (again.status, again.kind) == (verdict.status, verdict.kind):
                best, found, going = other, again, True
                break
            if tries <= 0:
                break
    return found


# ---------------------------------------------------------------- many cases


def bounded() -> None:
    """In a worker: no more memory than a case can need."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def of_seed(seed: int) -> Verdict:
    return judge(generate(seed))


def run(seeds: Iterable[int], processes: int = 1) -> Iterator[Verdict]:
    if processes == 1:
        yield from map(of_seed, seeds)
        return
    with multiprocessing.get_context("fork").Pool(processes, bounded) as pool:
        yield from pool.imap_unordered(of_seed, seeds, chunksize=50)


def report(verdicts: list[Verdict], show: int, minimise: bool, say: Callable[[str], None] = print) -> bool:
    """Counts, failures by their kind with the smallest call; whether all is well."""
    counts = collections.Counter(v.status for v in verdicts)
    refused = collections.Counter(v.kind for v in verdicts if v.status == "refused")
    say(f"{len(verdicts)} inputs: " + ", ".join(f"{n} {s}" for s, n in counts.most_common()))
    say("refused: " + ", ".join(f"{n} {k}" for k, n in refused.most_common()))
    slow = sorted(verdicts, key=lambda v: -v.seconds)[:5]
    say("slowest: " + ", ".join(f"seed {v.seed} {v.seconds:.1f} s" for v in slow))
    groups: dict[tuple[str, str], list[Verdict]] = {}
    for v in verdicts:
        if v.status in (*BAD, "NOTE"):
            groups.setdefault((v.status, v.kind), []).append(v)
    for (status, kind), found in sorted(groups.items(), key=lambda g: -len(g[1]))[:show]:
        first = min(found, key=lambda v: len(v.call))
        if minimise:
            first = minimised(generate(first.seed), first)
        say(f"\n{status} {kind}: {len(found)} times, seeds {', '.join(str(v.seed) for v in found[:5])}")
        say(f"    {first.call}\n    {first.message[:600]}")
    return not any(v.status in BAD for v in verdicts)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--n", type=int, default=30_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--show", type=int, default=40)
    parser.add_argument("--log", type=Path, help="every verdict as a line of JSON")
    parser.add_argument("--no-minimise", action="store_true")
    parser.add_argument("--replay", type=int)
    options = parser.parse_args()
    if options.replay is not None:
        case = generate(options.replay)
        print(shown(case))
        verdict = judge(case)
        print(verdict.status, verdict.kind, f"{verdict.seconds:.2f} s", verdict.message, sep="\n")
        if verdict.status == "CRASH":
            attempt(case)  # with its traceback
        return verdict.status in BAD
    if options.processes == 1:
        bounded()
    start = time.perf_counter()
    verdicts = []
    with options.log.open("w", encoding="utf-8") if options.log else contextlib.nullcontext() as log:
        for v in run(range(options.seed, options.seed + options.n), options.processes):
            verdicts.append(v)
            if log:
                log.write(json.dumps(v._asdict()) + "\n")
                log.flush()
    well = report(verdicts, options.show, not options.no_minimise)
    print(f"seeds {options.seed} to {options.seed + options.n - 1}, {time.perf_counter() - start:.0f} s")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
