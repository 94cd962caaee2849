"""Which row several rules give together: that of the outermost operator in which what moves meets, as a line is called."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from matcalc.algebra.closures import BY_CLOSURE
from matcalc.algebra.match import matches
from matcalc.algebra.normal.terms import chain_of
from matcalc.algebra.pullbacks import Compiler
from matcalc.algebra.rule import Rule
from matcalc.expr.groups import PRODUCTS, QUOTIENTS, SUMS
from matcalc.expr.nodes import Expr, depends
from matcalc.expr.table import TABLE

PASSED = ("neg", "T")  # what a reader sees at a glance


class Called(NamedTuple):
    """A row, and whether several factors, or a denominator, move in what it is about: no row of one factor says that."""

    row: Rule
    meets: bool = False


def called_after(compiler: Compiler, body: Expr, moving: set[Expr], order: Sequence[Expr] = ()) -> Called | None:
    """The row by which the differential of ``body`` is called; None where it is one of ``moving``, with a sign or transposed.

    Through a sum to the first term that is more than linear, through a product to the one factor that moves, through a
    quotient to its numerator where only that moves, through a trace to what is more than linear in it. ``order`` is as in
    :func:`matcalc.expr.nodes.depends`.
    """
    return _called(compiler, body, depends(body, moving, order), moving)


def _called(compiler: Compiler, e: Expr, live: set[Expr], moving: set[Expr]) -> Called | None:
    linear = None
    while e not in moving:
        inside = [a for a in e.args if a in live]
        if e.op in SUMS and len(inside) > 1:
            found = [one for a in _terms(e, live, moving) if (one := _called(compiler, a, live, moving))]
            return min(found, key=_dullness, default=Called(_own(compiler, e)))
        met = (e.op in PRODUCTS and len(inside) > 1) or (e.op in QUOTIENTS and e.args[1] in live)
        if met or e.op not in (*PASSED, *SUMS, *PRODUCTS, *QUOTIENTS):
            inner = _called(compiler, inside[0], live, moving) if TABLE[e.op].linear == "0" and not met else None
            return inner if inner and _dullness(inner) < 2 else Called(compound(compiler, e, live) or _own(compiler, e), met)
        if e.op in PRODUCTS:
            linear = linear or Called(compound(compiler, e, live) or _own(compiler, e))
        (e,) = inside
    return linear


def _terms(e: Expr, live: Collection[Expr], moving: Collection[Expr]) -> Iterator[Expr]:
    """Of a sum, those that move."""
    stack = [e]
    while stack:
        term = stack.pop()
        if term.op in SUMS and term not in moving:
            stack += [a for a in reversed(term.args) if a in live]
        else:
            yield term


def _dullness(found: Called) -> int:
    return 0 if found.meets else 1 + (found.row.group == "compound" or found.row.role == "ring")


def _own(compiler: Compiler, e: Expr) -> Rule:
    op = e.op if e.op not in BY_CLOSURE else "matmul"
    return compiler.differential(op, node=e if op == e.op else None)


def compound(compiler: Compiler, e: Expr, live: Collection[Expr]) -> Rule | None:
    """The compound row whose left side is this product of factors."""
    factors = chain_of(e) if e.op == "matmul" else ()
    return next((row for row in compiler.book.groups.get("compound", ()) if factors and _is_of(row, factors, live)), None)


def _is_of(row: Rule, factors: Iterable[Expr], live: Collection[Expr]) -> bool:
    """Whether what moves in the row are the factors that move, one after the other, between such as the row has there."""
    wanted, bound = list(chain_of(row.sides[0])), dict[Expr, Expr]()
    before = False  # whether factors that do not move stand here
    for f in (*factors, None):
        if f is not None and f not in live:
            before = True
            continue
        if wanted and wanted[0].op == "sym" and "fixed" in row.variables[str(wanted[0].attr)][1]:
            wanted.pop(0)
        elif before:
            return False
        before = False
        found = next(matches(wanted.pop(0), f, bound), None) if f is not None and wanted else None
        if f is None or found is None:
            return f is None and not wanted
        bound = found
    return False
