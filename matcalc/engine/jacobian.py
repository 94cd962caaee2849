"""The differential route: dY is expanded to the differentials of the variable, then its coefficient is read off."""

from __future__ import annotations

from matcalc.algebra.index.paths import coefficient
from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.pullbacks import Compiler
from matcalc.algebra.slopes import tangents
from matcalc.expr import nodes
from matcalc.expr.nodes import Expr, make, num


def read_off(n: Normalizer, dy: Expr, dx: Expr, last: Normalizer) -> Expr:
    """The derivative whose contraction with ``dx`` is ``dy``: axes of the output, then of the variable."""

    def settled(e: Expr) -> Expr:
        value = n.normal(e)
        for each in {n: None, last: None}:
            each.settle(value)
        return value

    total = coefficient(dy, dx, settled)
    if total is None:  # every path ends in a zero
        return nodes.zeros(nodes.type_of((*nodes.shape_of(dy.type), *nodes.shape_of(dx.type))))
    return n.normal(total)


def jacobian(compiler: Compiler, n: Normalizer, y: Expr, x: Expr, last: Normalizer) -> Expr:
    """∂y/∂x in the shape (axes of y, axes of x); zero when y does not depend on x. ``last`` will see the result too."""
    shape = (*nodes.shape_of(y.type), *nodes.shape_of(x.type))
    if x.type[0] == "s":
        found = tangents(compiler, (y,), {x: num(1)})
        if y not in found:
            return nodes.zeros(y.type)
        value = n.normal(found[y])
        return n.normal(nodes.transpose(value)) if y.type[0] == "r" else value
    dx = make("d", (x,))
    found = tangents(compiler, (y,), {x: dx})
    value = read_off(n, found[y], dx, last) if y in found else nodes.zeros(nodes.type_of(shape))
    lying = y.type[0] == "s" and x.type[0] == "r" and value.type[0] == "c"  # the shape convention: a row's gradient is a row
    return n.normal(nodes.transpose(value)) if lying else value


def directional(compiler: Compiler, n: Normalizer, y: Expr, x: Expr, v: Expr) -> Expr:
    """The derivative of y along v: dy with dx = v."""
    found = tangents(compiler, (y,), {x: v})
    return n.normal(found[y]) if y in found else nodes.zeros(y.type)
