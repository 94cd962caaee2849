"""Eight threads at once against one: ``python -m tests.threads [CALLS] [--quick] [--plant NAME]``, in a fresh process.

Every call derives, checks, prints and makes code. What the threads give is held against what one thread gives in a
process of its own, so that nothing which they may have spoiled can spoil the answer they are held against; and the
state that belongs to the whole process (``tests/state.py``) has to be as it was, at the end and at every moment.
``--plant`` puts a fault in first, one that the run has to find; ``--plants`` does so with each of them and fails
where one is not found; ``--quick`` leaves out what needs SymPy.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import subprocess
import sys
import threading
import time
from typing import Any

from tests.places import ROOT

THREADS = 8
COSTLY = 7  # how many times more often the quick ones are called

QUICK: tuple[dict[str, Any], ...] = (
    {"expression": "s = u' * f(W*x + b)"},
    {"expression": "s = u'*f(W*x+b)", "wrt": "W", "style": "differential"},
    {"expression": "s = u'*f(W*x+b)", "wrt": "W", "style": "elementwise"},
    {"expression": "-y'*log(softmax(W*x + b))", "assume": {"y": "one-hot"}},
    {"expression": "norm2(A*x-b)^2+lambda*norm1(x)"},
    {"expression": "log(sum(exp(A*x)))", "wrt": "x", "kind": "hessian"},
    {"expression": "kron(A,B)*x", "wrt": "A"},
    {"expression": "[A;B]*x"},
    {"expression": "tr(A*X*B*X')", "wrt": "X", "structure": {"X": "symmetric"}},
    {"expression": r"\sum_{i=1}^n (y_i - w^\top x_i)^2", "wrt": "w", "dims": {"X": "n,d", "y": "n"}, "index": {"x_i": "X[i,:]"}},
    {"expression": "np.sum(np.maximum(X @ W, 0))"},
    {"expression": "tr(A^3)"},
    {"expression": "sum(tanh(100*x))"},
    {"expression": "x'*x/n", "dims": {"x": ("n",)}, "wrt": "x"},
    {"expression": "x*A*x"},
    {"expression": "x2'*"},
    {"expression": "x'*y", "wrt": "x", "dims": {"x": ("n", "q"), "y": ("m",)}},
    {"expression": "u'*f(x)", "functions": {"f": "tanh"}},
)  # fmt: skip
SLOW: tuple[dict[str, Any], ...] = (
    {"expression": "logdet(X'*X)+tr(A*X*B*X')"},
    {"expression": "sum(layernorm(W*x).*y)"},
    {"expression": "std(x)+var(y)*max(z)"},
    {"expression": "tr(inv(A*B+C)*D)"},
    {"expression": "f(t)=1/(1+exp(-t)); sum(f(x))"},
    {"expression": "g(t)=t^3*sin(t); u'*g(x)"},
    {"expression": r"s = u^\top \sigma(x); \sigma(z) = \frac{1}{1+e^{-z}}", "wrt": "x"},
    {"expression": "log(det(X'*X))", "wrt": "X", "kind": "hessian"},
    {"expression": "tr(A*sqrtm(X))", "wrt": "X"},
)
INPUTS = (*QUICK, *SLOW)


def answer(arguments: dict[str, Any]) -> str:
    """All that one call gives, or the message of its error."""
    import matcalc

    try:
        d = matcalc.derive(**arguments)
        outputs = [
            d.to_text(),
            d.to_latex(),
            d.to_json(),
            d.to_markdown(),
            d.to_html(),
            d.to_code(),
            *(str(r.vec.plain) for r in d.results),
        ]
        return "\n".join(outputs)
    except matcalc.MatcalcError as error:
        return f"{type(error).__name__}: {error}"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def by_one(quick: bool) -> dict[int, str]:
    """The digests of all answers by one thread, in a process of its own."""
    run = [sys.executable, "-m", "tests.threads", "--one", *(["--quick"] if quick else [])]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=ROOT)
    return {int(k): v for k, v in json.loads(done.stdout).items()}


def by_many(calls: int, quick: bool) -> list[tuple[int, str]]:
    """What calls from all threads give; a call that raises something else gives its words."""
    found: list[tuple[int, str]] = []
    start = threading.Barrier(THREADS)
    weighted = [i for i in range(len(QUICK if quick else INPUTS)) for _ in range(COSTLY if i < len(QUICK) else 1)]

    def work(seed: int) -> None:
        rng = random.Random(seed)
        start.wait()
        for _ in range(calls // THREADS):
            i = rng.choice(weighted)
            try:
                found.append((i, digest(answer(INPUTS[i]))))
            except BaseException as error:
                found.append((i, f"{type(error).__name__}: {error}"))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(THREADS)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return found


def report(calls: int, plant: str, quick: bool) -> dict[str, Any]:
    """Runs the threads in this process, which has to be fresh."""
    from tests import faulty_threads, state

    state.warm_up(quick)
    before = state.of_the_process()
    sys.setswitchinterval(1e-6)
    if plant:
        faulty_threads.PLANTS[plant]()
    changed: set[str] = set()
    done = threading.Event()
    watch = threading.Thread(target=lambda: state.watch(before, done, changed))
    watch.start()
    found = by_many(calls, quick)
    done.set()
    watch.join()
    sys.setswitchinterval(0.005)
    changed |= state.changed(before)
    one = by_one(quick)
    different = [(INPUTS[i]["expression"], got if ":" in got else "another answer") for i, got in found if got != one[i]]
    return {"calls": len(found), "different": different, "state": sorted(changed)}


def unseen() -> list[str]:
    """The planted faults that a short run does not find."""
    from tests.faulty_threads import PLANTS

    def found(plant: str, calls: int) -> bool:
        run = [sys.executable, "-m", "tests.threads", str(calls), "--plant", plant]
        return subprocess.run(run, capture_output=True, check=False, cwd=ROOT).returncode == 1

    # A race is met sooner or later: a longer run before one says that it is not.
    return [f"the fault '{p}' was not found" for p in PLANTS if not (found(p, 160) or found(p, 480) or found(p, 960))]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("calls", type=int, nargs="?", default=10_000)
    options.add_argument("--plant", default="")
    options.add_argument("--plants", action="store_true")
    options.add_argument("--quick", action="store_true")
    options.add_argument("--one", action="store_true")
    given = options.parse_args()
    if given.one:
        print(json.dumps({i: digest(answer(a)) for i, a in enumerate(QUICK if given.quick else INPUTS)}))
        return
    if given.plants:
        sys.exit(", ".join(unseen()) or None)
    start = time.perf_counter()
    found = report(given.calls, given.plant, given.quick)
    print(json.dumps({**found, "seconds": round(time.perf_counter() - start, 1)}, ensure_ascii=False))
    sys.exit(1 if found["different"] or found["state"] else 0)


if __name__ == "__main__":
    main()
