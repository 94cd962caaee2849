"""Which lines a result cannot do without: those that say what the derivatives in it are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matcalc.engine.derivation import OF_ENTRIES, Formula, Step
from matcalc.expr.nodes import reached


def needed(steps: Sequence[Step], shown: Iterable[Formula]) -> frozenset[int]:
    """Positions of the steps that define what ``shown`` mentions, directly or through each other."""
    said = [(i, step) for i, step in enumerate(steps) if step.kind not in ("definition", "rewrite", *OF_ENTRIES)]
    named = [(i, step) for i, step in said if step.lhs.expr.op != "sym" or step.kind == "part"]  # other variables are given
    lines = {step.lhs.expr: i for i, step in named}
    met = reached([f.expr for f in shown], lambda e: (*e.args, steps[lines[e]].rhs.expr) if e in lines else e.args)
    return frozenset([lines[e] for e in met if e in lines])
