"""Logarithms by functions that lose no digits."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from matcalc.codegen.ir.graph import ONE, Node, Val, opened
from matcalc.codegen.lower.stable import finished, one_plus_exp, sigmoid, sum_of_exp, type_of
from matcalc.expr.table import Type

if TYPE_CHECKING:
    from matcalc.codegen.ir.entrywise_values import Algebra


def log(algebra: Algebra, v: Val, role: str) -> Val | None:
    """log σ, log(1 + exp), log Σ exp, log softmax, log det, log cosh, log(1 + x)."""
    v = finished(algebra, v)
    if not v.chain:
        return _log_scalar(algebra, v)
    if v.coef != 1 or v.nums or v.dens:
        return None
    if len(v.chain) == 1:
        f = v.chain[0]
        return _log_node(algebra, f.node, role, f.flip)
    if len(v.chain) == 2 and role in "cr":
        return _log_node(algebra, algebra.node(v), role, False)
    return None


def _log_scalar(algebra: Algebra, v: Val) -> Val | None:
    """Positive numbers and sizes in the product become terms of their own."""
    own = [n for n in v.nums if n.op != "dim"]
    if len(own) != 1 or v.coef <= 0 or any(d.op != "dim" for d in v.dens):
        return None
    main = _log_node(algebra, own[0], "s", False)
    if main is None:
        return None
    sizes = [(n, 1) for n in v.nums if n.op == "dim"] + [(n, -1) for n in v.dens]
    if v.coef != 1:
        sizes.append((algebra.graph.make("num", attr=v.coef), 1))
    logs = [Val(Fraction(sign), (algebra.graph.make("log", (n,)),)) for n, sign in sizes]
    return algebra.add([main, *logs], Type("s", 1, 1))


def _log_node(algebra: Algebra, node: Node, role: str, flip: bool) -> Val | None:
    make = algebra.graph.make
    z = one_plus_exp(node)
    found = sum_of_exp(node)
    if node.op == "sigmoid":
        new = make("softplus", node.args, -node.attr, node.shape)
        return algebra.array(new, role, flip)._replace(coef=-ONE)
    if z is not None:
        return algebra.array(sigmoid(algebra, z, 1, "softplus"), role, flip)
    if node.op == "softmax":
        return algebra.array(make("logsoftmax", node.args, node.attr, node.shape), role, flip)
    if found is not None:
        axis = None if found[1] is None else 0 if found[1] else 1
        return algebra.array(make("logsumexp", found[0].args, axis, node.shape), role, flip)
    if node.op == "det":
        return algebra.scalar(make("logdet", node.args, "signed"))
    if node.op == "cosh":
        return _log_cosh(algebra, algebra.array(node.args[0], role), role, flip)
    x = _one_plus(algebra, node)
    return algebra.array(make("log1p", (x,), None, node.shape), role, flip) if x else None


def _log_cosh(algebra: Algebra, x: Val, role: str, flip: bool) -> Val:
    """|x| + log(1 + exp(-2|x|)) - log 2"""
    make = algebra.graph.make
    node = algebra.node(x)
    size = make("abs", (node,), None, node.shape)
    double = algebra.node(algebra.array(size, role)._replace(coef=Fraction(2)))
    t = {"s": Type("s", 1, 1)}.get(role) or type_of(role, node)
    tail = algebra.array(make("softplus", (double,), -1, node.shape), role)
    two = algebra.times(algebra.scalar(make("log", (make("num", attr=Fraction(2)),))), algebra.ones(t))
    total = algebra.add([algebra.array(size, role), tail, two._replace(coef=-ONE)], t)
    return algebra.flip(total) if flip else total


def _one_plus(algebra: Algebra, node: Node) -> Node | None:
    """x, where the node is 1 + x."""
    if node.op != "lin" or node.attr[1] or len(node.args) != 2 or algebra.one not in node.args:
        return None
    i = node.args.index(algebra.one)
    c, x = node.attr[0][1 - i], node.args[1 - i]
    if node.attr[0][i] != 1 or x.shape != node.shape:
        return None
    v = opened(x)
    return algebra.node(v._replace(coef=c * v.coef))
