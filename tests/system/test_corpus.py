"""The shared corpus in plain notation and in LaTeX: nothing wrong, nothing crashed, nothing lost.

``tests/corpus_right.txt`` holds the cases that must stay right. ``python -m tests.system.test_corpus --update``
writes it anew from a run; it refuses to drop a case.
"""

from __future__ import annotations

import collections
import importlib.util
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from tests.places import CORPUS, ROOT

LIST = ROOT / "tests" / "corpus_right.txt"
FORMS = ("plain", "latex")
AT_LEAST = {"plain": 0.9, "latex": 0.8}  # of all cases; of the cases without index notation
NOISE = 1e-10  # of differences with steps of 2e-3 of values about 1
SLOWEST = 10.0  # seconds, on a busy machine


class Outcome(NamedTuple):
    verdict: str  # right, wrong, refused, crash
    seconds: float
    message: str
    plain: str
    case: dict[str, Any]


def without_noise(derivative: Any) -> Any:
    """What is below the rounding errors of differences is 0: the judge divides by the largest entry, and noise is no measure."""
    return np.where(np.abs(derivative) < NOISE * max(1.0, np.abs(derivative).max(initial=0.0)), 0.0, derivative)


def judge() -> Any:
    """The corpus's own judge, with its numeric derivatives kept for the second form, and a zero that is one."""
    spec = importlib.util.spec_from_file_location("matcalc_corpus_judge", CORPUS / "judge.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    compute, known = module.verify.numeric, {}

    def numeric(case: dict[str, Any], values: dict[str, Any]) -> Any:
        key = case["id"], tuple(np.asarray(v, float).tobytes() for v in values.values())
        if key not in known:
            known[key] = without_noise(np.asarray(compute(case, values), float))
        return known[key]

    module.verify.numeric = numeric
    return module


def cases() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CORPUS / "cases.jsonl").read_text(encoding="utf-8").splitlines() if line.strip()]


def indexed(case: dict[str, Any]) -> bool:
    return bool(case.get("latex_index")) or "index-notation" in case.get("tags", [])


def run_some(part: list[dict[str, Any]]) -> list[tuple[str, Outcome]]:
    module = judge()
    return [(form, Outcome(*module.run(c, form), c)) for c in part for form in FORMS]


def run_all() -> dict[str, dict[str, Outcome]]:
    """Both forms of every case, in as many processes as there are cores (at most four)."""
    every, count = cases(), min(4, os.cpu_count() or 1)
    outcomes: dict[str, dict[str, Outcome]] = {form: {} for form in FORMS}
    with ProcessPoolExecutor(count, get_context("spawn")) as pool:
        for part in pool.map(run_some, [every[k :: 2 * count] for k in range(2 * count)]):
            for form, o in part:
                outcomes[form][o.case["id"]] = o
    return outcomes


def right(outcomes: dict[str, Outcome]) -> set[str]:
    return {name for name, o in outcomes.items() if o.verdict == "right"}


def read_list() -> dict[str, set[str]]:
    lists: dict[str, set[str]] = {form: set() for form in FORMS}
    section: set[str] | None = None
    if not LIST.exists():
        return lists
    for line in LIST.read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if text.startswith("["):
            section = lists[text.strip("[]")]
        elif text:
            assert section is not None
            section.add(text)
    return lists


# ---------------------------------------------------------------- tests

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (CORPUS / "judge.py").exists() and not os.environ.get("MATCALC_CI"),
        reason=f"no corpus at {CORPUS} (MATCALC_CORPUS says where)",
    ),
]


@pytest.fixture(scope="module")
def module() -> Any:
    return judge()


@pytest.fixture(scope="module")
def outcomes() -> dict[str, dict[str, Outcome]]:
    return run_all()


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_wrong_and_nothing_crashes(outcomes: dict[str, dict[str, Outcome]], form: str) -> None:
    bad = {name: o[:4] for name, o in outcomes[form].items() if o.verdict in ("wrong", "crash")}
    assert not bad, bad


@pytest.mark.parametrize("form", FORMS)
def test_what_was_right_stays_right(outcomes: dict[str, dict[str, Outcome]], form: str) -> None:
    listed = read_list()[form]
    assert listed, "tests/corpus_right.txt is empty: python -m tests.system.test_corpus --update"
    lost = {name: outcomes[form][name][0:3:2] if name in outcomes[form] else "not in the corpus" for name in sorted(listed)}
    lost = {name: what for name, what in lost.items() if what[0] != "right"}
    assert not lost, lost


