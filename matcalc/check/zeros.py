"""Derivatives that are zero because terms cancel: decided exactly, shown as 0, with the words why.

The check notices that a derivative vanishes at its points; here it is decided whether it is identically zero: modulo large
primes (:mod:`matcalc.numeric.exact`), and with eighty digits where that leaves doubt. Small sizes can be special (a 2×2 matrix
satisfies equations that a larger one does not), so the decision is taken at larger ones too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from matcalc.check.lost import short
from matcalc.check.points import Point
from matcalc.engine.derivation import CANCELLING, Check, Equation, Formula, Result, Step, Trace, with_program
from matcalc.expr.errors import CheckError, ShapeError
from matcalc.expr.nodes import Expr, depends, eye, is_zero, make, num, ones, postorder, substitute, sym, times, zeros
from matcalc.notation.meaning.problem import Problem
from matcalc.numeric import evaluation, exact
from matcalc.numeric.evaluation import Array, Functions
from matcalc.numeric.pieces import is_of_one_piece
from matcalc.numeric.properties import DISCRETE
from matcalc.numeric.sampling import ANYWHERE, VARIED


class Asked(NamedTuple):
    """A derivation whose zeros are to be decided."""

    problem: Problem
    waypoints: Sequence[tuple[str, Expr]]
    assume: Mapping[str, frozenset[str]]
    functions: Functions
    seed: int

    @property
    def output(self) -> Expr:
        found: Expr = self.waypoints[-1][1] if self.waypoints else self.problem.output
        return found


class Proof(NamedTuple):
    """That something is zero: where it was asked, and the question that says so for any number of unknown operators."""

    where: tuple[exact.At, ...]
    holds: Callable[[exact.At], bool | None]


UNSEEN = "the derivative by {} was 0, or lost in rounding, at all points of the check: a mistake in it would not be seen"


def with_zeros(asked: Asked, trace: Trace, flat: Collection[str], source: str) -> tuple[Trace, tuple[str, ...]]:
    """The trace with 0 for each result that is identically zero, and the reason; and notices where an inverse has to exist.

    ``flat`` names the variables by which the derivative vanished at every point of the check.
    """
    steps, results, notices = list(trace.steps), [], []
    for r in trace.results:
        last = _last_line(steps, r) if r.frobenius is None and (is_zero(r.expr) or r.wrt in flat) else None
        proof = _proof(asked, r, steps[last].node) if last is not None else None
        if last is None or not (proof or is_zero(r.expr)):
            results.append(r)
            notices += [UNSEEN.format(r.wrt)] if last is not None else []
            continue
        x = steps[last].node
        because = _reason(proof, asked.output, x) if proof and x is not None else ()
        results.append(_as_zero(r))
        moves = r.kind in ("gradient", "jacobian") and x in postorder((asked.output,))
        _tell(steps, last, because, proof is not None or moves, source)
        notices += [f"the derivative by {r.wrt} is 0 only where {e} exists" for e in _needed(because, asked.assume)]
    changed = any(a is not b for a, b in zip(results, trace.results, strict=True))
    done = trace._replace(steps=tuple(steps), results=with_program(results) if changed else trace.results)
    return done, tuple(dict.fromkeys(notices))


def _last_line(steps: list[Step], r: Result) -> int | None:
    """The line that gives a result; none where the variable does not occur."""
    name = r.wrt.rpartition(", ")[2]
    for i in reversed(range(len(steps))):
        s = steps[i]
        gives = s.kind in ("chain", "block", "shape", "reached", "result", "zero") and s.rhs.type == r.expr.type
        if gives and s.node is not None and s.node.attr == name:
            return i if s.rule != "independent" else None
    return None


def _as_zero(r: Result) -> Result:
    value = zeros(r.expr.type)
    return r if is_zero(r.expr) else r._replace(expr=value, named=Formula(value, r.names))


def _tell(steps: list[Step], last: int, because: tuple[Formula, ...], cancels: bool, source: str) -> None:
    """The reason, in the line that says 0; where the lines end with terms that cancel, a line that says 0 is added."""
    line = steps[last]
    about = (Equation(*because),) if because else ()
    if not is_zero(line.rhs.expr):
        value = Formula(zeros(line.rhs.type), line.rhs.names)
        told = Step("zero", CANCELLING, source, line.lhs, value, node=line.node, through=(line.lhs.expr,), about=about)
        check = Check(0.0, len(exact.PRIMES) * exact.POINTS, "exact")
        steps.insert(last + 1, told._replace(note="{}" if because else "", check=check))
    elif cancels and line.kind != "reached":
        first = last - 1 if line.kind == "shape" else last
        note = "the terms cancel" + (": {}" if because else "")
        steps[first] = steps[first]._replace(note=note if line.kind != "zero" else line.note, about=about)


# ---------------------------------------------------------------- deciding


def points_of(asked: Asked, roots: list[Expr]) -> tuple[exact.At, ...]:
    """Points at all sizes that are taken. Raises ``CheckError`` where there are none."""
    return tuple(_points(asked, roots))


def _points(asked: Asked, roots: list[Expr]) -> Iterator[exact.At]:
    """Points at sizes of all kinds where the expression has a value: what is zero for some sizes only is no zero."""
    table = evaluation.WithGeneric(asked.functions)
    for k, sizes in enumerate(VARIED):
        try:
            point = Point(asked.problem, (), [asked.output], roots, asked.assume, table, asked.seed + k, sizes=sizes)
        except (CheckError, ShapeError):
            if k == 0:
                raise
            continue
        real = evaluation.values([asked.output, *roots], point.env, point.sizes, table)
        yield exact.At(real, point.sizes, asked.assume, asked.seed + k)


def _proof(asked: Asked, r: Result, x: Expr | None) -> Proof | None:
    if x is None:
        return None
    first = r.kind in ("gradient", "jacobian")
    found = _by_primes(asked, r.expr, x, first)
    return found if found or is_zero(r.expr) else _by_digits(asked, r.expr, x if first else None)


def is_proved(asked: Asked, e: Expr, x: Expr) -> bool:
    """Whether a formula for the first derivative by x is identically zero."""
    return (_by_primes(asked, e, x, True) or _by_digits(asked, e, x)) is not None


def _by_primes(asked: Asked, e: Expr, x: Expr, first: bool) -> Proof | None:
    """That the output is the same for every x, or else that the formula of the derivative is zero."""
    try:
        where = points_of(asked, [e])
    except CheckError:
        return None
    questions: list[Callable[[exact.At], bool | None]] = []
    if first:
        questions.append(lambda at: exact.independent(asked.output, x, at))
    if not is_zero(e):
        questions.append(lambda at: exact.vanishes(e, at))
    for holds in questions:
        if all(map(holds, where)):
            return Proof(where, holds)
    return None


def does_not_move(asked: Asked, q: Expr) -> bool:
    """Whether the output is the same for every value of one of its nodes, around the points of the check."""
    try:
        return all(exact.independent(asked.output, q, at) for at in points_of(asked, []))
    except CheckError:
        return False


def vanishes_everywhere(
    problem: Problem, e: Expr, assume: Mapping[str, frozenset[str]], functions: Functions | None = None
) -> bool:
    """Whether an expression is zero whatever its variables are, on all branches of its operators."""
    asked = Asked(problem._replace(output=e), (), assume, functions or {}, 0)
    try:
        return all(exact.vanishes(e, at) for at in _points(asked, [])) or vanishes_to_all_digits(asked, e)
    except (CheckError, ShapeError):
        return False


def glance(problem: Problem, assume: Mapping[str, frozenset[str]]) -> Callable[[Expr], float]:
    """How large an expression over the nodes of the output is beside the values on the way, at one point that is the same for
    all, and may be at a kink; no number where that has no value."""

    @cache
    def point() -> Point | None:
        try:
            return Point(problem, (), [problem.output], [], assume, evaluation.WithGeneric({}), 0, sizes=VARIED[1], place=ANYWHERE)
        except (CheckError, ShapeError):
            return None

    @np.errstate(all="ignore")
    def share(e: Expr) -> float:
        at = point()
        try:
            return float(_largest(at.value(e)) / at.largest_below(e)) if at is not None else math.nan
        except CheckError:
            return math.nan

    return share


# Digits, and the power of ten below which the rest of a cancellation is: what is small at the first may not be 0.
DIGITS = ((80, -40), (1000, -900))


def _by_digits(asked: Asked, e: Expr, x: Expr | None = None) -> Proof | None:
    """That a formula is zero to a thousand digits, at all sizes, or the output the same for two values of the variable ``x``;
    nothing is said of unknown operators."""
    found = vanishes_to_all_digits(asked, e) or (
        x is not None and x.op == "sym" and vanishes_to_all_digits(asked, _moved(asked.output, x))
    )
    return Proof((), lambda at: True) if found else None


def _moved(output: Expr, x: Expr) -> Expr:
    """How much the output moves with a variable."""
    return make("sub", (output, substitute((output,), {x: sym(f"~{x.attr}", x.type)})[0]))


def vanishes_to_all_digits(asked: Asked, e: Expr) -> bool:
    """Whether a formula is zero to a thousand digits, at all sizes; not, where it may be another one beyond some border.

    Variables that have few values are taken to have any: at those few the formula may be zero by chance, as prod(y) of a
    binary y is.
    """
    from matcalc.numeric.precise import NotPrecise

    if not is_of_one_piece((e,), asked.assume):
        return False
    free = {name: declared - DISCRETE for name, declared in asked.assume.items()}
    try:
        where = points_of(asked._replace(assume=free), [e])
        return all(_is_rest(asked, e, at) for at in where)
    except (NotPrecise, CheckError):
        return False


def _is_rest(asked: Asked, e: Expr, at: exact.At) -> bool:
    """Whether the value is the rest of a cancellation: small beside what is on the way, and another with more digits."""
    found = []
    for digits, rest in DIGITS:
        value, small = _with_digits(asked, e, at, digits, rest)
        if not small:
            return False
        found.append(value)
    return not is_steady(*found)


def _with_digits(asked: Asked, e: Expr, at: exact.At, digits: int, rest: int) -> tuple[Array, bool]:
    """The value, and whether it is small beside what is on the way."""
    from matcalc.numeric.precise import many_digits

    with many_digits(asked.functions, digits) as arithmetic:
        env = {s: arithmetic.array(v) for s, v in at.real.items() if s.op == "sym"}  # one draw of a kind stands for no other
        known = evaluation.values([e], env, at.sizes, arithmetic)
        top = max(_largest(v) for v in known.values())
        return known[e], bool(_largest(known[e]) <= arithmetic.power_of_ten(rest) * top)


def is_steady(value: Array, other: Array) -> bool:
    """Whether some entry is the same, and not 0, with other digits: it is no rest of a cancellation, however small it is."""
    return bool(((value != 0) & (abs(value - other) <= STEADY * abs(value))).any())


STEADY = 1e-9


def _largest(x: Array) -> Array:
    return np.asarray(np.max(np.abs(x), initial=0))


# ---------------------------------------------------------------- the reason


def _inverse(n: Expr) -> tuple[Expr, Expr]:
    m = n.args[0]
    return times(n, m), num(1) if m.type.kind == "s" else eye(m.type.rows)


def _adds_up(n: Expr) -> tuple[Expr, Expr]:
    return make("sum", (n,)), num(1)


def _rows_add_up(n: Expr) -> tuple[Expr, Expr]:
    total = make("rowsum", (n,))
    return total, ones(total.type)


def _over_itself(n: Expr) -> tuple[Expr, Expr]:
    s = n.args[1]
    return make(n.op, (s, s)), ones(s.type)


# What makes terms cancel, by the operator: an equation of each of its nodes.
REASONS: dict[str, Callable[[Expr], tuple[Expr, Expr]]] = {
    "inv": _inverse,
    "softmax": _adds_up,
    "softmaxr": _rows_add_up,
    "div": _over_itself,
    "hdiv": _over_itself,
}


def _reason(proof: Proof, output: Expr, x: Expr) -> tuple[Formula, ...]:
    """Both sides of the equation without which the terms do not cancel: where its operator is unknown, they need not."""
    moving, order = depends(output, {x}) if proof.where else set(), postorder((output,))
    for op, equation in REASONS.items():
        nodes = sorted((n for n in order if n.op == op and n in moving), key=lambda n: len(postorder((n,))))
        if nodes and not proof.holds(proof.where[0]._replace(opaque=frozenset({op}))):
            left, right = equation(nodes[0])
            if exact.vanishes(make("sub", (left, right)), proof.where[0]):
                return Formula(left), Formula(right)
    return ()


INVERTIBLE = frozenset(("spd", "invertible", "positive-det", "near-identity", "orthogonal"))


def _needed(because: tuple[Formula, ...], assume: Mapping[str, frozenset[str]]) -> list[str]:
    """The inverse that cancels, where nothing declared says that it exists."""
    inverse = because[0].expr.args[0] if because else None
    if inverse is None or inverse.op != "inv":
        return []
    nodes = postorder((inverse,))
    exists = all(n.op in ("inv", "matmul", "T", "sym") for n in nodes) and all(
        INVERTIBLE & assume.get(str(n.attr), frozenset()) for n in nodes if n.op == "sym"
    )
    return [] if exists else [short(inverse)]
