"""Unspecified functions of a vector, r(x), and of a number with arrays as values, K(t): those whose values have declared sizes.

``--dim "r(x)=m"`` says that r(x) has m entries, so r acts on x as a whole and has a Jacobian J_r.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from matcalc.expr.dims import Dim
from matcalc.expr.errors import NoRuleError, ShapeError, UsageError
from matcalc.expr.groups import OF_NUMBERS, OF_VECTORS
from matcalc.expr.table import Type
from matcalc.notation.lex.latex_names import spellings
from matcalc.notation.lex.syntax import Ast
from matcalc.notation.meaning.tape import Scope

# f(X_{ij}) is the name of an entry, for its argument stands below with letters, and W^(2) a name.
_HEAD = re.compile(r"(.*[^\s^_])\s*\(((?:[^()_]|_\{?\d)*)\)\s*\Z")
JACOBIAN = "J_"


def named(declared: str) -> str:
    """The function whose value has the declared sizes: r of ``r(x)``; nothing for another name."""
    found = _HEAD.match(declared) if isinstance(declared, str) else None
    return spellings(found[1])[0] if found else ""


def taken_out(
    dims: Mapping[str, Sequence[Dim]], quoted: Collection[str] = ()
) -> tuple[dict[str, Sequence[Dim]], dict[str, Sequence[Dim]]]:
    """Sizes of values of functions, by the function, and the other declarations: those of names that the text quotes are among
    these. Raises ``UsageError``."""
    if not any(["(" in name for name in dims if isinstance(name, str)]):
        return {}, dict(dims)
    heads = {name: "" if name in quoted else named(name) for name in dims}
    values = {heads[name]: shape for name, shape in dims.items() if heads[name]}
    for name, head in heads.items():
        if head and head in dims:
            raise UsageError(f"'{head}' is declared as a value and as a function '{name}'", hint="keep one of the two")
    return values, {name: shape for name, shape in dims.items() if not heads[name]}


def words(functions: Mapping[str, Type]) -> frozenset[str]:
    """The words that are such functions: r, and its Jacobian J_r."""
    return frozenset(functions) | {JACOBIAN + name for name in functions}


def calls(functions: Mapping[str, Type]) -> dict[str, Type]:
    """What ``K(…)`` is, by the name with its bracket."""
    return {f"{name}(": t for name, t in functions.items()}


def is_one(scope: Scope, name: str) -> bool:
    return name in scope.carried or name.removeprefix(JACOBIAN) in scope.carried


def apply(scope: Scope, node: Ast, arguments: tuple[int, ...]) -> int:
    """The function, or its derivative, applied. Raises ``ShapeError``, ``NoRuleError``."""
    called, order = node.value
    jacobian = called not in scope.carried
    name = called.removeprefix(JACOBIAN) if jacobian else called
    t, place = scope.carried[name], (node.start, node.end)
    if len(arguments) != 1:
        raise ShapeError(f"'{called}' is a function of one argument", span=place, hint=f"write {called}(x)")
    kind = scope.type(arguments[0]).kind
    carrier = scope.put("sym", (), name, t, node)
    if kind == "s" and not jacobian:
        if order >= len(OF_NUMBERS):
            raise NoRuleError(f"the derivative of order {order} of '{name}' has no sign here", span=place)
        return scope.apply(OF_NUMBERS[order], (carrier, arguments[0]), node)
    if kind == "c" and t.kind == "c" and not order:
        return scope.apply(OF_VECTORS[jacobian], (carrier, arguments[0]), node)
    has = scope.size(arguments[0])
    raise ShapeError(
        f"'{name}' has {'a matrix' if t.kind == 'm' else 'a vector'} as its value, and its argument is {has}", span=place,
        hint="a function of a number may have any array as its value, a function of a vector a vector",
    )  # fmt: skip
