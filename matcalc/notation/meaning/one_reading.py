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
from matcalc.expr.dims import Dim, Var
from matcalc.expr.errors import MatcalcError, ShapeError
from matcalc.expr.nodes import shape_of
from matcalc.expr.table import Type
from matcalc.notation.kinds.search import Reading
from matcalc.notation.kinds.walk import Asked
from matcalc.notation.kinds.written import names_in
from matcalc.notation.lex.habits import SIZES
from matcalc.notation.lex.latex_names import slice_bases
from matcalc.notation.lex.syntax import Span, Statement, Text, walk
from matcalc.notation.meaning.block_matrices import stacked_column
from matcalc.notation.meaning.carried_functions import OPEN
from matcalc.notation.meaning.dependencies import order_definitions
from matcalc.notation.meaning.finish import finish
from matcalc.notation.meaning.integer_labels import Labelled
from matcalc.notation.meaning.problem import Problem
from matcalc.notation.meaning.stated import Facts
from matcalc.notation.meaning.tape import Python, Scope
from matcalc.notation.meaning.typing import infer


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
        from matcalc.notation.meaning.user_functions import read_bodies

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


# Blocks of equal size: where five blocks have 5·d rows together and nothing says how many each, they have d each


JOINED = {"vcat": 1, "hcat": 2}  # the axis of the type along which blocks add up
SIDES = {1: "rows", 2: "columns"}


def settle_equal_blocks(scope: Scope) -> None:
    """Give blocks of which only the sum is known as a multiple of their number the same size each, and say so."""
    while True:
        found = next((known for a, b in scope.unifier.tied if (known := _equal(scope, a, b)) is not None), None)
        if found is None:
            return
        unknown, size, axis = found
        names = [n for n, i in scope.symbols.items() if any(dims.walk(d) in unknown for d in shape_of(scope.type(i)))]
        vectors = [n for n in names if scope.type(scope.symbols[n]).kind == "c"]
        for v in unknown:
            v.ref = size
        scope.unifier.settle()
        whole = dims.text(dims.collected({m: c * len(unknown) for m, c in dims.monomials(size).items()}), "·")
        said = f"the blocks with {', '.join(names)} have {whole} {SIDES[axis]} together, and {dims.text(size, '·')} each is assumed"
        other = next(s for s in SIZES if s not in scope.sizes and s != size)
        scope.warnings.append(said + (f"; --dim {vectors[0]}={other} says otherwise" if vectors else ""))


def _equal(scope: Scope, a: Dim, b: Dim) -> tuple[list[Var], Dim, int] | None:
    """The unknown sizes of blocks that an equation adds up to as many times one named size; that size, and the axis."""
    terms = dims.monomials(dims.sub(dims.walk(a), dims.walk(b)))
    unknown = [m[0] for m, c in terms.items() if len(m) == 1 and isinstance(m[0], Var)]
    rest = {m: c for m, c in terms.items() if not (len(m) == 1 and m[0] in unknown)}
    axis = next((axis for axis in SIDES if set(unknown) <= _sizes_of_blocks(scope, axis)), None)
    if axis is None or len(unknown) < 2 or len(rest) != 1 or any(isinstance(x, Var) for m in rest for x in m):
        return None
    ((mono, c),) = rest.items()
    signs = {terms[(v,)] for v in unknown}
    if not mono or signs not in ({1}, {-1}) or c != -len(unknown) * min(signs):
        return None
    others = [x for pair in scope.unifier.tied if pair != (a, b) for d in pair for m in dims.monomials(dims.walk(d)) for x in m]
    return None if set(unknown) & set(others) else (unknown, dims.collected({mono: 1}), axis)


def _sizes_of_blocks(scope: Scope, axis: int) -> set[Dim]:
    """What the blocks of all concatenations have along the axis."""
    entries = [e for e in scope.tape if JOINED.get(e.op) == axis]
    return {dims.walk(scope.type(i)[axis]) for e in entries for i in e.args}


# Of which arrays the x_i and y^{(i)} of a sum are slices, where nobody said so; the kinds of members that somebody declared


Slice = tuple[str, tuple[str, ...]]


def slices_of(reading: Reading, text: Asked, known: Mapping[str, Slice]) -> dict[str, Slice]:
    """Of which arrays the vectors x_i are rows, where nobody said so, and the numbers y^{(i)} the entries."""
    free = only_declared(text)
    taken = {*reading.group, *text.declared, *(s.name for s in text.statements)} - free
    found: dict[str, Slice] = {}
    for (base, indices), (kind, token) in reading.members.items():
        entry = "^" in token and text.declared.get(base) == "c"  # y^{(i)} of a declared vector y
        if indices != 1 or (base in taken | free and not entry) or any(base in slice_bases(t) for t in known):
            continue
        if kind == "s":
            if "^" in token:
                found[token] = base, (token[-2],)
        elif kind == "c":
            array = base.upper() if len(base) == 1 and base.islower() else base
            array = f"{base}s" if array in taken or (array in _ends(text) and array not in free) else array
            taken.add(array)
            found[token] = array, (token.rstrip(")")[-1], ":")
    return found


def only_declared(text: Asked) -> set[str]:
    """Matrices that are declared and stand nowhere by name: the X whose rows or columns are the x_i."""
    matrices = {name for name, kind in text.declared.items() if kind == "m"}
    return matrices.difference(names_in(text.statements), (s.name for s in text.statements)) if matrices else matrices


def turned(slices: Mapping[str, Slice], arrays: Collection[str]) -> dict[str, Slice]:
    """The vectors as columns of these arrays, in the place of rows."""
    return {t: (a, places[::-1] if a in arrays and ":" in places else places) for t, (a, places) in slices.items()}


def _ends(text: Asked) -> set[str]:
    """The names in the ends of sums: sizes."""
    binders = [n.value[1] for s in text.statements for n in walk(s.body) if n.kind == "bigop"]
    return {n.value for b in binders for end in (b.lower, b.upper) if end is not None for n in walk(end) if n.kind == "name"}


def members_of(slices: Mapping[str, Slice]) -> dict[tuple[str, int], str]:
    """The kinds of members, as slices that somebody declared say them."""
    found = {}
    for token, (_, places) in slices.items():
        whole = places.count(":")
        found.update({(base, len(places) - whole): "scm"[min(whole, 2)] for base in slice_bases(token)})
    return found


# Statements of special form, made ready for typing; what reads them is imported only where there are any


def prepared(scope: Scope, statements: list[Statement]) -> list[Statement]:
    """Definitions by entries and chained equalities as statements like others, where there are any."""
    if scope.slices or any(s.letters for s in statements):
        from matcalc.notation.sums.equalities import by_entries

        statements = [by_entries(scope, s) for s in statements]
    if any(s.others for s in statements):
        from matcalc.notation.sums.equalities import settled

        statements = settled(scope, statements)
    return statements


def value_of(scope: Scope, statement: Statement) -> int:
    """The value of a statement, on the tape."""
    if statement.letters:
        from matcalc.notation.sums.equalities import read

        return read(scope, statement)
    index = stacked_column(scope, statement) if statement.body.kind == "blocks" else None
    index = infer(scope, statement.body) if index is None else index
    if statement.others and not statement.parameters:
        from matcalc.notation.sums.equalities import note_members

        note_members(scope, statement, index)
    return index
