"""A whole piece of work against the derivative of its problem: an answer, a derivation, or a NumPy function."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

import numpy as np

from matcalc.check.points import Point
from matcalc.check.work import code_slips, relations, work_names
from matcalc.check.work.derivative_signs import marked
from matcalc.check.work.findings import LAYOUT, OTHER, RIGHT, Asked, Finding, by_sums, judged_text, judged_values
from matcalc.check.work.known_lines import Known
from matcalc.check.work.programs import Program, called, program
from matcalc.check.work.work_lines import (
    AT_ZERO,
    DEFINES,
    UNREAD,
    Judge,
    Line,
    first_wrong,
    marked_work,
    objectives,
    with_definitions,
    with_moving,
)
from matcalc.check.work.work_report import WorkReport
from matcalc.check.work.world import Values, World, evaluated, in_columns, laid_out, named, points_of, transposed
from matcalc.check.work.written_chains import Chain, chains, looks_like_latex
from matcalc.expr.errors import MatcalcError, ShapeError, UsageError
from matcalc.expr.nodes import Expr, postorder, sym, variable_type
from matcalc.notation.meaning.problem import Problem
from matcalc.numeric import evaluation
from matcalc.numeric.evaluation import Functions

NO_ANSWER = "no line says what the derivative by {} is, or none that does is understood"
# What people assume without saying so, of a square matrix.
ASSUMPTIONS = {"symmetric": "{} is symmetric", "diagonal": "{} is diagonal", "orthogonal": "{} is orthogonal"}


class Derived(NamedTuple):
    """A problem and its derivative by one variable, as they were derived."""

    problem: Problem
    wrt: str
    kind: str
    result: Expr
    plain: str  # the same, as it is printed
    assume: Mapping[str, frozenset[str]]
    table: Functions
    lines: tuple[Known, ...] = ()  # of the derivation
    seed: int = 0

    @property
    def variable(self) -> Expr:
        known = self.problem.symbols.get(self.wrt)
        return known if known is not None else sym(self.wrt, variable_type(self.problem.dims[self.wrt]))


def report(derived: Derived, work: str, names: Mapping[str, str], form: str | None) -> WorkReport:
    """What is to be said of the work. Raises ``MatcalcError`` for what cannot be read."""
    form = form or form_of(work)
    if form == "numpy":
        finding = _program(derived, work, names)
        return WorkReport(finding.verdict, finding.relation, None, derived.plain, (Line(0, work.strip(), (0, len(work)), finding),))
    case = _case(derived, work, names)
    return (_derivation(case, work) if form == "derivation" else _answer(case, work))._replace(work=work)


def form_of(work: str) -> str:
    """Whether the work is a program, the lines of a derivation, or an answer."""
    if re.search(r"^\s*def \w+\(", work, re.MULTILINE):
        return "numpy"
    bare = [c for c in chains(work, looks_like_latex(work), whole=True) if len(c.members) == 1 and not c.continued]
    return "answer" if len(bare) == 1 else "derivation"


# ---------------------------------------------------------------- what the work speaks of


class Case(NamedTuple):
    """The problem, the world that the work speaks of, and the functions that it names."""

    derived: Derived
    world: World
    functions: Mapping[str, str]

    def true(self, world: World) -> list[Values]:
        """The derivative at the points of the world: in the shape convention, and transposed."""
        derived, v = self.derived, self.derived.variable
        if derived.kind in ("gradient", "jacobian"):
            of = derived.problem.output
            return laid_out([evaluation.jacobian(of, v, p.env, p.sizes, p.functions) for p in world.points], of, v)
        found = evaluated(world, derived.result, {})
        if found.type.kind == "t":
            found = in_columns([evaluation.to_public(x, found.type) for x in found.at], v.type, v.type)
        return [found, transposed(found)]

    def others(self) -> Iterator[tuple[str, World]]:
        """The world where something more is assumed of one of the problem's matrices."""
        for s in postorder((self.derived.problem.output,)):
            if s.op == "sym" and s.type.kind == "m" and s.type.rows == s.type.cols and s is not self.derived.variable:
                known = self.derived.assume.get(str(s.attr), frozenset())
                for quality, words in ASSUMPTIONS.items():
                    with suppress(MatcalcError):
                        more = {**self.derived.assume, str(s.attr): known | {quality}}
                        yield words.format(s.attr), _at(self.world, _points(self.derived, more))

    @property
    def asked(self) -> Asked:
        derived = self.derived
        by_paths = derived.kind in ("gradient", "jacobian")
        of, by = (derived.problem.output, derived.variable) if by_paths else (None, None)
        return Asked(self.world, self.true, of, by, (derived.result,), self.others, [*self.world.problem.symbols.values()])


def _case(derived: Derived, work: str, names: Mapping[str, str]) -> Case:
    problem = derived.problem
    functions = {n: f for n, v in names.items() if (f := v if work_names.is_function(v) else work_names.applied_function(v))}
    if "sigma" not in {*problem.symbols, *problem.functions, *map(named, names)}:
        functions |= dict.fromkeys((r"\sigma", "σ"), "sigmoid")  # by habit
    own = {work_names.word(f): evaluation.from_user(f, f) for f in functions.values()}
    derived = derived._replace(table=evaluation.WithGeneric({**derived.table, **own}))
    known = frozenset([*problem.functions, *own])
    world = World(problem, (derived.wrt,), _points(derived, derived.assume), {}, {}, {}, known, False)
    for name, e in problem.definitions:
        if name != problem.output_name:
            world = world._replace(names={**world.names, name: evaluated(world, e, {})}, formulas={**world.formulas, name: e})
    values = {named(n): v for n, v in names.items() if not work_names.is_function(v)}
    world = work_names.explained(world, values)._replace(latex=looks_like_latex(work))
    numbers = {n for n, v in world.names.items() if v.type.kind == "s"}  # s(u - v) is a product
    return Case(derived, world, {n: f for n, f in functions.items() if named(n) not in numbers})


