"""From the shared graph of an expression and its derivatives to the graph that code is generated from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from matcalc.algebra.roots import Roots, roots_with
from matcalc.codegen.ir.entrywise_values import Algebra
from matcalc.codegen.ir.graph import Node, Val
from matcalc.codegen.lower.lowered import SIGNED_SUMS, Lowering
from matcalc.expr.nodes import Expr, postorder
from matcalc.expr.table import TABLE

Rule = Callable[..., Val]


def lowered(algebra: Algebra, rules: Mapping[str, Rule], roots: Sequence[Expr], named: Sequence[Expr]) -> Lowering:
    """Values of all expressions below ``roots`` and ``named``, by a rule for each operator; sums in ``named`` are kept whole."""
    low = Lowering(algebra)
    order = postorder(roots)
    for e in order:
        for a in e.args:
            low.uses[a] += 1
    # a sum inside a sum, used nowhere else, is collected with the outer one
    takers = {*SIGNED_SUMS, "tr", "sum"}
    low.inner = {a for e in order if e.op in takers for a in e.args if a.op in SIGNED_SUMS and low.uses[a] == 1} - {*roots, *named}
    value = set(postorder(roots[:1]))
    free = _free_roots(roots[0], order, roots_with(algebra.properties))
    for e in sorted(order, key=lambda e: e not in value):
        if e not in low.inner:
            low.vals[e] = _value(low, rules, e)
            if e in free:
                algebra.free_roots |= _roots_in(low.vals[e])
        if e is roots[0]:
            algebra.ref(low.vals[e])
    for e in postorder(named):
        if e not in low.inner and e not in low.vals:
            low.vals[e] = _value(low, rules, e)
    return low


def _value(low: Lowering, rules: Mapping[str, Rule], e: Expr) -> Val:
    rule = rules.get(e.op)
    if rule is not None:
        return rule(low, e, *[low.vals[a] for a in e.args if a in low.vals])
    if TABLE[e.op].elementwise:
        return low.entrywise(e, e.op)
    return low.made(e, e.op, [low.algebra.node(low.vals[a]) for a in e.args])  # whose form the target knows


def _free_roots(value: Expr, order: Sequence[Expr], roots: Roots) -> set[Expr]:
    """The roots that may be 0: the value does not divide by them."""
    found = [e for e in order if roots.is_root(e)]
    forbidden = roots.poles(value) if found else set()
    return {e for e in found if roots.is_free(e, forbidden)}


def _roots_in(v: Val) -> set[Node]:
    return {n for n in (*v.nums, *[f.node for f in v.chain]) if n.op in ("norm2", "sqrt")}
