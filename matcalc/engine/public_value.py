"""The public value of an expression, from the arrays that a user gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from matcalc.algebra.roots import Roots, roots_with
from matcalc.expr import size_equations
from matcalc.expr.dims import Dim
from matcalc.expr.errors import UsageError
from matcalc.expr.groups import CARRIED
from matcalc.expr.nodes import Expr as Node
from matcalc.expr.nodes import postorder
from matcalc.expr.slices import limits
from matcalc.expr.table import Type
from matcalc.notation.lex.lexer_plain import by_ascii_names

if TYPE_CHECKING:
    from matcalc.numeric.evaluation import Array, Arrays, Env, Functions


def refuse_unspecified(node: Node) -> None:
    """Raises ``UsageError`` for functions of vectors and numbers that have no formula."""
    for e in postorder((node,)):
        if e.op in CARRIED:
            name, by = e.args[0].attr, "x" if e.op.startswith("vmap") else "t"
            raise UsageError(f"'{name}' is unspecified, so it has no values", hint=f"define it by a formula: {name}({by}) = …")


def evaluate(
    node: Node,
    declared: Mapping[str, Type],
    arrays: Arrays,
    functions: Mapping[str, object] | None,
    ties: Iterable[tuple[Dim, Dim]] = (),
    derived_from: Node | None = None,
    assume: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> Array:
    """The public value of a node. Raises ``UsageError`` or ``ShapeError`` for arrays that do not fit.

    ``ties`` are equations between sizes that hold in the expression. A node that is derived from another one has a value where
    a norm is 0 too (see ``roots``).
    """
    from matcalc.expr.nodes import sym
    from matcalc.numeric import evaluation

    refuse_unspecified(node)
    env, sizes = evaluation.bind([sym(n, t) for n, t in declared.items()], by_ascii_names(arrays) or {})
    roots = (node,) if derived_from is None else (node, derived_from)
    size_equations.require(sizes, ties, limits(postorder(roots)))
    given = (by_ascii_names(functions) or {}).items()
    table = {name: evaluation.from_user(value, name) for name, value in given if value is not None}
    shapes = {str(s.attr): evaluation.to_public(x, s.type).shape for s, x in env.items()}
    try:
        (value,) = evaluation.evaluate([node], env, sizes, table)
        if derived_from is not None:
            value = _at_zeros(value, node, derived_from, roots_with(assume), env, sizes, table)
        value = evaluation.to_public(value.real, node.type)
    except (ArithmeticError, IndexError, ValueError) as error:
        raise evaluation.no_value(error, shapes) from error
    evaluation.require_entries([value], shapes)
    return value


def _at_zeros(found: Array, e: Node, value: Node, known: Roots, env: Env, sizes: Mapping[str, int], functions: Functions) -> Array:
    """``found``, the value of the derivative ``e`` of ``value``; or, where roots that it divides by are 0, what any number in
    their place gives, if all give the same."""
    import numpy as np

    from matcalc.numeric import evaluation

    if np.isfinite(found).all():
        return found
    changed, roots = known.apart(e, known.poles(value))
    at = dict(zip(roots, evaluation.evaluate(list(roots.values()), env, sizes, functions), strict=True))
    if not any((x == 0).any() for x in at.values()):
        return found
    one, two = (
        evaluation.evaluate([changed], {**env, **{s: np.where(x == 0, number, x) for s, x in at.items()}}, sizes, functions)[0]
        for number in (1.0, 3.0)
    )
    return one if np.allclose(one, two, rtol=1e-9, atol=1e-9, equal_nan=True) else found
