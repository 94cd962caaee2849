"""A whole piece of work against the derivative of its problem: an answer, a derivation, or a NumPy function."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, partial

from matcalc.check.verdict import NUMERIC
from matcalc.check.work import work_names
from matcalc.check.work.cases import Case, Derived, case_of, example, how_right, with_lent
from matcalc.check.work.derivative_signs import marked
from matcalc.check.work.faults import faults
from matcalc.check.work.findings import LAYOUT, OTHER, RIGHT, Finding, judged_text
from matcalc.check.work.judged_code import walked
from matcalc.check.work.known_lines import about
from matcalc.check.work.marked_lines import (
    marked_work,
    objectives,
    own_names,
    undefined,
    with_definitions,
    with_moving,
    with_objective,
)
from matcalc.check.work.work_lines import (
    AT_ZERO,
    DEFINES,
    UNREAD,
    Anchor,
    Judge,
    Line,
    first_wrong,
    jacobian,
)
from matcalc.check.work.work_names import head
from matcalc.check.work.work_report import WorkReport
from matcalc.check.work.world import World, formula
from matcalc.check.work.written_chains import HESSIAN, Chain, chains, line_at, looks_like_latex, with_hessians, with_likelihood
from matcalc.expr.errors import MatcalcError, UsageError

_SLOPE = re.compile(
    r"\\[dt]?frac|\\partial|[∂d]\w+\s*/|\\nabla|∇|grad\b|d[A-Za-z]\d?\s*$"
)  # how an equality begins that says what a derivative is
NO_ANSWER = "no line says what the derivative by {} is, or none that does is understood"


def report(derived: Derived, work: str, names: Mapping[str, str], form: str | None) -> WorkReport:
    """What is to be said of the work. Raises ``MatcalcError`` for what cannot be read."""
    form = form or form_of(work)
    if form == "numpy":
        finding = walked(derived, work, names)
        return WorkReport(finding.verdict, finding.relation, None, derived.plain, (Line(0, work.strip(), (0, len(work)), finding),))
    case = case_of(derived, work, names)
    found = _derivation(case, work) if form == "derivation" else _answer(case, work)
    return found._replace(work=work, groups=derived.groups, ours=tuple(x.text for x in derived.lines))


def form_of(work: str) -> str:
    """Whether the work is a program, the lines of a derivation, or an answer."""
    if re.search(r"^\s*def \w+\(", work, re.MULTILINE):
        return "numpy"
    every = chains(work, looks_like_latex(work), whole=True)
    bare = [c for c in every if len(c.members) == 1 and not c.continued]
    told = any(_SLOPE.match(c.members[0].text) for c in every if len(c.members) > 1)
    return "answer" if len(bare) == 1 and not told else "derivation"


# ---------------------------------------------------------------- answers and derivations


def _answer(case: Case, work: str) -> WorkReport:
    """The formula without a left side is the answer, or the last one; the others define names."""
    found = chains(work, case.world.latex, whole=True)
    if not found:
        raise UsageError("the answer is empty", hint="write a formula, such as 2*A'*(A*x - b)")
    case = with_lent(case, *own_names(marked_work(case.world, found, case.functions)))
    last = next((c for c in found if len(c.members) == 1 and not c.continued), found[-1])
    others = [c for c in found if c is not last]
    world = _with_names(case, others) if others else case.world
    member = last.members[-1]
    text = work_names.with_functions(member.text, case.functions, world.names, world.latex)
    one = marked(text, world.latex, (), work_names.words())
    slopes = work_names.Reader(objectives(world, marked_work(world, found, case.functions))).slopes(world, one)
    case = case._replace(world=world)
    finding = judged_text(case.asked, one, slopes)
    e = None
    if finding.verdict in (RIGHT, OTHER):
        with suppress(MatcalcError):
            e = work_names.sign_free(case.world, formula(case.world, one))
    if finding.verdict == RIGHT:
        how = NUMERIC if e is None else how_right(case, e)
        finding = finding._replace(relation=finding.relation.replace("equal", f"equal: {how}", 1))
    shown = example(case, e) if e is not None and finding.verdict == OTHER else None
    line = Line(last.line, member.text, member.span, finding)
    return WorkReport(finding.verdict, finding.relation, None, case.derived.plain, (line,), example=shown)


def _with_names(case: Case, before: list[Chain]) -> World:
    written = marked_work(case.world, before, case.functions)
    return with_definitions(case.world, written, work_names.Reader(objectives(case.world, written)))


def _stand_ins(case: Case) -> Mapping[str, Anchor]:
    """What people call a Jacobian or a Hessian by itself, where it is asked for and that is no other name."""
    derived, own = case.derived, case.derived.problem.output_name
    if derived.kind == "jacobian":
        names = {"J", "Jac", "D", f"D{own}", *(form.format(own) for form in ("J_{}", "J_{{{}}}", "D_{}", "D_{{{}}}"))}
        return dict.fromkeys(names - case.world.types.keys() - {own}, jacobian(derived.problem.output, derived.variable))
    if derived.kind == "hessian" and HESSIAN not in {*case.world.types, own}:
        return {HESSIAN: Anchor(case.true, value=derived.result, answer=True)}
    return {}


def _derivation(case: Case, work: str) -> WorkReport:
    found, named = chains(work, case.world.latex), _stand_ins(case)
    found = tuple(map(with_hessians, found)) if HESSIAN in named else found
    heads = {n for c in found if (n := head(c.members[0].text))}
    found = with_likelihood(tuple(found), {*heads, *case.world.types, *case.functions})
    if not found:
        raise UsageError("there is no formula in the work", hint="write equalities, such as z = W*x + b, one a line")
    case = with_lent(case, *own_names(marked_work(case.world, found, case.functions)))
    written = marked_work(case.world, found, case.functions)
    reader = work_names.Reader(objectives(case.world, written))
    world = with_objective(with_definitions(with_moving(case.world, written), written, reader), reader.objective)
    line_of = partial(line_at, work)
    said = cache(lambda of, by: about(world, case.derived.lines, of, by))
    others, symbols = case._replace(world=world).others, [*world.problem.symbols.values()]
    judge = Judge(world, reader, others, symbols, said, faults(world), line_of, work, undefined(world, written, reader), named)
    lines = tuple(judge.lines(written))
    wrong = first_wrong(lines)
    if wrong is not None:
        return WorkReport(wrong.finding.verdict, wrong.finding.relation, wrong.line, case.derived.plain, lines)
    answers = [line.finding for line in lines if line.is_answer and line.finding.verdict != DEFINES]
    last = answers[-1] if answers else Finding(UNREAD, NO_ANSWER.format(case.derived.wrt))
    dark = next((line for line in lines if line.finding.verdict == UNREAD and line.finding.relation != AT_ZERO), None)
    if dark is not None and answers and last.verdict in (RIGHT, LAYOUT, UNREAD):  # nothing is called right that was not read
        rest = "" if last.verdict == UNREAD else "; all else is right"
        last = Finding(UNREAD, f"line {line_of(dark.span[0])}, {' '.join(dark.text.split())}: {dark.finding.relation}{rest}")
    return WorkReport(last.verdict, last.relation, None, case.derived.plain, lines)


__all__ = ["Derived", "form_of", "report"]
