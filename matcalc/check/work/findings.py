"""One formula of somebody's work against what is true: right, right in another layout, or wrong, and by which slip."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import chain, islice
from typing import NamedTuple

from matcalc.check.lost import short
from matcalc.check.work import relations, slips
from matcalc.check.work.corrections import Correcting, inverse
from matcalc.check.work.derivative_signs import Marked, told
from matcalc.check.work.faults import Faults, Path, faults
from matcalc.check.work.left_out import parts_of, with_parts
from matcalc.check.work.row_forms import by_rows, has_rows
from matcalc.check.work.world import (
    Formula,
    Values,
    World,
    at_first,
    by_entries,
    first_point,
    fits,
    formulas,
    names_of,
    readings,
    starred,
    transposed,
)
from matcalc.expr.errors import AmbiguityError, MatcalcError, ShapeError
from matcalc.expr.nodes import Expr, size_text
from matcalc.notation.lex.syntax import Ast, walk
from matcalc.numeric.magnitudes import largest

EFFORT = 30_000  # nodes of edited formulas that are evaluated for one slip; fewer after other slips, and none after many
PLACELESS = ("missing-factor", "missing-term")  # slips that say what is missing
ZERO = "qqzero"  # a name for a value that is 0
RIGHT, LAYOUT, OTHER, ENTRYWISE = "right", "layout", "wrong-other", "elementwise-for-matrix"


class Finding(NamedTuple):
    """The verdict on a formula, in the words of the corpus, and what relates it to what is true."""

    verdict: str
    relation: str
    body: Ast | None = None  # the formula with its slip undone
    correct: str = ""  # what should stand there, in plain notation
    rule: str = ""  # that applies, by its name
    got: Values | None = None  # the value of the formula
    carried: int | None = None  # the line whose slip this one carries on
    against: int | None = None  # a wrong line that says something else of the same value
    ours: tuple[int, ...] = ()  # the lines of the derivation that speak of the same


class Asked(NamedTuple):
    """What a formula is to be: its value in each layout, and where that comes from."""

    world: World
    true: Callable[[World], list[Values]]
    of: Expr | None = None  # the derivative of this …
    by: Expr | None = None  # … by this, where it is one
    formulas: Sequence[Expr] = ()  # what it is, in forms that are right
    others: Callable[[], Iterator[tuple[str, World]]] = lambda: iter(())  # the same world where something more holds
    names: Sequence[Expr] = ()  # symbols that may have been left out
    carried: Callable[[Sequence[Values], Sequence[Values]], Finding | None] = lambda found, want: None  # follows from a slip
    effort: int = EFFORT
    found: Faults | None = None  # for other lines of the same work

    @property
    def faults(self) -> Faults:
        return self.found if self.found is not None else faults(self.world)


def judged_text(asked: Asked, found: Marked, slopes: Mapping[str, Sequence[Values]]) -> Finding:
    """The same of a text; where it has several readings, one that is right is meant."""
    every = list(formulas(asked.world, found))
    findings = [judged(asked, one, slopes) for one in every]
    best = next((k for k, f in enumerate(findings) if f.verdict in (RIGHT, LAYOUT)), 0)
    if len(every) == 1:
        return findings[0]
    return findings[best]._replace(relation=f"{findings[best].relation}, read as {told(every[best].text.source, found.signs)}")


def judged(asked: Asked, one: Formula, slopes: Mapping[str, Sequence[Values]]) -> Finding:
    """Raises ``MatcalcError`` where the formula cannot be read at all."""
    want = asked.true(asked.world)
    if _is_zero(one.body) and all(largest(x) < relations.SAME for x in want[0].at):
        return Finding(RIGHT, "equal")
    if one.body.kind == "num" and one.body.value == 1 and (stands_for := relations.written_1(want[0])) is not None:
        return Finding(RIGHT, f"equal, with 1 for {stands_for}")
    error: MatcalcError | None = None
    found: list[Values] = []
    try:
        found = _zeros(want) if _is_zero(one.body) else list(readings(asked.world, one, slopes))
    except ShapeError as refused:
        error = refused
    except AmbiguityError:  # 𝟏, I: of sizes that only the context tells
        found = [v for true in want for v in _as_large(asked.world, one, slopes, true)]
        if not found:
            raise
    finding = (
        _equal(found, want, asked.of)
        or (_meant(asked.world, one, slopes, want, not found) if asked.effort or asked.world.stars else None)
        or asked.carried(found, want)
        or next(_by_values(asked, one, found, want, slopes), None)
    )
    finding = finding or _by_edits(asked, one, slopes, found, want)
    if finding is None and error is not None and has_rows(one.body, asked.world.types):  # what X_i is no convention says
        raise error
    finding = finding or Finding(OTHER, told(_apart(found, want, error), one.signs))
    if finding.verdict not in (RIGHT, LAYOUT) and not finding.correct:
        finding = finding._replace(correct=Correcting(asked.world, one, slopes, _as_written(found, want)).whole(asked.formulas))
    plain = finding.verdict in (RIGHT, LAYOUT) and "entry by entry" not in finding.relation
    if plain and (sign := by_entries(asked.world, one, slopes)):
        finding = finding._replace(relation=f"{finding.relation}, with {sign} entry by entry")
    lent = [words for name, words in asked.world.lent.items() if name in names_of(one)]
    if lent:
        finding = finding._replace(relation=f"{finding.relation}, with {' and '.join(lent)}")
    return finding._replace(got=next((v for v in found for true in want if v.type == true.type), next(iter(found), None)))


def _meant(
    world: World, one: Formula, slopes: Mapping[str, Sequence[Values]], want: Sequence[Values], unfit: bool
) -> Finding | None:
    """Right with products entry by entry: as programs have them, else a slip."""
    if "*" not in one.text.source and not unfit:
        return None
    with suppress(MatcalcError):
        whole = starred(world._replace(stars=True), one, {word: ways[0].type for word, ways in slopes.items()})
        if whole.body != one.body and any(relations.same(v, want[0]) for v in readings(world, whole, slopes)):
            if world.stars:
                return Finding(RIGHT, "equal, with * entry by entry")
            return Finding(ENTRYWISE, "it is right with products entry by entry", whole.body)
    return None


def _is_zero(body: Ast) -> bool:
    return body.kind == "num" and body.value == 0


def _zeros(want: Sequence[Values]) -> list[Values]:
    """0 is a zero of any size."""
    return [w._replace(at=tuple(0 * x for x in w.at)) for w in want]


def _as_written(found: Sequence[Values], want: list[Values]) -> list[Values]:
    """What is true, first in the layout in which the formula is written."""
    return sorted(want, key=lambda true: all(v.type != true.type for v in found))


def _as_large(world: World, one: Formula, slopes: Mapping[str, Sequence[Values]], true: Values) -> Iterator[Values]:
    """The formula where it has the sizes of what is true."""
    zero = Ast("name", one.body.start, one.body.start, (), ZERO)
    sum_ = Ast("sum", one.body.start, one.body.end, (zero, one.body), "++")
    known = world._replace(names={**world.names, ZERO: true._replace(at=tuple(0 * x for x in true.at))})
    with suppress(MatcalcError):
        yield from readings(known, one.with_body(sum_), slopes)


def _equal(found: Sequence[Values], want: list[Values], of: Expr | None = None) -> Finding | None:
    meanings = want[:1] + [w for w in want[1:] if not relations.same(transposed(w), want[0])]
    for relation in (RIGHT, LAYOUT):
        if any(relations.related(v, w) == relation for v in found for w in meanings):
            return Finding(
                relation, "equal" if relation == RIGHT else f"the transpose of the derivative in the shape convention{_named(of)}"
            )
    stacked = next((v for v in found if relations.is_stacked(v, want[0])), None)
    if stacked is None:
        return None
    kind, here, there = "row" if stacked.type.rows == 1 else "column", size_text(stacked.type), size_text(want[0].type)
    return Finding(LAYOUT, f"the entries of the derivative in one {kind}, {here}: the shape convention arranges them as {there}")


def _named(of: Expr | None) -> str:
    """The layout that has the transpose: of a number's derivative the numerator's, where the derivative is a row."""
    return "" if of is None else f": {'numerator' if of.type.kind == 's' else 'denominator'} layout"


def judged_values(asked: Asked, got: Values, want: list[Values]) -> Finding | None:
    """What is found by values alone: of a program, which has no formula."""
    equal = _equal([got], want, asked.of)
    if equal is not None:
        return equal
    for true in want:
        times = relations.ratio(got, true)
        if times is not None:
            return of_ratio(times, asked.world)
    found = (_by_paths(asked, got, want), _by_terms(asked, got))
    return next(chain.from_iterable(found), None)


def _apart(found: Sequence[Values], want: list[Values], error: MatcalcError | None) -> str:
    if not found:
        return f"the sizes do not fit: {error.message}" if error is not None else "the sizes do not fit"
    if found[0].type != want[0].type:
        return f"it is {size_text(found[0].type)} and should be {size_text(want[0].type)}"
    return "the values differ"


def _by_values(
    asked: Asked, one: Formula, found: Sequence[Values], want: list[Values], slopes: Mapping[str, Sequence[Values]]
) -> Iterator[Finding]:
    for got in found:
        for true in want:
            times = relations.ratio(got, true)
            if times is not None:
                yield of_ratio(times, asked.world)
    if found and asked.effort:
        yield from _by_assumptions(asked, one, slopes)
    for got in found:
        for true in want:
            if relations.is_diagonal_of(got, true):
                yield Finding("missing-term", "only the diagonal is there: the entries beside it are missing")
        yield from _by_paths(asked, got, want)
        yield from _by_terms(asked, got)


def of_ratio(times: relations.Ratio, world: World | None = None) -> Finding:
    if times.number == -1:
        return Finding("sign", "it is −1 times what is right")
    if times.number is not None:
        verdict = "sign" if times.number < 0 and abs(times.number) == 1 else "factor"
        return Finding(verdict, f"it is {_number(times.number)} times what is right")
    if times.by_sizes:
        return Finding("factor", next(_of_sizes(times.at, world), "it is what is right times a factor made of the sizes"))
    return Finding("missing-factor", "it is what is right times a number that the variables give")


def _of_sizes(at: Sequence[float], world: World | None) -> Iterator[str]:
    """A sum for a mean, a mean for a sum: the size by which they differ, and a number."""
    for name in dict.fromkeys(n for p in world.points for n in p.sizes) if world is not None else ():
        sizes = [p.sizes.get(name, 0) for p in world.points] if world is not None else []
        for power, words in ((1, "a sum for a mean"), (-1, "a mean for a sum")):
            rest = [t / s**power if s else 0.0 for s, t in zip(sizes, at, strict=True)]
            times = relations.simple(rest[0])
            if not isinstance(times, Fraction) or not times or any(abs(r / float(times) - 1) > 1e-8 for r in rest):
                continue
            over, under = times.numerator, times.denominator
            above, below = ((over, name), (under,)) if power == 1 else ((over,), (under, name))
            shown = [" ".join(str(x) for x in part if x != 1) for part in (above, below)]
            off = f"{shown[0] or 1}/{shown[1] if ' ' not in shown[1] else f'({shown[1]})'}" if shown[1] else shown[0]
            yield f"it is {off} times what is right" + (f": {words}" if times == 1 else "")


def _number(x: Fraction | float) -> str:
    return str(x) if isinstance(x, Fraction) else f"{x:.6g}"


def _by_assumptions(asked: Asked, one: Formula, slopes: Mapping[str, Sequence[Values]]) -> Iterator[Finding]:
    for what, world in asked.others():
        with suppress(MatcalcError):
            want = asked.true(world)
            if any(relations.related(v, want[0]) for v in readings(world, one, slopes)):
                yield Finding("needs-assumption", f"it is right only where {what}, which is not stated")


def _by_paths(asked: Asked, got: Values, want: list[Values]) -> Iterator[Finding]:
    """The derivative with one path forgotten, turned or scaled, or with one local derivative left out."""
    if asked.of is None:
        return
    true = want[0]
    for mine in (got, transposed(got)):
        if any(x.shape != y.shape for x, y in zip(mine.at, true.at, strict=True)):
            continue
        found = asked.faults.paths(asked.of, asked.by)
        for path in found:
            yield from _of_path(path, mine, true)
        for path in found:
            if any(relations.same(mine, v) for v in path.diagonal):
                yield Finding(
                    "missing-term", f"each entry of {short(path.node)} depends on other entries too: these terms are missing"
                )
            if any(relations.same(mine, v) for v in path.identity):
                yield Finding("missing-factor", f"the derivative of {short(path.node)} is missing")


def _of_path(path: Path, mine: Values, true: Values) -> Iterator[Finding]:
    shown, rest = short(path.node), path.without
    times = relations.ratio(_minus(mine, rest), _minus(true, rest))
    if relations.same(mine, rest) and not relations.same(true, rest):
        yield Finding("missing-term", f"the path through {shown} is missing")
    elif times is not None and times.number not in (None, 1):
        yield Finding(of_ratio(times).verdict, f"what comes through {shown} is {_number(times.number or 0)} times what is right")


def _minus(a: Values, b: Values) -> Values:
    return Values(a.type, tuple(x - y for x, y in zip(a.at, b.at, strict=True)))


def _by_terms(asked: Asked, got: Values) -> Iterator[Finding]:
    """The derivative as it was derived, with one term or one factor forgotten."""
    for part in chain.from_iterable(map(asked.faults.parts, asked.formulas)):
        if relations.related(got, part.value):
            ones = part.node.args[0] if part.node.op == "T" else part.node
            what = "term" if part.is_term else "sum" if ones.op == "ones" else "factor"
            yield Finding(f"missing-{what}", f"the {what} {short(part.node)} is missing")


def by_sums(got: Values, want: list[Values]) -> Iterator[Finding]:
    for words, total in relations.sums(got):
        if any(relations.related(total, true) for true in want):
            yield Finding("missing-sum", f"{words} is missing")


def _by_edits(
    asked: Asked, one: Formula, slopes: Mapping[str, Sequence[Values]], found: Sequence[Values], want: list[Values]
) -> Finding | None:
    """The slip that one edit of the formula undoes."""
    total = next(chain.from_iterable(by_sums(got, want) for got in found), None)
    if not asked.effort:
        return total
    with suppress(MatcalcError, StopIteration):
        scale = next(_scaled(asked, one, slopes, found[0], want), None) if found else None
        scale = scale or _combined(asked, one, slopes, want)
        if scale is not None:
            return scale
    turned: Finding | None = None
    one, as_meant = _as_read(asked.world, one, slopes)
    bodies = dict.fromkeys((one.body, slips.expanded(one.body)))
    count = _count(asked, one.body)
    parts = parts_of(asked.formulas, asked.names)
    asked = asked._replace(world=with_parts(asked.world, parts))
    absent = [(p.kind, p.word, short(p.node)) for p in parts]
    ways = (chain.from_iterable(map(slips.edits, bodies)), slips.with_parts(one.body, absent))
    near, there = first_point(asked.world), {word: list(map(at_first, found)) for word, found in slopes.items()}
    for way in ways:
        for edit in islice(way, count):
            with suppress(MatcalcError):
                edited = one.with_body(edit.body)
                if not any(relations.related(v, at_first(want[0])) for v in readings(near, edited, there, as_meant)):
                    continue
                for value in readings(asked.world, edited, slopes, as_meant):
                    relation = relations.related(value, want[0])
                    if relation == RIGHT:
                        correct = Correcting(asked.world, one, slopes, want, parts).of(edit.body)
                        return Finding(edit.verdict, _words(edit, one), edit.body, correct)
                    if relation == LAYOUT and turned is None:
                        turned = Finding(edit.verdict, f"{_words(edit, one)}, and the whole is transposed", edit.body)
        if total is not None or turned is not None:
            return total or turned
    return None


def _as_read(world: World, one: Formula, slopes: Mapping[str, Sequence[Values]]) -> tuple[Formula, bool]:
    """The formula with its X_i as they fit; and whether what is not read so may be meant entry by entry."""
    signs, rows = {word: ways[0].type for word, ways in slopes.items()}, map(one.with_body, by_rows(one.body, world.types))
    if fits(world, one, signs) is not False:
        return one, False
    row = next((way for way in rows if fits(world, way, signs)), None)
    return (one, True) if row is None else (row, False)


def _words(edit: slips.Edit, one: Formula) -> str:
    """What is wrong, and where in the formula."""
    if edit.place is None or edit.verdict in PLACELESS:
        return edit.words
    place = one.text.source[edit.place.start : edit.place.end]
    return f"{edit.words}: {told(place, one.signs)}"


def _count(asked: Asked, body: Ast) -> int:
    """How many edits of a formula are tried: fewer of a long one, each of which takes longer."""
    return asked.effort // sum(1 for _ in walk(body))


def _scaled(
    asked: Asked, one: Formula, slopes: Mapping[str, Sequence[Values]], got: Values, want: list[Values]
) -> Iterator[Finding]:
    """One part of the formula is to be multiplied by a number."""
    for k, body in enumerate(islice(slips.scaled(one.body), _count(asked, one.body))):
        with suppress(MatcalcError):
            for rest in readings(asked.world, one.with_body(body), slopes):
                for true in want:
                    if rest.type != got.type or any(x.shape != y.shape for x, y in zip(rest.at, true.at, strict=True)):
                        continue
                    times = relations.ratio(_minus(got, rest), _minus(true, rest))
                    if times is not None and times.number not in (None, 1):
                        said = f"one term is {_number(times.number or 0)} times what is right"
                        mended = next(islice(slips.scaled(one.body, inverse(times.number)), k, None))
                        correct = Correcting(asked.world, one, slopes, want).of(slips.tidied(mended))
                        yield of_ratio(times)._replace(relation=said, correct=correct)


def _combined(asked: Asked, one: Formula, slopes: Mapping[str, Sequence[Values]], want: list[Values]) -> Finding | None:
    """Several terms of the formula are to be multiplied by numbers."""
    if one.body.kind != "sum":
        return None
    terms = [next(readings(asked.world, one.with_body(term), slopes)) for term in one.body.args]
    times = next((t for true in want if (t := relations.combination(terms, true))), None)
    if times is None:
        return None
    shown = ", ".join(f"{_number(t)}" for t in times)
    mended = one.body._replace(args=tuple(slips.times(Fraction(t), term) for t, term in zip(times, one.body.args, strict=True)))
    correct = Correcting(asked.world, one, slopes, want).of(slips.tidied(mended))
    return Finding("factor", f"the terms are to be multiplied by {shown}", correct=correct)


__all__ = ["LAYOUT", "OTHER", "RIGHT", "Asked", "Finding", "by_sums", "judged", "judged_values"]
