"""A random point at which everything that is to be checked is finite and smooth."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache

import numpy as np

from matcalc.check.lost import never, refusal, short
from matcalc.expr import dims, slices
from matcalc.expr.errors import CheckError, NoValueError
from matcalc.expr.groups import SIZED
from matcalc.expr.nodes import Expr, below, postorder, substitute, sym
from matcalc.notation.meaning.problem import Problem
from matcalc.numeric import evaluation, sampling
from matcalc.numeric.evaluation import Array, Functions
from matcalc.numeric.kernels import extent
from matcalc.numeric.magnitudes import all_finite, largest
from matcalc.numeric.properties import DISCRETE
from matcalc.numeric.sampling import FAR, NEAR, Place
from matcalc.numeric.small_sizes import Relations, has_numbers, relations
from matcalc.numeric.stand_ins import Exact


def generator(seed: int) -> np.random.Generator:
    """Where all random points come from (the tests take other ones with another base seed)."""
    return np.random.Generator(np.random.PCG64(_seeded(seed)))  # as default_rng does


@lru_cache(maxsize=64)
def _seeded(seed: int) -> np.random.SeedSequence:
    """What generators are seeded by: to spread a seed takes longer than to draw a point."""
    return np.random.SeedSequence(seed)


BESIDE = 1e-6  # relative distance of the point beside
LOOSE = 1e-7


class Point:
    """One random point: sizes, values of the symbols, of the named values, and of derivatives found so far."""

    def __init__(self, problem: Problem, waypoints: Sequence[tuple[str, Expr]], roots: Sequence[Expr], results: Sequence[Expr],
                 assume: Mapping[str, frozenset[str]], functions: Functions, seed: int,
                 others: Sequence[Expr] = (), digits: Exact | None = None, related: Relations | None = None,
                 sizes: Sequence[int] = sampling.SIZES, place: Place = NEAR, loose: bool = True,
                 moving: Collection[str] | None = None) -> None:  # fmt: skip
        self.functions = functions
        self.output = roots[-1]
        self.rng = generator(seed)
        every = [*roots, *others, *prune_differentials(results)]
        self.sizes, symbols, found = _drawn(problem, every, assume, functions, self.rng, related, sizes, place, moving)
        env = {s: found[s] for s in symbols}
        self.hidden: set[Expr] = set()  # derivatives that came out as rounding errors
        self.vanished: set[Expr] = set()  # derivatives that came out as these, or as 0
        self.flat: list[Expr] = []
        self.rounding = LOOSE  # times the values on the way: what rounding errors are below
        self.excused = self.rounding if loose else 0.0  # the same, of the errors that are excused by it
        self.precise = digits is not None
        if digits is not None:
            self.functions, self.rounding, self.excused = digits, digits.rounding, digits.rounding
            env = evaluation.with_digits(env, digits, assume)
            found = evaluation.values(list(roots), env, self.sizes, self.functions)
        known = self.known = {node: found[node] for node in postorder(roots)}
        self.env: dict[Expr, Array] = dict(env)
        self.latest: tuple[Expr, Mapping[Expr, Array]] | None = None
        for name, node in problem.definitions:
            if node in known:
                self.env[sym(name, node.type)] = known[node]
        for name, node in waypoints:
            self.env[sym(name, node.type)] = known[node]

        self.valueless: dict[Expr, Expr] = {}  # of lines that came out infinite, or as no number: where that began
        # of what was evaluated: lines and results share most of it, and have much of what was looked at to draw the point
        self._values: dict[Expr, Array] = {} if self.precise else found
        self._tops: dict[Expr, float] = {}
        self._near: dict[Expr, Array] = {}  # the same at a point beside this one
        self._near_env: dict[Expr, Array] = {}

    def value(self, e: Expr) -> Array:
        known = self._values.get(e)
        if known is not None:
            return known
        if e in self.env:
            return self._values.setdefault(e, self.env[e])
        try:
            known = evaluation.values([e], self.env, self.sizes, self.functions, self._values)[e]
        except NoValueError as error:
            raise without_value(error.message) from None
        if not is_finite(known):
            self.valueless[e] = next(n for n in postorder((e,)) if n in self._values and not is_finite(self._values[n]))
        return known

    def values_of(self, nodes: Iterable[Expr]) -> Mapping[Expr, Array]:
        """Those of the nodes, and of all that was evaluated for this point."""
        evaluation.values(nodes, self.env, self.sizes, self.functions, self.known)
        return self.known

    def largest_below(self, e: Expr) -> float:
        """The largest entry of all values on the way to ``e``, from what is given or named on."""
        self.value(e)
        tops, stack = self._tops, [e]
        while stack:
            node = stack[-1]
            below = () if node in tops or node in self.env else node.args
            todo = [a for a in below if a not in tops]
            if todo:
                stack.extend(todo)
                continue
            stack.pop()
            if node not in tops:
                top = largest(self._values[node])
                tops[node] = max([top, *[tops[a] for a in below]]) if below else top
        return tops[e]

    def is_steady(self, e: Expr) -> bool:
        """Whether ``e`` moves a little from this point to one beside it: rounding errors move much, or not at all."""
        if len(self._near_env) < len(self.env):
            rng = np.random.default_rng(len(self._near_env))
            for k, v in self.env.items():
                if k not in self._near_env:
                    self._near_env[k] = v * (1 + BESIDE * rng.standard_normal(np.shape(v)))
        if e not in self._near:
            evaluation.values([e], self._near_env, self.sizes, self.functions, self._near)
        here = np.asarray(self.value(e))
        moved, top = (np.max(np.abs(x), initial=0.0) for x in (self._near[e] - here, here))
        return bool(1e-3 * BESIDE * top < moved < 1e3 * BESIDE * top)

    def learn(self, e: Expr, value: Array) -> None:
        """The value of a derivative or differential from here on."""
        if e in self._values:  # it had another
            self._values.clear()
            self._near.clear()
            self._near_env.clear()
            self._tops.clear()
        self.env[e] = value

    def directions(self, nodes: Sequence[Expr]) -> dict[Expr, Array]:
        return {n: self.rng.standard_normal(extent(n.type, self.sizes)) for n in nodes}


def _drawn(
    problem: Problem, every: Sequence[Expr], assume: Mapping[str, frozenset[str]], functions: Functions, rng: np.random.Generator,
    related: Relations | None, sizes: Sequence[int], place: Place, moving: Collection[str] | None,
) -> tuple[dict[str, int], list[Expr], dict[Expr, Array]]:  # fmt: skip
    """Sizes, all symbols, and values of all nodes, at which everything has a value. Raises ``NoPoint``."""
    literal = {d for shape in problem.shapes for d in shape if isinstance(d, int)}
    nodes = postorder(every)
    symbols = [s for s in nodes if s.op == "sym"]
    shapes = [*problem.shapes, *((s.attr,) if s.op == "dim" else s.shape for s in nodes if s.op in SIZED or s.op == "dim")]
    names = list(dict.fromkeys(str(a) for shape in shapes for d in shape for a in dims.atoms(d)))
    if related is None:
        related = related_in(problem, nodes)
    if any(node.op == "dim" for node in nodes):
        literal |= {2}  # not drawn: two entries, once centred and scaled, are constant
    tied = sampling.related_sizes(related, literal if sizes is sampling.SIZES else literal | {2, 3})
    for where, order in _tried(place, names):
        found = sampling.with_free(order, tied, literal, sizes)
        known = sampling.draw(every, symbols, found, functions, assume, rng, where, moving, nodes)
        if known is not None:
            return found, symbols, known
    raise NoPoint(every, symbols, found, functions, assume, moving)


def is_finite(x: Array) -> bool:
    return all_finite(np.asarray(x, float) if x.dtype == object else x)


def without_value(why: str) -> CheckError:
    """That the rule of a line divides by what is 0 there."""
    hint = "simplify it by hand: what is singular, or 0, for all values has no derivative by this rule"
    return CheckError(f"a line has no value at a point where the expression has one: {why}", hint=hint)


def related_in(problem: Problem, nodes: Sequence[Expr], further: Sequence[Expr] = ()) -> Relations:
    """What holds between the sizes: where numbers are among them, also between those that only stand in ``further`` lines."""
    if has_numbers(nodes) or any(isinstance(d, int) and d > 1 for shape in problem.shapes for d in shape):
        return relations(postorder([*nodes, *further]), problem.ties)
    return Relations(ties=tuple(problem.ties), limits=tuple(slices.limits(nodes)))


def prune_differentials(roots: Sequence[Expr]) -> Sequence[Expr]:
    """The expressions with every differential replaced by what it is the differential of."""
    found = {n: n.args[0] for n in below(roots) if n.op == "d"}
    return substitute(tuple(roots), found) if found else roots


def _tried(place: Place, names: list[str]) -> Iterator[tuple[Place, list[str]]]:
    """Where points are looked for: far from and near to zero only where ordinary ones are none."""
    if place is not NEAR:
        yield place, names
        return
    yield from ((place, order) for order in orders(names))
    yield from ((far, order) for far in FAR for order in (names, names[::-1])[: max(len(names), 1)])


# Of what is singular whatever the variables are: how it is written without.
WRITTEN_OUT = {"normnuc": "of a rank below the full one write what it is: norm2(x)*norm2(y) for x*y', tr(X*X') for X*X'"}
NOWHERE = "no random point was found at which the expression is finite and smooth, so nothing can be checked"


class NoPoint(CheckError):
    """There is no such point. What stands in the way is looked for where it is told: most who ask for a point go elsewhere."""

    def __init__(
        self,
        roots: Sequence[Expr],
        symbols: Sequence[Expr],
        sizes: Mapping[str, int],
        functions: Functions,
        assume: Mapping[str, frozenset[str]],
        moving: Collection[str] | None,
    ) -> None:
        super().__init__(NOWHERE, hint="declare what the inputs are: assume={'A': 'spd', 'x': 'positive'}")
        self.asked, self.moving = (roots, symbols, sizes, functions, assume), moving

    def explained(self) -> CheckError:
        """The same with what stands in the way most often."""
        looked = list(sampling.looks(*self.asked))
        found = sampling.obstacle(looked, self.moving, sampling.of_few_values(self.asked[-1]))
        shown = next((known for known in looked if found and found[0] in known), {})
        always = never(found[0], shown, self.asked[2], self.asked[-1]) if found else None
        rounded = always or refusal(self.asked[0], looked)
        if found is None or rounded is not None:
            return rounded or self
        (node, needed), hint, assume = found, self.hint, self.asked[-1]
        inside = [s for s in postorder(node.args) if s.op == "sym" and DISCRETE & assume.get(str(s.attr), frozenset())]
        if inside:
            name, what = inside[0].attr, ", ".join(sorted(assume[str(inside[0].attr)]))
            hint = f"'{name}' is declared {what}: drop that, or ask for the derivatives by other variables only (wrt=…, --wrt)"
        return CheckError(f"{NOWHERE}: {short(node)} {needed}", hint=WRITTEN_OUT.get(node.op, hint))


@contextmanager
def explained() -> Iterator[None]:
    """For those who tell the user that there is no point."""
    try:
        yield
    except NoPoint as error:
        raise error.explained() from None


def orders(names: list[str]) -> Iterator[list[str]]:
    """Orders in which sizes are handed out: X'X is invertible only where X has more rows than columns."""
    yield names
    yield names[::-1]
    for i in range(1, len(names)):
        yield names[i:] + names[:i]
