"""How many operations on numbers the kernels of a source take, in terms of the sizes.

A product of matrices p×k and k×q takes 2pkq (Golub and Van Loan, Matrix Computations, ch. 1.1), a factorisation, an inverse or
an eigenvalue decomposition counts as n³, everything else as one for each entry that it makes or reads. Views and numbers are free.
"""

from __future__ import annotations

from collections.abc import Iterable

from matcalc.codegen.ir.graph import Node, Shape
from matcalc.expr.dims import Dim, add, mul
from matcalc.expr.nodes import postorder

FREE = frozenset("sym num const dim step T col slice expand reshape vec diagv ones zeros eye unit take gather diagm".split())  # noqa: SIM905
DECOMPOSING = """
    inv logdet det adj chol pinv eigmax eigvals eigvecs svdvals svdleft svdright normspec normnuc frechet eigvecmax topdirection
    polar expm powm mpow solve
"""
CUBIC = frozenset(DECOMPOSING.split())
REDUCING = frozenset("sum max min prodall trace variance norm2".split())  # noqa: SIM905


def operations(roots: Iterable[Node]) -> Dim:
    """Of all nodes below the roots, each once."""
    total: Dim = 0
    for node in postorder(roots):
        total = add(total, cost(node))
    return total


def cost(node: Node) -> Dim:
    """Of one kernel, with its arguments at hand."""
    if node.op in FREE:
        return 0
    if node.op in CUBIC:
        n = node.args[0].shape[0]
        right = mul(mul(2, n), entries(node.shape)) if node.op == "solve" else 0
        return add(mul(mul(n, n), n), right)
    if node.op == "mm":
        return mul(2, mul(entries(node.shape), _contracted(node)))
    if node.op in ("dot", "inner"):
        return mul(2, entries(node.args[0].shape))
    if node.op == "einsum":
        letters = {c: d for word, a in zip(_words(node), node.args, strict=True) for c, d in zip(word, a.shape, strict=True)}
        return mul(max(len(node.args), 2), entries(tuple(letters.values())))
    if node.op in REDUCING:
        return entries(node.args[0].shape)
    return mul(_times(node), entries(node.shape))


def _contracted(node: Node) -> Dim:
    """The size over which a matrix product sums."""
    left, flip = node.args[0].shape, node.attr[0]
    return left[0] if len(left) == 1 or flip else left[1]


def _words(node: Node) -> list[str]:
    return str(node.attr).split("->", maxsplit=1)[0].split(",")


def _times(node: Node) -> int:
    """For each entry: of a sum or product the signs between its terms, and the numbers that are not 1."""
    if node.op == "lin":
        return len(node.args) - 1 + len([c for c in node.attr if abs(c) != 1])
    if node.op == "prod":
        coef, _ = node.attr
        return len(node.args) - 1 + (0 if abs(coef) == 1 else 1)
    return 1


def entries(shape: Shape) -> Dim:
    total: Dim = 1
    for d in shape:
        total = mul(total, d)
    return total
