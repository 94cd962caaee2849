"""How a differential is written: dx at the right end of a product, and the forms from which a derivative is read off."""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.normal.terms import chain_of
from matcalc.engine.vecform import vec_form
from matcalc.expr import nodes
from matcalc.expr.nodes import Expr, make


def facing(n: Normalizer, e: Expr) -> Expr:
    """The same value: dzᵀ p as pᵀ dz, dz ∘ p as p ∘ dz, (1 - p) ∘ (p ∘ dz) as p ∘ (1 - p) ∘ dz, tr(dX A) as tr(A dX),
    (pᵀ dz) - dz as (pᵀ dz) 𝟏 - dz."""
    done: dict[Expr, Expr] = {}
    moving: set[Expr] = set()
    for node in nodes.postorder((e,)):
        if node.op == "d":
            done[node] = node
            moving.add(node)
            continue
        args = tuple([done[a] for a in node.args])
        new = node if args == node.args else make(node.op, args, node.attr, node.type)
        if any(a in moving for a in node.args):
            moving.add(node)
            new = _turned(n, node, new, moving)
            moving.add(new)
        done[node] = new
    return done[e]


def _turned(n: Normalizer, node: Expr, new: Expr, moving: set[Expr]) -> Expr:
    if node.op == "fill" and node.type[0] in "cr":
        return make("scale", (new.args[0], nodes.ones(node.type)))
    if node.op == "hadamard" and not moving.issuperset(node.args):
        left, right = new.args
        return _entrywise(left, right, moving) if node.args[1] in moving else _entrywise(right, left, moving)
    if node.op == "matmul" and node.type[0] == "s" and _leads(node, moving):
        return _product([n.normal(nodes.transpose(f)) for f in reversed(chain_of(new))])
    if node.op == "tr" and _leads(node.args[0], moving):
        factors = chain_of(new.args[0])
        at = [f in moving for f in chain_of(node.args[0])].index(True)
        return make("tr", (_product([*factors[at + 1 :], *factors[: at + 1]]),))
    return new


def _entrywise(fixed: Expr, moved: Expr, moving: set[Expr]) -> Expr:
    """p ∘ (1 - p) ∘ dz: what does not move before what does."""
    if moved.op == "hadamard" and moved.args[0] not in moving and moved.args[1] in moving:
        return make("hadamard", (make("hadamard", (moved.args[0], fixed)), moved.args[1]))
    return make("hadamard", (fixed, moved))


def _product(factors: Sequence[Expr]) -> Expr:
    total = factors[0]
    for f in factors[1:]:
        total = nodes.times(total, f)
    return total


def _leads(product: Expr, moving: set[Expr]) -> bool:
    """Whether one factor of a product moves, and stands first or transposed."""
    factors = chain_of(product)
    inside = [f for f in factors if f in moving]
    return len(factors) > 1 and len(inside) == 1 and (inside[0] is factors[0] or inside[0].op == "T")


def canonical(n: Normalizer, y: Expr, x: Expr, value: Expr) -> Expr | None:
    """The differential in the form from which the derivative is read off: tr(Gᵀ dX), gᵀ dx, J dx, K vec(dX); or None."""
    dx, kinds = make("d", (x,)), y.type[0] + x.type[0]
    if value.op == "neg" and kinds != "ss":
        rest = canonical(n, y, x, value.args[0])
        return None if rest is None else make("neg", (rest,))
    if value.op == "scale" and value.args[0].op == "num" and kinds != "ss":
        rest = canonical(n, y, x, value.args[1])
        return None if rest is None else nodes.times(value.args[0], rest)
    if kinds[1] == "s" and kinds[0] != "r":
        return nodes.times(value, dx)
    if kinds[0] == "s" and kinds[1] in "crm":
        turned = n.normal(nodes.transpose(value))
        product = make("matmul", (dx, turned) if kinds[1] == "r" else (turned, dx))
        return make("tr", (product,)) if kinds[1] == "m" else product
    if kinds == "cc":
        return make("matmul", (value, dx))
    if kinds in ("cm", "mc", "mm"):
        stacked = n.normal(vec_form(value, len(y.shape), len(x.shape)))
        if not any(e.op == "einsum" for e in nodes.postorder((stacked,))):
            return _applied(stacked, make("vec", (dx,)) if kinds[1] == "m" else dx)
    return None


def _applied(matrix: Expr, column: Expr) -> Expr:
    """The product, sign and number in front."""
    if matrix.op == "neg":
        return make("neg", (_applied(matrix.args[0], column),))
    if matrix.op == "scale" and matrix.args[0].op == "num":
        return nodes.times(matrix.args[0], _applied(matrix.args[1], column))
    return make("matmul", (matrix, column))