@pytest.mark.parametrize("form", FORMS)
def test_enough_is_right(outcomes: dict[str, dict[str, Outcome]], form: str) -> None:
    counted = {n: o for n, o in outcomes[form].items() if form == "plain" or not indexed(o.case)}
    share = len(right(counted)) / len(counted)
    assert share >= AT_LEAST[form], f"{share:.3f} of {len(counted)}"


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_slow(outcomes: dict[str, dict[str, Outcome]], form: str) -> None:
    slow = {name: round(o.seconds, 2) for name, o in outcomes[form].items() if o.seconds > SLOWEST}
    assert not slow


@pytest.mark.parametrize("form", FORMS)
def test_refusals_say_why(outcomes: dict[str, dict[str, Outcome]], form: str) -> None:
    """A refusal is an error of ours with a message, and no failed check of a right answer in disguise."""
    for name, o in outcomes[form].items():
        if o.verdict == "refused":
            kind, _, message = o.message.partition(": ")
            assert kind in (
                "ParseError",
                "AmbiguityError",
                "ShapeError",
                "NoRuleError",
                "UsageError",
                "LimitError",
                "CheckError",
            ), name
            assert len(message) > 10, name
            assert kind != "CheckError", (name, message)


# Evaluates printed formulas in a process that never saw the inputs: dims, formula and numbers only.
FRESH = """
import json, sys
import numpy as np
import matcalc
bad = []
for case in json.load(open(sys.argv[1])):
    arrays = {name: np.asarray(value, float) for name, value in case["arrays"].items()}
    functions = {}
    for name, texts in case["functions"].items():
        functions[name] = tuple(eval(t, {"np": np}) for t in texts)  # from the corpus
    printed = matcalc.parse(case["plain"], dims={n: tuple(s) for n, s in case["dims"].items()})
    got = np.asarray(printed.evaluate(arrays, functions=functions))
    want = np.asarray(case["want"], float)
    scale = max(1e-12, np.abs(want).max(initial=0))
    if got.shape != want.shape or not np.allclose(got, want, rtol=1e-5, atol=1e-5 * scale):
        bad.append(case["id"])
json.dump(bad, sys.stdout)
"""


@pytest.mark.parametrize("form", FORMS)
def test_printed_formulas_in_a_fresh_process(
    outcomes: dict[str, dict[str, Outcome]], module: Any, form: str, tmp_path: Path
) -> None:
    rows = []
    for name, o in outcomes[form].items():
        if o.verdict != "right":
            continue
        names = {k: k for k in o.case["dims"]}
        if form == "latex":
            names |= {k: module.strip_tex(v) for k, v in (o.case.get("latex_names") or {}).items() if k in names}
        values = module.verify.sample(o.case, 0)
        functions = o.case.get("functions") or {}
        rows.append(
            {
                "id": name,
                "plain": o.plain,
                "dims": {names[k]: v for k, v in o.case["dims"].items()},
                "arrays": {names[k]: np.asarray(v).tolist() for k, v in values.items() if k in names},
                "functions": {
                    k: (functions[k], functions["d" + k]) for k in functions if not k.startswith("d") and "d" + k in functions
                },
                "want": np.asarray(module.verify.numeric(o.case, values)).tolist(),
            }
        )
    file = tmp_path / "formulas.json"
    file.write_text(json.dumps(rows), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run([sys.executable, "-c", FRESH, str(file)], capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == []
    assert len(rows) > 100


def test_the_list_is_in_order() -> None:
    listed = read_list()
    known = {c["id"] for c in cases()}
    for form in FORMS:
        assert listed[form] <= known, sorted(listed[form] - known)


# ---------------------------------------------------------------- the list


def update() -> int:
    """Write the list anew. Nothing is dropped: a case that is no longer right is an error."""
    started = time.perf_counter()
    outcomes, listed = run_all(), read_list()
    code = 0
    lines = ["# Cases of the shared corpus that must stay right; python -m tests.system.test_corpus --update", ""]
    for form in FORMS:
        now = right(outcomes[form])
        counts = collections.Counter(o.verdict for o in outcomes[form].values())
        print(f"{form}: {dict(counts)}; {len(now - listed[form])} new")
        for name in sorted(listed[form] - now):
            o = outcomes[form].get(name)
            print(f"  LOST {name}: {o[0:3:2] if o else 'not in the corpus'}")
            code = 1
        for name, o in outcomes[form].items():
            if o.verdict in ("wrong", "crash"):
                print(f"  {o.verdict.upper()} {name}: {o.message}")
        lines += [f"[{form}]", *sorted(now), ""]
    if code:
        print("not written: a case would be dropped")
    else:
        LIST.write_text("\n".join(lines), encoding="utf-8")
        print(f"{LIST} written in {time.perf_counter() - started:.1f} s")
    return code


if __name__ == "__main__":
    if sys.argv[1:] != ["--update"]:
        sys.exit("usage: python -m tests.system.test_corpus --update")
    sys.exit(update())
