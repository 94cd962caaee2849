"""Operators that NumPy and SciPy lack, by those that they have; nothing overflows that is finite."""

from __future__ import annotations

from collections.abc import Callable

from matcalc.expr import nodes
from matcalc.expr.nodes import Expr, make, num
from matcalc.expr.table import SCALAR


def elu(z: Expr) -> Expr:
    """max(z, 0) + expm1(min(z, 0)): no overflow where z is large."""
    below = make("min2", (z, nodes.fill(num(0), z.type)))
    return make("add", (make("relu", (z,)), make("expm1", (below,))))


def softsign(z: Expr) -> Expr:
    below = make("add", (nodes.fill(num(1), z.type), make("abs", (z,))))
    return make("hdiv" if z.type.kind != "s" else "div", (z, below))


def density(z: Expr) -> Expr:
    """exp(-z²/2)/√(2π)"""
    square = make("hpow" if z.type.kind != "s" else "pow", (z, num(2)))
    half = make("div", (make("neg", (square,)), num(2)))
    root = make("sqrt", (make("scale", (num(2), make("const", (), "pi", SCALAR))),))
    return make("div", (make("exp", (half,)), root))


WRITTEN: dict[str, Callable[[Expr], Expr]] = {
    "silu": lambda z: nodes.hadamard(z, make("sigmoid", (z,))),
    "gelu": lambda z: nodes.hadamard(z, make("normcdf", (z,))),
    "softsign": softsign,
    "elu": elu,
    "normpdf": density,
}
