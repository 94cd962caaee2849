"""Numeric checks: every line against differences of the computation itself, never against another formula.

A derivative ∂a/∂b that stands in a line is evaluated by cutting the computation at b and taking a
complex step (or central differences) along a random direction. All derivatives of the output
are taken in one batched evaluation, each node moved in a batch entry of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import partial

from matcalc.check.as_given import SUM, check_members, check_sums
from matcalc.check.decades import apart
from matcalc.check.demands import DEMANDS
from matcalc.check.doubts import errors_together, lines_in_doubt
from matcalc.check.in_print import Setting
from matcalc.check.judged import Look, Spot, Trace, Verdict, verdict_of
from matcalc.check.lines import DERIVATIVES, check_point
from matcalc.check.lost import bordered, refusal, short
from matcalc.check.measure import relative_at
from matcalc.check.points import Point, explained, related_in, without_value
from matcalc.check.read_off import check_read_off
from matcalc.engine.derivation import Check, Result, Step, settled_by
from matcalc.expr.errors import CheckError, ShapeError
from matcalc.expr.groups import DERIVED
from matcalc.expr.nodes import Expr, is_zero, postorder, substitute
from matcalc.notation.meaning.problem import Problem
from matcalc.numeric import evaluation, sampling
from matcalc.numeric.evaluation import Functions
from matcalc.numeric.sampling import NEAR, SIZES, VARIED
from matcalc.numeric.seen import AT_MOST, Seen, nothing_seen
from matcalc.numeric.stand_ins import Exact

TOLERANCE = 1e-8
MORE = 10  # points that are added while a derivative was 0 at all of them


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Verdict over all lines: ``worst`` is the line with the largest error."""

    passed: bool
    max_relative_error: float
    points: int
    worst: str = ""
    steps: int = 0
    flat: frozenset[str] = frozenset()  # variables by which the derivative vanished at every point
    notices: tuple[str, ...] = ()  # what no point showed


def check_trace(
    problem: Problem,
    steps: Sequence[Step],
    results: Sequence[Result],
    waypoints: Sequence[tuple[str, Expr]],
    assume: Mapping[str, frozenset[str]] | None = None,
    functions: Functions | None = None,
    seed: int = 0,
    points: int = 2,
) -> tuple[tuple[Step, ...], CheckReport]:
    """Steps with their checks, and the report. Raises ``CheckError`` naming the first false line.

    Where rounding errors hide a derivative or look like a mistake, eighty digits decide.
    """
    settled = settled_by(steps)
    if settled:
        from matcalc.check.settled import require_settled

        require_settled(problem, settled, assume or {}, functions or {})
        problem = problem._replace(output=substitute((problem.output,), settled)[0])
    roots = [problem.output, *(r.expr for r in results if r.part)]
    related = related_in(problem, postorder(roots), [f for s in steps for f in _formulas(s)] + [r.expr for r in results])
    trace = Trace(problem, steps, results, waypoints, assume or {}, functions or {}, seed, points, related)
    for demand in DEMANDS:
        demand(trace)
    with explained():
        check_members(problem, trace.assume, trace.functions, seed)
    verdict = _judged(trace)
    if _fault(trace, verdict) is not None:
        verdict = _judged_precisely(trace, verdict) or _judged_loosely(trace)
        fault = _fault(trace, verdict)
        if fault is not None:
            raise refusal([trace.problem.output], [_point(trace, s, None)[0].known for s in verdict.spots], True) or fault
    if (lucky := _by_luck(trace, verdict)) is not None:
        raise lucky
    seen = verdict.seen
    if seen.faint and _holds_finely(trace, verdict):
        seen = seen._replace(faint=frozenset())
    worst = max(range(len(steps)), key=lambda i: verdict.errors[i], default=None)
    line = steps[worst].text if worst is not None else ""
    unseen = verdict.too_long
    how = {SUM: "term by term"}
    checked = tuple(
        s if i in unseen else s.checked(Check(verdict.errors[i], points, how.get(s.rule, "directional differences")))
        for i, s in enumerate(steps)
    )
    flat = frozenset(r.wrt for r in results if not verdict.vanished.isdisjoint((r.expr, r.named.expr)))
    worst_error = max([verdict.final, *verdict.errors])
    return checked, CheckReport(True, worst_error, points, line, len(steps) - len(unseen), flat, notices(trace, seen))


