"""From the syntax tree to typed expressions: what is known of the text, what it asks, and what each ``*`` means."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from matcalc.expr.errors import AmbiguityError, MatcalcError, ShapeError
from matcalc.expr.table import Op, Type
from matcalc.notation.kinds.walk import Asked
from matcalc.notation.lex.latex_names import as_known, index_letters
from matcalc.notation.lex.syntax import Ast, Span, Statement, Text
from matcalc.notation.meaning.broadcasting import Reading as Starred
from matcalc.notation.meaning.broadcasting import refuse_products, with_products
from matcalc.notation.meaning.carried_functions import OPEN, by_entries, calls, of_vectors, stated
from matcalc.notation.meaning.choosing import understood
from matcalc.notation.meaning.class_losses import NOTHING_PICKED, picked
from matcalc.notation.meaning.dependencies import names_within
from matcalc.notation.meaning.finish import atoms
from matcalc.notation.meaning.integer_labels import Labelled, labelled
from matcalc.notation.meaning.labels import Settled, settled
from matcalc.notation.meaning.one_reading import Given, Slice, members_of
from matcalc.notation.meaning.problem import Claim, Problem
from matcalc.notation.meaning.stated import Facts, parts_of_columns, taken_in
from matcalc.notation.meaning.subscripted import ranks


def resolve(
    text: Text,
    declared: Mapping[str, Type],
    functions: frozenset[str] = frozenset(),
    output: str | None = None,
    square: frozenset[str] = frozenset(),
    slices: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType({}),
    scalar: bool | None = None,
    asked: Iterable[str] = (),
    carried: Mapping[str, Type] = MappingProxyType({}),
    held: Collection[str] = (),
    operators: Mapping[str, tuple[Op, ...]] = MappingProxyType({}),
) -> Problem:
    """Types, sizes and meaning of the statements; ``asked`` names what they are differentiated by. Errors carry the span.
    Types that the text states are declarations, or of a defined name something to agree with. Names that are ``held`` are
    variables: their definitions are left out."""
    statements, facts = taken_in([s for s in text.statements if s.name not in held], declared)
    defined = {s.name for s in statements}
    of_maps = [t for both in facts.maps.values() for t in both]
    if facts.maps or carried:
        carried = stated(facts.maps, carried)
        functions |= facts.maps.keys() - carried.keys()  # of a number
    facts, declared = _of_definitions(statements, facts, declared, text.program)
    targets, counted = picked(statements) if text.program else NOTHING_PICKED
    sizes = counted.union(*[atoms(t) for t in (*declared.values(), *carried.values(), *of_maps)])
    if text.sums:
        from matcalc.notation.sums.bounds import counts

        sizes |= counts((s.body for s in statements), slices) - defined

    output = text.latest.get(output) or as_known(output, filter(None, defined)) if output else None
    found, names = Labelled(statements, {}), Settled(statements)
    if text.labels:
        found = labelled(statements, declared, {*declared, *sizes, *slices}, text.latex)
        names = settled(found.statements, declared, slices)
    statements = _without_names(names.statements, (declared, sizes, functions))
    statements, output, question = _question(statements, output, text, (declared, sizes))

    kinds = _kinds(statements, {**declared, **calls(carried)} if carried else declared, sizes, slices, facts)
    asked_of = Asked(statements, kinds, functions, scalar, output, members_of(slices), operators, bool(text.numpy))
    avoided = index_letters((*asked, *question.by)) | names.steps
    notes = (*found.notes, *text.notes, *names.notes)
    square = square.union(facts.square)
    given = Given(text, asked_of, declared, sizes, slices, carried, facts, square, found, notes, avoided, targets, {})
    try:
        problem = _of_functions(given, bool(question.by))
        plain = question == _NOTHING and not text.numpy
        return problem if plain else problem._replace(**question._asdict(), numpy=text.numpy)
    except MatcalcError as error:
        error.source = text.source if error.source is None else error.source
        raise


def _of_functions(given: Given, by_sign: bool) -> Problem:
    """The text with each unspecified function as one of each entry; where no sizes fit, as one of a whole vector."""
    try:
        problem = _by_signs(partial(understood, given), given.stars)
        notes = by_entries(_of_vectors(given, by_sign), problem) if problem.functions else []
    except ShapeError:
        whole = {f: OPEN for f, node in _of_vectors(given, by_sign).items() if node.args[0].kind == "name"}
        found = _tried(given, whole) if whole else None
        if found is None:
            raise
        problem = found
        notes = [f"'{f}' is read as a function of the whole vector: --function {f} says that it acts on each entry" for f in whole]
    return problem._replace(warnings=(*problem.warnings, *notes)) if notes else problem


def _of_vectors(given: Given, by_sign: bool) -> dict[str, Ast]:
    bold = {f for f, token in given.text.names.items() if token.mark == "bold"}
    return of_vectors(given.asked, {*given.asked.functions, *given.carried}, bold, by_sign)


def _tried(given: Given, whole: Mapping[str, Type]) -> Problem | None:
    """The text with these functions of whole vectors, where it can be read so."""
    asked = given.asked._replace(declared={**given.asked.declared, **{f: t.kind for f, t in calls(whole).items()}})
    wider = given._replace(asked=asked, carried={**given.carried, **whole})
    try:
        return _by_signs(partial(understood, wider), wider.stars)
    except MatcalcError:
        return None


def _of_definitions(
    statements: list[Statement], facts: Facts, declared: Mapping[str, Type], program: bool
) -> tuple[Facts, dict[str, Type]]:
    """What is said of the types of what the text defines, to agree with; and what is declared otherwise."""
    if not (program or facts.types) and declared.keys().isdisjoint([s.name for s in statements]):
        return facts, dict(declared)
    values = {s.name for s in statements if s.name in declared and not s.parameters and s.name not in names_within(s.body)}
    types = {n: t for n, t in declared.items() if n in values}
    defined = {s.name for s in statements}
    variables = {n: t for n, t in facts.types.items() if n not in defined}
    if program:
        facts = facts._replace(kinds={**ranks(statements, {*declared, *defined}), **facts.kinds})
    return facts._replace(types={**facts.types, **types}), {n: t for n, t in declared.items() if n not in types} | variables


def _without_names(statements: list[Statement], known: Iterable[Iterable[str]]) -> list[Statement]:
    if not any([s.others for s in statements]):
        return statements
    from matcalc.notation.sums.equalities import without_names

    return without_names(statements, set[str]().union(*known))


def _kinds(
    statements: list[Statement], declared: Mapping[str, Type], sizes: Iterable[str], slices: Mapping[str, Slice], facts: Facts
) -> dict[str, str]:
    """Of all names that somebody declared, or of which something is said that only matrices or vectors are."""
    kinds = dict.fromkeys(parts_of_columns(statements, facts.types), "c") if facts.types else {}
    kinds.update(dict.fromkeys(facts.matrices, "m") if facts.qualities else (), **facts.kinds)
    kinds.update([(name, t.kind) for name, t in declared.items()])
    kinds.update(dict.fromkeys(sizes, "s"))
    return kinds | {token: "scm"[min(places.count(":"), 2)] for token, (_, places) in slices.items()}


def _by_signs(reading: Starred, stars: dict[Span, str]) -> Problem:
    """The one reading of the asterisks that fits: entry by entry, or with matrix products."""
    try:
        problem = reading(frozenset())
    except ShapeError as error:
        return with_products(reading, stars, error)
    if stars:
        refuse_products(reading, stars)
    return problem


class _Question(NamedTuple):
    """What derivative signs and words ask for, and what is said of derivatives."""

    by: tuple[str, ...]
    order: int
    claims: tuple[Claim, ...] = ()
    at: tuple[str, ...] = ()  # the letters of the entry of the output that they ask about


_NOTHING = _Question((), 0)


def _claimed(statements: list[Statement]) -> tuple[list[Statement], tuple[Claim, ...]]:
    """The statements without claims about values that the text defines, unless nothing else asks: those about the value that
    no other is made of ask for it. And all claims."""
    said = [s for s in statements if s.claims]
    defined = {s.name for s in statements if s.name}
    of_values = [s for s in said if s.body.kind == "name" and s.body.value in defined]
    names = {id(s): s.body.value for s in of_values}
    claims = tuple([Claim(names.get(id(s)), s.body[1:3], s.by, s.order, right, s.span) for s in said for right in s.claims])
    rest = [s for s in statements if s not in of_values]
    if any(s.order for s in rest):
        return rest, claims
    used = {n for s in rest for n in names_within(s.body)}
    last = [s for s in of_values if s.body.value not in used and (defined.isdisjoint(s.by) or s.by == ())]
    first = [s for s in last if (s.body.value, s.order) == (last[0].body.value, last[0].order)]
    return rest + [s._replace(claims=()) for s in first], claims


def _question(
    statements: list[Statement], output: str | None, text: Text, known: Iterable[Iterable[str]]
) -> tuple[list[Statement], str | None, _Question]:
    """With the variables and the order that derivative signs ask for; ``\\frac{\\partial f}{\\partial y}`` beside ``f = …``
    only names the output, and ``z_i`` in its place any entry of it. Raises ``AmbiguityError`` where they do not all ask for
    derivatives of one value."""
    if not any([s.order for s in statements]):
        return statements, output, _Question(text.by, text.order or int(bool(text.by)))
    defined = {s.name for s in statements if s.name}
    statements = [s._replace(body=_entry_of(s.body, defined)) if s.order else s for s in statements]
    statements, claims = _claimed(statements)
    asked = [s for s in statements if s.order]
    if not asked:
        return statements, output, _Question(text.by, text.order or int(bool(text.by)), claims)
    values = [_any_entry(s.body, defined, _said(statements).union(*known)) for s in asked]
    first, (name, at) = asked[0], values[0]
    for s, other in zip(asked, values, strict=True):
        if other != values[0] or s.order != first.order or (other[0] is None and s is not first):
            what = "the text asks for derivatives of two values, and one is taken at a time"
            raise _two_questions(what, "leave one of the derivative signs out", s, text)
    if output and output != name:
        what = f"a derivative sign asks about another value than the output '{output}'"
        raise _two_questions(what, "leave the one or the other out", first, text)
    by = tuple(dict.fromkeys([v for s in asked for v in s.by] or text.by))
    rest = [s for s in statements if s not in asked] if name else statements
    return rest, output or name, _Question(by, max(first.order, text.order), claims, at)


def _entry_of(node: Ast, defined: Collection[str | None]) -> Ast:
    r"""The z_2 of ``\frac{\partial z_2}{\partial W_{23}}`` beside ``z = …``, which is no name of its own then."""
    base, _, label = str(node.value).rpartition("_") if node.kind == "name" else ("", "", "")
    if base not in defined or node.value in defined or not label.isalnum():
        return node
    letters = [Ast("name", node.start, node.end, (), c) for c in label]
    labels = [Ast("num", node.start, node.end, (), Fraction(label))] if label.isdecimal() else letters
    return Ast("index", node.start, node.end, (node._replace(value=base), *labels))


def _said(statements: list[Statement]) -> set[str]:
    """The names of values: no letter of these is an index of its own."""
    return {n for s in statements if not s.order for n in names_within(s.body) - set(s.letters)}


def _any_entry(node: Ast, defined: Collection[str | None], names: set[str]) -> tuple[str | None, tuple[str, ...]]:
    """The name of what is defined, and the letters that its indices have where any entry of it is meant."""
    base, *labels = (node, *node.args)[node.kind == "index" :]
    known = base.kind == "name" and base.value in defined
    letters = [x.kind == "name" and len(str(x.value)) == 1 and x.value not in names for x in labels]
    return (str(base.value), tuple([str(x.value) for x in labels])) if known and all(letters) else (None, ())


def _two_questions(message: str, hint: str, at: Statement, text: Text) -> AmbiguityError:
    error = AmbiguityError(message, span=at.span, hint=hint)
    error.source = text.source
    return error
