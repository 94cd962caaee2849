"""Which matrices are symmetric and positive definite, as far as declarations and their making tell."""

from __future__ import annotations

from matcalc.codegen.ir.entrywise_values import Algebra
from matcalc.codegen.ir.graph import Node, opened
from matcalc.expr.table import TABLE

SPD = frozenset(("spd",))
POSITIVE = frozenset(("positive",))


def is_positive(algebra: Algebra, node: Node, strictly: bool = True) -> bool:
    """A scalar or vector with positive entries, or none that is negative."""
    if node.op == "mul":
        powers = zip(node.args, node.attr, strict=True)
        return all((not strictly and e % 2 == 0) or is_positive(algebra, a, strictly) for a, e in powers)
    always = node.op in TABLE and TABLE[node.op].positive
    return always or (node.op == "num" and node.attr > 0) or algebra.has(node, POSITIVE)


def is_positive_definite(algebra: Algebra, node: Node) -> bool:
    """Declared so, or a sum of such, of Gram matrices and of a positive diagonal."""
    if algebra.has(node, SPD):
        return True
    if node.op == "term":
        v = opened(node)
        return _positive_scalars(algebra, node) and len(v.chain) == 1 and algebra.has(v.chain[0].node, SPD)
    if node.op != "lin" or any(c <= 0 for c in node.attr[0]):
        return False
    base = len(node.args) - node.attr[1]
    strict = [is_positive_definite(algebra, a) for a in node.args[:base]]
    diagonal = [is_positive(algebra, a) or _positive_term(algebra, a) for a in node.args[base:]]
    rest = [a for a, s in zip(node.args[:base], strict, strict=True) if not s]
    return all(diagonal) and all(_is_gram(algebra, a) for a in rest) and bool(diagonal or any(strict))


def _positive_scalars(algebra: Algebra, node: Node) -> bool:
    v = opened(node)
    return v.coef > 0 and all(is_positive(algebra, n) for n in (*v.nums, *v.dens))


def _positive_term(algebra: Algebra, node: Node) -> bool:
    return node.op == "term" and not opened(node).chain and _positive_scalars(algebra, node)


def _is_gram(algebra: Algebra, node: Node) -> bool:
    """A'A times a positive number."""
    if node.op != "term" or not _positive_scalars(algebra, node):
        return False
    chain = opened(node).chain
    half = len(chain) // 2
    return len(chain) == 2 * half and algebra.turned(chain[:half]) == chain[half:]
