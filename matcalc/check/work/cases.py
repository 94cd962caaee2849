"""The problem that somebody's work is about, as it was derived, and the world that the work speaks of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import NamedTuple

from matcalc.algebra.normal.normal_form import normal
from matcalc.check.counterexamples import counterexample
from matcalc.check.equality import how_equal
from matcalc.check.points import Point
from matcalc.check.verdict import NUMERIC, Counterexample
from matcalc.check.work import work_names
from matcalc.check.work.derivative_signs import SLOPE, Sign
from matcalc.check.work.findings import Asked
from matcalc.check.work.known_lines import Known, Lent, known_lines, lent_names
from matcalc.check.work.world import Values, World, evaluated, in_columns, laid_out, named, points_of, slopes, transposed
from matcalc.check.work.written_chains import looks_like_latex, looks_like_program
from matcalc.engine.derivation import Result, Trace
from matcalc.engine.vecform import vec_form
from matcalc.expr.errors import MatcalcError, UsageError
from matcalc.expr.nodes import Expr, postorder, sym, variable_type
from matcalc.notation.meaning.problem import Problem
from matcalc.notation.write.program import plain
from matcalc.numeric import evaluation
from matcalc.numeric.evaluation import Functions

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
    groups: Mapping[str, str] = MappingProxyType({})  # of the rules of the derivation
    seed: int = 0
    lent: tuple[Lent, ...] = ()
    functions: Mapping[str, object] = MappingProxyType({})  # that have values

    @property
    def variable(self) -> Expr:
        known = self.problem.symbols.get(self.wrt)
        return known if known is not None else sym(self.wrt, variable_type(self.problem.dims[self.wrt]))


def as_derived(
    problem: Problem, trace: Trace, result: Result, assume: Mapping[str, frozenset[str]], functions: Mapping[str, object]
) -> Derived:
    """The problem, its one result and the lines that lead there; ``functions`` are all that have values."""
    table = evaluation.WithGeneric({n: evaluation.from_user(f, n) for n, f in functions.items() if f is not None})
    lines, groups = known_lines(trace.steps, trace.waypoints), {name: row.group for name, row in trace.rows.items()}
    lent = lent_names(trace.steps, trace.waypoints, problem.output)
    shown, text = result.expr, result.plain
    if shown.type.kind == "t":  # people write d vec(Y)/d vec(X)'
        shown = normal(vec_form(shown, *result.axes))
        text = plain(shown)
    found = Derived(problem, result.asked, result.kind, shown, text, assume, table, lines, groups)
    return found._replace(lent=lent, functions=functions)


OF_ROWS = {"probability": "the entries of each row of {} sum to one, as those of a one-hot row"}
OF_VECTORS = {"probability": "the entries of {} sum to one, as those of a one-hot vector", "unit": "{} has length one"}


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
            if s.op == "sym" and s is not self.derived.variable:
                known = self.derived.assume.get(str(s.attr), frozenset())
                square = s.type.kind == "m" and s.type.rows == s.type.cols
                of_kind = ASSUMPTIONS if square else OF_VECTORS if s.type.kind in "cr" else OF_ROWS if s.type.kind == "m" else {}
                for quality, words in of_kind.items():
                    with suppress(MatcalcError):
                        more = {**self.derived.assume, str(s.attr): known | {quality}}
                        yield words.format(s.attr), _at(self.world, _points(self.derived, more))

    @property
    def asked(self) -> Asked:
        derived = self.derived
        by_paths = derived.kind in ("gradient", "jacobian")
        of, by = (derived.problem.output, derived.variable) if by_paths else (None, None)
        return Asked(self.world, self.true, of, by, (derived.result,), self.others, [*self.world.problem.symbols.values()])


def case_of(derived: Derived, work: str, names: Mapping[str, str]) -> Case:
    problem = derived.problem
    if derived.wrt not in problem.symbols:
        raise UsageError(
            f"work is checked by a variable of the problem, and '{derived.wrt}' is none: these are {', '.join(problem.symbols)}",
            hint=f"name one of them: --wrt {next(iter(problem.symbols), 'x')}",
        )
    functions = {n: f for n, v in names.items() if (f := v if work_names.is_function(v) else work_names.applied_function(v))}
    if "sigma" not in {*problem.symbols, *problem.functions, *map(named, names)}:
        functions |= dict.fromkeys((r"\sigma", "σ"), "sigmoid")  # by habit
    own = {work_names.word(f): evaluation.from_user(f, f) for f in {*functions.values(), *work_names.primed(work)}}
    derived = derived._replace(table=evaluation.WithGeneric({**derived.table, **own}))
    known = frozenset([*problem.functions, *own])
    world = World(problem, (derived.wrt,), _points(derived, derived.assume), {}, {}, {}, known, False)
    for name, e in problem.definitions:
        if name != problem.output_name:
            world = world._replace(names={**world.names, name: evaluated(world, e, {})}, formulas={**world.formulas, name: e})
    for name, held in derived.assume.items():  # e_y, which people write for a one-hot y
        if "one-hot" in held and name in problem.symbols and f"e_{name}" not in problem.symbols:
            e = problem.symbols[name]
            world = world._replace(
                names={**world.names, f"e_{name}": evaluated(world, e, {})}, formulas={**world.formulas, f"e_{name}": e}
            )
    values = {named(n): v for n, v in names.items() if not work_names.is_function(v)}
    world = work_names.explained(world, values)._replace(latex=looks_like_latex(work), stars=looks_like_program(work))
    numbers = {n for n, v in world.names.items() if v.type.kind == "s"}  # s(u - v) is a product
    return Case(derived, world, {n: f for n, f in functions.items() if named(n) not in numbers})


def how_right(case: Case, answer: Expr) -> str:
    """How it is found that the answer, a formula over the problem's variables, is equal to the derivative."""
    derived = case.derived
    functions = {**derived.functions, **{work_names.word(f): f for f in case.functions.values()}}
    if answer.type != derived.result.type:
        return NUMERIC
    with suppress(MatcalcError):
        found = how_equal(derived.problem, answer, derived.result, derived.assume, functions, derived.seed)
        return found.how if found.equal else NUMERIC
    return NUMERIC


