"""Random questions in six families, each judged by an oracle that does not use matcalc.

usage: python -m tests.families [--n 20000] [--processes 2] [--seed 0] [--family NAME] [--show 10]
       python -m tests.families --family numpy --replay 17

numpy      programs in NumPy (axes, broadcasting, methods, several lines): run as Python, differentiated by differences
kinds      plain notation × kinds × layouts × styles, through every printer, whose equations are read back
sums       LaTeX sums over indices: evaluated by plain loops
code       generated code called with integer, nested-list, Fortran-ordered, strided and read-only arrays
structure  tied entries and assumed properties: slopes along the tied directions
threads    the others again, from eight threads: byte for byte what one thread gives
exit 0 when nothing is wrong, nothing crashed and nothing true was refused by the check.
"""

from __future__ import annotations

import argparse
import collections
import itertools
import multiprocessing
import os
import random
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402

import matcalc  # noqa: E402
from tests import printed  # noqa: E402
from tests import soundness_generator as generator  # noqa: E402
from tests import soundness_oracle as oracle  # noqa: E402
from tests.family_questions import Question, agrees, numpy_question, sums_question  # noqa: E402
from tests.fuzz import TooLong, alarm  # noqa: E402

LIMIT = 150  # seconds of the processor for one question: most of them are differences for all lines in print
BUSY = 20  # times as many of the clock, on a machine with other work
STATUSES = ("right", "refused", "wrong", "crash", "false-refusal")
BAD = ("wrong", "crash", "false-refusal")


class Outcome(NamedTuple):
    """What became of a question, and what was asked."""

    family: str
    seed: int
    status: str
    message: str
    text: str


# ---------------------------------------------------------------- judging


def checked_question(family: str, seed: int, q: Question) -> Outcome:
    d = matcalc.derive(q.text, **q.options)
    got = d.result.evaluate(q.arrays)
    if not agrees(got, q.truth):
        return Outcome(family, seed, "wrong", f"{d.result.plain}: {np.shape(got)} for {np.shape(q.truth)}", q.text)
    printed_everywhere(d)
    _, derivative = d.function()(**q.arrays)
    if not agrees(derivative, q.truth):
        return Outcome(family, seed, "wrong", "the code's derivative", q.text)
    return Outcome(family, seed, "right", "", q.text)


def printed_everywhere(d: Any, detail: str = "normal") -> str:
    return "".join(
        (d.to_text(detail=detail), d.to_latex(detail=detail), d.to_markdown(detail=detail), d.to_html(detail=detail), d.to_json())
    )


def judge_numpy(seed: int) -> Outcome:
    return checked_question("numpy", seed, numpy_question(seed))


def judge_sums(seed: int) -> Outcome:
    return checked_question("sums", seed, sums_question(seed))


def judge_kinds(seed: int) -> Outcome:
    asked, faults = printed.faults(seed)
    return Outcome("kinds", seed, "wrong" if faults else "right", "; ".join(faults[:3]), asked)


def odd(x: Any, rng: random.Random) -> Any:
    """The same numbers in an array, or not an array, of another make."""
    x = np.asarray(x, float)
    if not x.ndim:
        return rng.choice((float(x), np.asarray(x), np.float64(x)))
    strided = np.full([2 * s for s in x.shape], np.nan)
    view = strided[tuple(slice(None, None, 2) for _ in x.shape)]
    view[...] = x
    frozen = x.copy()
    frozen.setflags(write=False)
    turned = np.ascontiguousarray(x[::-1])[::-1]
    return rng.choice((x.tolist(), np.asfortranarray(x), view, frozen, turned, x))


def judge_code(seed: int) -> Outcome:
    case = printed.wide_case(seed)
    rng = random.Random(f"code:{seed}")
    d = matcalc.derive(case.text, **printed.options(case), check=False)
    (arrays,) = generator.points(case, 1)
    want = generator.truth(case, arrays)
    given = {"functions": oracle.FUNCTIONS} if d.problem.functions else {}
    if given:
        d = matcalc.derive(
            case.text, **printed.options(case), check=False, functions={n: oracle.FUNCTIONS[n] for n in d.problem.functions}
        )
    mine = {n: odd(a, rng) for n, a in arrays.items()}
    before = {n: np.array(a, float) for n, a in mine.items()}
    value, derivative = d.function()(**mine)
    asked = f"{case.text}  [{case.kind} by {', '.join(case.wrt)}]"
    if not agrees(derivative, want) and not agrees(derivative, generator.truth(case, arrays, 3e-5)):
        return Outcome("code", seed, "wrong", f"derivative {np.shape(derivative)} for {want.shape}", asked)
    if case.kind in ("gradient", "jacobian") and not agrees(value, generator.plain_value(case, arrays)):
        return Outcome("code", seed, "wrong", "value", asked)
    for out in (value, derivative):
        if isinstance(out, np.ndarray) and any(isinstance(a, np.ndarray) and np.shares_memory(out, a) for a in mine.values()):
            return Outcome("code", seed, "wrong", "a result is a view of an argument", asked)
    if any(not np.array_equal(np.array(mine[n], float), before[n]) for n in mine):
        return Outcome("code", seed, "wrong", "an argument was changed", asked)
    whole = {n: np.rint(2 * np.asarray(a)).astype(int) for n, a in arrays.items()}
    return _integers(seed, d, whole, asked)


