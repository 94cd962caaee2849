"""Derivations replayed with one line altered, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matcalc
from matcalc.algebra.book import book
from matcalc.check.replay import ReplayReport, replay
from matcalc.expr.nodes import make, num


def derived(text: str, **options: Any) -> Any:
    return matcalc.derive(text, check=False, **options)


def with_steps(d: Any, steps: list[Any]) -> ReplayReport:
    return replay(d.problem, d.trace._replace(steps=tuple(steps)), book(), d.assume)


def altered(d: Any, *kinds: str) -> Iterator[tuple[Any, ReplayReport]]:
    """Each line of these kinds, and the replay where its right side is twice as large."""
    for i, step in enumerate(d.trace.steps):
        if step.kind in kinds:
            steps = list(d.trace.steps)
            steps[i] = step._replace(rhs=step.rhs._replace(expr=make("scale", (num(2), step.rhs.expr))), members=())
            yield step, with_steps(d, steps)
