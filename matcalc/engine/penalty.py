"""A loss with the squares of its weights beside it: value + l2·Σ ⟨W, W⟩, as a problem of its own (Hoerl and Kennard 1970)."""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.algebra.match import inner
from matcalc.engine.upstream import unused
from matcalc.expr.nodes import added, make, num, sym, times
from matcalc.notation.meaning.problem import Problem

FACTOR = "l2"


def with_penalty(problem: Problem, weights: Sequence[str]) -> tuple[str, Problem]:
    """The name of a new number, and the problem of the value plus that number times the squares of these variables."""
    name = unused(problem, FACTOR)
    factor = sym(name, num(1).type)
    squares = added([inner(problem.symbols[w], problem.symbols[w]) for w in weights])
    return name, problem._replace(
        output=make("add", (problem.output, times(factor, squares))),
        output_name=None,
        symbols={**problem.symbols, name: factor},
        dims={**problem.dims, name: ()},
    )
