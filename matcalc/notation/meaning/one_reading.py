"""A text in one reading of its letters and asterisks: nodes on a tape with unknown sizes; unification solves them; expressions.

What the readings of a text have in common is :class:`Given`; which of them is taken is decided in
:mod:`matcalc.notation.meaning.choosing`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from shlex import quote
from typing import NamedTuple

from matcalc.expr import dims
from matcalc.expr.errors import MatcalcError, ShapeError
from matcalc.expr.table import Type
from matcalc.notation.kinds.search import Reading
from matcalc.notation.kinds.walk import Asked
from matcalc.notation.lex.syntax import Span, Statement, Text
from matcalc.notation.meaning.carried_functions import OPEN
from matcalc.notation.meaning.dependencies import order_definitions
from matcalc.notation.meaning.equal_blocks import settle_equal_blocks
from matcalc.notation.meaning.finish import finish
from matcalc.notation.meaning.integer_labels import Labelled
from matcalc.notation.meaning.member_slices import Slice, only_declared, slices_of, turned
from matcalc.notation.meaning.problem import Problem
from matcalc.notation.meaning.stated import Facts
from matcalc.notation.meaning.tape import Python, Scope
from matcalc.notation.meaning.typing import infer
from matcalc.notation.sums.prepared import prepared, value_of


class Given(NamedTuple):
    """What is known of a text before a reading of it is chosen."""

    text: Text
    asked: Asked  # statements and output, and what the inference of kinds is asked about
    declared: Mapping[str, Type]
    sizes: frozenset[str]
    slices: Mapping[str, Slice]
    carried: Mapping[str, Type]
    facts: Facts
    square: frozenset[str]
    labels: Labelled
    notes: Sequence[str]
    avoided: frozenset[str]  # letters and names that are not taken for new things
    targets: frozenset[str]  # names that stand where a loss takes integer labels
    stars: dict[Span, str]  # filled: what each asterisk was read as


def read_with(given: Given, products: frozenset[Span], letters: Callable[[], Reading]) -> Problem:
    """The text with these kinds of letters, and matrix products in the place of these asterisks."""
    if not given.text.sums:
        return _with_slices(given, products, letters, {})
    rows = slices_of(letters(), given.asked, given.slices)
    declared = only_declared(given.asked)
    try:
        return _with_slices(given, products, letters, rows, declared)
    except ShapeError as error:
        columns = turned(rows, declared)
        if columns == rows:
            raise
        with suppress(MatcalcError):  # X holds the x_i as columns where its sizes say so
            return _with_slices(given, products, letters, columns, declared)
        raise error from None


def _with_slices(
    given: Given,
    products: frozenset[Span],
    letters: Callable[[], Reading],
    slices: Mapping[str, Slice],
    declared: Collection[str] = (),
) -> Problem:
    """The same, where these members of sums are slices; what they are of an array that is ``declared`` is noticed."""
    text, asked = given.text, given.asked
    scope = Scope(infer, text.source, given.declared, given.sizes - frozenset(given.declared), asked.functions)
    scope.labels, scope.apart, scope.warnings = given.labels.labels, given.labels.apart, [*given.notes]
    scope.latex, scope.numpy, scope.avoided = text.latex, text.numpy, given.avoided
    scope.facts, scope.square, scope.operators = given.facts, given.square, asked.operators
    scope.slices = {**given.slices, **slices}
    scope.statements, scope.python = asked.statements, Python(given.stars, products, given.targets)
    scope.carried = {f: Type("c", scope.unifier.fresh(), 1) if t is OPEN else t for f, t in given.carried.items()}
    scope.letters, scope.rows = letters, {array: "cm"[":" in places] for array, places in slices.values()}
    scope.warnings += [_of_declared(token, *whole) for token, whole in slices.items() if whole[0] in declared]
    return _resolved(scope, [*asked.statements], asked.output)


def _of_declared(token: str, array: str, places: tuple[str, ...]) -> str:
    """Which way the vectors stand in an array that is declared."""
    lines = ("rows", "columns")
    across = places[0] == ":"
    other = (places[1], ":") if across else (":", places[0])
    said = quote(f"{token}={array}[{','.join(other)}]")
    return f"the vectors {token} are read as the {lines[across]} of {array}; --index {said} says {lines[not across]}"


UNTAKEN = (
    "the {0} over {1} is not taken: what is differentiated is the function behind it, in which {1} is a variable like "
    "the others; how the {0} itself moves is another question"
)


def _resolved(scope: Scope, statements: list[Statement], output: str | None) -> Problem:
    scope.assumed.update(scope.facts.qualities)
    ordered, final = order_definitions(prepared(scope, statements), scope, output)
    roots: list[tuple[str | None, int]] = []
    scope.warnings += [UNTAKEN.format(*s.extreme) for s in statements if s.extreme]
    for statement in ordered:
        index = value_of(scope, statement)
        if statement.name is not None and statement.name not in scope.own:
            scope.values[statement.name] = index
            if statement.name in scope.facts.types:
                scope.agree(statement.name, index)
        roots.append((statement.name, index))
    _settle(scope)
    _note_if_square(scope)
    if scope.own:
        from matcalc.notation.meaning.function_bodies import read_bodies

        scope.bodies = read_bodies(scope)
    return finish(scope, roots, final)


def _note_if_square(scope: Scope) -> None:
    """What follows for square matrices alone: Q is orthogonal by QᵀQ = I where it is square, else it has orthonormal columns."""
    for name, (quality, (start, end)) in scope.facts.if_square.items():
        if name not in scope.symbols:
            continue
        kind, rows, cols = scope.type(scope.symbols[name])
        if kind == "m" and dims.walk(rows) == dims.walk(cols):
            scope.assumed[name] = ", ".join(filter(None, (scope.assumed.get(name), quality)))
        else:
            said = f"'{scope.source[start:end].strip()}' is not used, for '{name}' may have more rows than columns"
            scope.warnings.append(f"{said}: --assume {name}={quality} says that it is square")


def _settle(scope: Scope) -> None:
    """All sizes that follow, and the questions that had to wait for them."""
    if not scope.unifier.settle():
        raise ShapeError("the sizes contradict each other", hint="declare the sizes with --dim")
    settle_equal_blocks(scope)
    for question in scope.deferred:
        error = question()
        if error is not None:
            raise error
