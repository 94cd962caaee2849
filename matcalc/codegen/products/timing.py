"""How long generated code takes: the value, all derivatives in one pass, and each in a pass of its own."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from matcalc.codegen.products.calling import given_functions, task_of
from matcalc.codegen.products.runtime import compile_source
from matcalc.codegen.targets.numpy_target import source
from matcalc.expr.dims import value
from matcalc.expr.nodes import Expr, shape_of
from matcalc.numeric.evaluation import from_user
from matcalc.numeric.sampling import sample

LEAST = 1e-3  # seconds of a round: shorter than what a busy machine gives one process at a time
ROUNDS, MANY = 5, 40  # at least, and at most
ENOUGH = 0.5  # seconds of all rounds
MOST = 10**7  # numbers in an argument


def seconds_of(derivation: Any) -> tuple[float, float, float] | None:
    """Of the value, of one pass, of passes apart; None where a size is no number, or an argument too large to be worth it."""
    task = task_of(derivation, None)
    shapes = [shape_of(s.type) for s in task.symbols]
    if not all(isinstance(d, int) for shape in shapes for d in shape) or any(_entries(shape) > MOST for shape in shapes):
        return None
    arrays = arrays_of(task.symbols, {}, task.labels, derivation.assume, 0)

    def timed(results: Sequence[tuple[str, Expr]]) -> float:
        one = task._replace(results=results)
        run = compile_source(source(one), task.name)
        given = [*arrays, *functions_of(one.signature.functions, given_functions(derivation))]
        return shortest(lambda: run(*given))

    return timed(()), timed(task.results), sum(timed((result,)) for result in task.results)


def shortest(run: Callable[[], object]) -> float:
    """Seconds of one call: the shortest of many rounds, each of as many calls as fill a millisecond."""
    run()
    count, best, total = 1, float("inf"), 0.0
    for done in range(MANY):
        if done >= ROUNDS and total > ENOUGH:
            break
        while (spent := _spent(run, count)) < LEAST:
            count *= 2
        best, total = min(best, spent / count), total + spent
    return best


def _spent(run: Callable[[], object], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        run()
    return time.perf_counter() - start


def functions_of(functions: Iterable[tuple[str, int]], known: Mapping[str, Any]) -> list[Any]:
    """The callables that code takes, by name and order; tanh and its derivatives for what is not specified."""
    return [from_user(known.get(f) or "tanh", f)(order) for f, order in functions]


def arrays_of(symbols: Sequence[Expr], sizes: Mapping[str, int], labels: Collection[str], assume: Any, seed: int) -> list[Any]:
    """Random arguments as users give them: vectors with one axis, labels as integers."""
    import numpy as np

    env = sample(symbols, sizes, assume, np.random.default_rng(seed))
    found = []
    for s in symbols:
        x = env[s].reshape([value(d, sizes) for d in shape_of(s.type)])
        found.append(np.argmax(x, -1) if str(s.attr) in labels else x[()])
    return found


def _entries(shape: tuple[Any, ...]) -> int:
    return math.prod(shape)
