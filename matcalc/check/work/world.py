"""What somebody's work speaks of: the problem, the names that the work adds, and the values of all of it at random points."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice, product
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from matcalc.check.points import Point
from matcalc.check.work.cut_values import cut_at
from matcalc.check.work.derivative_signs import DIFFERENTIAL, Marked, Sign
from matcalc.check.work.row_forms import by_rows
from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.errors import AmbiguityError, CheckError, MatcalcError, ParseError, ShapeError, edited
from matcalc.expr.nodes import Expr, postorder, shape_of, sym, variable_type
from matcalc.expr.shapes import SCALAR, Type
from matcalc.notation.kinds.walk import CONSTANTS
from matcalc.notation.lex.lexer_plain import greek_to_ascii
from matcalc.notation.lex.syntax import Ast, Text, walk
from matcalc.notation.meaning.declarations import read_slices
from matcalc.notation.meaning.problem import Problem
from matcalc.notation.meaning.readings import read_all
from matcalc.notation.meaning.resolve import resolve
from matcalc.notation.parse.statements import Names
from matcalc.numeric import evaluation
from matcalc.numeric.evaluation import Array, Functions

SIZES = ((2, 3, 4, 5, 6, 7), (2, 3, 4, 5, 6, 7), (5, 6, 3, 7, 4, 2))  # two points of equal sizes, and one of others, each one
LONGEST = 100  # nodes of a formula that is read as people may mean it
SQUARE = 3  # rows of a matrix of which only a law speaks
MOST = 16  # ways in which the derivatives of one formula may be laid out


class Values(NamedTuple):
    """The value of a formula at each point, with rows and columns."""

    type: Type
    at: tuple[Array, ...]


class World(NamedTuple):
    """A problem at random points, and what the work has named so far."""

    problem: Problem
    variables: tuple[str, ...]
    points: tuple[Point, ...]
    moving: Mapping[str, tuple[Array, ...]]  # directions of the symbols that have a differential in the work
    names: Mapping[str, Values]
    formulas: Mapping[str, Expr]  # of the names that are formulas of the problem's variables
    functions: frozenset[str]
    latex: bool
    lent: Mapping[str, str] = MappingProxyType({})  # names of the derivation at hand that the work does not define: what they are
    slopes: frozenset[str] = frozenset()  # names of derivatives
    stars: bool = False  # whether a star is a product entry by entry, as programs have it

    @property
    def types(self) -> dict[str, Type]:
        return {**self.problem.types, **{n: v.type for n, v in self.names.items()}}


def points_of(
    problem: Problem, roots: Sequence[Expr], assume: Mapping[str, frozenset[str]], table: Functions, seed: int
) -> tuple[Point, ...]:
    """Random points at which the roots have values. Raises ``CheckError`` where there are none."""
    found: list[Point] = []
    for k, sizes in enumerate(SIZES):
        try:
            found.append(Point(problem, (), roots, [], assume, table, seed + k, sizes=sizes))
        except (CheckError, ShapeError):
            if not found:
                raise
    return tuple(found)


# ---------------------------------------------------------------- formulas


class Formula(NamedTuple):
    """A formula of the work that has been read as a tree: it is typed when the values of its derivative signs are chosen."""

    text: Text
    signs: tuple[Sign, ...]
    functions: frozenset[str]

    @property
    def body(self) -> Ast:
        return self.text.statements[0].body

    def with_body(self, body: Ast) -> Formula:
        statement = self.text.statements[0]._replace(body=body)
        return self._replace(text=self.text._replace(statements=[statement, *self.text.statements[1:]]))


def formula(world: World, found: Marked) -> Formula:
    """The tree of a formula, or of one for all entries of an array. Raises ``MatcalcError`` for what is none."""
    declared = {*world.types, *_sizes(world), *world.problem.indexed, *(s.word for s in found.signs)}
    names = Names(declared, world.functions.union(world.problem.operators))
    text = read_all(found.text, (), names, "latex" if world.latex or found.latex else "plain")
    if len(text.statements) != 1 or (text.statements[0].name is not None and not text.statements[0].letters):
        raise ParseError("this is not one formula", hint="write one formula between two signs of equality")
    return Formula(text, found.signs, world.functions)


def formulas(world: World, found: Marked, depth: int = 3) -> Iterator[Formula]:
    """The formula, in each of its readings where it has several. Raises ``MatcalcError`` where it has none."""
    try:
        yield formula(world, found)
        return
    except AmbiguityError as error:
        ways, refused = [way for way in error.ways if depth and not isinstance(way, Mapping)], error
    done = False
    for way in ways:
        with suppress(ParseError):
            for one in formulas(world, found._replace(text=edited(found.text, way)), depth - 1):
                yield one
                done = True
    if not done:
        raise refused


def _sizes(world: World) -> set[str]:
    return {str(s) for shape in world.problem.shapes for s in shape if isinstance(s, str)}


def typed(world: World, one: Formula, signs: Mapping[str, Type]) -> Expr:
    """The formula with sizes. Raises ``MatcalcError`` where it does not fit, or speaks of what is not known."""
    declared = {**world.types, **signs}
    known = declared.keys() | _sizes(world) | one.functions
    try:
        slices = read_slices(world.problem.indexed)
        read = resolve(one.text, declared, one.functions, slices=slices, operators=world.problem.operators)
    except (ShapeError, AmbiguityError):
        indices = {i for n in walk(one.body) if n.kind == "bigop" for i in n.value[1].names}.union(one.text.statements[0].letters)
        _require_known([n.value for n in walk(one.body) if n.kind == "name"], known | CONSTANTS.keys() | indices | {":"})
        raise
    _require_known(read.symbols, known)
    return read.output


def _require_known(names: Iterable[str], known: Container[str]) -> None:
    for name in names:
        if name not in known:
            raise Unknown(name)


class Unknown(MatcalcError):
    """A name that neither the problem nor the work defines."""

    def __init__(self, name: str) -> None:
        super().__init__(f"'{name}' is not defined", hint=f"say what it is: names={{'{name}': …}} (--name '{name}=…')")
        self.name = name


def readings(world: World, one: Formula, slopes: Mapping[str, Sequence[Values]], as_meant: bool = True) -> Iterator[Values]:
    """The values of a formula, for each way in which its derivatives may be laid out that fits; ``as_meant``: where none does, with
    products and powers entry by entry.

    Names of derivatives that are lent have both layouts; those that the work defines have the other one only beside a derivative
    sign that asks for it: in ∂s/∂W = δ ∂z/∂W the δ is a row, which the shape convention has as a column.
    """
    if not world.slopes:
        yield from _readings(world, one, slopes, as_meant)
        return
    named = {n for n in names_of(one) & world.slopes & world.names.keys() if world.names[n].type.kind != "s"}
    lent = named & world.lent.keys()
    known = {n: (world.names[n], transposed(world.names[n])) for n in sorted(named)}
    try:
        yield from _readings(world, one, {**slopes, **{n: known[n] for n in lent}}, as_meant)
    except MatcalcError:
        if not one.signs or not named - lent:
            raise
        yield from _readings(world, one, {**slopes, **known}, as_meant)


def names_of(one: Formula) -> set[str]:
    """The names in it, as the problem spells them."""
    return {named(n.value) for n in walk(one.body) if n.kind == "name"}


def _readings(world: World, one: Formula, slopes: Mapping[str, Sequence[Values]], as_meant: bool) -> Iterator[Values]:
    """As it stands; where no layout fits so, as people may mean it, entry by entry."""
    words = [*(s.word for s in one.signs), *(n for n in world.names if n in slopes)]
    chosen = [dict(zip(words, ways, strict=True)) for ways in islice(product(*[slopes[word] for word in words]), MOST)]
    error: MatcalcError | None = None
    done = False
    meant: list[Callable[[Mapping[str, Type]], Formula]] = [
        lambda signs: one,
        lambda signs: one.with_body(entry_by_entry(one.body)),
        *([partial(starred, world, one)] if as_meant else []),
        *(lambda signs, body=body: one.with_body(body) for body in (by_rows(one.body, world.types) if as_meant else ())),
    ]
    for k, way in enumerate(meant):
        for values in chosen if not done else ():
            signs = {w: v.type for w, v in values.items()}
            try:
                read = way(signs)
                if k and read.body == one.body:  # it does not fit as it stands
                    continue
                yield evaluated(world, typed(world, read, signs), values)
                done = True
            except MatcalcError as found:
                error = error or found
    if not done and error is not None:
        raise error


def by_entries(world: World, one: Formula, slopes: Mapping[str, Sequence[Values]]) -> str | None:
    """The sign, * or ^, that has to be taken entry by entry for the formula to fit."""
    source = re.sub(r"\.[*^]", "", one.text.source)
    sign = "*" if "*" in source and world.stars else "^" if "^" in source else None
    signs = {word: ways[0].type for word, ways in slopes.items()}
    return (
        sign if sign is not None and fits(world, one, signs) is False and fits(world, starred(world, one, signs), signs) else None
    )


def fits(world: World, one: Formula, signs: Mapping[str, Type]) -> bool | None:
    """Whether the sizes fit; None where it cannot be read."""
    try:
        typed(world, one, signs)
    except ShapeError:
        return False
    except MatcalcError:
        return None
    return True


def starred(world: World, one: Formula, signs: Mapping[str, Type]) -> Formula:
    """With products by a star entry by entry, as programs have them, between factors of one size that no matrix product fits,
    and powers of vectors. A formula that nobody writes by hand stays as it is."""
    if len(list(islice(walk(one.body), LONGEST + 1))) > LONGEST:
        return one

    def put(body: Ast) -> Ast:
        body = body._replace(args=tuple(put(a) if isinstance(a, Ast) else a for a in body.args))
        if body.kind == "pow" and body.value == "^" and typed(world, one.with_body(body.args[0]), signs).type.kind in "cr":
            return body._replace(value=".^")
        if body.kind != "prod" or not world.stars or not {"*", " "}.intersection(body.value):
            return body
        types, shown = [typed(world, one.with_body(a), signs).type for a in body.args], list(body.value)
        before = types[0]
        for k, (sign, type) in enumerate(zip(body.value, types[1:], strict=True)):
            if sign in "* " and before == type and type.kind != "s" and type.rows != type.cols:
                shown[k] = ".*"
            whole = body._replace(args=body.args[: k + 2], value=tuple(shown[: k + 1]))
            before = typed(world, one.with_body(whole), signs).type
        return body._replace(value=tuple(shown))

    return one.with_body(put(one.body))


def entry_by_entry(body: Ast) -> Ast:
    r"""With quotients entry by entry: the \frac{e^z}{1 + e^z} of vectors, which people write and no convention reads."""
    args = tuple(entry_by_entry(a) if isinstance(a, Ast) else a for a in body.args)
    value = tuple("./" if sign == "/" else sign for sign in body.value) if body.kind == "prod" else body.value
    return body._replace(args=args, value=value) if (args, value) != (body.args, body.value) else body


def at_first(v: Values) -> Values:
    return v._replace(at=v.at[:1])


def first_point(world: World) -> World:
    """The world at one point, for what is likely to fail there."""
    return world._replace(points=world.points[:1], names={n: at_first(v) for n, v in world.names.items()},
                          moving={n: d[:1] for n, d in world.moving.items()})  # fmt: skip


def evaluated(world: World, e: Expr, values: Mapping[str, Values]) -> Values:
    """The value of an expression over the problem's symbols, names of the work and words for derivatives."""
    known = {**world.names, **values}
    out = []
    for k, point in enumerate(world.points):
        env = {**point.env, **{sym(n, v.type): v.at[k] for n, v in known.items()}}
        out.append(np.asarray(evaluation.evaluate([e], env, point.sizes, point.functions)[0]))
    return Values(e.type, tuple(out))


