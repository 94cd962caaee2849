"""The walk: every line in its order, each by what its kind says, the results last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby

from matcalc.algebra.rule import Book
from matcalc.check.replay import chain_lines, definition_lines, differential_lines
from matcalc.check.replay.outcome import DoesNotFollow, ReplayedLine, ReplayReport, Stuck
from matcalc.check.replay.record import Record
from matcalc.check.replay.unfolded_lines import Unfolding
from matcalc.engine.derivation import Result, Step, Trace
from matcalc.expr.errors import MatcalcError
from matcalc.expr.groups import DERIVED
from matcalc.expr.nodes import Expr, is_zero
from matcalc.notation.meaning.problem import Problem

KINDS: dict[str, Callable[[Record, Step], None]] = {
    "rewrite": definition_lines.rewrite,
    "definition": definition_lines.define,
    "part": definition_lines.name_part,
    "local": chain_lines.local,
    "chain": chain_lines.chain,
    "block": chain_lines.block,
    "shape": chain_lines.shape,
    "reached": chain_lines.reached,
    "zero": chain_lines.zero,
    "differential": differential_lines.differential,
    "result": differential_lines.result,
    "entries": differential_lines.entries,
    "structure": differential_lines.structure,
    "selected": differential_lines.selected,
    "case": chain_lines.case,
}
BEFORE = ("rewrite", "definition", "part")  # lines before the first derivative
AGAIN = ("zero", "reached", "entries", "part", "differential", "selected", "case")  # what has a line may have another of these
STANDING = ("chain", "block", "local", "shape", "reached", "zero", "result", "structure", "selected")  # what later lines go on from


def replay(
    problem: Problem,
    trace: Trace,
    book: Book,
    assume: Mapping[str, frozenset[str]],
    own: Sequence[Step] = (),
    functions: Mapping[str, object] | None = None,
    unfolded: Sequence[Step] = (),
) -> ReplayReport:
    """Every line and every result of ``trace`` rebuilt from the definitions and the rows of ``book``.

    ``own`` are the lines on functions that the input defines, ``functions`` what is given for others,
    ``unfolded`` the lines from which composite rules follow.
    """
    unknown = [r.wrt for r in trace.results if not all(n in problem.symbols or n in problem.dims for n in r.wrt.split(", "))]
    if unknown:
        why = "the input does not have it"
        return ReplayReport(tuple([ReplayedLine(f"the result for {name}", "", "wrong", why) for name in unknown]))
    record = Record(problem, trace.waypoints, trace.results, book, assume, functions or {})
    lines = [_walked(record, step) for step in (*own, *trace.steps)]
    if not record.users:
        state, why = _judged(lambda: _close(record))
        lines += [ReplayedLine("the definitions", "", state, why)] if why else []
    lines += _unfolded(record, unfolded)
    lines += [_line(step, "wrong", "no line uses it") for step in record.unused.values()]
    last = {(s.lhs.expr, s.rhs.samples is None): s.rhs.text for s in trace.steps}
    pairs = zip((None, *trace.boxes), trace.boxes, strict=False)
    lines += [_boxed(record, box, before, last.get((box.lhs.expr, box.rhs.samples is None))) for before, box in pairs]
    faults = [_judged(partial(_require_result, record, r)) for r in trace.results]
    lines += [
        ReplayedLine(f"the result for {r.wrt}", "", state, why)
        for r, (state, why) in zip(trace.results, faults, strict=True)
        if why
    ]
    return ReplayReport(tuple(lines))


def _unfolded(record: Record, steps: Sequence[Step]) -> Iterator[ReplayedLine]:
    for _, group in groupby(steps, lambda step: step.node):
        known = Unfolding(record.rows, record.bodies, frozenset(record.problem.symbols))
        for step in group:
            yield _line(step, *_judged(partial(known.follow, step)))


def _judged(act: Callable[[], None]) -> tuple[str, str]:
    """The state of a line, and why."""
    try:
        act()
    except DoesNotFollow as error:
        return "wrong", str(error)
    except Stuck as error:
        return "gap", str(error)
    except (MatcalcError, KeyError, ValueError, TypeError, AssertionError, AttributeError) as error:
        return "wrong", f"the line makes no sense ({getattr(error, 'message', None) or error!r})"
    return "replayed", ""


def _line(step: Step, state: str, why: str) -> ReplayedLine:
    return ReplayedLine(step.text, step.rule, state, why)


def _walked(record: Record, step: Step) -> ReplayedLine:
    """One line; what it says is known from here on, whether it was rebuilt or not."""
    state, why = _judged(lambda: _follow(record, step))
    lhs, rhs = step.lhs.expr, step.rhs.expr
    if step.kind in STANDING and lhs.op in DERIVED:
        known = _judged(lambda: record.record(lhs, rhs))  # a line whose sizes do not fit says nothing
        state, why = known if state == "replayed" else (state, why)
    record.latest[lhs] = step
    return _line(step, state, why)


def _follow(record: Record, step: Step) -> None:
    lhs = step.lhs.expr
    if step.kind not in KINDS:
        raise Stuck(f"a line of kind '{step.kind}' has no rows")
    if step.kind not in BEFORE and not record.users:
        _close(record)
    record.require_names(step)
    if step.kind not in AGAIN and any(lhs in lines for lines in (record.rewritten, record.bodies, record.recorded)):
        raise DoesNotFollow("the left side has a line already")
    KINDS[step.kind](record, step)
    _require_members(record, step)


def _close(record: Record) -> None:
    """The definitions are complete."""
    definition_lines.require_definitions(record)
    record.close()


def _require_members(record: Record, step: Step) -> None:
    """What stands between the left side and the last one is the same."""
    if not step.members:
        return
    if step.members[0].expr is not step.lhs.expr or step.members[-1].expr.type != step.rhs.expr.type:
        raise DoesNotFollow("it is printed otherwise")
    for f in step.members[1:]:
        if f.expr is not step.lhs.expr and f.expr is not step.rhs.expr:
            more = {**dict(step.where), step.lhs.expr: step.lhs.expr}
            one, other = (differential_lines.by_axes(e) for e in (f.expr, step.rhs.expr))
            record.require_same(one, other, "is not the member before it", more, record.assume)


def _boxed(record: Record, box: Step, before: Step | None, printed: str | None) -> ReplayedLine:
    """A result as a line, which is that of the last one as it is printed, or the same by stacked columns."""

    def act() -> None:
        known = record.recorded.get(box.lhs.expr)
        if box.kind == "stacked" and before is not None:
            differential_lines.stacked(record, box, record.unnamed(before.rhs.expr))
        elif known is None:
            raise DoesNotFollow("no line before it gives this result")
        else:
            record.require_same(known, box.rhs.expr, "is not what its line gives", assume=record.assume)
            _require_members(record, box)
            again = (
                before is not None and before.rhs.expr is box.rhs.expr and box.rhs.samples is not None
            )  # the form of the box before
            if box.rhs.text != printed and not (again and printed is None) and not is_zero(box.rhs.expr):  # which the check proves
                raise Stuck("its lines do not reach it")

    return _line(box, *_judged(act))


def _require_result(record: Record, r: Result) -> None:
    """A result is what its line gives, and is written with names of what they name."""
    lines = [e for e in record.recorded if _is_about(record, e, r)]
    line = next((e for e in reversed(lines) if record.recorded[e].type == r.expr.type), lines[-1] if lines else None)
    if line is None or (record.recorded[line].type != r.expr.type and not (is_zero(record.recorded[line]) and is_zero(r.expr))):
        raise DoesNotFollow("no line gives it")
    if record.recorded[line].type == r.expr.type:
        for e in dict.fromkeys((r.expr, r.named.expr)):
            record.require_same(record.recorded[line], e, "is not what its line gives", assume=record.assume)
    names = {str(p.attr): e for p, e in record.originals.items()}
    if any(names.get(n) is not e for e, n in (*r.names.items(), *r.named.names.items())):
        raise DoesNotFollow("it is written with names of other things")


def _is_about(record: Record, e: Expr, r: Result) -> bool:
    """Whether a left side is the derivative that a result is."""
    out, asked = record.out, [record.variable(name) for name in r.wrt.split(", ")]
    if r.kind == "differential":
        return e.op == "d" and e.args[0] is out
    if r.kind == "hvp":
        return e.op == "d" and e.args[0].op == "partial" and e.args[0].args == (out, asked[0])
    if e.op != "partial":
        return False
    if r.kind in ("hessian", "mixed"):
        return e.args[0].op == "partial" and (e.args[0].args[1], e.args[1]) == (asked[0], asked[-1])
    if r.moved is not None:
        return e.args == (out, r.moved)
    tied = isinstance(e.attr, tuple)
    return e.args == (out, asked[0]) and tied == (r.frobenius is not None)
