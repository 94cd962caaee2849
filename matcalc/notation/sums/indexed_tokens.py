"""Tokens with indices inside a sum: x_i is a row of X, a_ij an entry of A, a_ii one of its diagonal."""

from __future__ import annotations

from matcalc.expr.errors import AmbiguityError, NoRuleError, instead
from matcalc.notation.lex.syntax import Ast
from matcalc.notation.meaning.names import look_up
from matcalc.notation.meaning.tape import Scope
from matcalc.notation.sums import contraction, neighbours
from matcalc.notation.sums.bounds import other_count, places_of, template
from matcalc.notation.sums.family import Family, Part, no_form


def of_token(scope: Scope, node: Ast) -> Family:
    """A token that is a slice of an array: x_i is X[i,:]."""
    if node.value in scope.bound:
        before, i = scope.source[: node.start], node.value
        if (b := before[-1:]).isalpha() and not before[-2:-1].isalpha() and before[-2:-1] != "\\":
            raise AmbiguityError(
                f"'{b}{i}' has two readings: an entry of {b}, or its product with the number {i}", span=(node.start - 1, node.end),
                hint=f"write {b}_{i}; numbers 1, …, n are not read as factors", ways=[instead(node.span, f"_{i}")],
            )  # fmt: skip
        raise NoRuleError(f"the index {node.value} is used as a number, and that has no matrix form here", span=node.span,
                          hint="write both indices in braces, K_{ij}, or declare a vector of the numbers 1, …, n")  # fmt: skip
    array = scope.slices[node.value][0] if node.value in scope.slices else node.value
    core, places = look_up(scope, array, node), places_of(scope, node.value) or ()
    if scope.runs.keys() & set(places):
        core, places = neighbours.entries(scope, node, core, places)
    return at_places(scope, core, places, node)


def of_part(scope: Scope, node: Ast) -> Family | None:
    """``x_{i+1}``, and ``x_i`` beside it; None for what no part of an axis is summed over."""
    base, *indices = node.args
    if all(i.kind == "name" and i.value not in scope.runs for i in indices):
        return None
    found = template(scope, base.value, len(indices))
    given = iter(indices)
    core = look_up(scope, found[0], node) if found else scope.infer(base)
    places = tuple([p if p == ":" else next(given) for p in found[1]]) if found else tuple(indices)
    return at_places(scope, *neighbours.entries(scope, node, core, places), node)


def at_places(scope: Scope, core: int, places: tuple[str, ...], node: Ast) -> Family:
    """An array whose axes have these labels; ":" is an axis that stays."""
    t = scope.type(core)
    if len(places) != {"c": 1, "r": 1, "m": 2}.get(t.kind, len(t.rows) if t.kind == "t" else 0):
        raise other_count(scope, core, places, node)
    if ":" not in places:
        return diagonal_if_repeated(scope, core, places, node)
    if t.kind != "m":
        raise no_form(scope, node)
    if places[0] == ":":
        core = scope.apply("T", (core,), node)
    label = next(p for p in places if p != ":")
    return Family(core, (label,), "c")


def diagonal_if_repeated(scope: Scope, core: int, places: tuple[str, ...], node: Ast) -> Family:
    """x_ii is the diagonal."""
    if len(places) == 2 and places[0] == places[1]:
        return Family(scope.apply("diagv", (core,), node), places[:1], "s")
    if len(set(places)) < len(places):
        labels = tuple(dict.fromkeys(places))
        return Family(contraction.contracted(scope, [Part(core, places)], labels, node), labels, "s")
    if scope.type(core)[0] == "r":
        core = scope.apply("T", (core,), node)
    return Family(core, places, "s")