def example(case: Case, answer: Expr) -> Counterexample | None:
    """Numbers for which it is not, with sizes that tell a matrix from its transpose."""
    derived = case.derived
    if answer.type != derived.result.type:
        return None
    with suppress(MatcalcError):
        return counterexample(case.world.points[:1], answer, derived.result, derived.assume, list(derived.functions))
    return None


def with_lent(case: Case, own: Collection[str], objectives: Collection[str]) -> Case:
    """With the names of the derivation, but for those that the work defines, and the numbers that it calls its objective."""
    world = case.world
    for name, of, by, words in case.derived.lent:
        if name in {*own, *world.types, *world.functions} or (by is None and of.type.kind == "s" and name in objectives):
            continue
        lent = {**world.lent, name: words}
        if by is None:
            known = evaluated(world, of, {})
            world = world._replace(formulas={**world.formulas, name: of}, lent=lent)
        else:
            known = slopes(world, Sign(SLOPE, "", "", ""), of, by)[0]
            world = world._replace(slopes=world.slopes | {name}, lent=lent)
        world = world._replace(names={**world.names, name: known})
    return case._replace(world=world)


def _points(derived: Derived, assume: Mapping[str, frozenset[str]]) -> tuple[Point, ...]:
    return points_of(derived.problem, [derived.problem.output, derived.result], assume, derived.table, derived.seed)


def _at(world: World, points: tuple[Point, ...]) -> World:
    """The world at other points, with the names that are formulas."""
    bare = world._replace(points=points, names={})
    return bare._replace(names={n: evaluated(bare, e, {}) for n, e in world.formulas.items()})
