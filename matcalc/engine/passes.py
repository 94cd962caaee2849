"""The two passes of backpropagation in the order in which they run, and what they cost (CS224n, backpropagation).

Forward in topological order; backward in reverse, each gradient once: those of the variables reuse what came from above.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matcalc.engine.derivation import Step
from matcalc.engine.reaching import PUT_IN
from matcalc.expr.dims import Dim, add, sub
from matcalc.expr.nodes import Expr


class Kept(NamedTuple):
    """A value that the backward pass reads: what it is called, and its sizes; None for what is no array, such as f'."""

    name: str
    shape: tuple[Dim, ...] | None


class Cost(NamedTuple):
    """Operations on numbers, additions and multiplications counted alike: of the value, of all in one pass, and of a pass for
    each variable by itself, the value among them."""

    value: Dim
    together: Dim
    alone: tuple[tuple[str, Dim], ...]

    @property
    def apart(self) -> Dim:
        """Of all variables, each in a pass of its own."""
        total: Dim = 0
        for _, count in self.alone:
            total = add(total, count)
        return total

    @property
    def saved(self) -> Dim:
        return sub(self.apart, self.together)


class Seconds(NamedTuple):
    """The shortest of several runs, measured in this process, in seconds."""

    value: float
    together: float
    apart: float


class Passes(NamedTuple):
    """``forward`` and ``backward`` are lines of the derivation, ``seconds`` are there where all sizes are numbers."""

    forward: tuple[Step, ...]
    backward: tuple[Step, ...]
    kept: tuple[Kept, ...]
    cost: Cost
    seconds: Seconds | None = None


def in_order(steps: Sequence[Step]) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """The lines that give values, and those that give gradients, as they run; a gradient in the shape of its variable where
    a line says it, and as laws alone make it shorter: sum(y) is 1, while δ stays."""
    forward = tuple(s for s in steps if s.kind == "definition")
    backward: dict[Expr, Step] = {}
    done: set[Expr] = set()  # names are put in from there on
    for s in steps:
        whole = s.kind == "shape" and s.via is not None  # what was cut into blocks, put together from them again
        q = s.lhs.expr.args[1] if s.lhs.expr.op == "partial" else None
        if q is not None and s.kind in ("chain", "block", "shape") and not whole:
            backward[q] = s
        elif q is not None and s.kind == "reached" and PUT_IN in s.rules:
            done.add(q)
        elif q in backward and s.kind == "reached" and q not in done:
            backward[q] = backward[q]._replace(rhs=s.rhs)
    return forward, tuple(backward.values())