def _integers(seed: int, d: Any, whole: Mapping[str, Any], asked: str) -> Outcome:
    """Integer arrays give what the same floats give, where these have a value."""
    try:
        want = d.function()(**{n: a.astype(float) for n, a in whole.items()})[1]
    except (matcalc.MatcalcError, np.linalg.LinAlgError, ZeroDivisionError, ValueError):
        return Outcome("code", seed, "right", "", asked)
    got = d.function()(**whole)[1]
    same = np.array_equal(np.asarray(got, float), np.asarray(want, float), equal_nan=True)
    return Outcome("code", seed, "right" if same else "wrong", "" if same else "integer arrays give something else", asked)


TIED = ("symmetric", "diagonal", "skew", "lower-triangular", "toeplitz", "symmetric-toeplitz")
STRUCTURED = (
    "tr(A*X)",
    "a'*X*b",
    "tr(X'*A*X*B)",
    "norm2(X*a - b)^2",
    "logdet(X + c*eye)",
    "tr(inv(X + c*eye)*A)",
    "a'*inv(X + c*eye)*b",
    "sum(exp(X) .* A)",
    "sum(tanh(X*A))",
    "log(sum(exp(X*a)))",
    "tr(X*X*A)",
    "sum(sigmoid(a'*X))",
    "norm2(X)^2 + tr(A*X)",
    "det(X + c*eye)",
    "(a'*X*b)^2",
    "sum((X*X) .* A)",
)


def judge_structure(seed: int) -> Outcome:
    rng = random.Random(f"structure:{seed}")
    draw = np.random.default_rng(seed)
    text = " + ".join(rng.sample(STRUCTURED, rng.choice((1, 1, 2))))
    tied = rng.choice(TIED)
    names = {"X": ("n", "n"), "A": ("n", "n"), "B": ("n", "n"), "a": ("n",), "b": ("n",), "c": ()}
    present = [n for n in names if n in generator.names_in(text)]
    arrays = {n: draw.standard_normal([4] * len(names[n])) for n in present} | ({"c": 9.0} if "c" in present else {})
    assume = {}
    if "A" in present and rng.random() < 0.5:
        assume["A"] = rng.choice(("symmetric", "spd"))
        arrays["A"] = arrays["A"] @ arrays["A"].T + np.eye(4)
    basis = list(free_directions(tied, 4))
    arrays["X"] = sum(0.5 * draw.standard_normal() * e for _, e in basis)
    tree = oracle.read(text.replace("eye", "eye(n)"), ["n"])
    asked = f"{text}  [{tied}, assume {assume}]"

    def value(x: Any) -> float:
        env = {
            n: np.reshape(a, (1, 1)) if np.ndim(a) == 0 else a[:, None] if np.ndim(a) == 1 else a
            for n, a in {**arrays, "X": x}.items()
        }
        return complex(oracle.value(tree, oracle.Point(env, {"n": 4}, oracle.FUNCTIONS)).item())  # type: ignore[return-value]

    want = np.zeros((4, 4))
    for places, e in basis:
        slope = np.imag(value(arrays["X"] + 1e-25j * e)) / 1e-25
        for i, j, sign in places:
            want[i, j] = sign * slope
    d = matcalc.derive(
        text,
        wrt="X",
        dims={n: names[n] for n in present},
        structure={"X": tied},
        assume=assume,
        style=rng.choice(("backprop", "differential", "elementwise")),
    )
    got = d.result.evaluate(arrays)
    if not agrees(got, want):
        return Outcome("structure", seed, "wrong", d.result.plain, asked)
    printed_everywhere(d)
    return Outcome("structure", seed, "right", "", asked)


