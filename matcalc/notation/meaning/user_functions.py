"""Functions that the text defines by a formula: ``σ(z) = 1/(1 + e^{-z})``, ``g(z) = a z²``, ``q(x) = xᵀA x``.

A body that knows only its parameter, entry by entry, makes a function with a name: σ stays σ, and has σ′.
Any other body is put in place where the function is applied: entry by entry where its other symbols are
scalars, else as it stands.
"""

from __future__ import annotations

from fractions import Fraction

from matcalc.expr.errors import AmbiguityError, LimitError, NoRuleError, ParseError, ShapeError
from matcalc.expr.formulas import ENTRYWISE, composite
from matcalc.expr.nodes import Expr, sym
from matcalc.expr.table import CALLS, SCALAR, SYNONYMS, Type
from matcalc.notation.lex.habits import GENERIC, NUMBERS
from matcalc.notation.lex.syntax import Ast, Statement, walk
from matcalc.notation.meaning.conventions import conventional
from matcalc.notation.meaning.finish import finish
from matcalc.notation.meaning.problem import Own
from matcalc.notation.meaning.tape import Scope

MAX_TAPE = 100_000
MAX_NESTING = 30  # functions put in place within each other
NAMED, ENTRIES, INLINE = "named", "entries", "inline"


def apply(scope: Scope, node: Ast, arguments: tuple[int, ...]) -> int:
    """A defined function, applied, on the tape. Raises ``ParseError``, ``NoRuleError``, ``LimitError``."""
    name, order = node.value
    statement, which = scope.own[name], kind(scope, name)
    if len(arguments) != len(statement.parameters):
        count = len(statement.parameters)
        message = f"{name} takes {count} argument{'s' * (count > 1)}, {len(arguments)} given"
        hint = f"write {name}({', '.join(statement.parameters)})"
        raise ParseError(message, span=node.span, hint=hint)
    if which == NAMED:
        scope.generic[name] = None
        return scope.apply("fn", arguments, node, (name, order))
    if order:
        raise NoRuleError(
            f"{name}{chr(39) * order}(…) is not known: {name} is no function of its parameter alone",
            span=node.span,
            hint="write the derivative out, or differentiate the expression without the prime",
        )
    return _in_place(scope, node, statement, arguments, which)


def _in_place(scope: Scope, node: Ast, statement: Statement, arguments: tuple[int, ...], which: str) -> int:

    if len(scope.tape) > MAX_TAPE or scope.nesting >= MAX_NESTING:
        message = f"'{statement.name}' and the functions in it expand to too much"
        hint = f"functions with further symbols may be nested {MAX_NESTING} deep"
        raise LimitError(message, span=node.span, hint=hint)
    body = statement.body
    if which == ENTRIES:
        body = rewritten(scope, body, statement.parameters[0], True)
    outer, scope.frame = scope.frame, dict(zip(statement.parameters, arguments, strict=True))
    scope.nesting += 1
    try:
        i = scope.infer(body)
    except ShapeError as error:
        scalars = [s for s in _others(scope, statement) if which == INLINE and len(statement.parameters) == 1]
        if scalars:
            declare = f"declare {', '.join(scalars)} scalar: dims={{'{scalars[0]}': ()}}"
            error.hint = f"if '{statement.name}' acts on each entry, {declare}"
        raise
    finally:
        scope.frame = outer
        scope.nesting -= 1
    return scope.put("copy", (i,), None, scope.type(i), node)


# ---------------------------------------------------------------- which kind of function it is


def kind(scope: Scope, name: str) -> str:
    """``named``, ``entries`` or ``inline``: see the head of this module."""
    todo = [name]  # definitions have no circles: those are refused before
    while name not in scope.own_kinds:
        statement = scope.own[todo[-1]]
        called = {n.value[0] for n in walk(statement.body) if n.kind == "call"} & scope.own.keys()
        missing = sorted(called - scope.own_kinds.keys())
        if missing:
            todo.extend(missing)
        else:
            scope.own_kinds[todo.pop()] = _kind(scope, statement)
    return scope.own_kinds[name]


def _kind(scope: Scope, statement: Statement) -> str:
    body = statement.body
    if body.kind == "unread":
        return NAMED
    if len(statement.parameters) != 1 or not all(_entrywise(scope, n) for n in walk(body)):
        return INLINE
    (z,) = statement.parameters
    refuse_constant(z, statement)
    _refuse_matrix(scope, z, statement)
    others = _others(scope, statement)
    if not others and all(_closed(scope, n) for n in walk(body)):
        return NAMED
    try:
        return ENTRIES if all(_is_scalar(scope, n) for n in others.values()) else INLINE
    except ParseError:  # an unknown name: another reader may know it
        return NAMED


def _others(scope: Scope, statement: Statement) -> dict[str, Ast]:
    """The symbols in a body besides the parameters."""
    names = {n.value: n for n in walk(statement.body) if n.kind == "name"}
    return {s: n for s, n in names.items() if s not in statement.parameters and not _constant(scope, s)}