def _points(derived: Derived, assume: Mapping[str, frozenset[str]]) -> tuple[Point, ...]:
    return points_of(derived.problem, [derived.problem.output, derived.result], assume, derived.table, derived.seed)


def _at(world: World, points: tuple[Point, ...]) -> World:
    """The world at other points, with the names that are formulas."""
    bare = world._replace(points=points, names={})
    return bare._replace(names={n: evaluated(bare, e, {}) for n, e in world.formulas.items()})


# ---------------------------------------------------------------- answers and derivations


def _answer(case: Case, work: str) -> WorkReport:
    """The formula without a left side is the answer, or the last one; the others define names."""
    found = chains(work, case.world.latex, whole=True)
    if not found:
        raise UsageError("the answer is empty", hint="write a formula, such as 2*A'*(A*x - b)")
    last = next((c for c in found if len(c.members) == 1 and not c.continued), found[-1])
    others = [c for c in found if c is not last]
    world = _with_names(case, others) if others else case.world
    member = last.members[-1]
    text = work_names.with_functions(member.text, case.functions, world.names, world.latex)
    finding = judged_text(case._replace(world=world).asked, marked(text, world.latex, (), work_names.words()), {})
    line = Line(last.line, member.text, member.span, finding)
    return WorkReport(finding.verdict, finding.relation, None, case.derived.plain, (line,))


def _with_names(case: Case, before: list[Chain]) -> World:
    written = marked_work(case.world, before, case.functions)
    return with_definitions(case.world, written, work_names.Reader(objectives(case.world, written)))


def _derivation(case: Case, work: str) -> WorkReport:
    found = chains(work, case.world.latex)
    if not found:
        raise UsageError("there is no formula in the work", hint="write equalities, such as z = W*x + b, one a line")
    written = marked_work(case.world, found, case.functions)
    reader = work_names.Reader(objectives(case.world, written))
    world = with_definitions(with_moving(case.world, written), written, reader)
    judge = Judge(world, reader, case._replace(world=world).others, [*world.problem.symbols.values()], case.derived.lines)
    lines = tuple(judge.lines(written))
    wrong = first_wrong(lines)
    if wrong is not None:
        return WorkReport(wrong.finding.verdict, wrong.finding.relation, wrong.line, case.derived.plain, lines)
    answers = [line.finding for line in lines if line.is_answer and line.finding.verdict != DEFINES]
    last = answers[-1] if answers else Finding(UNREAD, NO_ANSWER.format(case.derived.wrt))
    dark = next((line for line in lines if line.finding.verdict == UNREAD and line.finding.relation != AT_ZERO), None)
    if dark is not None and last.verdict in (RIGHT, LAYOUT):  # nothing is called right that was not read
        last = Finding(UNREAD, f"line {dark.line + 1}, {' '.join(dark.text.split())}: {dark.finding.relation}; all else is right")
    return WorkReport(last.verdict, last.relation, None, case.derived.plain, lines)


# ---------------------------------------------------------------- programs


def _program(derived: Derived, work: str, names: Mapping[str, str]) -> Finding:
    """A NumPy function against the derivative, on small arrays."""
    one = program(work)
    case = _case(derived, "", {n: v for n, v in names.items() if n in one.parameters})
    true = case.true(case.world)
    try:
        got, why = _values(case.world, one, true[0]), "what it gives has other sizes than the derivative"
    except ShapeError as error:
        got, why = None, error.message
    found = judged_values(case.asked, got, true) if got is not None else None
    if found is not None:
        return found
    for way in (code_slips.edits(one), code_slips.with_factors(one, one.parameters)):
        for edit in way:
            with suppress(MatcalcError):
                value = _values(case.world, edit.program, true[0])
                if value is not None and relations.related(value, true[0]) == RIGHT:
                    return Finding(edit.verdict, edit.words)
        total = next(by_sums(got, true), None) if got is not None else None
        if total is not None:
            return total
    return Finding(OTHER, "the values differ" if got is not None else why)


def _values(world: World, one: Program, like: Values) -> Values | None:
    """What the function gives at the points of the world; None where it gives no array of numbers."""
    out = []
    for k, point in enumerate(world.points):
        arrays = {str(s.attr): evaluation.to_public(point.env[s], s.type) for s in world.problem.symbols.values()}
        arrays |= {n: evaluation.to_public(v.at[k], v.type) for n, v in world.names.items()}
        found = called(one, arrays)
        found = found[0] if isinstance(found, tuple) and len(found) == 1 else found
        if found is None or isinstance(found, (tuple, dict)):
            return None
        try:
            array = np.asarray(found, float)
        except (TypeError, ValueError):  # a function, or a list of rows that differ
            return None
        if array.ndim < 2:
            array = array.reshape(like.at[k].shape) if array.size == like.at[k].size else array.reshape(1, -1)
        out.append(array)
    same = all(x.shape == y.shape for x, y in zip(out, like.at, strict=True))
    return Values(like.type if same else like.type._replace(kind="m"), tuple(out))


__all__ = ["Derived", "form_of", "report"]
