"""A problem that was read becomes a derivation: of its kind, traced by the engine, told, and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

from matcalc.algebra.book import book
from matcalc.algebra.pullbacks import Compiler
from matcalc.algebra.rule import Book
from matcalc.answers import CheckedWork, Expr, Given
from matcalc.check.settled import settled_parts
from matcalc.engine import ROUTES
from matcalc.engine.agreement import agreement
from matcalc.engine.backprop import backprop
from matcalc.engine.defined_functions import own_functions
from matcalc.engine.derivation import Step, Trace
from matcalc.engine.exposition import told
from matcalc.engine.kinks import refuse_at_kinks
from matcalc.engine.parts import with_parts
from matcalc.engine.selected import Asked, style_for, with_selected
from matcalc.engine.strategy import run_engine, with_differentials, with_direction, with_structure
from matcalc.engine.waypoints import cut
from matcalc.expr.dims import Dim, atoms
from matcalc.expr.errors import CheckError, MatcalcError, NoRuleError, ShapeError, UsageError
from matcalc.expr.nodes import Expr as Node
from matcalc.expr.shared_sizes import shared_sizes
from matcalc.notation.lex.latex_scan import in_full, macros_in
from matcalc.notation.lex.lexer_plain import by_ascii_names
from matcalc.notation.meaning import readings
from matcalc.notation.meaning.declarations import require_one_meaning
from matcalc.notation.meaning.problem import Claim, Problem
from matcalc.results import Derivation

if TYPE_CHECKING:
    from matcalc.check.replay import ReplayReport
    from matcalc.check.report import CheckReport
    from matcalc.check.verdict import Verdict
    from matcalc.check.work.own_process import Limits
    from matcalc.check.work.work_report import WorkReport


@lru_cache(maxsize=1)
def compiler() -> Compiler:
    return Compiler(book())


def completed(problem: Problem, given: Mapping[str, object]) -> Problem:
    """The problem with the functions that its text defines ready to use."""
    from matcalc.engine.own_functions import complete

    return complete(problem, given, _by_rules)


def _by_rules(body: Node, variable: Node) -> Node:
    """The derivative of a scalar formula by the rule rows: what there is without SymPy."""
    trace = backprop(compiler(), cut(body, None, (), {variable}, {str(variable.attr)}), [variable])
    return trace.results[0].expr


read_problem = partial(readings.read_problem, completed=completed)


class Argued(NamedTuple):
    """How a problem is derived, beside its kind."""

    variables: list[Node]
    layout: str
    style: str
    properties: Mapping[str, frozenset[str]]
    direction: str | None
    rows: Book
    structure: Mapping[str, str] | None
    functions: Mapping[str, object]
    seed: int | None  # of the check; None for none
    asked: Sequence[Asked] = ()  # the variables, and parts of them
    cases: bool = False  # with the derivative by scores class by class


def derivation(argued: Argued, problem: Problem, kind: str) -> Derivation:
    """Derived, and checked where that is asked for."""
    if argued.style in ROUTES:
        return _by_routes(argued, problem, kind)
    variables, layout, style, properties, direction, rows, _, functions, seed, asked, cases = argued
    chosen = style_for(asked, kind, style)
    names = [str(v.attr) for v in variables]
    trace = _traced(argued, problem, kind, chosen)
    if cases:
        from matcalc.engine.case_lines import with_cases

        trace = with_cases(trace, problem, properties)
    trace = with_selected(trace, asked, properties)
    require_one_meaning(problem, [r.expr for r in trace.results])
    tell = partial(told, problem=problem, style=chosen, properties=properties, wrt=variables, book=rows)
    zero = book().source(book().rows()["cancelling"])
    again = partial(_again, argued._replace(layout="shape", style="backprop"))
    result = Derivation(problem, trace, tell, kind, layout, style, properties, functions, names, direction, zero, rows, again)
    if seed is not None:
        try:
            result.check(seed)
        except CheckError:
            refuse_at_kinks(problem, trace, names, kind, properties, functions)
            raise
    return result


def _again(argued: Argued, problem: Problem, kind: str, beside: Sequence[str] = ()) -> Derivation:
    """Another problem derived by the same variables, and by those ``beside`` them."""
    more = [problem.symbols[name] for name in beside]
    asked = (*argued.asked, *beside) if argued.asked else ()
    variables = [*argued.variables, *more]
    return derivation(argued._replace(variables=variables, asked=asked), *of_kind(problem, variables, kind, argued.direction))


class Routes(Derivation):
    """A derivation by several routes, side by side, and that they agree. What it gives beside its lines is that of the first."""

    def __init__(self, routes: Sequence[Derivation], style: str, rows: Book, seed: int | None) -> None:
        self.__dict__.update(vars(routes[0]))
        self.style, self.routes = style, tuple(routes)
        self.agreement = tuple(agreement([route.boxes for route in routes], rows)) if len(routes) > 1 else ()
        if seed is not None:
            self._agree(seed, 2)
        self.warnings = tuple(dict.fromkeys(warning for route in routes for warning in route.warnings))

    @property
    def steps(self) -> tuple[Step, ...]:
        """The lines, route by route, and those that say that the routes agree."""
        first, *others = self.routes
        own = [(route.style, step) for route in others for step in route.trace.steps if step.kind not in ("definition", "rewrite")]
        told = [*((first.style, step) for step in first.steps), *own, *((self.style, step) for step in self.agreement)]
        return tuple([step._replace(route=style) for style, step in told])

    def check(self, seed: int = 0, points: int = 2) -> CheckReport:
        """Verify every line of every route, and that they agree. Raises ``CheckError`` naming the first false line."""
        for route in self.routes:
            route.check(seed, points)
        return self._agree(seed, points)

    def _agree(self, seed: int, points: int) -> CheckReport:
        """That the routes agree, beside what the checks of each have found."""
        from matcalc.check.report import check_trace

        reports = [route.checked for route in self.routes if route.checked is not None]
        flat = reports[0].flat
        if self.agreement:
            trace, known = self.trace, (self.assume, self._callables(), seed, points)
            self.agreement, report = check_trace(self.problem, self.agreement, trace.results, trace.waypoints, *known)
            reports.append(report)
        worst = max(reports, key=lambda report: report.max_relative_error)
        self.checked = replace(worst, steps=sum(report.steps for report in reports), flat=flat)
        return self.checked

    def replay(self) -> ReplayReport:
        """Rebuild every line of every route, one route after the other."""
        reports = [route.replay() for route in self.routes]
        return replace(reports[0], lines=tuple([line for report in reports for line in report.lines]))


def _by_routes(argued: Argued, problem: Problem, kind: str) -> Routes:
    """The routes that there are, each once, and a notice for those that are missing. Raises ``UsageError`` for kinds with one."""
    if kind not in ("gradient", "jacobian") or argued.cases:
        what = "cases are" if argued.cases else f"a {kind} is"
        raise UsageError(f"{what} derived by one route only", hint="leave out the style")
    told: dict[tuple[str, ...], Derivation] = {}  # by their lines
    notices = []
    for style in ROUTES[argued.style]:
        try:
            route = derivation(argued._replace(style=style), problem, kind)
        except NoRuleError as error:
            if not told:
                raise
            notices.append(f"there is no route '{style}': {error.message}")
            continue
        lines = tuple([step.text for step in route.steps])
        if lines in told:
            notices.append(f"the routes '{told[lines].style}' and '{style}' are one here: they have the same lines")
        if lines not in told or style == "differential":  # what stands in both is a derivative by differentials, read off
            told[lines] = route
    routes = Routes([*told.values()], argued.style, argued.rows, argued.seed)
    routes.warnings += tuple(notices)
    return routes


def of_kind(problem: Problem, variables: list[Node], kind: str | None, direction: str | None) -> tuple[Problem, str]:
    """The problem with what its kind needs beside it; and the kind, found out where none was asked for."""
    if kind == "differential":
        problem = with_differentials(problem, variables)
    if kind == "hvp":
        problem = with_direction(problem, variables, direction)
    if kind is None:
        return _one_by_one(problem), "gradient" if problem.output.kind == "s" else "jacobian"
    return problem, kind


def with_claims(
    problem: Problem, read: partial[Problem], derive: Callable[..., Derivation], equal: Callable[..., Verdict],
    said: Mapping[str, object],
) -> Problem:  # fmt: skip
    """The problem with what its text says that derivatives are, compared with what is derived."""
    if not problem.claims:
        return problem
    from matcalc.check.derivative_claims import Calls, with_judged

    known = read.keywords | {"notation": "latex" if problem.spelled else "plain"}
    common = {name: known[name] for name in ("notation", "functions", "index", "define", "macros", "meant")}

    def derivation_of(text: str, claim: Claim) -> Derivation:
        kind = "hessian" if claim.order == 2 else None
        return derive(text, claim.by, problem.dims, kind, output=claim.function, **common, **said)

    def derived(text: str, claim: Claim) -> tuple[str, Node]:
        result = derivation_of(text, claim).result
        return result.plain, result.data.evaluable

    def worked(text: str, claim: Claim, work: str, names: Mapping[str, str]) -> WorkReport:
        return derivation_of(text, claim).check_work(work, names)

    def value(text: str, output: str) -> Problem:
        return read_problem(text, problem.dims, output=output, **{**known, "scalar": False, "asked": ()})

    def same(a: str, b: str, dims: Mapping[str, tuple[Dim, ...]]) -> Verdict:
        return equal(a, b, dims, functions=common["functions"], notation="plain", **said)

    return with_judged(problem, Calls(derived, value, same, lambda node, its: Expr(node, its).plain, worked))


def both_read(
    one: Given, other: Given, said: readings.Said, assume: Mapping[str, str] | None
) -> tuple[Problem, Problem, Mapping[str, str], Mapping[str, object]]:
    """Two expressions whose names have the same sizes, with what is assumed and the functions of both."""
    typed = macros_in(one.text, macros_in(other.text, said.macros))
    assume = {**other.assume, **one.assume, **(by_ascii_names(in_full(assume, typed)) or {})}
    functions = {**other.functions, **one.functions, **(by_ascii_names(in_full(said.functions, typed)) or {})}
    declared: dict[str, Sequence[Dim]] = {**other.dims, **one.dims, **(by_ascii_names(in_full(said.dims, typed)) or {})}
    index = in_full(said.index, typed)

    def read(text: Given, sizes: Mapping[str, Sequence[Dim]], beside: Given) -> Problem:
        parts = {part: m for part, m in said.meant.items() if part in text.text or part not in beside.text}
        return read_problem(text.text, sizes, text.notation, functions, None, index, said.define, macros=said.macros, meant=parts,
                            operators=said.operators)  # fmt: skip

    left = read(one, declared, other)
    try:
        right = read(other, {**left.dims, **declared}, one)
    except ShapeError:
        named = {a for shape in declared.values() for d in shape for a in atoms(d) if isinstance(a, str)}
        both = shared_sizes(left.dims, read(other, declared, one).dims, named)
        if both is None:
            raise
        left, right = read(one, both, other), read(other, both, one)
    if left.order or right.order:
        raise UsageError("the text asks for a derivative, and equal() compares values", hint="derive() gives an expression, which "
                         "can be compared")  # fmt: skip
    if not (left.scalars or right.scalars):
        return left, right, assume, functions
    from matcalc.engine.own_functions import told_apart

    right, own = told_apart(left, right)
    return left, right, assume, {**own, **functions}


def _one_by_one(problem: Problem) -> Problem:
    """With a warning where the output is a matrix with one entry: people who write vectors as rows expect a scalar."""
    if problem.output.kind != "m" or problem.output.type[1:] != (1, 1):
        return problem
    what = f"'{problem.output_name or 'the expression'}' is a matrix of one entry, so this is its Jacobian"
    return problem._replace(warnings=(*problem.warnings, f"{what}; sum(…) of it is a scalar, which has a gradient"))


def _traced(argued: Argued, problem: Problem, kind: str, style: str) -> Trace:
    variables, layout, _, properties, direction, rows, structure, *_ = argued
    try:
        engine = compiler() if rows is book() else Compiler(rows)
        constant = settled_parts(problem, properties)
        trace = run_engine(engine, problem, variables, kind, layout, style, properties, direction, constant)
        if structure:  # answers for tied entries
            trace = with_structure(book(), trace, structure, variables, kind, properties)
        if problem.scalars:
            from matcalc.engine.own_functions import with_definitions

            trace = with_definitions(trace, problem.scalars)
        return with_parts(trace)._replace(book=engine.book)
    except MatcalcError as error:
        error.source = problem.source if error.source is None else error.source
        raise


def checked_code(d: Derivation, path: str, function: str, names: Mapping[str, str], item: str, limits: Limits) -> CheckedWork:
    """A function of somebody's own file, which runs in a process of its own, against the one result."""
    from matcalc.check.work.cases import as_derived
    from matcalc.check.work.judged_code import executed

    functions = {**own_functions(d.problem), **d.functions}
    asked = as_derived(d.problem, d.trace, d.result.data, d.assume, functions)
    return CheckedWork(*executed(asked, path, function, names, item, limits))
