"""Which lines a result cannot do without: those that say what the derivatives in it are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matcalc.derivation import Formula, Step
from matcalc.expr import Expr, postorder


def needed(steps: Sequence[Step], shown: Iterable[Formula]) -> frozenset[int]:
    """Positions of the steps that define what ``shown`` mentions, directly or through each other."""
    found: set[int] = set()
    lines = {step.lhs.expr: i for i, step in enumerate(steps) if step.kind not in ("definition", "rewrite", "entries")}
    stack: list[Expr] = [f.expr for f in shown]
    while stack:
        for node in postorder((stack.pop(),)):
            at = lines.get(node)
            if at is not None and at not in found:
                found.add(at)
                stack.append(steps[at].rhs.expr)
    return frozenset(found)
