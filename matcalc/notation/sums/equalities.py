"""Chained equalities, ``S = e'e = (y - Xb)'(y - Xb)``: which member is differentiated, and that the others say the same.

The first member made of known names counts (the last one where no name stands in front). The others are compared
with it by :mod:`matcalc.check.equality`: see :func:`matcalc.check.as_given.check_members`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from matcalc.expr.errors import AmbiguityError, MatcalcError, NoRuleError, ParseError, ShapeError, instead
from matcalc.expr.formulas import composite
from matcalc.expr.table import CALLS, SYNONYMS
from matcalc.notation.lex.habits import PI
from matcalc.notation.lex.syntax import Ast, Binder, Statement, walk
from matcalc.notation.meaning.tape import Scope
from matcalc.notation.sums.bounds import template
from matcalc.notation.sums.families import family
from matcalc.notation.sums.family import Family, no_form
from matcalc.notation.sums.family_algebra import spread
from matcalc.notation.sums.lifts import EACH, draft, indices

CONSTANTS = PI | {"I", "eye", "1vec", "0vec", ":"}


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


def without_names(statements: Sequence[Statement], known: Collection[str]) -> list[Statement]:
    """Chains without the members that only name the value: t in ``s = t = x'x``, f(x) in ``y = f(x) = A x``.

    ``known`` are names of values and functions that the text does not define. Such a t is defined where others use it.
    """
    nodes = [n for s in statements for m in (s.body, *s.others) for n in walk(m)]
    uses = Counter(n.value if n.kind == "name" else n.value[0] for n in nodes if n.kind in ("name", "call"))
    taken = {*known, *CONSTANTS, *(s.name for s in statements)}
    out: list[Statement] = []
    for s in statements:
        members = (s.body, *s.others)
        inside = {n.value for m in members if m.args for n in walk(m) if m.kind != "call" or _is_function(m.value[0])}
        chain = s.others and not (s.parameters or s.letters)
        names = [m for m in members if _is_head_of(m, s.name) or _only_names(m, taken | inside, uses)] if chain else []
        told = [m for m in members if m not in names] or [members[-1]]
        aliases = [str(m.value) for m in names if m.kind == "name" and m not in told]
        name = s.name if s.name or not aliases else aliases[0]
        out += [Statement(a, (), told[0], s.span) for a in aliases if a != name and uses[a] > 1]
        out.append(s._replace(name=name, body=told[0], others=tuple(told[1:])))
    return out


def _is_head_of(member: Ast, name: str | None) -> bool:
    r"""``L(w)`` in ``L = \mathcal{L}(w) = …``"""
    if member.kind == "prod" and member.args[0].kind == "name" and member.args[0].mark == "operator":
        return bool(member.args[0].value == name) and all(a.kind == "name" for a in member.args)
    return member.kind == "call" and member.value == (name, 0) and all(a.kind == "name" for a in member.args)


def _only_names(member: Ast, taken: Collection[str | None], uses: Mapping[str, int]) -> bool:
    if member.kind == "name":
        return member.value not in taken
    if member.kind != "call" or member.value[0] in taken or _is_function(member.value[0]) or member.value[0] == "sigma":
        return False
    return uses[member.value[0]] == 1 and all(a.kind == "name" for a in member.args)


def note_members(scope: Scope, statement: Statement, index: int) -> None:
    """The other members, on the tape, to be compared. Raises ``AmbiguityError`` where one of other names could count as well."""
    inside = names_in(scope, statement.body)
    for member in statement.others:
        names, shown = names_in(scope, member), scope.source[member.start : member.end]
        if names and inside and names.isdisjoint(inside) and (names | inside).isdisjoint(scope.values):
            if (names | inside).isdisjoint(scope.declared):
                raise AmbiguityError(
                    "the members of this equality have no name in common: which is to be differentiated?", span=statement.span,
                    hint="leave one out, or define its names: " + "; ".join([f"{n} = …" for n in sorted(inside)]),
                    ways=[instead(statement.span, scope.source[m.start : m.end]) for m in (statement.body, *statement.others)],
                )  # fmt: skip
            if names.isdisjoint(scope.declared):
                scope.warnings.append(f"'{shown}' is not compared: what it is made of is not declared")
                continue
        other = _read(scope, member)
        if other is None:
            scope.warnings.append(f"'{shown}' is not read, and so not compared with the other members")
        else:
            scope.equal.append((index, other))


def _read(scope: Scope, member: Ast) -> int | None:
    """A member on the tape; None where it is not read, or only with a question. Raises ``ShapeError``."""
    questions = len(scope.deferred)
    try:
        found = scope.infer(member) if member.kind != "unread" else None
        return found if len(scope.deferred) == questions else None
    except ShapeError:
        raise
    except MatcalcError:
        return None
    finally:
        del scope.deferred[questions:]


# Definitions entry by entry: ``p_j = e^{z_j}/Σ_k e^{z_k}`` defines the vector p, ``k_{ij} = x_iᵀ x_j`` a matrix,


def by_entries(scope: Scope, statement: Statement) -> Statement:
    """``p_j = …`` where index= says that p_j is p[j]: a definition of p."""
    if statement.letters and not _by_index(scope, statement):  # h_t = W x_t of objects that are called so
        label = "".join(statement.letters)
        return statement._replace(name=f"{statement.name}_{label}", letters=())
    token = scope.slices.get(statement.name or "")
    if token is None or statement.name in scope.declared or statement.letters:
        return statement
    array, places = token
    return statement._replace(name=array, letters=tuple(p for p in places if p != ":"))


def _by_index(scope: Scope, statement: Statement) -> bool:
    """Whether the letters stand as indices on the right: in slices, or below names that are not declared with them."""
    letters = set(statement.letters)
    for node in walk(statement.body):
        if node.kind == "name" and letters.intersection(scope.slices.get(node.value, ("", ()))[1]):
            return True
        if node.kind == "index" and any(a.kind == "name" and a.value in letters for a in node.args[1:]):
            return True
    return not any(node.kind == "name" and node.value in scope.declared and "_" in node.value for node in walk(statement.body))


def read(scope: Scope, statement: Statement) -> int:
    """The array that the entries make, on the tape. Raises ``ParseError``, ``ShapeError``, ``NoRuleError``."""
    letters, body = statement.letters, statement.body
    node = Ast("bigop", body.start, body.end, (body,), (EACH, Binder(letters)))
    scope.readings.clear()
    scope.expansions.clear()
    scope.bound = set(letters)
    try:
        values = family(scope, body)
    except NoRuleError as error:
        if statement.name is None:
            what = f"the formula is read as that of the entries of a vector, for each {letters[0]}, and that is not done at once"
        else:
            shown = f"'{statement.name}_{''.join(letters)} = …' gives the entries of {statement.name} one by one"
            what = f"{shown}, and not all of it can be done at once"
        raise NoRuleError(f"{what}: {error.message}", span=error.span or statement.span, hint=error.hint) from None
    finally:
        scope.bound = set()
    missing = [x for x in letters if x not in values.labels]
    if missing or len(set(letters)) < len(letters):
        raise ParseError(f"the right-hand side does not depend on the index {(missing or letters)[0]}", span=statement.span,
                         hint=f"write {statement.name} = …, without the index")  # fmt: skip
    if loose := [x for x in values.labels if x not in letters]:  # Einstein's convention
        raise ParseError(f"the index {loose[0]} is not bound by a sum here", span=statement.span,
                         hint=f"write \\sum_{{{loose[0]}}} in front of the right-hand side")  # fmt: skip
    index = _array(scope, values, letters, node)
    if statement.name is not None:
        _remember(scope, statement, values)
    scope.lifts.append(draft(scope, node, index))
    return index


def _array(scope: Scope, values: Family, letters: tuple[str, ...], node: Ast) -> int:
    if values.inner == "s":
        return spread(scope, values, letters, values, node)
    if values.inner != "c" or len(letters) > 1:
        raise no_form(scope, node)
    return values.core


def _remember(scope: Scope, statement: Statement, values: Family) -> None:
    """What ``h_j`` is a slice of, from here on."""
    name, letters = str(statement.name), statement.letters
    places = letters if values.inner == "s" else (*letters, ":")
    given = template(scope, name, len(letters))
    if given is not None and given[0] == name and [p == ":" for p in given[1]] != [p == ":" for p in places]:
        what = "scalars" if values.inner == "s" else "vectors"
        raise ShapeError(f"the entries of '{name}' are {what} here, and index= says that they are {name}[{','.join(given[1])}]",
                         span=statement.span, hint="correct index=, or leave the entry out")  # fmt: skip
    if given is None:
        scope.slices[f"{name}_{''.join(letters)}"] = name, places
