"""The order of definitions, and which name is the output."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from shlex import quote

from matcalc.expr.errors import AmbiguityError, UsageError
from matcalc.notation.lex.latex_names import slice_bases
from matcalc.notation.lex.syntax import Ast, Statement, walk
from matcalc.notation.meaning.tape import Scope

MOST = 4  # names that a question lists


def order_definitions(statements: list[Statement], scope: Scope, output: str | None) -> tuple[list[Statement], str | None]:
    """Statements with every definition before its use, and the name of the output: None for an expression without a name.

    Raises ``UsageError``, and ``AmbiguityError`` where several may be the output.
    """
    if len(statements) == 1 and statements[0].name is None and output is None:  # as most texts are
        return statements, None
    statements = [s for s in statements if not _is_assumption(s, scope)]
    statements = _without_inputs(statements, scope) if scope.latex else statements
    bare = [s for s in statements if s.name is None]
    named = _by_name(statements, scope)
    within = {id(s): names_within(s.body) for s in statements}
    uses = {id(s): _with_arrays(within[id(s)], scope, named) - _no_uses(s, within[id(s)]) for s in statements}
    order = [s for s in _topological(named, uses) if s.name not in scope.own]
    used = {n for s in statements for n in uses[id(s)] if n != s.name}
    unused = [n for n in named if n not in scope.own and n not in used]
    _refuse_condition(bare, unused, scope, output)
    if output is not None:
        _require_output(output, named, scope)
        scope.warnings += [f"'{_shown(s, scope)}' is not used: what is differentiated is '{output}'" for s in bare if not s.extreme]
        return order, output
    if len(bare) == 1 and bare[0] is statements[-1]:  # what stands last without a name is what all before it is for
        scope.warnings += [f"'{n}' is defined and not used; the last expression is differentiated" for n in unused]
    elif len(bare) > 1 or (bare and unused):
        names = unused + [f"#{i + 1}" for i in range(len(bare))]
        raise AmbiguityError(
            f"several results: {', '.join(names)}; which one is to be differentiated?",
            span=bare[-1].span if bare else None,
            hint=f"use every definition, or say which: {_outputs(unused)}" if unused else "leave all but one out",
            ways=[{"output": n} for n in unused],
        )
    if bare:
        return [*order, bare[0]], None
    if len(unused) != 1:
        raise AmbiguityError(
            f"which name is the output? None of {', '.join(unused) or ', '.join(named)} is used by another definition",
            span=named[unused[-1]].span if unused else None,
            hint=f"say which: {_outputs(unused or list(named))}",
            ways=[{"output": n} for n in unused or named],
        )
    return order, unused[0]


def _shown(s: Statement, scope: Scope) -> str:
    return scope.source[slice(*s.span)].strip()


def _refuse_condition(bare: list[Statement], unused: Sequence[str], scope: Scope, output: str | None) -> None:
    """``tr(P X), P^2 = P``: what the text says of P beside the formula. Raises ``AmbiguityError``."""
    said = [s for s in bare if s.others and s.others[0].kind not in ("name", "index", "call")]
    if said and (output or unused or len(said) < len(bare)):
        first, names = said[0], ", ".join(sorted(names_within(said[0].others[0])))
        raise AmbiguityError(
            f"'{_shown(first, scope)}' defines nothing: a condition on {names}, which is not used",
            span=first.span, hint="leave it out, or put what follows from it into the formula; for a value, write name = formula",
        )  # fmt: skip


def _without_inputs(statements: list[Statement], scope: Scope) -> list[Statement]:
    """Without the last row of a lecture, ``x (input)``: a name alone beside definitions that use it, and none that defines it.
    In plain notation what stands last without a name is what is read, and definitions may go unused."""
    defined = {s.name for s in statements if s.name is not None}
    inside = {n for s in statements if s.name is not None for n in names_within(s.body)}
    alone = [s for s in statements if s.name is None and s.body.kind == "name" and not s.others]
    inputs = [s for s in alone if s.body.value in inside - defined]
    scope.warnings += [f"'{s.body.value}' alone in a row is read as an input, not as what is differentiated" for s in inputs]
    return [s for s in statements if s not in inputs]


def _outputs(names: Sequence[str]) -> str:
    return ", or ".join(f"--output {quote(n)}" for n in names[:MOST])


def _by_name(statements: list[Statement], scope: Scope) -> dict[str, Statement]:
    """The definitions; the scope knows those of functions from here on."""
    named: dict[str, Statement] = {}
    for s in statements:
        if s.name is None:
            continue
        if s.name in scope.declared and not s.parameters:
            raise UsageError(f"'{s.name}' is a declared object and cannot be assigned", span=s.name_span, hint="use another name")
        if s.name in named:
            raise UsageError(f"'{s.name}' is defined twice", span=s.name_span, hint="keep one definition")
        named[s.name] = s
        if s.parameters:
            scope.own[s.name] = s
    return named


def _require_output(output: str, named: Mapping[str, Statement], scope: Scope) -> None:
    if output not in named:
        values = [n for n in named if n not in scope.own]
        raise UsageError(f"output '{output}' is not a defined name", hint=f"defined: {', '.join(values) or 'none'}")
    if output in scope.own:
        given = f"{output}({', '.join(named[output].parameters)})"
        raise UsageError(
            f"output '{output}' is a function, and no value that can be differentiated", span=named[output].name_span,
            hint=f"name a value of it: s = {given}, output='s' (--output s)",
        )  # fmt: skip


def _with_arrays(names: set[str], scope: Scope, named: Mapping[str, Statement]) -> set[str]:
    """The names, and the arrays that indexed tokens among them are slices of: Z for z_ik."""
    slices = scope.slices.items()
    return names.union([array for token, (array, _) in slices if token in names or (slice_bases(token) & names - named.keys())])


def _is_assumption(s: Statement, scope: Scope) -> bool:
    """``S = Sᵀ`` says that S is symmetric."""
    body = s.body
    if s.name is None or body.kind != "T" or body.args[0].kind != "name" or body.args[0].value != s.name:
        return False
    scope.assumed[s.name] = "symmetric"
    return True


def _no_uses(s: Statement, within: Collection[str]) -> set[str | None]:
    """Parameters, and in ``det = np.linalg.det(A)`` the function that is called like the value."""
    called = s.name in within and not s.parameters and s.name not in {n.value for n in walk(s.body) if n.kind == "name"}
    return {s.name} if called else set(s.parameters)


def names_within(root: Ast) -> set[str]:
    found, stack = set(), [root]
    while stack:  # for each statement of each text: faster than a walk in order
        kind, _, _, args, value, _ = stack.pop()
        if kind == "name":
            found.add(value)
            continue
        if kind == "call":
            found.add(value[0])
        elif kind == "bigop":
            stack += [side for r in value[1].where for side in (r.left, r.right)]
        if args:
            stack += [a for a in args if a.__class__ is Ast]
    return found


def _topological(named: dict[str, Statement], uses: dict[int, set[str]]) -> list[Statement]:
    order: list[Statement] = []
    state: dict[str, int] = {}
    for first in named:
        stack = [first]
        while stack:
            name = stack[-1]
            if state.get(name) == 2:
                stack.pop()
                continue
            needs = [
                n for n in sorted(uses[id(named[name])]) if n in named and state.get(n) != 2 and n not in named[name].parameters
            ]
            if state.get(name) == 1 and needs:
                raise UsageError(f"'{name}' is defined by itself", span=named[name].name_span, hint="remove the circle")
            state[name] = 1
            if needs:
                if any(state.get(n) == 1 for n in needs):
                    raise UsageError(f"'{needs[0]}' is defined by itself", span=named[name].name_span, hint="remove the circle")
                stack.extend(needs)
            else:
                state[name] = 2
                order.append(named[name])
                stack.pop()
    return order