# ---------------------------------------------------------------- derivatives


def slopes(world: World, sign: Sign, of: Expr, by: Expr | None) -> list[Values]:
    """The value of a derivative sign, in each layout in which it may be meant; the shape convention comes first."""
    if sign.kind == DIFFERENTIAL or by is None:
        return [_differential(world, of)]
    return [way for inner in _cuts(world, of, by) for way in _laid_out(world, inner, of, by)]


def derivative(world: World, of: Expr, by: Expr) -> Values:
    """All entries of a derivative: the axes of the value, then those of the variable."""
    inner = next(_cuts(world, of, by))
    found = [evaluation.jacobian(inner, by, {**p.env, by: p.value(by)}, p.sizes, p.functions) for p in world.points]
    type = variable_type((*shape_of(of.type), *shape_of(by.type)))
    return Values(type, tuple(evaluation.to_internal(x, type) for x in found))


def _cuts(world: World, of: Expr, by: Expr) -> Iterator[Expr]:
    """What is differentiated with ``by`` put in wherever its value stands, and as it is written, with all else held."""
    every = cut_at(world.points, of, by)
    if every is not None:
        yield every
    if of is not every and by in postorder((of,)):
        yield of


def _laid_out(world: World, inner: Expr, of: Expr, by: Expr) -> list[Values]:
    found = tuple(evaluation.jacobian(inner, by, {**p.env, by: p.value(by)}, p.sizes, p.functions) for p in world.points)
    return laid_out(found, of, by)


