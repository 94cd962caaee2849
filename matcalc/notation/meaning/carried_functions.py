"""Unspecified functions of a vector, r(x), and of a number with arrays as values, K(t): those whose values have declared sizes.

``--dim "r(x)=m"`` says that r(x) has m entries, so r acts on x as a whole and has a Jacobian J_r.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.errors import NoRuleError, ShapeError, UsageError
from matcalc.expr.groups import OF_NUMBERS, OF_VECTORS
from matcalc.expr.nodes import size_text
from matcalc.expr.table import Type
from matcalc.notation.kinds.walk import Asked
from matcalc.notation.lex.habits import GENERIC, SIZES
from matcalc.notation.lex.latex_names import spellings
from matcalc.notation.lex.syntax import Ast, Span, walk
from matcalc.notation.meaning.problem import Problem
from matcalc.notation.meaning.tape import Scope

# f(X_{ij}) is the name of an entry, for its argument stands below with letters, and W^(2) a name.
_HEAD = re.compile(r"(.*[^\s^_])\s*\(((?:[^()_]|_\{?\d)*)\)\s*\Z")
JACOBIAN = "J_"
OPEN = Type("c", "", 1)  # the value of a function of a whole vector, whose size is what it has to be


def named(declared: str) -> str:
    """The function whose value has the declared sizes: r of ``r(x)``; nothing for another name."""
    found = _HEAD.match(declared) if isinstance(declared, str) else None
    return spellings(found[1])[0] if found else ""


def taken_out(
    shapes: Mapping[str, Sequence[Dim]], quoted: Collection[str] = ()
) -> tuple[dict[str, Sequence[Dim]], dict[str, Sequence[Dim]]]:
    """Sizes of values of functions, by the function, and the other declarations: those of names that the text quotes are among
    these. Raises ``UsageError``."""
    if not any(["(" in name for name in shapes if isinstance(name, str)]):
        return {}, dict(shapes)
    heads = {name: "" if name in quoted else named(name) for name in shapes}
    values = {heads[name]: shape for name, shape in shapes.items() if heads[name]}
    for name, head in heads.items():
        if head and head in shapes:
            raise UsageError(f"'{head}' is declared as a value and as a function '{name}'", hint="keep one of the two")
    return values, {name: shape for name, shape in shapes.items() if not heads[name]}


def words(functions: Mapping[str, Type]) -> frozenset[str]:
    """The words that are such functions: r, and its Jacobian J_r."""
    return frozenset(functions) | {JACOBIAN + name for name in functions}


def calls(functions: Mapping[str, Type]) -> dict[str, Type]:
    """What ``K(…)`` is, by the name with its bracket."""
    return {f"{name}(": t for name, t in functions.items()}


def stated(maps: Mapping[str, tuple[Type, Type]], declared: Mapping[str, Type]) -> dict[str, Type]:
    """The values of those that are declared, and of those of which the text states what they map to what; a number of a vector is
    its one entry."""
    values = {f: value for f, (taken, value) in maps.items() if (taken.kind, value.kind) != ("s", "s")} | {**declared}
    return {f: Type("c", 1, 1) if t.kind == "s" else t for f, t in values.items()}


def of_vectors(given: Asked, functions: Collection[str], bold: Collection[str], asked: bool) -> dict[str, Ast]:
    r"""The unspecified functions that may be of a whole vector: applied to what is no formula, x or x_n, or written in bold; where
    a derivative sign asks about them, also if they are all that it stands before, ``\nabla_x f(Ax + b)``."""
    bodies = [body for s in given.statements for body in (s.body, *s.others)]
    calls = [n for body in bodies for n in walk(body) if n.kind == "call" and n.value[0] in GENERIC and not n.value[1]]
    found = [n for n in calls if n.value[0] not in functions and len(n.args) == 1]
    return {
        n.value[0]: n
        for n in reversed(found)
        if n.args[0].kind in ("name", "index") or n.value[0] in bold or (asked and any(n is body for body in bodies))
    }


def is_one(scope: Scope, name: str) -> bool:
    return name in scope.carried or name.removeprefix(JACOBIAN) in scope.carried


def by_entries(called: Mapping[str, Ast], problem: Problem) -> list[str]:
    """A sentence for each of them that was read as acting on each entry, with the way to say otherwise."""
    if not called:
        return []
    used = {a for shape in problem.shapes for d in shape for a in dims.atoms(d)} | problem.symbols.keys()
    free = next(size for size in SIZES[1:] if size not in used)
    notes = []
    for f, node in called.items():
        argument = node.args[0]
        inner = problem.symbols.get(str(argument.value))
        whole = argument.kind != "name" or (inner is not None and inner.type.kind == "c")  # of h = f(z), z = W x + b: a layer
        if whole and f in problem.functions and f not in problem.own:
            ways = FEATURES if argument.kind == "index" else WHOLE if argument.kind == "name" else NUMBER
            notes.append(f"'{f}' is read as acting on each entry{ways.format(f, free)}")
    return notes


WHOLE = ": --dim '{0}(x)={1}' says that it is a function of the whole vector"
NUMBER = ": --dim '{0}(x)=' says that it is a number, a function of the whole vector"
FEATURES = "; features take a name, as {0}_n for {0}(x_n)"


def _require_argument(scope: Scope, name: str, argument: int, place: Span) -> None:
    """Raises ``ShapeError`` where the text states another argument."""
    taken, given = scope.facts.maps[name][0], scope.type(argument)
    if taken.kind != given.kind or not all(map(scope.unifier.unify, taken[1:], given[1:])):
        raise ShapeError(f"'{name}' is a function of {size_text(taken)}, and its argument is {scope.size(argument)}", span=place,
                         hint="correct one of them")  # fmt: skip


def apply(scope: Scope, node: Ast, arguments: tuple[int, ...]) -> int:
    """The function, or its derivative, applied. Raises ``ShapeError``, ``NoRuleError``."""
    called, order = node.value
    jacobian = called not in scope.carried
    name = called.removeprefix(JACOBIAN) if jacobian else called
    t, place = scope.carried[name], node.span
    if len(arguments) != 1:
        raise ShapeError(f"'{called}' is a function of one argument", span=place, hint=f"write {called}(x)")
    kind = scope.type(arguments[0]).kind
    if name in scope.facts.maps:
        _require_argument(scope, name, arguments[0], place)
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