def free_directions(tied: str, n: int) -> Iterator[tuple[list[tuple[int, int, int]], Any]]:
    """For each free parameter: the entries whose structured derivative it gives (with a sign), and the matrix that it moves."""
    cells = list(itertools.product(range(n), repeat=2))
    groups: dict[Any, list[tuple[int, int, int]]] = collections.defaultdict(list)
    for i, j in cells:
        if tied == "symmetric":
            groups[min(i, j), max(i, j)].append((i, j, 1))
        elif tied == "skew" and i != j:
            groups[min(i, j), max(i, j)].append((i, j, 1 if i < j else -1))
        elif tied == "diagonal" and i == j:
            groups[i].append((i, j, 1))
        elif tied == "lower-triangular" and i >= j:
            groups[i, j].append((i, j, 1))
        elif tied == "toeplitz":
            groups[j - i].append((i, j, 1))
        elif tied == "symmetric-toeplitz":
            groups[abs(j - i)].append((i, j, 1))
    for places in groups.values():
        e = np.zeros((n, n))
        for i, j, sign in places:
            e[i, j] = sign
        yield places, e


def _everything(seed: int) -> str:
    """All that a question of another family prints."""
    rng = random.Random(f"threads:{seed}")
    if rng.random() < 0.5:
        q = (numpy_question if rng.random() < 0.5 else sums_question)(seed)
        text, options = q.text, dict(q.options)
    else:
        case = printed.wide_case(seed)
        text, options = case.text, printed.options(case)
    try:
        d = matcalc.derive(text, **options)
        return printed_everywhere(d) + d.to_code()
    except matcalc.MatcalcError as error:
        return str(error)


def judge_threads(seed: int) -> Outcome:
    """Eight questions at once and one after the other."""
    seeds = [8 * seed + i for i in range(8)]
    found: dict[int, str] = {}

    def work(s: int) -> None:
        try:
            found[s] = _everything(s)
        except Exception as error:
            found[s] = f"{type(error).__name__}: {error}"

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=work, args=(s,)) for s in seeds]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    finally:
        sys.setswitchinterval(interval)
    wrong = [s for s in seeds if found[s] != _everything(s)]
    return Outcome("threads", seed, "wrong" if wrong else "right", f"different: {wrong}" if wrong else "", str(seeds))


FAMILIES: dict[str, tuple[Callable[[int], Outcome], int]] = {  # how to judge, and the share of all questions in percent
    "numpy": (judge_numpy, 25),
    "kinds": (judge_kinds, 25),
    "sums": (judge_sums, 14),
    "code": (judge_code, 20),
    "structure": (judge_structure, 14),
    "threads": (judge_threads, 2),
}


def judge(family: str, seed: int) -> Outcome:
    """The outcome of one question, whatever happens."""
    try:
        with alarm(LIMIT, BUSY * LIMIT):
            return FAMILIES[family][0](seed)
    except TooLong:
        return Outcome(family, seed, "crash", f"more than {LIMIT} s", _text(family, seed))
    except matcalc.CheckError as error:
        return Outcome(family, seed, "false-refusal", str(error.message)[:200], _text(family, seed))
    except matcalc.MatcalcError as error:
        status = "crash" if "defect" in str(error) else "refused"
        return Outcome(family, seed, status, f"{type(error).__name__}: {error.message[:160]}", _text(family, seed))
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{os.path.basename(at.filename)}:{at.lineno}"
        return Outcome(family, seed, "crash", f"{type(error).__name__}: {str(error)[:120]} ({where})", _text(family, seed))


def _text(family: str, seed: int) -> str:
    if family in ("numpy", "sums"):
        return (numpy_question if family == "numpy" else sums_question)(seed).text
    return printed.wide_case(seed).text if family in ("kinds", "code") else ""


def one(task: tuple[str, int]) -> Outcome:
    return judge(*task)


def tasks(n: int, seed: int, families: Sequence[str]) -> list[tuple[str, int]]:
    total = sum(FAMILIES[f][1] for f in families)
    return [(f, seed + i) for f in families for i in range(max(1, n * FAMILIES[f][1] // total))]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--n", type=int, default=20_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--family", choices=FAMILIES)
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("--replay", type=int)
    args = parser.parse_args()
    families = [args.family] if args.family else list(FAMILIES)
    if args.replay is not None:
        print(judge(families[0], args.replay))
        return 0
    counts: collections.Counter[tuple[str, str]] = collections.Counter()
    failures: list[Outcome] = []
    with multiprocessing.get_context("fork").Pool(args.processes) as pool:
        for o in pool.imap_unordered(one, tasks(args.n, args.seed, families), chunksize=10):
            counts[o.family, o.status] += 1
            if o.status != "right":
                failures.append(o)
    for f in families:
        print(f"{f:10}", "  ".join(f"{s} {counts[f, s]}" for s in STATUSES if counts[f, s] or s in BAD))
    for status in (*BAD, "refused"):
        for o in sorted(o for o in failures if o.status == status)[: args.show]:
            print(f"-- {o.family} {o.seed} {o.status}: {o.message}\n     " + o.text.replace("\n", "\n     "))
    return 1 if any(counts[f, s] for f in families for s in BAD) else 0


if __name__ == "__main__":
    sys.exit(main())
