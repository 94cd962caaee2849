"""What one named value sends back: a sweep of its body, from its root to the named values and variables in it."""

from __future__ import annotations

from typing import NamedTuple

from matcalc.algebra.pullbacks import Compiler, Local
from matcalc.algebra.rule import Rule
from matcalc.engine.waypoints import blocks
from matcalc.expr import nodes
from matcalc.expr.groups import JOINED
from matcalc.expr.nodes import Expr, make, num


class Region(NamedTuple):
    """Cotangents that one named value sends to the named values and variables in its body."""

    cotangents: dict[Expr, Expr]
    rules: dict[Expr, tuple[Rule, ...]]
    jacobians: dict[Expr, Expr | None]
    sources: dict[Expr, Rule]


def region(compiler: Compiler, order: list[Expr], g: Expr, stops: set[Expr]) -> Region:
    """Sweep the body of a named value, its nodes in ``order``, from its root to the symbols in ``stops``."""
    body = order[-1]
    live = _leading_to(order, stops)
    cot: dict[Expr, Expr] = {body: g}
    rules: dict[Expr, tuple[Rule, ...]] = {body: ()}
    jac: dict[Expr, Expr | None] = {body: compile_identity(body)}
    local_rules: dict[Expr, Rule] = {}
    for node in reversed(order):
        if node not in live or node not in cot:
            continue
        args = node.args
        for slot, a in enumerate(args):
            if a not in live:
                continue
            back, local = compiler.moves(node, slot)
            value = cot[node] if back.identity else back.build([cot[node], *args, node])
            cot[a] = make("add", (cot[a], value)) if a in cot and a is not body else value
            here = rules[node] if back.rule.role == "silent" else (*rules[node], back.rule)
            rules[a] = _joined(rules[a], here) if a in rules else here
            _extend(node, a, local, jac, local_rules)
    reached = [n for n in order if n in stops and n in cot]
    return Region({n: cot[n] for n in reached}, {n: rules[n] for n in reached}, {n: jac.get(n) for n in reached}, local_rules)


MANY = 50


def _joined(a: tuple[Rule, ...], b: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """The rules of two ways; where these are many, each rule once: the ways can double at every node."""
    both = a + b
    return both if len(both) < MANY else tuple({id(r): r for r in both}.values())


def _leading_to(order: list[Expr], stops: set[Expr]) -> set[Expr]:
    """Nodes that are or hold one of ``stops``."""
    live: set[Expr] = set()
    for node in order:
        if node in stops:
            live.add(node)
            continue
        for a in node.args:
            if a in live:
                live.add(node)
                break
    return live


def moving_blocks(body: Expr, stops: set[Expr]) -> int:
    """How many blocks of a concatenation hold one of ``stops``."""
    return sum(not stops.isdisjoint(nodes.below((a,))) for a in blocks(body)) if body.op in JOINED else 0


def compile_identity(body: Expr) -> Expr | None:
    if body.type[0] in ("m", "t"):
        return None
    return num(1) if body.type[0] == "s" else nodes.eye(body.type[2] if body.type[0] == "r" else body.type[1])


def _extend(node: Expr, a: Expr, local: Local | None, jac: dict[Expr, Expr | None], rules: dict[Expr, Rule]) -> None:
    """Jacobian of the body by ``a``: what came from above times the local one; None where it has more than two axes."""
    above = jac.get(node)
    if above is None or local is None:
        jac[a] = None
        return
    matrix = local.build([node, *node.args, node])
    if above.op == "eye" or (above.op == "num" and above.attr == 1):
        product = matrix
    elif matrix.op == "eye":
        product = above
    else:
        product = nodes.times(above, matrix)
    known = jac.get(a) if a in jac else product
    jac[a] = product if a not in jac else None if known is None else make("add", (known, product))
    if node.op == "T" and node in rules:  # wᵀ x is a product before it is one with a transpose
        rules[a] = rules[node]
    elif local.rule.role != "silent":
        rules[a] = local.rules[-1] if local.rule.name in ("product", "scaling") else local.rule
