"""The lines of somebody's derivation, one after the other: the first one that is wrong, and by which slip."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from types import MappingProxyType
from typing import NamedTuple

from matcalc.check.work import work_names
from matcalc.check.work.carried import Slip, carried, expecting, is_again, multiplied, read_off
from matcalc.check.work.derivative_signs import SLOPE, Marked, Sign, told
from matcalc.check.work.entry_cases import in_one_case
from matcalc.check.work.entry_lines import Entries, entries_of, of_entries, value_of, without_sum
from matcalc.check.work.faults import Faults
from matcalc.check.work.findings import EFFORT, LAYOUT, OTHER, RIGHT, Asked, Finding, judged_text
from matcalc.check.work.known_lines import About, is_one
from matcalc.check.work.marked_lines import Work
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
from matcalc.check.work.written_chains import (
    Chain,
    Member,
    is_case,
    is_entrywise,
    is_function_of,
    is_hessian,
    of_one_sample,
    sets_to_zero,
)
from matcalc.expr.errors import MatcalcError
from matcalc.expr.nodes import Expr

MANY = 12  # slips, after which none is looked for any more: work that is wrong all over
FEW = 3  # of them from which lines follow there
NO_HESSIAN = "second derivatives are judged where they are what is asked for"
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


class Anchor(NamedTuple):
    """What the members of a chain are to be."""

    true: Callable[[World], list[Values]]
    of: Expr | None = None
    by: Expr | None = None
    sign: Marked | None = None  # the member that says so
    value: Expr | None = None  # what is to have this value
    entries: Entries | None = None  # what it says of each entry
    answer: bool = False  # whether it is the derivative that was asked for


class Judge(NamedTuple):
    world: World
    reader: Reader
    others: Callable[[], Iterator[tuple[str, World]]]
    names: Sequence[Expr]
    said: Callable[[Expr, Expr | None], About]  # what the derivation at hand says of a derivative
    faults: Faults
    line_of: Callable[[int], int] = lambda at: 1  # the line of the work at a place
    text: str = ""  # of the whole work
    undefined: Mapping[str, int] = MappingProxyType({})  # names whose definitions give nothing, and where these stand
    named: Mapping[str, Anchor] = MappingProxyType({})  # what stands for the derivative by itself: J of a Jacobian

    def lines(self, work: Work) -> Iterator[Line]:
        anchor: Anchor | None = None
        answered = conditions = False
        slips: list[Slip] = []
        for chain, members in zip(work.chains, work.members, strict=True):
            if not self.named and any(is_hessian(m.text) for m in chain.members):
                yield Line(chain.line, chain.members[-1].text, chain.members[-1].span, Finding(UNREAD, NO_HESSIAN))
                continue
            law = _is_law(chain, members) and not _is_identity(members[0])
            judge = self.for_identity(members) if _is_identity(members[0]) or law else self
            try:
                found = judge._anchor(chain, members) if not chain.continued or anchor is None else anchor
            except MatcalcError as error:
                yield self._unread(chain, error)
                anchor = None
                continue
            anchor = found
            conditions |= answered and sets_to_zero(self.text, chain.members[0].span[0])
            for line in judge._chain(chain, members, found, [] if law and judge is not self else slips):
                if law and judge is not self and line.finding.verdict not in SOUND:
                    line = line._replace(finding=Finding(UNREAD, "it holds no names of the problem, and not for all values"))
                solved = answered and not line.is_answer and named(chain.members[0].text) in self.world.variables
                if solved or (conditions and (found.sign is None or _is_zero(line.text))):
                    line = line._replace(finding=Finding(UNREAD, AT_ZERO))
                elif answered and _is_zero(line.text) and line.finding.verdict not in (RIGHT, LAYOUT):
                    conditions, line = True, line._replace(finding=Finding(DEFINES, "a condition"))
                answered |= line.is_answer
                yield line

    def _unread(self, chain: Chain, error: MatcalcError) -> Line:
        """A definition that gives nothing is shown whole."""
        left, *rest = chain.members
        shown = rest[0] if rest and head(left.text) else left
        return Line(chain.line, shown.text, shown.span, Finding(UNREAD, self._why(error)), left.text if shown is not left else "")

    def _why(self, error: MatcalcError) -> str:
        if not isinstance(error, Unknown) or error.name not in self.undefined:
            return error.message
        return f"the definition of '{error.name}' in line {self.line_of(self.undefined[error.name])} is not understood"

    def _anchor(self, chain: Chain, members: Sequence[Marked]) -> Anchor:
        for member in members:
            sign = member.alone
            if sign is not None and not chain.continued and (entries := entries_of(self.world, self.reader, sign)) is not None:
                of, by = entries.whole or (None, None)
                return Anchor(entries.true, of, by, member, None, entries)
            if sign is not None:
                of, by = self.reader.of(self.world, sign), self.reader.by(self.world, sign)
                return Anchor(partial(_slopes, sign, of, by), of, by, member)
        entries = value_of(self.world, self.reader, chain.members[0].text.strip()) if not members[0].signs else None
        if entries is not None and not chain.continued:
            return Anchor(entries.true, entries=entries)
        name = head(chain.members[0].text)
        if name is not None and name in self.named:
            return self.named[name]
        if name is not None and named(name) in self.reader.objective:
            return Anchor(partial(_value, self.world.problem.output), value=self.world.problem.output)
        if name is not None and named(name) in self.world.formulas:
            e = self.world.formulas[named(name)]
            return Anchor(partial(_value, e), value=e)
        if name is not None and named(name) in self.world.names:
            return Anchor(partial(_named, named(name)))
        if name is not None and len(members) > 1 and named(name) not in {*self.world.problem.symbols, *self.world.functions}:
            one = formula(self.world, members[1])  # a definition that gave no value: why
            work_names.with_name(self.world, named(name), one, self.reader.slopes(self.world, one))
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
                world = with_free(world, error.name, error.name[:1].isupper() and not _is_identity(members[0]))
            except MatcalcError:
                return self
            else:
                return self._replace(world=world)

    def _chain(self, chain: Chain, members: Sequence[Marked], anchor: Anchor, slips: list[Slip]) -> Iterator[Line]:
        skip = 0 if chain.continued else 1
        for k, (member, one) in enumerate(zip(chain.members, members, strict=True)):
            name = head(member.text)
            if one is anchor.sign or (k < skip and (not (anchor.of and name) or name in self.named)):
                continue
            if one.alone is not None and anchor.sign and one.alone.kind != anchor.sign.signs[0].kind:
                continue  # dW = ∂L/∂W, as programs call it
            finding = self._finding(one, anchor, slips)
            if finding.relation.startswith("diag is missing") and is_entrywise(self.text, member.span[0]):
                finding = Finding(RIGHT, "equal, entry by entry", got=finding.got)
            if anchor.entries is not None and finding.verdict not in SOUND:
                finding = in_one_case(self.world, anchor.entries, finding, is_case(self.text, member.span[0]))
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

        columns = cache(partial(read_off, self.world, of, along))
        line, speaks_of = self.line_of(member.span[0]), (of, anchor.by, anchor.of is None)
        yield expecting(self.world, Slip(line, finding.verdict, finding.relation, *speaks_of, finding.got, own, put, columns))

    def _carried(self, anchor: Anchor, slips: Sequence[Slip], found: Sequence[Values], want: Sequence[Values]) -> Finding | None:
        of = anchor.of if anchor.of is not None else anchor.value
        if not slips or of is None:
            return None
        slips = slips[-MANY:] if len(slips) < 2 * MANY else slips[-FEW:]
        slip = carried(slips, of, anchor.by, anchor.of is None, found)
        slip = slip or next((s for s in slips if multiplied(s, of, found, want)), None)
        return slip and _following(slip)

    def _is_answer(self, anchor: Anchor) -> bool:
        world, (of, by) = self.world, anchor.entries[:2] if anchor.entries else (anchor.of, anchor.by)
        whole = of is not None and is_one(world, of, world.problem.output)
        return anchor.answer or (whole and (by is None or str(by.attr) in world.variables))

    def _finding(self, one: Marked, anchor: Anchor, slips: Sequence[Slip]) -> Finding:
        try:
            entries = anchor.entries
            said = self.said(anchor.of, anchor.by) if anchor.of is not None else About((), (), "")
            forms = said.formulas if anchor.value is None else (*said.formulas, anchor.value)
            before = len(slips)
            effort = EFFORT // (1 + before * (before + 1) // 2) if before < MANY else 0
            carries = partial(self._carried, anchor, slips)
            asked = Asked(
                self.world, anchor.true, anchor.of, anchor.by, forms, self.others, self.names, carries, effort, self.faults
            )
            found = (
                of_entries(asked, self.reader, entries, one)
                if entries
                else judged_text(asked, one, self.reader.slopes(self.world, one))
            )
            finding = _of_differential(found, anchor)._replace(rule=said.rule)
            again = next((s for s in slips if finding.got is None and is_again(s, finding.verdict, finding.relation)), None)
            against = next(
                (s.line for s in reversed(slips) if s.is_about(anchor.of or anchor.value, anchor.by, anchor.of is None)), None
            )
            return _following(again) if again is not None else finding._replace(against=against, ours=said.lines)
        except MatcalcError as error:
            bare = anchor.of is not None and anchor.entries is None and not of_one_sample(self.text)
            unbound = without_sum(Asked(self.world, anchor.true, anchor.of, anchor.by), self.reader, one) if bare else None
            return unbound or Finding(UNREAD, told(self._why(error), one.signs))


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


def _is_law(chain: Chain, members: Sequence[Marked]) -> bool:
    """Whether a line may speak of matrices of its own: tr(M) = tr(M'). It defines nothing, and differentiates nothing."""
    text = chain.members[0].text
    return not chain.continued and not any(m.signs for m in members) and (head(text) is None or is_function_of(text))


def jacobian(of: Expr, by: Expr) -> Anchor:
    return Anchor(partial(_slopes, Sign(SLOPE, "", "", ""), of, by), of, by)


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


__all__ = ["OTHER", "Anchor", "Judge", "Line", "first_wrong", "jacobian"]
