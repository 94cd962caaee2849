"""A gradient against (f(x + h) − f(x − h))/2h, entry by entry, as it is checked by hand: simple, approximate and slow; beside it
what the fast checks cost, and how the error depends on h: truncation makes it larger above, rounding below."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from time import perf_counter
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from matcalc.check.given_arrays import bound, require_numbers
from matcalc.check.lost import short
from matcalc.check.points import Point, explained, generator
from matcalc.expr.dims import value
from matcalc.expr.errors import LimitError, UsageError
from matcalc.expr.nodes import Expr, postorder, shape_of
from matcalc.expr.table import TABLE
from matcalc.notation.meaning.problem import Problem
from matcalc.numeric import branches, evaluation, sampling
from matcalc.numeric.evaluation import Array, Arrays, Functions
from matcalc.numeric.magnitudes import largest
from matcalc.numeric.stand_ins import NotAnalytic

STEP = 1e-4
SAME = 1e-4  # relative difference up to which an entry agrees: truncation leaves h²
SMALLER = (0.1, 0.01, 0.001)  # parts of h at which an entry is looked at again
NOISE = 100  # times rounding: a difference that is smaller says nothing
STEPS = tuple(10.0**-k for k in range(1, 14))
MOST = 100  # entries of a sweep
LARGEST, DRAWS = 10**5, 20  # entries of all variables at a random point; and draws until there is a value

Tick = Callable[[int, int], None]  # what is told how many entries are done, of how many
Gradient = Callable[[Mapping[str, Array]], Array]


class Place(NamedTuple):
    """A scalar expression at one point, with its gradients there, all in the internal form."""

    output: Expr
    env: Mapping[Expr, Array]
    sizes: Mapping[str, int]
    functions: Functions
    gradients: Mapping[Expr, Array]

    def value(self, moved: Mapping[Expr, Array] | None = None) -> Array:
        (found,) = evaluation.evaluate([self.output], {**self.env, **(moved or {})}, self.sizes, self.functions)
        return found

    @property
    def total(self) -> int:
        return sum(np.size(g) for g in self.gradients.values())

    def steps(self) -> Iterator[tuple[Expr, int]]:
        """All entries: a variable and the place in it."""
        return ((s, i) for s, g in self.gradients.items() for i in range(np.size(g)))


class Entry(NamedTuple):
    """One entry of a gradient, both ways; ``place`` counts from 1."""

    name: str
    place: tuple[int, ...]
    analytic: float
    numeric: float
    error: float  # relative
    why: str = ""  # of a large difference that is no fault of the gradient
    lost: bool = False  # the difference is one of rounding

    @property
    def agrees(self) -> bool:
        return self.error <= SAME or bool(self.why)


class Cost(NamedTuple):
    """What a way to check needs."""

    method: str
    evaluations: int
    seconds: float
    error: float | None  # relative


class Sweep(NamedTuple):
    """Relative errors of the gradient by two-sided and by one-sided differences, for one h."""

    h: float
    two_sided: float
    one_sided: float


class GradientCheck(NamedTuple):
    """All entries, the worst first; what else was looked at."""

    h: float
    value: float
    entries: tuple[Entry, ...]
    costs: tuple[Cost, ...]
    kinks: tuple[str, ...]  # operations that are not differentiable at this point
    sweep: tuple[Sweep, ...] = ()
    shapes: Mapping[str, tuple[int, ...]] = MappingProxyType({})  # of the inputs

    @property
    def passed(self) -> bool:
        return all(e.agrees for e in self.entries)

    @property
    def error(self) -> float:
        return largest_of(self.entries)


def largest_of(entries: Sequence[Entry]) -> float:
    """The largest error that is not explained."""
    return max((e.error for e in entries if not e.why), default=0.0)


def check_gradient(
    problem: Problem, gradients: Mapping[str, Gradient], formulas: Sequence[Expr], assume: Mapping[str, frozenset[str]],
    functions: Mapping[str, object], at: Arrays | None, seed: int, h: float, sweep: bool, tick: Tick,
) -> GradientCheck:  # fmt: skip
    """The gradients of a scalar, functions of the inputs by the names of their variables, at the user's arrays or a random point.

    Raises ``UsageError`` or ``ShapeError`` for what does not fit, and where there is no value; ``CheckError`` where no random
    point has one.
    """
    table = {name: evaluation.from_user(value, name) for name, value in functions.items() if value is not None}
    require_numbers(problem, table)
    inputs = {str(n.attr): n for n in postorder((problem.output,)) if n.op == "sym"}
    if at is None:
        with explained():
            point = Point(problem, (), [problem.output], formulas, assume, table, seed, moving=gradients.keys())
        env, sizes = _as_declared(
            Place(problem.output, {s: point.env[s] for s in inputs.values()}, point.sizes, table, {}), assume, seed
        )
    else:
        env, sizes = bound(problem, inputs, problem.output, at, "the expression")
    public = {name: evaluation.to_public(env[s], s.type) for name, s in inputs.items()}
    for _ in range(2):  # the first call loads what it needs
        start = perf_counter()
        found = {inputs[name]: f(public) for name, f in gradients.items() if name in inputs}
        seconds = perf_counter() - start
    place = Place(problem.output, env, sizes, table, {s: np.reshape(g, np.shape(env[s])) for s, g in found.items()})
    report = check_entries(place, h, sweep, tick)
    shapes = {name: x.shape for name, x in public.items()}
    return report._replace(costs=(Cost("the derived gradient, all entries", 1, seconds, None), *report.costs), shapes=shapes)


def _as_declared(at: Place, assume: Mapping[str, frozenset[str]], seed: int) -> tuple[Mapping[Expr, Array], Mapping[str, int]]:
    """The point, or where a declared number is larger than the sizes of random points one of that size.

    Raises ``LimitError`` where that is too large for differences of all entries.
    """
    sizes = {name: k for name, k in at.sizes.items() if isinstance(name, str)}  # the others stand for numbers
    shapes = [[value(d, sizes) for d in shape_of(s.type)] for s in at.env]
    if all(math.prod(shape) == np.size(x) for shape, x in zip(shapes, at.env.values(), strict=True)):
        return at.env, at.sizes
    if (count := sum(math.prod(shape) for shape in shapes)) > LARGEST:
        raise LimitError(f"{count} entries are more than {LARGEST}, and each is moved by itself",
                         hint="declare smaller sizes, or none")  # fmt: skip
    for shift in range(DRAWS):
        drawn = at._replace(env=sampling.sample(at.env, sizes, assume, generator(seed + shift)), sizes=sizes)
        if np.isfinite(drawn.value()).all():
            break
    return drawn.env, sizes


def check_entries(at: Place, h: float = STEP, sweep: bool = False, tick: Tick = lambda done, of: None) -> GradientCheck:
    """The gradients of a place against differences. Raises ``UsageError`` where there is no value."""
    value = at.value()
    if not np.isfinite(value).all():
        raise UsageError("there is no value at these numbers", hint="give other values")
    noise, kinked = _noise(at, h), kinks(at)
    start, entries = perf_counter(), []
    for k, (symbol, i) in enumerate(at.steps()):
        entries.append(_entry(at, symbol, i, h, noise, bool(kinked)))
        tick(k + 1, at.total)
    seconds = perf_counter() - start
    moving = [e for e in entries if e.analytic]
    if moving and all(e.lost for e in moving):
        raise UsageError(f"h = {h:g} is too small here: all entries are lost in rounding", hint=f"take h={STEP:g} (--h {STEP:g})")
    worst = tuple(sorted(entries, key=lambda e: (e.agrees, e.lost, -e.error, e.name, e.place)))
    every = Cost("two-sided differences, every entry", 2 * at.total, seconds, largest_of(entries))
    costs = (every, *_directions(at, h))
    return GradientCheck(h, float(np.real(value).flat[0]), worst, costs, kinked, swept(at) if sweep else ())


def _moved(at: Place, symbol: Expr, i: int, by: float) -> Array:
    x = np.array(at.env[symbol], float)
    x.flat[i] += by
    return at.value({symbol: x})


def _numeric(at: Place, symbol: Expr, i: int, h: float) -> float:
    return float((_moved(at, symbol, i, h) - _moved(at, symbol, i, -h)).flat[0] / (2 * h))


def _entry(at: Place, symbol: Expr, i: int, h: float, noise: float, kinked: bool) -> Entry:
    analytic, numeric = float(at.gradients[symbol].flat[i]), _numeric(at, symbol, i, h)
    error, why = apart(analytic, numeric), ""
    lost = SAME < error < float("inf") and abs(analytic - numeric) <= NOISE * noise
    if lost:
        why = "the difference is one of rounding"
    elif error > SAME:
        if min(apart(analytic, _numeric(at, symbol, i, part * h)) for part in SMALLER) <= SAME:
            why = "h is too large here: with a smaller one they agree"
        elif kinked:
            why = "not differentiable here: a convention counts"
    public = evaluation.to_public(np.empty(np.shape(at.env[symbol])), symbol.type).shape
    index = tuple(int(k) + 1 for k in np.unravel_index(i, public)) if public else ()
    return Entry(str(symbol.attr), index, analytic, numeric, error, why, lost)


def apart(analytic: float, numeric: float) -> float:
    """The difference relative to the larger one."""
    if not np.isfinite([analytic, numeric]).all():
        return float("inf")
    return abs(analytic - numeric) / (max(abs(analytic), abs(numeric)) or 1.0)


def _noise(at: Place, h: float) -> float:
    """How large rounding errors of a difference quotient are."""
    known = evaluation.values([at.output], at.env, at.sizes, at.functions)
    return float(np.finfo(float).eps) * max(map(largest, known.values()), default=0.0) / h


def kinks(at: Place) -> tuple[str, ...]:
    """The operations that are not differentiable at their arguments, and what counts there."""
    known = evaluation.values([at.output], at.env, at.sizes, at.functions)
    found = []
    for node in postorder((at.output,)):
        row = TABLE[node.op]
        if row.kink and node.op in branches.DISTANCES:
            distances = branches.DISTANCES[node.op](*(known[a] for a in node.args))
            if any((d == 0).any() for d in distances):
                found.append(f"{short(node)} is not differentiable here: {row.kink}")
    return tuple(found)


# ---------------------------------------------------------------- the fast ways


def _directions(at: Place, h: float) -> Iterator[Cost]:
    """All entries at once along one random direction: by differences, and by a complex step."""
    rng = np.random.default_rng(0)
    along = {s: rng.standard_normal(np.shape(g)) for s, g in at.gradients.items()}
    want = sum(float(np.sum(g * along[s])) for s, g in at.gradients.items())
    start = perf_counter()
    ends = [at.value({s: at.env[s] + t * v for s, v in along.items()}) for t in (h, -h)]
    got = float((ends[0] - ends[1]).flat[0] / (2 * h))
    yield Cost("two-sided, one random direction", 2, perf_counter() - start, apart(want, got))
    start = perf_counter()
    try:
        stepped = at.value({s: at.env[s] + 1j * evaluation.STEP * v for s, v in along.items()})
    except (NotAnalytic, UsageError):
        return
    got = float(np.imag(stepped).flat[0] / evaluation.STEP)
    yield Cost("complex step, one random direction", 1, perf_counter() - start, apart(want, got))


# ---------------------------------------------------------------- how h matters


def swept(at: Place) -> tuple[Sweep, ...]:
    """The relative error of the gradient for each h, over all entries or some of them."""
    places = list(at.steps())
    if len(places) > MOST:
        places = [places[i] for i in sorted(np.random.default_rng(0).choice(len(places), MOST, replace=False))]
    want = np.array([at.gradients[s].flat[i] for s, i in places])
    here, found = float(np.real(at.value()).flat[0]), []
    for h in STEPS:
        sides = np.array([[float(_moved(at, s, i, t).flat[0]) for t in (h, -h)] for s, i in places])
        two, one = (sides[:, 0] - sides[:, 1]) / (2 * h), (sides[:, 0] - here) / h
        size = float(np.linalg.norm(want)) or 1.0
        found.append(Sweep(h, *(float(np.linalg.norm(x - want)) / size for x in (two, one))))
    return tuple(found)
