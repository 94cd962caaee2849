"""Parts of an expression that are constant where their operator is not differentiable: ‖x − x‖ is 0, and max(x, x) is x.

An operator with a kink, applied to what is exactly zero everywhere, is no obstacle: its value is put in its place
before anything is differentiated. Whether it is zero everywhere is decided modulo large primes (:mod:`matcalc.exact`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from matcalc.expr import Expr, is_zero, make, postorder, substitute, zeros
from matcalc.fingerprint import fingerprints

if TYPE_CHECKING:
    from matcalc.notation.resolve import Problem

ENTRYWISE = frozenset(("max2", "min2"))  # of two equal arguments: the argument
AT_ZERO = frozenset(
    (
        *("norm1", "norm2", "sqnorm", "normspec", "normnuc", "abs", "relu", "sqrt", "cbrt", "sign", "max", "min", "rowmax"),
        *("softsign", "hardtanh", "elu", "pow", "hpow"),
    )
)
EXTREMES = frozenset(("max", "min"))  # of an array and itself: of the array
SUMS = frozenset(("add", "sub"))
JOINED = frozenset(("vcat", "hcat"))
# What can make a part of an expression vanish.
SIGNS = frozenset(("sub", "neg", "num", "zeros"))


def settled_parts(problem: Problem, assume: Mapping[str, frozenset[str]]) -> dict[Expr, Expr]:
    """What is put in place of nodes of the output whose operator has a kink at what its arguments always are."""
    if not (problem.ops & (AT_ZERO | ENTRYWISE) and problem.ops & (SIGNS | ENTRYWISE | JOINED)):
        return {}
    marks = fingerprints(problem.output)
    kinked = [a for node in marks if node.op in AT_ZERO for a in node.args]
    below = {node for node in postorder(kinked) if node.op in SUMS and not marks[node]}
    settled: dict[Expr, Expr] = {}
    done: dict[Expr, Expr] = {}  # with what is settled inside put in place
    for node in postorder((problem.output,)):
        args = tuple([done[a] for a in node.args])
        done[node] = node if args == node.args else make(node.op, args, node.attr, node.type)
        value = _zero(problem, done[node], assume) if node in below else _value(problem, node, args, marks, assume)
        if value is not None:
            settled[node] = done[node] = value
    return {node: settled[node] for node in _outermost(problem.output, settled)}


def is_settled(problem: Problem, e: Expr, value: Expr, assume: Mapping[str, frozenset[str]], functions: Mapping[str, Any]) -> bool:
    """Whether a node with a kink is ``value`` everywhere: one of its two equal arguments, or 0 of what is 0."""
    from matcalc.zeros import vanishes_everywhere

    inside = tuple([substitute((a,), settled_parts(problem._replace(output=a), assume))[0] for a in e.args])
    if e.op in ENTRYWISE:
        return value in inside and vanishes_everywhere(problem, make("sub", inside), assume, functions)
    if e.op in EXTREMES and inside[0].op in JOINED and value is _of_one_half(problem, inside[0], e.op, assume):
        return True
    if e.op in SUMS:
        return is_zero(value) and vanishes_everywhere(problem, make(e.op, inside, e.attr, e.type), assume, functions)
    return e.op in AT_ZERO and is_zero(value) and vanishes_everywhere(problem, inside[0], assume, functions)


def _value(
    problem: Problem, node: Expr, args: tuple[Expr, ...], marks: Mapping[Expr, int], assume: Mapping[str, frozenset[str]]
) -> Expr | None:
    """The value of a node that is settled, else nothing; ``args`` are its arguments with what is settled put in place."""
    if node.op in ENTRYWISE:
        same = marks[node.args[0]] == marks[node.args[1]]
        return args[0] if same and (args[0] is args[1] or _vanishes(problem, make("sub", args), assume)) else None
    if node.op in EXTREMES and args[0].op in JOINED:
        return _of_one_half(problem, args[0], node.op, assume)
    if node.op not in AT_ZERO or marks[node.args[0]] or (node.op in ("pow", "hpow") and not _is_root(node.args[1])):
        return None
    return zeros(node.type) if is_zero(args[0]) or _vanishes(problem, args[0], assume) else None


def _zero(problem: Problem, e: Expr, assume: Mapping[str, frozenset[str]]) -> Expr | None:
    """A sum whose terms cancel, below an operator with a kink: rounding must not decide on which side of the kink it is."""
    return zeros(e.type) if _vanishes(problem, e, assume) else None


def _of_one_half(problem: Problem, e: Expr, op: str, assume: Mapping[str, frozenset[str]]) -> Expr | None:
    """max([x; x]) is max(x)."""
    a, b = e.args
    return make(op, (a,)) if a is b or (a.type == b.type and _vanishes(problem, make("sub", (a, b)), assume)) else None


def _outermost(root: Expr, settled: Mapping[Expr, Expr]) -> Iterator[Expr]:
    """Settled nodes that are not below another."""
    stack, seen = [root], set()
    while stack:
        node = stack.pop()
        if node in settled:
            yield node
        elif node not in seen:
            seen.add(node)
            stack.extend(node.args)


def _is_root(exponent: Expr) -> bool:
    return exponent.op == "num" and exponent.attr > 0 and exponent.attr.denominator > 1


def _vanishes(problem: Problem, e: Expr, assume: Mapping[str, frozenset[str]]) -> bool:
    from matcalc.zeros import vanishes_everywhere

    return vanishes_everywhere(problem, e, assume)
