"""The lines of somebody's derivation, one after the other: the first one that is wrong, and by which slip."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from matcalc.check.work import work_names
from matcalc.check.work.carried import Slip, carried, is_again, multiplied
from matcalc.check.work.derivative_signs import DIFFERENTIAL, SLOPE, Marked, Sign, marked, told
from matcalc.check.work.entry_lines import Entries, entries_of, free_letters, is_entry, of_entries, value_of
from matcalc.check.work.faults import Path
from matcalc.check.work.findings import EFFORT, LAYOUT, OTHER, RIGHT, Asked, Finding, judged_text
from matcalc.check.work.known_lines import Known, is_one, matching, rule_of
from matcalc.check.work.work_names import NotInside, Reader, head
from matcalc.check.work.world import (
    Formula,
    Unknown,
    Values,
    World,
    evaluated,
    formula,
    formulas,
    named,
    readings,
    slopes,
    typed,
    with_free,
)
from matcalc.check.work.written_chains import Chain, Member
from matcalc.expr.errors import MatcalcError
from matcalc.expr.nodes import Expr

MANY = 12  # slips, after which none is looked for any more: work that is wrong all over
AT_ZERO = "it holds only where the derivative is 0"
DEFINES, UNREAD = "definition", "not-understood"
SOUND = (RIGHT, LAYOUT, DEFINES, UNREAD)  # verdicts on lines that are not wrong


class Line(NamedTuple):
    """One equality of the work and what was found: ``text`` is the side that was judged."""

    line: int
    text: str
    span: tuple[int, int]
    finding: Finding
    left: str = ""  # the other side, where it is written beside it
    is_answer: bool = False  # whether it speaks of the derivative, or the differential, that was asked for


class Work(NamedTuple):
    """What was written: its chains, with words for derivatives."""

    chains: tuple[Chain, ...]
    members: tuple[tuple[Marked, ...], ...]


class Anchor(NamedTuple):
    """What the members of a chain are to be."""

    true: Callable[[World], list[Values]]
    of: Expr | None = None
    by: Expr | None = None
    sign: Marked | None = None  # the member that says so
    value: Expr | None = None  # what is to have this value
    entries: Entries | None = None  # what it says of each entry


def signs_of(work: Work) -> Iterator[Sign]:
    for members in work.members:
        for member in members:
            yield from member.signs


def marked_work(world: World, found: Sequence[Chain], functions: Mapping[str, str]) -> Work:
    words = work_names.words()
    defined = {n for c in found if len(c.members) > 1 and (n := head(c.members[0].text)) is not None}
    own = {name for name in (world.problem.output_name,) if name is not None}
    values = work_names.differentials(world) | defined | own | {"L", "J", "f", "s", r"\ell", r"\mathcal{L}", "E", "loss", "F", "C"}
    members, free = [], frozenset[str]()
    for c in found:
        texts = [work_names.with_functions(m.text, functions, world.names, world.latex) for m in c.members]
        first = [] if c.continued else [marked(texts[0], world.latex, values, words)]
        free = free_letters(world, first[0], defined) if first else free
        members.append((*first, *(marked(text, world.latex, values, words, free) for text in texts[len(first) :])))
    return _as_programs_call(world, Work(tuple(found), tuple(members)))


def _as_programs_call(world: World, work: Work) -> Work:
    """With gradients for differentials where a line says what that of a variable is: dW = δ x' is ∂L/∂W, as programs call it."""
    heads = [m[0].alone for m in work.members if len(m) > 1]
    own = [named(s.of) for s in heads if s is not None and s.kind == DIFFERENTIAL]
    if not any(n in world.problem.symbols for n in own) or world.problem.output_name in own:
        return work
    return work._replace(members=tuple(tuple(map(_with_slopes, members)) for members in work.members))


def _with_slopes(member: Marked) -> Marked:
    return member._replace(
        signs=tuple(s._replace(kind=SLOPE, of="", by=s.of) if s.kind == DIFFERENTIAL else s for s in member.signs)
    )


# ---------------------------------------------------------------- names


