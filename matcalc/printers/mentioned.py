"""Which lines a result cannot do without: those that say what the derivatives in it are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matcalc.engine.derivation import OF_ENTRIES, Formula, Step
from matcalc.expr.nodes import Expr


def needed(steps: Sequence[Step], shown: Iterable[Formula]) -> frozenset[int]:
    """Positions of the steps that define what ``shown`` mentions, directly or through each other."""
    found: set[int] = set()
    said = [(i, step) for i, step in enumerate(steps) if step.kind not in ("definition", "rewrite", *OF_ENTRIES)]
    named = [(i, step) for i, step in said if step.lhs.expr.op != "sym" or step.kind == "part"]  # other variables are given
    lines = {step.lhs.expr: i for i, step in named}
    seen: set[Expr] = set()
    stack: list[Expr] = [f.expr for f in shown]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        stack += node.args
        at = lines.get(node)
        if at is not None:
            found.add(at)
            stack.append(steps[at].rhs.expr)
    return frozenset(found)