def _differential(world: World, of: Expr) -> Values:
    symbols = {str(n.attr): n for n in postorder((of,)) if n.op == "sym"}
    out = []
    for k, point in enumerate(world.points):
        along = {symbols[n]: d[k] for n, d in world.moving.items() if n in symbols}
        zero = np.zeros(np.shape(point.value(of)))
        out.append(evaluation.directional([of], point.env, along, point.sizes, point.functions)[0] if along else zero)
    return Values(of.type, tuple(out))


def laid_out(found: Sequence[Array], of: Expr, by: Expr) -> list[Values]:
    """Arrays with the axes of both as values with rows and columns: in the shape convention, and transposed."""
    outer, inner = of.type, by.type
    if outer.kind == "s" or inner.kind == "s":
        kept = inner if outer.kind == "s" else outer
        first = Values(kept, tuple(_internal(x, kept) for x in found))
    else:
        first = in_columns(found, outer, inner)
    return [first, transposed(first)] if first.type.kind != "s" else [first]


def _internal(x: Array, type: Type) -> Array:
    return evaluation.to_internal(x, type)


def in_columns(found: Sequence[Array], outer: Type, inner: Type) -> Values:
    """d vec(Y)/d vec(X)': the columns of both, stacked."""
    rows, cols = (_count(t) for t in (outer, inner))
    axes = 2 if outer.kind == "m" else 1
    flat = []
    for x in found:
        left, right = x.shape[:axes], x.shape[axes:]
        y = x.reshape(left[0], -1, *right) if axes == 2 else x.reshape(left[0], 1, *right)
        y = np.moveaxis(y, 1, 0).reshape(int(np.prod(left)), *right)
        if len(right) == 2:
            y = np.moveaxis(y, 2, 1)
        flat.append(y.reshape(len(y), -1))
    return Values(variable_type((rows, cols)), tuple(flat))


def _count(t: Type) -> Dim:
    return dims.mul(t.rows, t.cols)


def transposed(v: Values) -> Values:
    kind = {"c": "r", "r": "c"}.get(v.type.kind, v.type.kind)
    return Values(Type(kind, v.type.cols, v.type.rows), tuple(np.swapaxes(x, -1, -2) for x in v.at))


def with_free(world: World, name: str, matrix: bool = False) -> World:
    """With a number of its own, as the argument of an identity is; or a square matrix, of which a law speaks."""
    type = variable_type((SQUARE, SQUARE)) if matrix else SCALAR
    values = Values(type, tuple(p.rng.standard_normal((SQUARE, SQUARE) if matrix else (1, 1)) for p in world.points))
    return world._replace(names={**world.names, name: values})


def named(name: str) -> str:
    """A name of the work in the spelling of the problem."""
    with suppress(MatcalcError):
        return greek_to_ascii(name.lstrip("\\"))
    return name
