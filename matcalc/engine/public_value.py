"""The public value of an expression, from the arrays that a user gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from matcalc.algebra.roots import Roots, roots_with
from matcalc.expr import size_equations
from matcalc.expr.dims import Dim
from matcalc.expr.errors import UsageError
from matcalc.expr.groups import CARRIED, OF_VECTORS
from matcalc.expr.nodes import Expr as Node
from matcalc.expr.nodes import postorder
from matcalc.expr.slices import limits
from matcalc.expr.table import TABLE, Type
from matcalc.notation.lex.lexer_plain import by_ascii_names

if TYPE_CHECKING:
    from matcalc.numeric.evaluation import Array, Arrays, Env, Functions


def _called(root: Node, env: Env, given: Mapping[str, object], table: Functions) -> tuple[dict[Node, Array], dict[str, int]]:
    """The values of unspecified functions of vectors and numbers, by the callables that are given for them; and all sizes.

    Raises ``UsageError`` where none is given, ``ShapeError`` where its value has other sizes.
    """
    import numpy as np

    from matcalc.expr.nodes import sym
    from matcalc.numeric import evaluation

    found: dict[Node, Array] = {}
    arrays = {s: evaluation.to_public(x, s.type) for s, x in env.items()}
    sizes = evaluation.bind_sizes(arrays, {str(s.attr): x for s, x in arrays.items()})
    for e in [n for n in postorder((root,)) if n.op in CARRIED]:
        name, order, by = str(e.args[0].attr), TABLE[e.op].carried or 0, "x" if e.op in OF_VECTORS else "t"
        value = given.get(name)
        orders = tuple(value) if isinstance(value, (tuple, list)) else (value,)
        if order >= len(orders) or not callable(called := orders[order]):
            hint = f"define it by a formula, {name}({by}) = …, or give functions={{'{name}': ({name}, d{name})}}"
            raise UsageError(f"'{name}' is unspecified, so it has no values", hint=hint)
        (x,) = evaluation.evaluate([e.args[1]], {**env, **found}, sizes, table)
        shown = sym(f"{'d' * order}{name}({by})", e.type)
        arrays[shown] = np.asarray(called(evaluation.to_public(x.real, e.args[1].type)))
        sizes = evaluation.bind_sizes(arrays, {str(s.attr): y for s, y in arrays.items()})
        found[e] = evaluation.to_internal(arrays[shown], e.type, str(shown.attr))
    return found, sizes


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

    env, sizes = evaluation.bind([sym(n, t) for n, t in declared.items()], by_ascii_names(arrays) or {})
    functions = by_ascii_names(functions) or {}
    wholes = {str(e.args[0].attr) for e in postorder((node,)) if e.op in CARRIED}
    table = {
        name: evaluation.from_user(value, name) for name, value in functions.items() if value is not None and name not in wholes
    }
    shapes = {str(s.attr): evaluation.to_public(x, s.type).shape for s, x in env.items()}
    if wholes:
        called, sizes = _called(node, env, functions, table)
        env = {**env, **called}
    roots = (node,) if derived_from is None else (node, derived_from)
    size_equations.require(sizes, ties, limits(postorder(roots)))
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
