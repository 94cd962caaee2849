"""Products with unit vectors and with blocks that have zeros around them: no zero is multiplied."""

from __future__ import annotations

from matcalc.algebra.blocks.cutting import cut_col, cut_entry, cut_rows, ending, padded
from matcalc.algebra.normal.terms import ONE, Normal, Product, chain_expr
from matcalc.expr.nodes import Expr, transpose

ZEROS_AROUND = frozenset(("unit", "padrows", "rows"))


def meet_zeros(n: Normal, a: Expr, b: Expr) -> Product | None:
    """A unit vector takes a column or an entry; zeros around a factor cut the other one, or stand around the product."""
    selected = _selected(n, a, b)
    if selected is not None:
        return selected
    left, right = (x.args[0] if x.op == "T" else x for x in (a, b))
    if b.op == "unit":
        return _cut(cut_entry(transpose(a), *b.attr) if a.type[0] == "r" else cut_col(a, *b.attr))
    if left.op == "unit" and a.op == "T" and b.type[0] in "cm":
        return _cut(cut_entry(b, *left.attr) if b.type[0] == "c" else transpose(cut_col(n.turn(b), *left.attr)))
    if a.op == "padrows":
        c, factors, chain = n.join(a.args, (b,))
        return c, factors, (padded(chain_expr(chain), *a.attr),)
    if left.op == "padrows" and b.type[0] in "cm":
        first = left.attr[0]
        return ONE, (), (n.turn(left.args[0]), cut_rows(b, first, ending(first, left.args[0])))
    if b.op == "padrows":
        first = b.attr[0]
        return ONE, (), (n.turn(cut_rows(n.turn(a), first, ending(first, b.args[0]))), b.args[0])
    if right.op == "padrows" and a.type[0] in "cm":
        c, factors, chain = n.join(right.args, (n.turn(a),))
        return c, factors, (transpose(padded(chain_expr(chain), *right.attr)),)
    return None


def _selected(n: Normal, a: Expr, b: Expr) -> Product | None:
    """Rows of the identity select rows of what follows, and put zeros around what comes before."""
    left, right = (x.args[0] if x.op == "T" else x for x in (a, b))
    if left.op == "rows" and left.args[0].op == "eye" and b.type[0] in "cm":
        first, last = left.attr
        return _cut(cut_rows(b, first, last) if a is left else padded(b, first, left.type.cols))
    if right.op == "rows" and right.args[0].op == "eye" and a.type[0] in "rm":
        first, last = right.attr
        turned = n.turn(a)
        return _cut(transpose(padded(turned, first, right.type.cols) if b is right else cut_rows(turned, first, last)))
    return None


def _cut(e: Expr) -> Product:
    if e.op == "num":
        return e.attr, (), ()
    if e.type[0] == "s":
        return ONE, ((e, ONE),), ()
    return (0 if e.op == "zeros" else ONE), (), (e,)
