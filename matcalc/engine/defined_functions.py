"""The functions that a text defines: their values, definitions and lines, where there are any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcalc.engine.derivation import Step, Trace
from matcalc.expr.nodes import Expr as Node
from matcalc.notation.meaning.problem import Problem

if TYPE_CHECKING:
    from matcalc.numeric.evaluation import Elementwise


def own_functions(problem: Problem) -> dict[str, Elementwise]:
    """The functions that the text defines, ready to evaluate."""
    if not problem.scalars:
        return {}
    from matcalc.engine.own_functions import tables

    return tables(problem.scalars)


def definitions_in(node: Node, problem: Problem) -> tuple[str, ...]:
    """The input's definitions of the functions below ``node``, in plain notation."""
    if not problem.scalars:
        return ()
    from matcalc.engine.own_functions import definitions

    return definitions(node, problem.scalars)


def own_steps(problem: Problem, trace: Trace) -> tuple[Step, ...]:
    if not problem.scalars:
        return ()
    from matcalc.engine.own_functions import steps

    return steps(trace, problem.scalars)