def _by_luck(trace: Trace, verdict: Verdict) -> CheckError | None:
    """The refusal where a kink was met exactly at all points, and up to rounding errors at others: rounding must not decide."""
    roots = [trace.problem.output]
    nodes, seen = postorder(roots), verdict.seen
    if not (seen.missing or seen.always_zero) or not any(bordered(n) for n in nodes):  # every branch was met beside its kink
        return None
    points = [_point(trace, spot, None)[0] for spot in verdict.spots]
    if not points or refusal(roots, [p.known for p in points], exactly=True) is None:
        return None
    symbols = [n for n in nodes if n.op == "sym"]
    return refusal(roots, list(sampling.looks(roots, symbols, points[0].sizes, trace.functions, trace.assume)))


class _Judging:
    """Every line, at one point after the other."""

    def __init__(self, trace: Trace, digits: Exact | None) -> None:
        self.trace, self.digits = trace, digits
        self.looks: list[Look] = []
        self.too_long: set[int] = set()
        problem, derived = trace.problem, [r.expr for r in trace.results]
        bodies = {name: (f.parameter, f.bodies[0]) for name, f in problem.scalars.items()}
        self.seen = nothing_seen(problem.output, derived, bodies, trace.functions, trace.assume)

    def at(self, spot: Spot, settled: Set[int] = frozenset()) -> Look:
        """What a point shows of the lines that are not settled."""
        trace = self.trace
        problem, steps, results, waypoints = trace[:4]
        errors = [0.0] * len(steps)
        point, output, spot = _point(trace, spot, self.digits)
        # nothing was rewritten without a line
        final = relative_at(point, point.value(output), point.value(problem.output), output)
        judge = check_read_off if any(s.kind in ("differential", "result") for s in steps) else check_point
        lines = Setting(point, output, steps, waypoints)
        final = max(final, judge(lines, steps, results, errors, settled), _in_print(point, results, waypoints))
        self.too_long = check_sums(point, problem.lifts, steps, errors) if self.digits is None else set()
        if self.digits is None and self.seen.looks:
            self.seen = self.seen.after(point.values_of(self.seen.order))
        return Look(spot, errors, final, point.hidden, point.vanished, frozenset(point.flat), point.valueless)

    def elsewhere(self) -> None:
        """Further points, where the ones before have not shown all branches and terms."""
        for k in range(AT_MOST):
            if not self.seen.missing:
                break
            with suppress(CheckError, ShapeError):  # there is none
                self.looks.append(self.at(Spot(self.trace.seed + 7919 * k + 17, *self.seen.elsewhere(k))))

    def more(self) -> Verdict:
        """The verdict, after more points while a derivative was only compared with 0."""
        trace = self.trace
        for k in range(trace.points, trace.points + MORE):
            so_far = verdict_of(self.looks, self.too_long, self.seen)
            if not so_far.flat and not (so_far.hidden and k < trace.points + ELSEWHERE):
                return so_far
            spot = Spot(trace.seed + 7919 * k, VARIED[k % len(VARIED)])  # what vanishes at some sizes need not at others
            if spot not in [look.spot for look in self.looks]:
                self.looks.append(self.at(spot))
        return verdict_of(self.looks, self.too_long, self.seen)


@explained()
def _judged(trace: Trace, digits: Exact | None = None, further: Sequence[Spot] | None = None) -> Verdict:
    """Every line at random points, and at ``further`` ones (which are looked for where they are not given)."""
    found = _Judging(trace, digits)
    found.looks += [found.at(spot) for spot in (*(Spot(trace.seed + 7919 * k) for k in range(trace.points)), *(further or ()))]
    if further is None:
        found.elsewhere()
    return found.more()


