"""The pullback of a value of any shape, as a gradient: that of ⟨upstream, value⟩, where upstream is the cotangent of the value.

By x this is the vector-Jacobian product upstream · ∂value/∂x (Griewank and Walther, Evaluating Derivatives, ch. 3.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from matcalc.algebra.match import inner
from matcalc.expr.nodes import Expr, added, sym, variable_shape
from matcalc.notation.meaning.problem import Problem

UPSTREAM = "upstream"


def with_upstream(problem: Problem) -> tuple[str, Problem]:
    """A name that the problem does not have, and the problem of ⟨that, value⟩: a scalar."""
    (name,), pulled = _paired(problem, {UPSTREAM: problem.output})
    return name, pulled


def with_directions(problem: Problem, results: Mapping[str, Expr]) -> tuple[tuple[str, ...], Problem]:
    """A name for a direction of each variable, and the problem of ⟨directions, results⟩, whose gradient pulls the results back.

    Of the vector-Jacobian products of a problem of :func:`with_upstream` that is the second backward pass.
    """
    return _paired(problem, {f"along_{name}": e for name, e in results.items()})


def _paired(problem: Problem, values: Mapping[str, Expr]) -> tuple[tuple[str, ...], Problem]:
    """Unused names like the given ones, and the problem of the sum of all ⟨that, value⟩: a scalar."""
    names = [unused(problem, word) for word in values]
    pairs = [(sym(name, e.type), e) for name, e in zip(names, values.values(), strict=True)]
    return tuple(names), problem._replace(
        output=added([inner(cotangent, e) for cotangent, e in pairs]),
        output_name=None,
        symbols={**problem.symbols, **{str(c.attr): c for c, _ in pairs}},
        dims={**problem.dims, **{str(c.attr): variable_shape(c.type) for c, _ in pairs}},
    )


def unused(problem: Problem, word: str) -> str:
    """The word, with a number where the problem has such a name."""
    taken = {*problem.symbols, *problem.dims, *problem.functions, *problem.scalars, *(n for n, _ in problem.definitions)}
    return next(n for k in count() if (n := f"{word}{k or ''}") not in taken)
