"""What is to be judged, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matcalc.engine.derivation import Result, Step
from matcalc.expr.nodes import Expr
from matcalc.notation.meaning.problem import Problem
from matcalc.numeric.evaluation import Functions
from matcalc.numeric.small_sizes import Relations


class Trace(NamedTuple):
    """A derivation under judgement."""

    problem: Problem
    steps: Sequence[Step]
    results: Sequence[Result]
    waypoints: Sequence[tuple[str, Expr]]
    assume: Mapping[str, frozenset[str]]
    functions: Functions
    seed: int
    points: int
    related: Relations = Relations()
    settled: frozenset[int] = frozenset()  # lines that need no second opinion
