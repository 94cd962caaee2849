"""The pullback of a value of any shape, as a gradient: that of ⟨upstream, value⟩, where upstream is the cotangent of the value.

By x this is the vector-Jacobian product upstream · ∂value/∂x (Griewank and Walther, Evaluating Derivatives, ch. 3.2).
"""

from __future__ import annotations

from itertools import count

from matcalc.algebra.match import inner
from matcalc.expr.nodes import sym, variable_shape
from matcalc.notation.meaning.problem import Problem

UPSTREAM = "upstream"


def with_upstream(problem: Problem) -> tuple[str, Problem]:
    """A name that the problem does not have, and the problem of ⟨that, value⟩: a scalar."""
    name = unused(problem, UPSTREAM)
    cotangent = sym(name, problem.output.type)
    return name, problem._replace(
        output=inner(cotangent, problem.output),
        output_name=None,
        symbols={**problem.symbols, name: cotangent},
        dims={**problem.dims, name: variable_shape(cotangent.type)},
    )


def unused(problem: Problem, word: str) -> str:
    """The word, with a number where the problem has such a name."""
    taken = {*problem.symbols, *problem.dims, *problem.functions, *problem.scalars, *(n for n, _ in problem.definitions)}
    return next(n for k in count() if (n := f"{word}{k or ''}") not in taken)
