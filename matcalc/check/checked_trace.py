"""A told derivation with the outcome of its check: every line, every box, and 0 where a derivative vanishes everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from matcalc.check.report import CheckReport, check_trace
from matcalc.engine.derivation import Trace
from matcalc.expr.nodes import is_zero
from matcalc.notation.meaning.problem import Problem

if TYPE_CHECKING:
    from matcalc.numeric.evaluation import Functions


def checked_trace(
    problem: Problem, trace: Trace, assume: Mapping[str, frozenset[str]], functions: Functions, seed: int, points: int, source: str
) -> tuple[Trace, CheckReport]:
    """The trace whose lines carry their checks, and the report; ``source`` is what a line cites that says: the terms cancel.

    Raises ``CheckError`` naming the first false line.
    """
    lines, count = trace.steps + trace.boxes, len(trace.steps)
    checked, report = check_trace(problem, lines, trace.results, trace.waypoints, assume, functions, seed, points)
    trace = trace._replace(steps=checked[:count], boxes=checked[count:])
    if not report.flat and not any(is_zero(r.expr) for r in trace.results):
        return trace, report
    from matcalc.check.zeros import Asked, with_zeros
    from matcalc.engine.exposition import zero_boxes

    asked = Asked(problem, trace.waypoints, assume, functions, seed)
    shown, notices = with_zeros(asked, trace, report.flat, source)
    shown = shown._replace(boxes=zero_boxes(trace.boxes, shown))
    more = len(shown.steps) - count
    return shown, replace(report, steps=report.steps + more, notices=(*report.notices, *notices))
