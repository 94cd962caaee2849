"""Which of two normal forms is shown: with products of sums kept, or multiplied out."""

from __future__ import annotations

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.expr.groups import SUMS
from matcalc.expr.nodes import Expr, postorder


def shortest(n: Normalizer, e: Expr) -> Expr:
    """The shorter of two normal forms: with products of sums kept, or multiplied out so that terms can cancel.

    One node less is not worth it: p (1 - p) is clearer than p - p²; but a factor of fractions goes into them.
    """
    kept = n.normal(e)
    nodes = postorder((kept,))
    if len(nodes) > MAX_TRIED or not _multiplies_sums(nodes) or any(x in n.settled for x in nodes):
        return kept
    out = n.normal(n.expanding.normal(kept))
    fractions = any(x.op == "hadamard" and any(a.op in SUMS and a.args[0].op == "hdiv" for a in x.args) for x in nodes)
    return out if _length(postorder((out,))) + (0 if fractions else 2) <= _length(nodes) else kept


def _length(nodes: list[Expr]) -> int:
    """Nodes, without the numbers: u ∘ (1 - h²) is no longer than u - u ∘ h²."""
    return sum(node.op not in NUMBERS for node in nodes)


def _multiplies_sums(nodes: list[Expr]) -> bool:
    for node in nodes:
        if node.op in PRODUCTS:
            for a in node.args:
                if (a.args[0] if a.op == "T" else a).op in SUMS:
                    return True
    return False


MAX_TRIED = 150  # nodes
NUMBERS = frozenset(("num", "fill", "ones"))
PRODUCTS = frozenset(("matmul", "scale", "hadamard", "hdiv", "div"))
