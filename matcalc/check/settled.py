"""Parts of an expression that are constant where their operator is not differentiable: ‖x − x‖ is 0, and max(x, x) is x.

An operator with a kink, applied to what is exactly zero everywhere, is no obstacle: its value is put in its place
before anything is differentiated. So is the determinant of what is singular everywhere, whose rule needs the inverse. Whether it
is zero everywhere is decided modulo large primes (:mod:`matcalc.numeric.exact`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from matcalc.expr.errors import CheckError
from matcalc.expr.groups import CHOICES, JOINED, POWERS, SUMS
from matcalc.expr.nodes import Expr, is_zero, make, operands, postorder, reached, substitute, zeros
from matcalc.expr.table import TABLE
from matcalc.numeric.fingerprint import fingerprints, is_sure
from matcalc.numeric.small_sizes import has_numbers

if TYPE_CHECKING:
    from matcalc.notation.meaning.problem import Problem
    from matcalc.numeric.evaluation import Functions

Decider = Callable[[Expr], bool]
# Of 0: 0, where something is not smooth.
AT_ZERO = frozenset([op.name for op in TABLE.values() if op.zero and op.arity == 1 and (op.kink or op.least or op.breaks)])
AT_ZERO |= {"sqrt", "pow", "hpow"}
EXTREMES = frozenset(("max", "min"))  # of an array and itself: of the array
KINKED = AT_ZERO | CHOICES | frozenset([op.name for op in TABLE.values() if op.kink])
DIVIDES = frozenset(("1:nonzero", "positive", "invertible"))  # domains without 0
# What can make a part of an expression vanish.
SIGNS = frozenset(("sub", "neg", "num", "zeros", "variance"))


def settled_parts(problem: Problem, assume: Mapping[str, frozenset[str]]) -> dict[Expr, Expr]:
    """What is put in place of nodes of the output whose operator has a kink at what its arguments always are."""
    if "det" not in problem.ops and not (problem.ops & KINKED and problem.ops & (SIGNS | CHOICES | JOINED)):
        return {}
    look = _Look(problem, assume)
    kinked = [a for node in look.marks if node.op in KINKED for a in node.args]
    below = {node for node in postorder(kinked) if node.op in SUMS and look.may_be_zero(node)}
    settled: dict[Expr, Expr] = {}
    done: dict[Expr, Expr] = {}  # with what is settled inside put in place
    for node in look.marks:
        args = tuple([done[a] for a in node.args])
        done[node] = node if args == node.args else make(node.op, args, node.attr, node.type)
        value = _zero(done[node], look.vanishes) if node in below else _value(node, args, look)
        if value is not None:
            settled[node] = done[node] = value
    outermost = reached((problem.output,), lambda node: () if node in settled else node.args)
    return {node: settled[node] for node in outermost if node in settled}


PLAIN = 1e-4  # of the values on the way: far above what rounding leaves
ROUNDED = 1e-9


class _Look:
    """What could be zero everywhere among the nodes of an output, and what is."""

    def __init__(self, problem: Problem, assume: Mapping[str, frozenset[str]]) -> None:
        self.problem, self.assume = problem, assume
        self.marks = fingerprints(problem.output)

    @cached_property
    def not_zero(self) -> frozenset[Expr]:
        """What must not be 0 for the expression to have a value: a refusal names it as it stands."""
        return frozenset(n.args[-1] for n in self.marks if TABLE[n.op].domain in DIVIDES and n.op not in AT_ZERO)

    @cached_property
    def share(self) -> Callable[[Expr], float]:
        from matcalc.check.zeros import glance

        return glance(self.problem, self.assume)  # nothing is drawn before something is asked

    def may_be_zero(self, node: Expr) -> bool:
        return not self.marks[node] or self._seems_zero(node)

    def may_be_one(self, a: Expr, b: Expr) -> bool:
        return self.marks[a] == self.marks[b] or self._seems_zero(make("sub", (a, b)))

    def _seems_zero(self, e: Expr) -> bool:
        """Where the mark says nothing: that many digits could show it to be zero, and that it is at a point but for rounding."""
        if is_sure(postorder((e,))):
            return False
        from matcalc.numeric.pieces import is_of_one_piece

        return is_of_one_piece((e,), self.assume) and self.share(e) < ROUNDED

    def may_be_singular(self, det: Expr) -> bool:
        """Where sizes are numbers, the mark, which is that of one entry, says nothing: a product A B with A 5×3 is singular."""
        numbers = has_numbers(postorder((det,)))
        return det not in self.not_zero and (numbers or self.may_be_zero(det)) and not self.share(det) > ROUNDED

    def vanishes(self, e: Expr) -> bool:
        """Whether something is zero everywhere: not where one point shows that it is not; else a proof is looked for, which
        takes points of its own."""
        from matcalc.check.zeros import vanishes_everywhere

        return not self.share(e) > PLAIN and vanishes_everywhere(self.problem, e, self.assume)


def is_settled(problem: Problem, e: Expr, value: Expr, assume: Mapping[str, frozenset[str]], functions: Functions) -> bool:
    """Whether a node with a kink is ``value`` everywhere: one of its two equal arguments, or 0 of what is 0."""
    from matcalc.check.zeros import vanishes_everywhere

    inside = tuple([substitute((a,), settled_parts(problem._replace(output=a), assume))[0] for a in e.args])
    if e.op in CHOICES:
        return all(a is value or vanishes_everywhere(problem, make("sub", (a, value)), assume, functions) for a in inside)
    if e.op in EXTREMES and inside[0].op in JOINED and not is_zero(value):
        part = value.args[0] if value.op == e.op else value  # what is settled in one by itself may differ in spelling
        return any(
            all(x.type == part.type and vanishes_everywhere(problem, make("sub", (x, part)), assume, functions) for x in parts)
            for parts in _splits(inside[0])
        )
    if e.op in SUMS:
        return is_zero(value) and vanishes_everywhere(problem, make(e.op, inside, e.attr, e.type), assume, functions)
    if e.op == "det":
        return is_zero(value) and vanishes_everywhere(problem, make(e.op, inside), assume, functions)
    return e.op in AT_ZERO and is_zero(value) and vanishes_everywhere(problem, inside[0], assume, functions)


def _value(node: Expr, args: tuple[Expr, ...], look: _Look) -> Expr | None:
    """The value of a node that is settled, else nothing; ``args`` are its arguments with what is settled put in place."""
    if node.op in CHOICES:
        same = look.may_be_one(*node.args)
        return args[0] if same and (args[0] is args[1] or look.vanishes(make("sub", args))) else None
    if node.op == "det":
        return zeros(node.type) if look.may_be_singular(node) and look.vanishes(make("det", args)) else None
    whole = node.op in POWERS and not _is_root(node.args[1])
    if node.op in AT_ZERO and not whole and look.may_be_zero(node.args[0]) and (is_zero(args[0]) or look.vanishes(args[0])):
        return zeros(node.type)
    return _of_one_part(args[0], node.op, look.vanishes) if node.op in EXTREMES and args[0].op in JOINED else None


def _zero(e: Expr, vanishes: Decider) -> Expr | None:
    """A sum whose terms cancel, below an operator with a kink: rounding must not decide on which side of the kink it is."""
    return zeros(e.type) if vanishes(e) else None


def _of_one_part(e: Expr, op: str, vanishes: Decider) -> Expr | None:
    """max([x; x]) is max(x), and so is max([x; x; x])."""
    for first, *others in _splits(e):
        if all(x is first or (x.type == first.type and vanishes(make("sub", (x, first)))) for x in others):
            return make(op, (first,)) if first.type.kind != "s" else first
    return None


def _splits(e: Expr) -> Iterator[list[Expr]]:
    """The two parts of a joined array, and all parts of which it is made."""
    yield list(e.args)
    parts = list(operands(e, JOINED))
    if len(parts) > 2:
        yield parts


def _is_root(exponent: Expr) -> bool:
    return exponent.op == "num" and exponent.attr > 0 and exponent.attr.denominator > 1


def require_settled(
    problem: Problem, settled: Mapping[Expr, Expr], assume: Mapping[str, frozenset[str]], functions: Functions
) -> None:
    """Parts that are constant are so exactly. Raises ``CheckError``."""
    for e, value in settled.items():
        if not is_settled(problem, e, value, assume, functions):
            raise CheckError("a part of the input is not the constant that a line says it is; it is not shown",
                             hint="this is a defect in matcalc; please report it")  # fmt: skip