@explained()
def _judged_anew(trace: Trace, first: Verdict, digits: Exact) -> Verdict:
    """The first verdict, each line judged with many digits where it was in doubt. Sums as loops keep their verdict."""
    found = _Judging(trace, digits)
    for k, look in enumerate(first.looks):
        hidden = first.hidden if k < trace.points or look.spot.is_elsewhere else frozenset()
        doubted = _in_doubt(trace, first, look, hidden)
        if doubted or hidden or not look.final <= TOLERANCE:
            look = _merged(look, found.at(look.spot, set(range(len(trace.steps))) - doubted), trace.steps, doubted)
        found.looks.append(look._replace(hidden=frozenset()))
    return found.more()._replace(too_long=first.too_long, seen=first.seen)


def _in_doubt(trace: Trace, first: Verdict, look: Look, hidden: Set[Expr]) -> set[int]:
    """Lines that failed at a point, or whose derivative rounding may have hidden there."""
    failed = [i for i, e in enumerate(look.errors) if not e <= TOLERANCE]
    unseen = [
        i for i, s in enumerate(trace.steps) if s.rhs.expr in (hidden if first.errors[i] <= TOLERANCE else hidden | look.hidden)
    ]
    return {i for i in (*failed, *unseen) if trace.steps[i].rule != SUM}


def _merged(old: Look, new: Look, steps: Sequence[Step], doubted: Set[int]) -> Look:
    """What a second look has shown of the lines in doubt, and the first one of the others."""
    errors = [new.errors[i] if i in doubted else e for i, e in enumerate(old.errors)]
    sure = [s for i, s in enumerate(steps) if i not in doubted]
    vanished = new.vanished | old.vanished & {s.rhs.expr for s in sure}
    flat = new.flat | old.flat - {steps[i].node for i in doubted}
    return new._replace(errors=errors, vanished=vanished, flat=flat)


def _point(trace: Trace, spot: Spot, digits: Exact | None) -> tuple[Point, Expr, Spot]:
    """The random point, the output after rewriting, and where the point is: of the usual sizes, where the others have none."""
    problem, steps, results, waypoints, assume, functions, _, _, related, loose = trace
    rewritten = (s.lhs.expr for s in steps if s.kind == "rewrite" and not settled_by((s,)))
    roots = [problem.output, *rewritten, *(e for _, e in waypoints)]
    table, others = evaluation.WithGeneric(functions), _beside(problem, steps)
    drawn = partial(Point, problem, waypoints, roots, [r.expr for r in results], assume, table, spot.seed, others, digits, related)
    try:
        point = drawn(spot.sizes, spot.place, loose, trace.moving)
    except (CheckError, ShapeError):
        if spot.sizes is SIZES or spot.place is not NEAR:
            raise
        point, spot = drawn(SIZES, NEAR, loose, trace.moving), Spot(spot.seed)
    return point, waypoints[-1][1] if waypoints else problem.output, spot


def _judged_together(trace: Trace, first: Verdict, digits: Exact) -> Verdict | None:
    """The first verdict, the lines in doubt judged with many digits; None where more is in doubt, or a line is false."""
    doubted = lines_in_doubt(trace.steps, first.errors, first.hidden, TOLERANCE) if first.final <= TOLERANCE else None
    if doubted is None:
        return None
    worst, vanished = 0.0, set(first.hidden)
    for spot in first.spots:
        error, still = errors_together(*_point(trace, spot, digits)[:2], trace.steps, trace.waypoints, doubted)
        worst, vanished = max(worst, error), vanished & still
    errors = [worst if i in doubted else e for i, e in enumerate(first.errors)]
    second = first._replace(errors=errors, hidden=set(), vanished=first.vanished - first.hidden | vanished)
    return second if worst <= TOLERANCE else None


def _many_digits(trace: Trace, first: Verdict, spare: int = 0) -> AbstractContextManager[Exact]:
    """Arithmetic with as many digits as it takes to see the smallest value beside the largest. Raises ``NotPrecise``."""
    from matcalc.numeric.precise import DIGITS, many_digits

    decades = 2 * apart(_point(trace, spot, None)[0].known for spot in first.spots)  # a line may hold 1/c for c
    return many_digits(trace.functions, DIGITS + spare, decades)


