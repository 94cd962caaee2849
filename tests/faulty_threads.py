"""Faults of the kind that only threads show, to be planted: each has to be found by ``tests.threads``."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any


def lazily_filled() -> None:
    """The rule book as it once was: another thread sees it half full."""
    from matcalc.algebra.rule import Book

    filled: dict[tuple[str, str], tuple[Any, ...]] = {}
    begun: set[str] = set()

    def about(self: Any, group: str, op: str) -> Any:
        if group not in begun:
            begun.add(group)
            for row in self.groups[group]:
                time.sleep(0)  # the other threads go on
                if not row.disabled:
                    filled[group, row.subject.op] = (*filled.get((group, row.subject.op), ()), row)
        return filled.get((group, op), ())

    Book.about = about  # type: ignore[method-assign]


def interned_twice() -> None:
    """Two threads that make the same node at the same time get two."""
    from matcalc.expr import nodes as expr

    class Table(dict[Any, Any]):
        def get(self, key: Any, default: Any = None) -> Any:
            found = super().get(key, default)
            time.sleep(0)  # the other threads go on
            return found

    tables = {op: Table(nodes) for op, nodes in expr._INTERNED.items()}
    expr._INTERNED = defaultdict(Table, tables)  # type: ignore[assignment]
    expr._LOCK = nullcontext()  # type: ignore[assignment]


def shared_memo() -> None:
    """A result in passing kept where all threads look."""
    from matcalc.algebra.normal import normal_form

    right = normal_form.Normalizer.normal
    last: dict[str, Any] = {}

    def remembered(self: Any, e: Any) -> Any:
        last["e"] = e
        last["normal"] = right(self, e)
        return last["normal"] if last["e"] is e else right(self, last["e"])

    normal_form.Normalizer.normal = remembered  # type: ignore[method-assign]


def precision() -> None:
    """The precision of the user's mpmath is set and put back, which threads do in any order."""
    import mpmath

    from matcalc.check import report

    right = report._judged

    def judged(*arguments: Any) -> Any:
        with mpmath.workdps(80):
            return right(*arguments)

    report._judged = judged


def collector() -> None:
    """The collector is turned off and on, by each thread as it found it."""
    import gc

    from matcalc import api

    right = api.run_engine

    def run(*arguments: Any) -> Any:
        was = gc.isenabled()
        gc.disable()
        found = right(*arguments)
        if was:
            gc.enable()
        return found

    api.run_engine = run


PLANTS: dict[str, Callable[[], None]] = {f.__name__: f for f in (lazily_filled, interned_twice, shared_memo, precision, collector)}
