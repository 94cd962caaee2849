"""What does not depend on arguments that come later is computed before them, once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from matcalc.codegen.ir.graph import ONE, Node
from matcalc.codegen.plan.kernel_nodes import NORMS, Kernels
from matcalc.expr.nodes import postorder


def hoisted(k: Kernels, roots: Sequence[Node], later: Collection[str]) -> tuple[list[Node], dict[Node, Node], list[Node]]:
    """The roots with their products regrouped, what became of each node, and the nodes that last: those that later ones read."""
    moving = depending(roots, later)
    done: dict[Node, Node] = {}
    for node in postorder(roots):
        args = tuple([done[a] for a in node.args])
        grouped = node in moving and node.op == "prod"
        done[node] = _grouped(k, node, done, moving) if grouped else k.make(node.op, args, node.attr, node.shape)
    found = [done[root] for root in roots]
    moving = depending(found, later)
    lasting = [a for node in postorder(found) if node in moving for a in node.args if a not in moving]
    return found, done, list(dict.fromkeys(lasting))


def depending(roots: Sequence[Node], later: Collection[str]) -> set[Node]:
    """The nodes that depend on variables of these names."""
    found: set[Node] = set()
    for node in postorder(roots):
        if (node.op == "sym" and node.attr in later) or not found.isdisjoint(node.args):
            found.add(node)
    return found


def _grouped(k: Kernels, node: Node, done: Mapping[Node, Node], moving: Collection[Node]) -> Node:
    """u * p * v as (u * v) * p. A norm stays where it is: the product of two may vanish."""
    coef, signs = node.attr
    pairs = list(zip(node.args, signs, strict=True))
    fixed = [(a, s) for a, s in pairs if a not in moving and a.op not in NORMS]
    if not any(s > 0 and a.shape for a, s in fixed) or len(fixed) + (coef != 1) < 2:
        fixed, coef = [], ONE
    rest = [(done[a], s) for a, s in pairs if (a, s) not in fixed]
    head = [k.prod([done[a] for a, _ in fixed], [s for _, s in fixed], coef)] if fixed else []
    return k.prod([*head, *[a for a, _ in rest]], [*[1 for _ in head], *[s for _, s in rest]], ONE if fixed else node.attr[0])
