"""Chained equalities, ``S = e'e = (y - Xb)'(y - Xb)``: which member is differentiated, and that the others say the same.

The first member made of known names counts (the last one where no name stands in front). The others are compared
with it in numbers, at the points of the check: see :func:`matcalc.check.report.check_trace`.
"""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.expr.errors import MatcalcError
from matcalc.expr.formulas import composite
from matcalc.expr.table import CALLS, SYNONYMS
from matcalc.notation.lex.syntax import Ast, Statement
from matcalc.notation.meaning.tape import Scope
from matcalc.notation.meaning.user_functions import walk
from matcalc.notation.sums.lifts import indices

CONSTANTS = frozenset(("pi", "π", "I", "eye", "1vec", ":"))


def settled(scope: Scope, statements: Sequence[Statement]) -> list[Statement]:
    """The statements, each with the member that counts as its body."""
    defined = {s.name for s in statements if s.name}
    return [_settled(scope, s, defined) if s.others else s for s in statements]


def _settled(scope: Scope, statement: Statement, defined: set[str]) -> Statement:
    members = (statement.body, *(statement.others if statement.name else reversed(statement.others)))
    if statement.parameters or not scope.declared or not _unknown(scope, members[0], defined):
        return statement
    known = next((m for m in members[1:] if not _unknown(scope, m, defined)), None)
    if known is None or (statement.name is None and known is statement.others[0]):
        return statement
    return statement._replace(body=known, others=tuple(m for m in members if m is not known))


def _unknown(scope: Scope, node: Ast, defined: set[str]) -> set[str]:
    return {n for n in names_in(scope, node) if n not in scope.declared and n not in scope.sizes and n not in defined}


def names_in(scope: Scope, node: Ast) -> set[str]:
    """Names of values, of arrays where slices stand: no functions, constants or indices that are summed over."""
    found = {scope.slices.get(n.value, (n.value,))[0] for n in walk(node) if n.kind == "name"}
    found |= {n.value[0] for n in walk(node) if n.kind == "call" and not _is_function(n.value[0])}
    return found - indices(node) - CONSTANTS


def _is_function(name: str) -> bool:
    name = name.rstrip(".")
    return name in CALLS or name in SYNONYMS or composite(name) is not None


def note_members(scope: Scope, statement: Statement, index: int) -> None:
    """The other members, on the tape, to be compared; those with names of their own say what a name means, and are left."""
    inside = names_in(scope, statement.body)
    for member in statement.others:
        if names_in(scope, member) <= inside and member.kind != "unread":
            questions = len(scope.deferred)
            try:
                other = scope.infer(member)
            except MatcalcError:
                other = -1
            if other >= 0 and len(scope.deferred) == questions:
                scope.equal.append((index, other))
            del scope.deferred[questions:]


__all__ = ["note_members", "settled"]
