"""The lines of the derivation at hand: what each derivative is in the variables of the problem, and by which rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from matcalc.check.work.relations import same
from matcalc.check.work.world import World, evaluated, first_point
from matcalc.engine.derivation import Formula, Step
from matcalc.expr.groups import DERIVED
from matcalc.expr.nodes import Expr, postorder, substitute, sym

ASIDE = frozenset(("put-in", "shape-convention", "read-off"))  # rules that say how a line is written


class Known(NamedTuple):
    """The derivative of one value by another; its differential, where ``by`` is None."""

    of: Expr
    by: Expr | None
    value: Expr | None  # where it is a formula without further derivatives
    rule: str
    text: str = ""  # the line as it is told


class Lent(NamedTuple):
    """A name of the derivation that work may use without defining it: a value, or the derivative of one ``by`` another, δ."""

    name: str
    of: Expr
    by: Expr | None
    words: str  # what it is


def lent_names(steps: Sequence[Step], waypoints: Sequence[tuple[str, Expr]], output: Expr) -> tuple[Lent, ...]:
    """z, h and δ; where no derivative has a name, δ is that by the value from which the variable is reached."""
    put = {sym(name, e.type): e for name, e in waypoints}
    values = [Lent(name, e, None, f"{name} = {Formula(e).text}") for name, e in waypoints if e is not output]
    slopes = [s.lhs for s in steps if s.lhs.expr.op == "partial" and s.lhs.expr.args[1] in put]
    named = {lhs.names[lhs.expr]: lhs for lhs in slopes if lhs.expr in lhs.names}
    own = [("delta", lhs) for lhs in slopes if substitute(lhs.expr.args[:1], put)[0] is output]
    for name, lhs in named.items() or own[-1:]:
        of, by = substitute(lhs.expr.args, put)
        values.append(Lent(name, of, by, f"{Formula(sym(name, lhs.expr.type)).text} = {Formula(lhs.expr).text}"))
    return tuple(values)


def known_lines(steps: Sequence[Step], waypoints: Sequence[tuple[str, Expr]]) -> tuple[Known, ...]:
    put = {sym(name, e.type): e for name, e in waypoints}
    return tuple(_known(step, put) for step in steps if step.lhs.expr.op in DERIVED)


def _known(step: Step, put: dict[Expr, Expr]) -> Known:
    of, *rest = substitute(step.lhs.expr.args, put)
    by = rest[0] if rest else None
    whole = not any(n.op in DERIVED for n in postorder((step.rhs.expr,)))
    told = f"{step.lhs.text} = {step.rhs.text}"
    return Known(of, by, substitute((step.rhs.expr,), put)[0] if whole else None, step.rule, told)


class About(NamedTuple):
    """What the derivation says of a derivative: by which of its lines, in which formulas, and by which rule."""

    lines: tuple[int, ...]
    formulas: tuple[Expr, ...]
    rule: str


def about(world: World, lines: Sequence[Known], of: Expr, by: Expr | None) -> About:
    """Where no line speaks of it, the rule is the one by which the same value is differentiated."""
    said = tuple(matching(world, lines, of, by))
    rule = rule_of(said) or rule_of([line for line in lines if is_one(world, line.of, of)])
    values = dict.fromkeys(line.value for line in said if line.value is not None)
    return About(tuple(k for k, line in enumerate(lines) if line in said), tuple(values), rule)


def matching(world: World, lines: Sequence[Known], of: Expr, by: Expr | None) -> Iterator[Known]:
    """The lines that speak of this derivative, whatever its values are called."""
    for line in lines:
        if is_one(world, line.of, of) and (by is None) == (line.by is None) and (by is None or is_one(world, line.by, by)):
            yield line


def is_one(world: World, a: Expr | None, b: Expr) -> bool:
    """Whether two formulas have one value, at the first point and then at all of them."""
    if a is b or a is None or a.type != b.type:
        return a is b
    near = first_point(world)
    return same(evaluated(near, a, {}), evaluated(near, b, {})) and same(evaluated(world, a, {}), evaluated(world, b, {}))


def rule_of(lines: Sequence[Known]) -> str:
    """The rule that gives a derivative: not one that only says how it is written, where there is another."""
    return next((line.rule for line in lines if line.rule not in ASIDE), lines[0].rule if lines else "")
