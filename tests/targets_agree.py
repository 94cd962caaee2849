"""Random functions in every library against NumPy's code: python -m tests.targets_agree [COUNT] [--seed N] [--only TARGET].

Value and gradient, or Jacobian, of random expressions (tests/generators.py), in double precision to 1e-10. What a target lacks it
has to refuse by name. A point where rounding alone changes more than that says nothing, and is left out. So is a library that is
not installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import sys
import warnings
from collections import Counter
from typing import Any

import numpy as np

import matcalc
from matcalc.expr.nodes import postorder
from tests.codegen.test_targets_agree import FUNCTIONS, TARGETS, flat
from tests.generators import DIMS, SIZES, some_expression, spelled

NEAR = 1e-10
ROUNDING = 1e-15
EVERY = {"numba": 5}  # one of so many: there each function is compiled


def question(seed: int) -> tuple[Any, dict[str, Any]] | None:
    """A derivation and a point; None where the expression has no variable, no derivative, or nothing that can be computed."""
    pick = random.Random(seed).choice
    e = some_expression(pick, rich=False)
    names = sorted({str(n.attr) for n in postorder((e,)) if n.op == "sym"} & DIMS.keys())
    if not names:
        return None
    try:
        d = matcalc.derive(spelled(e), wrt=pick(names), dims=DIMS, check=False)
    except matcalc.MatcalcError:
        return None
    if not d.problem.symbols.keys() <= {*names}:  # B + pi: no number fits there, and pi is read as a matrix
        return None
    rng = np.random.default_rng(seed)
    return d, {n: rng.uniform(0.3, 1.7, [SIZES[s] for s in DIMS[n]]) for n in names}


def values(d: Any, target: str, at: dict[str, Any]) -> list[Any]:
    """Value and derivative as NumPy's arrays."""
    run, made = d.function(target), TARGETS[target].made if target in TARGETS else np.asarray
    own = {f: v for f, v in FUNCTIONS.items() if any(f == name for name, _ in run.functions)}
    found = flat(run(**{str(s.attr): made(at[str(s.attr)]) for s in run.symbols}, **own))
    return [np.asarray(x) for x in found]


def distance(a: list[Any], b: list[Any]) -> float:
    """The largest difference, of the largest entry or of 1; infinite where shapes differ."""
    if [x.shape for x in a] != [x.shape for x in b]:
        return np.inf
    gaps = [np.abs(x - y).max(initial=0.0) / max(1.0, np.abs(y).max(initial=0.0)) for x, y in zip(a, b, strict=True)]
    return float(max(gaps))


def judged(d: Any, at: dict[str, Any], targets: list[str], seed: int, told: Counter[tuple[str, str]]) -> list[str]:
    """What is wrong; how each target did is counted."""
    try:
        want = values(d, "numpy", at)
        moved = values(d, "numpy", {n: x * (1 + ROUNDING * (1 + np.arange(x.size).reshape(x.shape) % 3)) for n, x in at.items()})
    except matcalc.MatcalcError:  # no value there
        return []
    if not distance(want, moved) < NEAR / 10:  # NaN, too
        return []
    wrong = []
    for target in targets:
        if seed % EVERY.get(target, 1):
            continue
        try:
            error = distance(values(d, target, at), want)
        except matcalc.NoRuleError:
            told[target, "refused"] += 1
            continue
        except Exception as error_:
            error, said = np.inf, f"{type(error_).__name__}: {error_}"
        else:
            said = f"{error:.1e}"
        told[target, "right" if error < NEAR else "wrong"] += 1
        if not error < NEAR:
            wrong.append(f"seed {seed}, {target}: {d.source} by {d.wrt[0]}: {said}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("count", type=int, nargs="?", default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    targets = [t for t, row in TARGETS.items() if options.only in t and importlib.util.find_spec(row.module)]
    told: Counter[tuple[str, str]] = Counter()
    wrong, asked, seed = [], 0, options.seed
    warnings.simplefilter("ignore")
    while asked < options.count:
        found = question(seed)
        if found is not None:
            asked += 1
            wrong += judged(*found, targets, seed, told)
        seed += 1
    for line in wrong:
        print(line)
    for target in targets:
        print(f"{target:10s}" + ", ".join(f"{told[target, what]} {what}" for what in ("right", "refused", "wrong")))
    print(f"{asked} functions, {len(wrong)} wrong")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
