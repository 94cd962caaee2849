"""Whether two sides are the same: by their normal forms, else in exact arithmetic; doubles only say that they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.check.measure import relative
from matcalc.check.points import Point, is_finite
from matcalc.check.replay.outcome import DoesNotFollow, Stuck
from matcalc.check.zeros import Asked, vanishes_to_all_digits
from matcalc.expr.errors import MatcalcError
from matcalc.expr.groups import DERIVED
from matcalc.expr.nodes import Expr, make, postorder
from matcalc.notation.meaning.problem import Problem
from matcalc.numeric import evaluation, exact
from matcalc.numeric.evaluation import Array
from matcalc.numeric.kernels import extent
from matcalc.numeric.magnitudes import largest
from matcalc.numeric.sampling import VARIED

SIZES = 3  # kinds of sizes at which a question is asked
DIFFERENT = 1e-6  # relative, in doubles, of sides that are not the same
DUST = 1e-12  # times the largest value on the way: what may be rounding, as all is where a matrix that is inverted is singular
SUMS_TO_ONE = frozenset(("probability",))  # what holds for these holds for one-hot vectors


class Judge:
    """Decides for one derivation; its points are drawn when the first question needs them."""

    def __init__(
        self,
        problem: Problem,
        waypoints: Sequence[tuple[str, Expr]],
        assume: Mapping[str, frozenset[str]],
        functions: Mapping[str, object],
    ) -> None:
        self.problem = problem
        self.waypoints = waypoints
        self.assume = assume
        known = {name: evaluation.from_user(value, name) for name, value in functions.items() if value is not None}
        self.table = evaluation.WithGeneric(known)
        self._points: list[Point] | None = None
        self._normalizers: dict[frozenset[tuple[str, frozenset[str]]], Normalizer] = {}

    @property
    def points(self) -> list[Point]:
        if self._points is None:
            self._points = []
            roots = [e for _, e in self.waypoints] or [self.problem.output]
            for k, sizes in enumerate(VARIED[:SIZES]):
                try:
                    point = Point(self.problem, self.waypoints, roots, [], self.assume, self.table, k, sizes=sizes)
                except MatcalcError:
                    continue
                self._points.append(point)
        return self._points

    def require_same(self, a: Expr, b: Expr, complaint: str, assume: Mapping[str, frozenset[str]]) -> None:
        """Raises ``DoesNotFollow`` where the sides differ, ``Stuck`` where it cannot be told."""
        if self.is_same(a, b, assume):
            return
        if self.differ(a, b):
            raise DoesNotFollow(complaint)
        raise Stuck("both sides have one value at random points, but neither the ring laws nor exact arithmetic prove it")

    def is_same(self, a: Expr, b: Expr, assume: Mapping[str, frozenset[str]]) -> bool:
        """Whether the sides are one by the ring laws, else modulo primes, else to a thousand digits."""
        if a.type != b.type:
            return False
        n = self._normalizers.setdefault(frozenset(assume.items()), Normalizer(assume))  # which remembers what it has seen
        a, b = n.normal(a), n.normal(b)
        if a is b:
            return True
        rest = make("sub", (a, b))
        drawn = {name: declared | SUMS_TO_ONE if "one-hot" in declared else declared for name, declared in assume.items()}
        if self.points and all(exact.vanishes(rest, exact.At(self._env(p, rest), p.sizes, drawn)) for p in self.points):
            return True
        return not self.differ(a, b) and vanishes_to_all_digits(Asked(self.problem, self.waypoints, assume, self.table, 0), rest)

    def differ(self, a: Expr, b: Expr) -> bool:
        """Whether the sides have plainly different values at a random point."""
        if a.type != b.type:
            return True
        both = make("sub", (a, b))
        for point in self.points:
            try:
                known = evaluation.values([a, b], self._env(point, both), point.sizes, self.table)
            except MatcalcError:
                continue
            dust = DUST / DIFFERENT * max(largest(v) for v in known.values())
            if is_finite(known[a]) and is_finite(known[b]) and relative(known[a], known[b], dust) > DIFFERENT:
                return True
        return False

    def _env(self, point: Point, e: Expr) -> dict[Expr, Array]:
        """Values of all variables of ``e``: those of the point, and any for directions and for what the problem does not hold."""
        more = [n for n in postorder((e,)) if n.op in DERIVED | {"sym"} and n not in point.env]
        return {**point.env, **{n: point.rng.standard_normal(extent(n.type, point.sizes)) for n in more}}