def _judged_precisely(trace: Trace, first: Verdict) -> Verdict | None:
    """Lines in doubt with many digits; None where an operator has no such arithmetic."""
    from matcalc.numeric.precise import NotPrecise

    try:
        with _many_digits(trace, first) as digits:
            together = _judged_together(trace, first, digits)
            if together is not None:
                return together
            return _judged_anew(trace, first, digits)
    except NotPrecise:
        return None


FINE = 1e-20  # with many digits, where a term is lost beside others at the usual ones
SPARE = 14  # digits more for that: as finely, rounding errors are to be no larger than otherwise
FEW = 200  # nodes for which that is done


def _holds_finely(trace: Trace, first: Verdict) -> bool:
    """Whether all lines hold to many digits; not, where these cannot be had. Raises ``CheckError`` where a line is false."""
    from matcalc.numeric.precise import NotPrecise

    if any(trace.assume.values()) or len(first.seen.order) > FEW:  # what is declared may hold to double precision only
        return False
    try:
        with _many_digits(trace, first, SPARE) as digits:
            second = _judged(trace, digits, [look.spot for look in first.looks if look.spot.is_elsewhere])
    except NotPrecise:
        return False
    fault = _fault(trace, second, FINE)
    if fault is not None:
        raise fault
    return True


ELSEWHERE = 5  # further points for what rounding hides
ROUNDED = 1e-4  # no error above this is a rounding error


def _judged_loosely(trace: Trace) -> Verdict:
    """Where there are no more digits: errors in doubles are excused by the values on the way."""
    loose = trace._replace(loose=True)
    verdict = _judged(loose)
    return verdict if _fault(loose, verdict) is None else _judged_again(loose, verdict)


