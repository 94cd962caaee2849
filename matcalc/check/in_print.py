"""A line as it is printed: all its members, its names and its remark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from matcalc.check.measure import relative, relative_at
from matcalc.check.points import Point
from matcalc.check.term_by_term import sampled_error
from matcalc.engine.derivation import Formula, Step
from matcalc.expr.errors import CheckError
from matcalc.expr.nodes import Expr, postorder, size_text, sym
from matcalc.numeric import evaluation
from matcalc.numeric.kernels import extent, inward
from matcalc.numeric.magnitudes import largest


class Setting:
    """What the lines of one derivation have in common at a point: the named values, and what they are called."""

    def __init__(self, point: Point, output: Expr, steps: Sequence[Step], waypoints: Sequence[tuple[str, Expr]]) -> None:
        self.point = point
        self.output = output
        self.named = {sym(name, node.type): node for name, node in waypoints}
        self.bodies = {s.node: s.rhs.expr for s in steps if s.kind == "definition" and s.node is not None}
        self.names = Names(point, named_values(self.named, self.bodies, steps))

    def learn(self, step: Step) -> None:
        """What the lines after this one need of it."""
        if step.lhs.expr.op == "partial":
            self.point.learn(step.lhs.expr, self.point.value(step.rhs.expr))

    def skip(self, step: Step) -> None:
        """A line that needs no second opinion: what the lines after it need of it, and the letters of its remark."""
        self.learn(step)
        for letter, e in step.where:
            self.point.learn(letter, self.point.value(e))


def named_values(
    named: Mapping[Expr, Expr], bodies: Mapping[Expr, Expr], steps: Sequence[Step]
) -> dict[str, tuple[Expr | None, ...]]:
    """What the lines define each name as: the value, and the same in names; parts of long formulas."""
    known = {str(s.attr): (node, bodies.get(s)) for s, node in named.items()}
    parts = {s.lhs.names[s.lhs.expr]: (s.lhs.expr,) for s in steps if s.kind == "part" and s.lhs.expr is s.rhs.expr}
    return {**parts, **known}


class Names:
    """Whether what is written with names is true at a point: each name stands for a value that is the same.
    ``named`` says what the lines before define a name as: the value, and the same in names."""

    def __init__(self, point: Point, named: Mapping[str, tuple[Expr | None, ...]]) -> None:
        self.point = point
        self.named = named
        self.known: dict[int, tuple[Mapping[Expr, str], float]] = {}  # by identity: lines share their names
        self.owners: dict[str, Expr] = {}  # names of derivatives
        self.sums: dict[int, tuple[Formula, float]] = {}  # by identity: a line and its box have the same

    def error(self, formula: Formula) -> float:
        known = self.known.get(id(formula.names))
        if known is None or known[0] is not formula.names:
            known = self.known[id(formula.names)] = formula.names, self._error(formula.names)
        return known[1]

    def of_sums(self, formula: Formula) -> float:
        """How far sums over samples are from what they stand for."""
        if formula.samples is None:
            return 0.0
        known = self.sums.get(id(formula.samples))
        if known is None:
            known = self.sums[id(formula.samples)] = formula, sampled_error(self.point, formula)
        return known[1]

    def _error(self, names: Mapping[Expr, str]) -> float:
        point, worst = self.point, 0.0
        said = {e: sym(n, e.type) for e, n in names.items() if e.op != "partial" and e not in self.named.get(n, ())}
        if not all(s in point.env for s in said.values()):
            return float("inf")
        for e, s in said.items():
            scale = point.excused * max([largest(point.env[s]), *(largest(point.value(a)) for a in e.args)])
            worst = max(worst, relative(point.value(e), point.env[s], scale))
        symbols = {str(s.attr) for s in point.env if s.op == "sym"} if any(e.op == "partial" for e in names) else set()
        for e, name in names.items():  # δ is what the line that introduces it says: one thing, and no other name
            if e.op == "partial" and (name in symbols or self.owners.setdefault(name, e) is not e):
                return float("inf")
        return worst


def as_printed(point: Point, step: Step, names: Names) -> float:
    """The line as it is printed: all its members have the value of the right side, under names that are true."""
    if not step.members and not step.where:
        return max(names.error(step.lhs), names.error(step.rhs), names.of_sums(step.rhs))
    for letter, e in step.where:
        point.learn(letter, point.value(e))
    chain = step.chain
    if chain[0].expr is not step.lhs.expr:
        return float("inf")
    error = max(names.error(f) for f in chain)
    others = [f.expr for f in chain[1:] if f.expr is not step.rhs.expr and f.expr is not step.lhs.expr]
    if not others:
        return error
    rhs = point.value(step.rhs.expr)
    values = [point.value(e) for e in others]
    if any(e.type.kind != step.rhs.type.kind or np.shape(v) != np.shape(rhs) for e, v in zip(others, values, strict=True)):
        return float("inf")
    every = (step.rhs.expr, *others)  # what comes out as 0 may be a product that is not small
    return max([error, *(relative_at(point, v, rhs, *every) for v in values)])


def check_remark(point: Point, step: Step, bodies: Mapping[Expr, Expr]) -> float:
    """The equations in the remark of a line; ∂z/∂W of neighbours is taken by differences."""
    worst = 0.0
    for lhs, rhs in step.equations if step.about else ():
        for e in postorder((lhs.expr, rhs.expr)):
            if e.op == "partial" and e not in point.env and e.args[0] in bodies:
                slopes = evaluation.jacobian(bodies[e.args[0]], e.args[1], point.env, point.sizes, point.functions)
                point.learn(e, inward(slopes, e.type.kind))
        left, right = point.value(lhs.expr), point.value(rhs.expr)
        fits = lhs.type.kind == rhs.type.kind and np.shape(left) == np.shape(right)
        worst = max(worst, relative_at(point, right, left, rhs.expr) if fits else float("inf"))
    return worst


def require_shape(point: Point, step: Step) -> None:
    """Both sides of a line have the same kind and sizes; entries stand for whole arrays. Raises ``CheckError``."""
    left, right = step.lhs.expr.type, step.rhs.expr.type
    if (
        left != right
        and step.kind != "entries"
        and (left.kind != right.kind or extent(left, point.sizes) != extent(right, point.sizes))
    ):
        raise CheckError(
            f"a line failed its check and is not shown: {step.lhs.text} is {size_text(left)}, its right side {size_text(right)}",
            hint=f"this is a defect in rule '{step.rule}' or in matcalc; please report it",
        )
