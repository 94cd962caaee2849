"""The user's arrays in place of the inputs of an expression; integer labels as the unit vectors that formulas have there."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from matcalc.expr import dims, size_equations
from matcalc.expr.errors import UsageError
from matcalc.expr.nodes import Expr, postorder
from matcalc.expr.slices import limits
from matcalc.notation.lex.lexer_plain import by_ascii_names
from matcalc.notation.meaning.problem import Problem
from matcalc.numeric import evaluation
from matcalc.numeric.evaluation import Array, Arrays, Functions


def require_numbers(problem: Problem, functions: Functions) -> None:
    """Raises ``UsageError`` for a function without a body: there are no numbers then."""
    for name in problem.functions:
        if name not in functions:
            raise UsageError(f"'{name}' is any function, so it has no numbers", hint=f"say which it is: --function {name}=tanh")


def bound(
    problem: Problem, inputs: Mapping[str, Expr], output: Expr, at: Arrays, what: str
) -> tuple[dict[Expr, Array], dict[str, int]]:
    """Values of the inputs of ``what`` in the internal form, and sizes. Raises for one that is missing or too many, and for sizes
    that do not fit."""
    given = by_ascii_names(at) or {}
    known = ", ".join(inputs)
    missing = [name for name in inputs if name not in given]
    if missing:
        raise UsageError(f"no value was given for '{missing[0]}'", hint=f"the inputs are: {known}")
    further = [name for name in given if name not in inputs]
    if further:
        raise UsageError(f"'{further[0]}' is no input of {what}", hint=f"the inputs are: {known}")
    labels = {name: inputs[name] for name in inputs if name in problem.labels and np.ndim(given[name]) < len(inputs[name].shape)}
    sizes = evaluation.bind_sizes([s for name, s in inputs.items() if name not in labels], given)
    env, sizes = evaluation.bind(inputs.values(), {**given, **{n: one_hot(n, given[n], s, sizes) for n, s in labels.items()}})
    size_equations.require(sizes, problem.ties, limits(postorder((output,))))
    return env, sizes


def one_hot(name: str, given: npt.ArrayLike, symbol: Expr, sizes: Mapping[str, int]) -> Array:
    """Integer labels, counted from 0 as in code."""
    labels, last = evaluation.array_of(given, name), symbol.shape[-1]
    if not {str(a) for a in dims.atoms(last)} <= sizes.keys():
        raise UsageError(f"how many classes '{name}' chooses from does not follow from the other values",
                         hint=f"give '{name}' as a one-hot vector")  # fmt: skip
    count = dims.value(last, sizes)
    if labels.dtype.kind not in "iu" or (labels.size and not 0 <= labels.min() <= labels.max() < count):
        raise UsageError(f"'{name}' is a label: an integer from 0 to {count - 1} is expected", hint="labels count from 0")
    return np.asarray(np.eye(count)[labels])
