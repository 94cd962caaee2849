"""The report: every line gets its verdict, a false one is named, and what no point shows is told."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

import matcalc
from matcalc.check import report
from matcalc.check.judged import verdict_of
from matcalc.check.report import TOLERANCE, CheckReport, check_trace
from matcalc.expr.errors import CheckError, ShapeError
from matcalc.expr.nodes import is_zero, make, num, transpose
from matcalc.numeric import stand_ins
from matcalc.numeric.precise import many_digits


def judged(d: Any, steps: Any = None, results: Any = None, **options: Any) -> tuple[Any, CheckReport]:
    trace = d.trace
    return check_trace(d.problem, steps or trace.steps, results or trace.results, trace.waypoints, **options)


def test_every_line_has_its_check() -> None:
    d = matcalc.derive("s = u'*tanh(W*x + b)", check=False)
    checked, report = judged(d)
    assert report.passed and report.steps == len(checked) == len(d.trace.steps) and report.max_relative_error < TOLERANCE
    assert all(s.check is not None and s.check.points >= 2 for s in checked)
    assert report.max_relative_error >= max(s.check.max_relative_error for s in checked) and report.worst


@pytest.mark.parametrize("factor", [2, -1, 0])
def test_a_false_result_is_no_result(factor: int) -> None:
    d = matcalc.derive("x'*A*x", check=False)
    results = [r._replace(expr=make("scale", (num(factor), r.expr))) for r in d.trace.results]
    with pytest.raises(CheckError):
        judged(d, results=results)


def test_a_false_line_is_named() -> None:
    d = matcalc.derive("s = u'*tanh(W*x + b)", check=False)
    steps = list(d.trace.steps)
    i = next(i for i, s in enumerate(steps) if s.kind == "local")
    steps[i] = steps[i]._replace(rhs=steps[i].rhs._replace(expr=make("scale", (num(3), steps[i].rhs.expr))))
    with pytest.raises(CheckError) as caught:
        judged(d, steps)
    assert steps[i].text in caught.value.message


def test_a_result_of_the_wrong_shape() -> None:
    d = matcalc.derive("x'*A*x", wrt="x", check=False)
    with pytest.raises((CheckError, ShapeError)):
        judged(d, results=[r._replace(expr=transpose(r.expr)) for r in d.trace.results])


def test_what_vanished_at_every_point_is_flat() -> None:
    d = matcalc.derive("sum(max(x, y)) + sum(min(x, y)) - sum(x) - sum(y) + norm2(z)^2", dims={"x": ("n",)}, check=False)
    _, report = judged(d)
    assert report.flat == {"x", "y"}


def test_other_seeds_and_more_points() -> None:
    d = matcalc.derive("x'*A*x", check=False)
    errors = {judged(d, seed=seed)[1].max_relative_error for seed in range(4)}
    assert len(errors) > 1 and judged(d, points=5)[1].points >= 5


def test_a_branch_that_no_point_showed_is_noticed() -> None:
    d = matcalc.derive("sum(relu(x.^2 + 1))", check=False)
    _, report = judged(d)
    assert any("relu" in notice for notice in report.notices)
    assert not judged(matcalc.derive("sum(relu(x))", check=False))[1].notices


@pytest.mark.parametrize("factor", [1, 2])
@pytest.mark.parametrize("kind", ["gradient", "hessian"])
def test_many_digits_judge_a_line_only_where_it_is_in_doubt(kind: str, factor: int, monkeypatch: pytest.MonkeyPatch) -> None:
    d = matcalc.derive("u'*tanh(W*x + b)", wrt="x", kind=kind, check=False)
    steps = list(d.trace.steps)
    i = next(i for i, s in enumerate(steps) if s.kind in ("chain", "result"))
    steps[i] = steps[i]._replace(rhs=steps[i].rhs._replace(expr=make("scale", (num(factor), steps[i].rhs.expr))))
    trace = report.Trace(d.problem, steps, d.trace.results, d.trace.waypoints, {}, {}, 0, 4)
    first = report._judged(trace)
    looks = [k._replace(errors=[float(n == 2 and j == i) for j in range(len(steps))], final=0.0) for n, k in enumerate(first.looks)]
    asked, plain = [], report._Judging.at

    def noted(self: Any, spot: Any, settled: Any = frozenset()) -> report.Look:
        asked.append((spot, set(range(len(steps))) - settled))
        return plain(self, spot, settled)

    monkeypatch.setattr(report._Judging, "at", noted)
    with many_digits({}) as digits:
        second = report._judged_anew(trace, verdict_of(looks, set(), first.seen), digits)
    assert asked == [(looks[2].spot, {i})]
    assert (report._fault(trace, second) is None) == (factor == 1)


SCALED = ("10^({k})*({e})", "10^({k}) + ({e})", "y'*y + 10^({k})*({e})")
ASKED: list[dict[str, Any]] = [{}, {"style": "differential"}, {"kind": "hessian"}]


def square() -> Iterator[Any]:
    """Each form with each size, quick in one of the three ways to ask: a Latin square, and the rest."""
    for (i, form), (j, k), (way, asked) in product(enumerate(SCALED), enumerate([-60, -12, 40]), enumerate(ASKED)):
        marks = [pytest.mark.slow] if way != (i + j) % 3 else []
        yield pytest.param(form, k, asked, id=f"{'-'.join(asked.values()) or 'sweep'}-{form}-{k}", marks=marks)


@pytest.mark.slow
@pytest.mark.rounding
@pytest.mark.parametrize("form, k, asked", [*square()])
def test_no_constant_hides_a_false_line_or_makes_a_true_one_false(form: str, k: int, asked: dict[str, Any]) -> None:
    """Rounding is no excuse for what is small beside the values on the way, and many digits reach as far as these lie apart."""
    d = matcalc.derive(form.format(e="u'*tanh(W*x)", k=k), wrt="x", check=False, **asked)
    assert judged(d)[1].passed
    steps = list(d.trace.steps)
    for i, step in enumerate(steps):
        if not is_zero(step.rhs.expr):
            wrong = step._replace(rhs=step.rhs._replace(expr=make("scale", (num(Fraction(1001, 1000)), step.rhs.expr))))
            with pytest.raises(CheckError):
                judged(d, [*steps[:i], wrong, *steps[i + 1 :]])


CUBE = (lambda x: x**3, lambda x: 3 * x**2)


@pytest.mark.slow
@pytest.mark.rounding
def test_what_is_small_is_judged_without_many_digits() -> None:
    """Of a function of the user's there are only doubles: these see a small false line, and excuse what cancels."""
    functions = {"g": stand_ins.from_user(CUBE, "g")}
    d = matcalc.derive("10^(-12)*(u'*g(W*x))", wrt="x", functions={"g": CUBE}, check=False)
    assert judged(d, functions=functions)[1].passed
    steps = list(d.trace.steps)
    for i, step in enumerate(steps):
        wrong = step._replace(rhs=step.rhs._replace(expr=make("scale", (num(Fraction(101, 100)), step.rhs.expr))))
        with pytest.raises(CheckError):
            judged(d, [*steps[:i], wrong, *steps[i + 1 :]], functions=functions)
    cancelling = "c'*(g(x)/norm2(g(x)).^2*norm2(g(x)) - g(x)/norm2(g(x))) + c'*x"
    d = matcalc.derive(cancelling, wrt="c", functions={"g": CUBE}, check=False)
    assert judged(d, functions=functions)[1].passed


@pytest.mark.slow
@pytest.mark.rounding
def test_a_second_opinion_moves_only_what_is_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    """With many digits the slopes by all values of a deep net take minutes; those of lines that hold are not asked for again."""
    from matcalc.check import lines
    from matcalc.numeric.stand_ins import Exact

    asked: list[tuple[bool, int]] = []
    totals = lines.totals

    def counted(point: Any, output: Any, nodes: Any, moves: Any) -> Any:
        asked.append((isinstance(point.functions, Exact), len(nodes)))
        return totals(point, output, nodes, moves)

    monkeypatch.setattr(lines, "totals", counted)
    layers = "; ".join(f"h_{k} = tanh(W*h_{k + 1} + b)" for k in range(6))
    d = matcalc.derive(f"s = norm2(h_0)^2 + 10^14*sum(tanh(V*y)); {layers}", output="s")
    assert d.checked is not None and d.checked.passed
    usual = max(count for precise, count in asked if not precise)
    assert next(count for precise, count in asked if precise) <= usual - 2  # the sum and V y, at least
