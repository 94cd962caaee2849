"""Elementwise functions whose formulas are known, written out in place of calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matcalc.algebra.slopes import derivative, has_slope
from matcalc.expr import nodes as expr
from matcalc.expr.nodes import Expr, make, postorder
from matcalc.expr.own_operators import written_out
from matcalc.expr.table import CALLS, SYNONYMS, TABLE

ENTRYWISE = {"scale": "hadamard", "div": "hdiv", "pow": "hpow", "matmul": "hadamard"}


def operator_named(name: object) -> str | None:
    """The elementwise operator of a function that a user named, if its derivative is known."""
    rows = CALLS.get(SYNONYMS.get(name, name), ()) if isinstance(name, str) else ()
    return next((op.name for op in rows if has_slope(op.name)), None)


def inlined(roots: Sequence[Expr], scalars: Mapping[str, Any], given: Mapping[str, Any]) -> tuple[Expr, ...]:
    """Functions written out that the text defines (``scalars``) or the user named, and operators that rules define."""
    roots = written_out(roots)
    nodes = postorder(roots)
    known = {f: op for f, op in ((f, operator_named(g)) for f, g in given.items()) if op}
    for e in nodes:  # a function that is called for one of its derivatives is called for all
        if e.op == "fn" and e.attr[0] in known and not has_slope(known[e.attr[0]], e.attr[1]):
            del known[e.attr[0]]
    if not any(e.op == "fn" and (e.attr[0] in known or e.attr[0] in scalars) for e in nodes):
        return roots
    done: dict[Expr, Expr] = {}
    for e in nodes:
        args = tuple([done[a] for a in e.args])
        if e.op == "fn" and e.attr[0] in known:
            done[e] = derivative(make(known[e.attr[0]], args), e.attr[1])
        elif e.op == "fn" and e.attr[0] in scalars:
            done[e] = body(scalars, e.attr, args[0])
        else:
            done[e] = e if args == e.args else expr.rebuild(e, args)
    return tuple([done[r] for r in roots])


def body(scalars: Mapping[str, Any], attr: tuple[str, int], z: Expr) -> Expr:
    """The k-th derivative of a function that the text defines, at each entry of ``z``."""
    function = scalars[attr[0]]
    formula = function.bodies[attr[1]]
    done: dict[Expr, Expr] = {function.parameter: z}
    for e in postorder((formula,)):
        if e in done:
            continue
        args = [done[a] for a in e.args]
        if e.op == "fn" and e.attr[0] in scalars:
            done[e] = body(scalars, e.attr, args[0])
        elif all(a.type.kind == "s" for a in args):
            done[e] = e if tuple(args) == e.args else expr.rebuild(e, tuple(args))
        else:
            done[e] = _entrywise(e, args, z)
    found = done[formula]
    return found if found.type == z.type else expr.fill(found, z.type)


def _entrywise(e: Expr, args: list[Expr], z: Expr) -> Expr:
    """An operator on scalars as one on entries."""
    if e.op in ("pow", "hpow") and args[1].type.kind == "s":
        return make("hpow", (args[0], args[1]))
    whole = tuple([a if a.type.kind != "s" else expr.fill(a, z.type) for a in args])
    if e.op in ("pow", "hpow"):  # a number to the power of each entry
        return make("epow", whole)
    op = ENTRYWISE.get(e.op, e.op)
    return make(op, whole, e.attr) if TABLE[op].shape else expr.rebuild(e, whole)
