"""Rows used as rewrites: the first whose left side an expression is, and the right side in its place."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from matcalc.algebra.match import Unfit, instantiate, matches
from matcalc.algebra.rule import Rule
from matcalc.expr.nodes import Expr


def rewritten(rows: Iterable[Rule], node: Expr) -> tuple[Rule, Expr] | None:
    """The first row that fits, and what the expression becomes by it."""
    for row in rows:
        left, right = row.sides
        if row.disabled or left.op != node.op:
            continue
        for bound in matches(left, node):
            with suppress(Unfit):  # log det(x'Ax): a determinant, and of no matrix
                return row, instantiate(right, {v: e for v, e in bound.items() if not str(v.attr).startswith("#")}, None)
    return None