def objectives(world: World, work: Work) -> frozenset[str]:
    """Names of the value that the whole problem is about: that of the problem, and those that are differentiated and that
    nothing else is made of."""
    bys = {named(s.by) for s in signs_of(work)}
    asked = {named(s.of) for s in signs_of(work) if re.fullmatch(r"\\?\w+(_\{?\w+\}?)?", s.of)}
    heads = [named(n) for c in work.chains if len(c.members) > 1 and (n := head(c.members[0].text))]
    known = {*world.problem.symbols, *world.names, *(n for n, _ in world.problem.definitions if n != world.problem.output_name)}
    own = {n for n in (world.problem.output_name,) if n is not None}
    found = {*own, *[n for n in asked if n not in known and n not in bys]}
    open_ones = {n for n in found if n not in heads}
    if open_ones:
        return frozenset(open_ones | own)
    used = {n for n in found if any(_uses(m.text, n) for members in work.members for m in members[1:])}
    return frozenset(found - used | own)


def own_names(work: Work) -> tuple[set[str], set[str]]:
    """Names that the work defines, and names of what it differentiates."""
    heads = {named(n) for c in work.chains if len(c.members) > 1 and (n := head(c.members[0].text))}
    return heads, {named(s.of) for s in signs_of(work)}


def _uses(text: str, name: str) -> bool:
    return bool(re.search(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", text))


def with_definitions(world: World, work: Work, reader: Reader) -> World:
    """The world with the names that the lines define, in whatever order these stand."""
    open_ones = [
        (c, m) for c, m in zip(work.chains, work.members, strict=True) if len(c.members) > 1 and _defines(world, c, reader)
    ]
    progress = True
    while progress and open_ones:
        progress = False
        for one in list(open_ones):
            with suppress(MatcalcError):
                world = _defined(world, one[0], one[1], reader)
                open_ones.remove(one)
                progress = True
    return world


def _defines(world: World, chain: Chain, reader: Reader) -> bool:
    name = head(chain.members[0].text)
    return name is not None and named(name) not in {*world.problem.symbols, *world.names, *reader.objective}


def _defined(world: World, chain: Chain, members: Sequence[Marked], reader: Reader) -> World:
    name = named(head(chain.members[0].text) or "")
    for member in members[1:]:
        if member.alone is not None:
            value = _laid_out(world, reader.slopes(world, member)[member.alone.word], members[1:])
            return world._replace(names={**world.names, name: value}, slopes=world.slopes | {name})
    one_formula = formula(world, members[1])
    return work_names.with_name(world, name, one_formula, reader.slopes(world, one_formula))


def _laid_out(world: World, ways: Sequence[Values], members: Sequence[Marked]) -> Values:
    """In the layout of what the derivative is said to be: δ = ∂s/∂z = uᵀ diag(f′(z)) is a row. Else in the shape convention."""
    for member in members:
        with suppress(MatcalcError):
            e = None if member.signs else work_names.sign_free(world, formula(world, member))
            if e is not None:
                return next((way for way in ways if way.type == e.type), ways[0])
    return ways[0]


def with_objective(world: World, names: Collection[str]) -> World:
    """With the value of the whole problem by its names, for formulas that speak of it: (A x - J x)/x'x."""
    whole = world.problem.output
    known = {n: evaluated(world, whole, {}) for n in names if n not in world.types and not is_entry(world, n)}
    return world._replace(names={**world.names, **known}, formulas={**world.formulas, **dict.fromkeys(known, whole)})


def with_moving(world: World, work: Work) -> World:
    """Directions for what has a differential in the work; for the variable where nothing has."""
    symbols = world.problem.symbols
    found = {named(s.of) for s in signs_of(work) if s.kind == DIFFERENTIAL} & symbols.keys()
    names = found or set(world.variables)
    directions = [p.directions([symbols[n] for n in sorted(names)]) for p in world.points]
    return world._replace(moving={n: tuple(d[symbols[n]] for d in directions) for n in names})


# ---------------------------------------------------------------- lines


class Judge(NamedTuple):
    world: World
    reader: Reader
    others: Callable[[], Iterator[tuple[str, World]]]
    names: Sequence[Expr]
    known: Sequence[Known] = ()
    line_of: Callable[[int], int] = lambda at: 1  # the line of the work at a place
    paths: Callable[[Expr, Expr | None], Sequence[Path]] | None = None  # through which a value moves, each found once

    def lines(self, work: Work) -> Iterator[Line]:
        anchor: Anchor | None = None
        answered = conditions = False
        slips: list[Slip] = []
        for chain, members in zip(work.chains, work.members, strict=True):
            judge = self.for_identity(members) if _is_identity(members[0]) else self
            try:
                found = judge._anchor(chain, members) if not chain.continued or anchor is None else anchor
            except MatcalcError as error:
                yield Line(chain.line, chain.members[0].text, chain.members[0].span, Finding(UNREAD, error.message))
                anchor = None
                continue
            anchor = found
            for line in judge._chain(chain, members, found, slips):
                solved = answered and not line.is_answer and named(chain.members[0].text) in self.world.variables
                if solved or (conditions and (found.sign is None or _is_zero(line.text))):
                    line = line._replace(finding=Finding(UNREAD, AT_ZERO))
                elif answered and _is_zero(line.text) and line.finding.verdict not in (RIGHT, LAYOUT):
                    conditions, line = True, line._replace(finding=Finding(DEFINES, "a condition"))
                answered |= line.is_answer
                yield line

    def _anchor(self, chain: Chain, members: Sequence[Marked]) -> Anchor:
        for member in members:
            sign = member.alone
            if sign is not None and not chain.continued and (entries := entries_of(self.world, self.reader, sign)) is not None:
                return Anchor(entries.true, sign=member, entries=entries)
            if sign is not None:
                of, by = self.reader.of(self.world, sign), self.reader.by(self.world, sign)
                return Anchor(partial(_slopes, sign, of, by), of, by, member)
        entries = value_of(self.world, self.reader, chain.members[0].text.strip()) if not members[0].signs else None
        if entries is not None and not chain.continued:
            return Anchor(entries.true, entries=entries)
        name = head(chain.members[0].text)
        if name is not None and named(name) in self.reader.objective:
            return Anchor(partial(_value, self.world.problem.output), value=self.world.problem.output)
        if name is not None and named(name) in self.world.formulas:
            e = self.world.formulas[named(name)]
            return Anchor(partial(_value, e), value=e)
        if name is not None and named(name) in self.world.names:
            return Anchor(partial(_named, named(name)))
        one = formula(self.world, members[0])
        return Anchor(partial(_read, one, self.reader))

    def for_identity(self, members: Sequence[Marked]) -> Judge:
        """With the argument of an identity such as σ'(z) = σ(z)(1 - σ(z)) as a number of its own, where the work does not say what
        it is."""
        world = self.world._replace(names={n: v for n, v in self.world.names.items() if n not in self.world.lent}, lent={})
        if "t" not in world.types and any("(t)" in m.text for m in members):  # which stands in for an argument that is left out
            world = with_free(world, "t")
        while True:
            try:
                for member in members:
                    typed(world, formula(world, member), {})
            except Unknown as error:
                world = with_free(world, error.name)
            except MatcalcError:
                return self
            else:
                return self._replace(world=world)

    def _chain(self, chain: Chain, members: Sequence[Marked], anchor: Anchor, slips: list[Slip]) -> Iterator[Line]:
        skip = 0 if chain.continued else 1
        for k, (member, one) in enumerate(zip(chain.members, members, strict=True)):
            if one is anchor.sign or (k < skip and not (anchor.of and head(member.text))):
                continue
            if one.alone is not None and anchor.sign and one.alone.kind != anchor.sign.signs[0].kind:
                continue  # dW = ∂L/∂W, as programs call it
            finding = self._finding(one, anchor, slips)
            slips += self._slip(member, one, anchor, finding)
            left = chain.members[0].text if k == skip == 1 else ""
            yield Line(chain.line, member.text, member.span, finding, left, self._is_answer(anchor))

    def _slip(self, member: Member, one: Marked, anchor: Anchor, finding: Finding) -> Iterator[Slip]:
        """What a wrong line says, for the lines behind it."""
        of = anchor.of if anchor.of is not None else anchor.value
        if finding.verdict in SOUND or of is None:
            return
        found = next(formulas(self.world, one))
        true = anchor.true(self.world)
        own = next((t for t in true if finding.got is not None and t.type == finding.got.type), true[0])
        put = work_names.sign_free(self.world, found) if anchor.of is None and finding.got is not None else None

        def along(world: World) -> list[Values]:
            return list(readings(world, found, self.reader.slopes(world, found)))

        line, speaks_of = self.line_of(member.span[0]), (of, anchor.by, anchor.of is None)
        yield Slip(line, finding.verdict, finding.relation, *speaks_of, finding.got, own, put, along)

    def _carried(self, anchor: Anchor, slips: Sequence[Slip], found: Sequence[Values], want: Sequence[Values]) -> Finding | None:
        of = anchor.of if anchor.of is not None else anchor.value
        if not slips or of is None:
            return None
        slips = slips[-MANY:]
        slip = carried(self.world, slips, of, anchor.by, anchor.of is None, found)
        slip = slip or next((s for s in slips if multiplied(s, of, found, want)), None)
        return slip and _following(slip)

    def _is_answer(self, anchor: Anchor) -> bool:
        world, (of, by) = self.world, anchor.entries[:2] if anchor.entries else (anchor.of, anchor.by)
        whole = of is not None and is_one(world, of, world.problem.output)
        return whole and (by is None or str(by.attr) in world.variables)

    def _rule(self, anchor: Anchor) -> str:
        """The rule by which the value is differentiated, where the derivation has no such line."""
        return rule_of([line for line in self.known if anchor.of is not None and is_one(self.world, line.of, anchor.of)])

    def _finding(self, one: Marked, anchor: Anchor, slips: Sequence[Slip]) -> Finding:
        try:
            if anchor.entries is not None:
                return of_entries(self.world, self.reader, anchor.entries, one)
            sides = self.reader.slopes(self.world, one)
            said = list(matching(self.world, self.known, anchor.of, anchor.by)) if anchor.of is not None else []
            forms = list(dict.fromkeys(k.value for k in said if k.value is not None))
            forms += [anchor.value] if anchor.value is not None else []
            carries, effort = partial(self._carried, anchor, slips), EFFORT // (1 + len(slips)) if len(slips) < MANY else 0
            asked = Asked(
                self.world, anchor.true, anchor.of, anchor.by, forms, self.others, self.names, carries, effort, self.paths
            )
            finding = _of_differential(judged_text(asked, one, sides), anchor)._replace(rule=rule_of(said) or self._rule(anchor))
            ours = tuple(k for k, x in enumerate(self.known) if x in said)
            again = next((s for s in slips if finding.got is None and is_again(s, finding.verdict, finding.relation)), None)
            against = next(
                (s.line for s in reversed(slips) if s.is_about(anchor.of or anchor.value, anchor.by, anchor.of is None)), None
            )
            return _following(again) if again is not None else finding._replace(against=against, ours=ours)
        except MatcalcError as error:
            return Finding(UNREAD, told(error.message, one.signs))


def _following(slip: Slip) -> Finding:
    return Finding(slip.verdict, f"it follows from line {slip.line}, which is wrong", carried=slip.line)


def _of_differential(finding: Finding, anchor: Anchor) -> Finding:
    """The differential of a matrix has no other layout."""
    turned = finding.verdict == LAYOUT and anchor.of is not None and anchor.by is None and anchor.of.type.kind == "m"
    return Finding("transpose", "the whole is transposed") if turned else finding


def _is_zero(text: str) -> bool:
    return bool(re.fullmatch(r"(?:\\(?:mathbf|vec|boldsymbol|bm))?\s*\{?\s*0\s*\}?", text.strip()))


def _is_identity(left: Marked) -> bool:
    return not left.signs and bool(re.search(r"'|\\prime|′", left.text))


def _slopes(sign: Sign, of: Expr, by: Expr | None, world: World) -> list[Values]:
    found = slopes(world, sign, of, by)
    if not found:
        raise NotInside(sign)
    return found


def _value(e: Expr, world: World) -> list[Values]:
    return [evaluated(world, e, {})]


def _named(name: str, world: World) -> list[Values]:
    return [world.names[name]]


def _read(one: Formula, reader: Reader, world: World) -> list[Values]:
    return list(readings(world, one, reader.slopes(world, one)))


def first_wrong(lines: Sequence[Line]) -> Line | None:
    return next((line for line in lines if line.finding.verdict not in SOUND), None)


__all__ = [
    "OTHER",
    "Judge",
    "Line",
    "Work",
    "first_wrong",
    "marked_work",
    "objectives",
    "own_names",
    "with_definitions",
    "with_moving",
    "with_objective",
]
