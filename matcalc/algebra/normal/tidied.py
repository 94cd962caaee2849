"""An expression as a reader writes it down: signs, numbers and scalars in front, no double transpose; by no law with a name."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from matcalc.algebra.normal.written_terms import scaled
from matcalc.expr.groups import PAIRWISE, PRODUCTS, QUOTIENTS, SUMS, having
from matcalc.expr.nodes import Expr, fill, is_one, is_zero, make, num, postorder, rebuild, transpose, written_size, zeros

BILINEAR = having(lambda row: row.signs) & (PRODUCTS | QUOTIENTS)
LINEAR = having(lambda row: row.linear[:1] == "0" and not row.stands)  # 0 where their first operand is
PASSING = having(lambda row: row.linear == "0" and not (row.shaped or row.stands or row.signs))  # signs and numbers go through


ONE = Fraction(1)


class Taken(NamedTuple):
    """A product taken apart: its number, its scalar factors, the scalars it is divided by, and what is left of it."""

    number: Fraction
    over: tuple[Expr, ...]
    under: tuple[Expr, ...]
    core: Expr


def tidied(e: Expr, done: dict[Expr, Expr] | None = None) -> Expr:
    """The same value; equal to the last digit in exact arithmetic, and never longer. ``done`` keeps what was done before."""
    done = {} if done is None else done
    for node in postorder((e,)):
        if node not in done:
            args = tuple([done[a] for a in node.args])
            done[node] = _tidied(node if args == node.args else rebuild(node, args))
    return done[e]


def _tidied(node: Expr) -> Expr:
    if (node.op in LINEAR and is_zero(node.args[0])) or (node.op in PRODUCTS and any(map(is_zero, node.args))):
        return zeros(node.type)
    if node.op in SUMS:
        a, b = node.args
        return make("sub" if node.op == "add" else "add", (a, b.args[0])) if b.op == "neg" else node
    if node.op == "T" and node.args[0].op in PAIRWISE:
        inner = node.args[0]
        spread = make(inner.op, tuple([_turned(a) for a in inner.args]))
        return min(node, spread, key=written_size)
    taken = _taken(node)
    if taken.core is node or not taken.number:
        return node
    return scaled(taken.number, (*((s, 1) for s in taken.over), *((s, -1) for s in taken.under)), taken.core)


def _turned(a: Expr) -> Expr:
    return _tidied(make("T", (a,))) if a.type[0] != "s" else a


def _taken(e: Expr) -> Taken:
    """Signs, numbers and scalars of a product or a linear operator; nothing is taken from what is no such thing."""
    op = e.op
    if op == "num":
        return Taken(Fraction(e.attr), (), (), num(1))
    if op == "neg":
        inner = _taken(e.args[0])
        return inner._replace(number=-inner.number)
    if op == "T" and e.args[0].op != "T":
        inner = _taken(e.args[0])
        return inner._replace(core=transpose(inner.core)) if inner.core is not e.args[0] else Taken(ONE, (), (), e)
    if op == "T":
        return _taken(e.args[0].args[0])
    if op == "fill":
        inner = _taken(e.args[0])
        under = [(s, -1) for s in inner.under]
        whole = scaled(-inner.number, (*((s, 1) for s in inner.over), *under), inner.core) if inner.number < 0 else None
        return Taken(ONE, (), (), e) if whole is None else Taken(-ONE, (), (), fill(whole, e.type))
    if op in BILINEAR:
        return _of_product(e)
    if op in PASSING:
        inner = _taken(e.args[0])
        return inner._replace(core=rebuild(e, (inner.core,))) if inner.core is not e.args[0] else Taken(ONE, (), (), e)
    return Taken(ONE, (), (), e)


def _of_product(e: Expr) -> Taken:
    a, b = (_taken(x) for x in e.args)
    if e.op in QUOTIENTS:
        if not b.number:
            return Taken(ONE, (), (), e)
        b = b._replace(number=1 / b.number, over=b.under, under=b.over)
    number, over, under = a.number * b.number, a.over + b.over, a.under + b.under
    if e.op == "div":
        under += () if is_one(b.core) else (b.core,)
        return Taken(number, over, under, a.core)
    if e.op == "scale":
        if e.type[0] == "s" and is_one(b.core):
            return Taken(number, over, under, a.core)
        return Taken(number, over if is_one(a.core) else (*over, a.core), under, b.core)
    return Taken(number, over, under, make(e.op, (a.core, b.core)))
