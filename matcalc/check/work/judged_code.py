"""A NumPy function against the derivative of its problem: walked as a tree, or by what it gave in a process of its own."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from matcalc.check.measure import relative
from matcalc.check.work import code_slips, own_process, relations
from matcalc.check.work.cases import Case, Derived, case_of
from matcalc.check.work.findings import OTHER, RIGHT, Finding, by_sums, judged_values
from matcalc.check.work.own_process import Limits
from matcalc.check.work.programs import Program, called, program
from matcalc.check.work.work_lines import Line
from matcalc.check.work.work_report import WorkReport
from matcalc.check.work.world import Values, World
from matcalc.expr.errors import MatcalcError, ShapeError, UsageError
from matcalc.numeric import evaluation

Arrays = Mapping[str, np.ndarray]  # public arrays by name
SINGLE = 5e-6  # relative difference that single precision leaves


def walked(derived: Derived, work: str, names: Mapping[str, str]) -> Finding:
    """A NumPy function against the derivative, on small arrays."""
    one = program(work)
    case = case_of(derived, "", {n: v for n, v in names.items() if n in one.parameters})
    try:
        found: list[object] | ShapeError = [called(one, arrays) for arrays in arrays_of(case.world)]
    except ShapeError as error:
        found = error
    return judged(case, found, one)


def executed(
    derived: Derived, path: str, function: str, names: Mapping[str, str], item: str = "", limits: Limits | None = None
) -> WorkReport:
    """The same by what a process gives; where the function can be walked as well, that may name the slip."""
    file = Path(path)
    try:
        source = file.read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None
    case = case_of(derived, "", names)
    arrays = arrays_of(case.world)
    found = own_process.called(file, function, arrays, item, limits or Limits())
    one: Program | None = None
    with suppress(MatcalcError, ValueError, TypeError):  # it may give several arrays, which are not compared
        walkable = program(source, function)
        kept = tuple(s for s in walkable.beside if isinstance(s, ast.FunctionDef | ast.Assign))
        walkable = walkable._replace(beside=kept)
        one = walkable if np.allclose(called(walkable, arrays[0]), found[0]) else None
    finding = judged(case, found, one)
    line = Line(0, function, (0, 0), finding)
    return WorkReport(finding.verdict, finding.relation, None, derived.plain, (line,))


def judged(case: Case, found: Sequence[object] | ShapeError, one: Program | None) -> Finding:
    """What a function gave, or why it gave nothing; ``one`` is its source, in which single slips are undone."""
    true = case.true(case.world)
    got = as_values(found, true[0]) if not isinstance(found, ShapeError) else None
    finding = judged_values(case.asked, got, true) if got is not None else None
    if got is not None and finding is None:
        finding = _by_rounding(got, true[0])
    if finding is not None:
        return finding
    for way in (code_slips.edits(one), code_slips.with_factors(one, one.parameters)) if one is not None else ():
        for edit in way:
            with suppress(MatcalcError):
                value = as_values([called(edit.program, a) for a in arrays_of(case.world)], true[0])
                if value is not None and relations.related(value, true[0]) == RIGHT:
                    return Finding(edit.verdict, edit.words)
    total = next(by_sums(got, true), None) if got is not None else None
    return total or (_by_shapes(got, true[0]) if got is not None else Finding(OTHER, _why(found)))


def _why(found: Sequence[object] | ShapeError) -> str:
    return found.message if isinstance(found, ShapeError) else "it gives no array of numbers"


def _by_rounding(got: Values, true: Values) -> Finding | None:
    if any(x.shape != y.shape for x, y in zip(got.at, true.at, strict=True)):
        return None
    error = max(relative(x, y) for x, y in zip(got.at, true.at, strict=True))
    return Finding(RIGHT, f"equal in single precision: the largest relative difference is {error:.0e}") if error < SINGLE else None


def _by_shapes(got: Values, true: Values) -> Finding:
    one, other = got.at[-1].shape, true.at[-1].shape
    if one == other:
        return Finding(OTHER, "the values differ")
    said = f"it gives {_by(one)} and should give {_by(other)}"
    if min(other) == 1 < min(one) and max(other) in one:
        return Finding(OTHER, f"{said}: a row and a column were spread over each other (broadcasting)")
    return Finding("wrong-axis" if min(one) == min(other) == 1 else OTHER, f"{said} numbers")


def _by(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) if min(shape) > 1 else str(max(shape))


def arrays_of(world: World) -> list[Arrays]:
    """The arrays of the problem, and those that are explained beside it, at each point, as NumPy has them."""
    types = {str(s.attr): s.type for s in world.problem.symbols.values()}
    return [
        {str(s.attr): evaluation.to_public(point.env[s], types[str(s.attr)]) for s in world.problem.symbols.values()}
        | {n: evaluation.to_public(v.at[k], v.type) for n, v in world.names.items()}
        for k, point in enumerate(world.points)
    ]


def as_values(every: Sequence[object], like: Values) -> Values | None:
    """What a function gave at the points; None where it gives no array of numbers."""
    out = []
    for k, one in enumerate(every):
        found = one[0] if isinstance(one, tuple) and len(one) == 1 else one
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