def _entrywise(scope: Scope, node: Ast) -> bool:
    """Whether the sign means the same for each entry of an array by itself."""
    if node.kind == "prod":
        return not {"@", "kron"} & set(node.value)
    if node.kind != "call":
        return node.kind in ("num", "name", "sum", "neg", "pow", "bars")
    name = SYNONYMS.get(node.value[0], node.value[0])
    if name.startswith("np."):
        return False
    if node.value[0] in scope.own:
        return kind(scope, node.value[0]) != INLINE
    if name in ("max", "min"):
        return len(node.args) == 2
    if name not in scope.known_functions and (known := composite(name)) and known not in CALLS:
        return known in ENTRYWISE
    return len(node.args) == 1 and (name not in CALLS or any(op.elementwise for op in CALLS[name]))


def _closed(scope: Scope, node: Ast) -> bool:
    """Whether a call is of a known function, not of an unspecified one."""
    if node.kind != "call":
        return True
    name = node.value[0]
    if name in scope.own:
        return kind(scope, name) == NAMED
    if name in scope.known_functions:
        return False
    return name in CALLS or name in SYNONYMS or (len(name) > 1 and name not in GENERIC)


def _constant(scope: Scope, name: str) -> bool:
    return name in NUMBERS and name not in scope.declared and name not in scope.values


def _is_scalar(scope: Scope, node: Ast) -> bool:
    name = node.value
    for found in (scope.values, scope.symbols):
        if name in found:
            return scope.type(found[name])[0] == "s"
    if name in scope.declared:
        return scope.declared[name][0] == "s"
    return name in scope.sizes or conventional(scope, name, node)[0] == "s"


def refuse_constant(z: str, statement: Statement) -> None:
    if z in (*NUMBERS, "I"):
        message = f"the parameter '{z}' of '{statement.name}' is also a constant"
        raise AmbiguityError(message, span=statement.name_span, hint=f"call it z: {statement.name}(z) = …")


def _refuse_matrix(scope: Scope, z: str, statement: Statement) -> None:
    """A product with itself of a parameter that looks like a matrix: by entries, or the matrix product?"""
    declared = scope.declared.get(z)
    if not (z[0].isupper() if declared is None else declared[0] == "m"):
        return
    for node in walk(statement.body):
        factors = [a for a in node.args if isinstance(a, Ast) and any(n.value == z for n in walk(a) if n.kind == "name")]
        matrix_product = node.kind == "prod" and len(factors) > 1 and {"*", " ", "dot", "times"} & set(node.value)
        if matrix_product or (node.kind == "pow" and node.value == "^" and factors):
            raise AmbiguityError(
                f"'{statement.name}({z})' has two readings: entry by entry, or with the product of matrices",
                span=node.span,
                hint=f"write {statement.name}(z) = … for the first; else write the product where it is meant",
            )


# ---------------------------------------------------------------- bodies


def rewritten(scope: Scope, node: Ast, z: str, entries: bool) -> Ast:
    """The body with e and further functions understood; with ``entries``, every sign entry by entry."""
    args = tuple([rewritten(scope, a, z, entries) for a in node.args])
    here = node._replace(args=args)
    if node.kind == "name" and node.value == "e" and z != "e" and _constant(scope, "e"):
        return _call("exp", Ast("num", node.start, node.end, (), Fraction(1)))
    if node.kind == "bars":
        return _call("abs", args[0], at=node)
    if node.kind == "pow":
        return _power(scope, node, here, z, entries)
    if node.kind == "prod" and entries:
        return here._replace(value=tuple("./" if op in ("/", "./") else ".*" for op in node.value))
    return here


def _power(scope: Scope, node: Ast, here: Ast, z: str, entries: bool) -> Ast:
    base, exponent = node.args
    if base.kind == "name" and base.value == "e" and z != "e" and _constant(scope, "e"):
        return _call("exp", here.args[1], at=node)
    if not entries:
        return here
    if any(n.kind == "name" and n.value == z for n in walk(exponent)):
        logarithm = _call("log", here.args[0], at=node)
        return _call("exp", Ast("prod", node.start, node.end, (here.args[1], logarithm), (".*",)), at=node)
    return here._replace(value=".^")


def _call(name: str, argument: Ast, at: Ast | None = None) -> Ast:
    at = at or argument
    return Ast("call", at.start, at.end, (argument,), (name, 0))


# The bodies of the functions that the text defines, as expressions in their parameter


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
    inner = Scope(scope.typed, scope.source, declared, scope.sizes - {z}, scope.known_functions)
    inner.own, inner.own_kinds = scope.own, scope.own_kinds
    index = inner.infer(rewritten(inner, body, z, False))
    scope.meanings.update(inner.meanings)
    scope.warnings.extend(w for w in inner.warnings if w not in scope.warnings)
    called.extend(inner.generic)
    return finish(inner, [("#body", index)], "#body").output