def _judged_again(trace: Trace, first: Verdict) -> Verdict:
    """Where there are no more digits: at other points. A false line is false at all of them, a rounding error is not."""
    others = [_judged(trace._replace(seed=trace.seed + 104_729 * (k + 1), points=1)) for k in range(ELSEWHERE)]

    def settled(*errors: float) -> float:
        return sorted(errors)[len(errors) // 2] if max(errors) < ROUNDED else max(errors)

    errors = [settled(*each) for each in zip(first.errors, *(v.errors for v in others), strict=True)]
    errors = [0.0 if TOLERANCE < e < ROUNDED and _is_zero(trace, s) else e for s, e in zip(trace.steps, errors, strict=True)]
    final = settled(first.final, *(v.final for v in others))
    hidden = first.hidden.intersection(*(v.hidden for v in others))
    return first._replace(errors=errors, final=final, hidden=hidden - _proved(trace, hidden))


def _is_zero(trace: Trace, step: Step) -> bool:
    """Whether a line says 0, or something that is 0, and is true in exact arithmetic: what is differentiated does not move."""
    from matcalc.check.zeros import Asked, does_not_move, vanishes_everywhere

    e, q, held = step.rhs.expr, step.node, step.kind == "local" or step.lhs.expr.attr == "jacobian"
    if q is None or step.kind not in ("local", *DERIVATIVES):
        return False
    if not is_zero(e):
        known = held and not any(n.op in DERIVED for n in postorder((e,)))
        if not known or not vanishes_everywhere(trace.problem, e, trace.assume, trace.functions):
            return False
    asked = Asked(trace.problem, trace.waypoints, trace.assume, trace.functions, trace.seed)
    if held:  # the other named values are, too
        bodies = {s.node: s.rhs.expr for s in trace.steps if s.kind == "definition"}
        body = bodies[step.through[0]]
        return does_not_move(asked._replace(problem=trace.problem._replace(output=body), waypoints=()), q)
    return does_not_move(asked, next((node for name, node in trace.waypoints if name == str(q.attr)), q))


def _proved(trace: Trace, hidden: set[Expr]) -> set[Expr]:
    """Derivatives, among those that rounding hides, that are zero: what is differentiated does not move, in exact arithmetic."""
    if not hidden:
        return set()
    from matcalc.check.zeros import Asked, does_not_move

    asked = Asked(trace.problem, trace.waypoints, trace.assume, trace.functions, trace.seed)
    named = {name: node for name, node in trace.waypoints}
    by = [(s.rhs.expr, named.get(str(s.node.attr), s.node)) for s in trace.steps if s.node is not None]
    by += [(r.expr, q) for r in trace.results for _, q in by if q.attr == r.wrt]
    still = {q for e, q in by if e in hidden and does_not_move(asked, q)}
    return {e for e, q in by if q in still}


def _fault(trace: Trace, verdict: Verdict, tolerance: float = TOLERANCE) -> CheckError | None:
    """What is wrong, if something is: the first false line, or that nothing can be seen."""
    if verdict.hidden:
        return CheckError("the terms of the derivative cancel to zero, up to rounding errors that could hide a mistake: not shown",
                          hint="the expression seems not to depend on the variable; simplify it by hand")  # fmt: skip
    for step, error in zip(trace.steps, verdict.errors, strict=True):
        if not error <= tolerance:
            part = next((verdict.valueless[f.expr] for f in step.chain if f.expr in verdict.valueless), None)
            if part is not None:
                return without_value(f"{short(part)} is not finite there")
            return CheckError(f"a line failed its numeric check (relative error {error:.1e}) and is not shown: {step.text}",
                              hint=f"this is a defect in rule '{step.rule}' or in matcalc; please report it")  # fmt: skip
    if not verdict.final <= tolerance:
        return CheckError(f"the result failed its numeric check (relative error {verdict.final:.1e}) and is not shown",
                          hint="this is a defect in matcalc; please report it")  # fmt: skip
    return None


def notices(trace: Trace, seen: Seen) -> tuple[str, ...]:
    """What a reader has to know of what no point of the check showed: a branch, or a term that is not proved to be 0."""
    if not (seen.missing or seen.faint):
        return ()
    from matcalc.check.zeros import vanishes_everywhere

    said = {
        e: f"not every branch of {short(e)} was met at the points of the check: what is shown is untested on the others"
        for e in seen.one_sided()
    }
    first = [e for e in seen.always_zero if not any(a in seen.always_zero for a in e.args) and e not in said]
    said |= {e: f"{short(e)} was 0 at all points of the check, so what it is multiplied by is not tested" for e in first
             if not vanishes_everywhere(trace.problem, e, trace.assume, trace.functions)}  # fmt: skip
    lost = [f"{short(e)} is so small beside what it is added to, at all points of the check, that a mistake in it may not be seen"
            for _, e in sorted(seen.faint, key=lambda part: seen.order.index(part[0])) if e is not None]  # fmt: skip
    return tuple(dict.fromkeys((*said.values(), *lost)))


def _formulas(step: Step) -> list[Expr]:
    return [step.lhs.expr, step.rhs.expr, *([step.via.expr] if step.via else []), *step.through]


def _beside(problem: Problem, steps: Sequence[Step]) -> list[Expr]:
    """What else must have a value at a point: directions, and the parts of sums."""
    sums = {s.rhs.expr for s in steps if s.rule == SUM}
    parts = [v for lift in problem.lifts if lift.expr in sums for v in lift.values]
    members = [e for value, member, _ in problem.equal for e in (value, member)]
    return [n for s in steps if s.kind == "result" for n in s.through] + parts + members


def _in_print(point: Point, results: Sequence[Result], waypoints: Sequence[tuple[str, Expr]]) -> float:
    """How far results are from what is printed, where it has another form; infinite where names are not of what they name."""
    named = dict(waypoints)
    worst = 0.0
    for r in results:
        said = {**r.names, **r.named.names}
        if any(named.get(n, e) is not e for e, n in said.items()):
            return float("inf")
        if r.named.expr is not r.expr:
            worst = max(worst, relative_at(point, point.value(r.named.expr), point.value(r.expr), r.expr))
    return worst
