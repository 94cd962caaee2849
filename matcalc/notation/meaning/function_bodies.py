"""The bodies of the functions that the text defines, as expressions in their parameter."""

from __future__ import annotations

from matcalc.expr.errors import LimitError, ParseError
from matcalc.expr.nodes import Expr, sym
from matcalc.expr.table import SCALAR, Type
from matcalc.notation.lex.syntax import Ast, Statement, walk
from matcalc.notation.meaning.finish import finish
from matcalc.notation.meaning.problem import Own
from matcalc.notation.meaning.tape import Scope
from matcalc.notation.meaning.typing import infer
from matcalc.notation.meaning.user_functions import refuse_constant, rewritten

MAX_BODY = 400  # nodes of the syntax tree of a body


def read_bodies(scope: Scope) -> dict[str, Own]:
    """Every named function in use with its body, those that bodies call included. Raises ``MatcalcError``."""
    found: dict[str, Own] = {}
    todo = [name for name in scope.generic if name in scope.own]
    while todo:
        name = todo.pop()
        if name not in found:
            found[name], called = _read_body(scope, scope.own[name])
            todo.extend(n for n in called if n in scope.own)
    scope.warnings.extend(f"'{f}' is defined and never applied" for f in scope.own if f not in scope.own_kinds)
    return {name: found[name] for name in scope.own if name in found}


def _read_body(scope: Scope, statement: Statement) -> tuple[Own, list[str]]:
    (z,) = statement.parameters
    refuse_constant(z, statement)
    parameter, called = sym(z, SCALAR), list[str]()
    tex = scope.source[slice(*statement.tex)] if statement.tex else None
    if statement.body.kind == "unread":
        return Own(parameter, None, (), statement.body.value, statement.span, tex), called
    size = sum(1 for _ in walk(statement.body))
    if size > MAX_BODY:
        message = f"the body of '{statement.name}' has {size} parts; the limit is {MAX_BODY}"
        raise LimitError(message, span=statement.span, hint="define parts of it as functions of their own")
    try:
        members = [_scalar(scope, m, z, statement, called) for m in (statement.body, *statement.others)]
    except ParseError as error:
        return Own(parameter, None, (), error, statement.span, tex), called
    return Own(parameter, members[0], tuple(members[1:]), None, statement.span, tex), called


def _scalar(scope: Scope, body: Ast, z: str, statement: Statement, called: list[str]) -> Expr:
    """The body as an expression in the scalar ``z``."""
    declared: dict[str, Type] = {**scope.declared, z: SCALAR}
    inner = Scope(infer, scope.source, declared, scope.sizes - {z}, scope.known_functions)
    inner.own, inner.own_kinds = scope.own, scope.own_kinds
    index = infer(inner, rewritten(inner, body, z, False))
    scope.meanings.update(inner.meanings)
    scope.warnings.extend(w for w in inner.warnings if w not in scope.warnings)
    called.extend(inner.generic)
    return finish(inner, [("#body", index)], "#body").output
