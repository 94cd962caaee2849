"""Sums of matrices that are only multiplied on: (UVᵀ - T)V is U(VᵀV) - TV, which needs no residual."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

from matcalc.codegen.ir.graph import ONE, Chain, Factor, Node, Val, nominal, opened, shape_of, turned
from matcalc.codegen.lower.matrix_chains import LARGEST, WIDEST, Products

PASS = 16  # multiplications in a product of matrices in the time in which a number is read and written
CLEARLY = 0.9  # of the cost: else it is written as it was derived


def unformed(order: Sequence[Node], wanted: Iterable[Node], products: Products) -> set[Node]:
    """The sums that are cheaper where each term is multiplied; products of matrices use them, and nothing else."""
    users: dict[Node, list[Node]] = {node: [] for node in order}
    for node in order:
        for a in node.args:
            users[a].append(node)
    found: set[Node] = set()
    for node in order:
        if node.op == "lin" and node not in wanted and _is_of_products(node):
            chains = [opened(u).chain for u in users[node] if u.op == "term"]
            if len(chains) == len(users[node]) and all(_is_product(c) for c in chains) and _is_dear(node, chains, products):
                found.add(node)
    return found


def multiplied(node: Node, chain: Chain) -> list[Val]:
    """The terms of a product of which the sum ``node`` is a factor."""
    at = next(i for i, f in enumerate(chain) if f.node is node)
    found = []
    for v in terms(node):
        inner = turned(v.chain) if chain[at].flip else v.chain
        found.append(v._replace(chain=(*chain[:at], *inner, *chain[at + 1 :])))
    return found


def terms(node: Node) -> list[Val]:
    """The terms of a sum; the last ones stand on its diagonal."""
    coefs, count = node.attr
    base = len(node.args) - count
    found = []
    for i, (a, c) in enumerate(zip(node.args, coefs, strict=True)):
        v = _on_diagonal(a) if i >= base else opened(a) if a.op != "T" else Val(ONE, chain=(Factor("M", a.args[0], True),))
        found.append(v._replace(coef=v.coef * c))
    return found


def _on_diagonal(a: Node) -> Val:
    """diag(a), or a number times the identity."""
    if a.shape:
        return Val(ONE, chain=(Factor("D", a),))
    return Val(a.attr) if a.op == "num" else Val(ONE, (a,))


def _is_of_products(node: Node) -> bool:
    """Whether each term is a matrix of the whole size, and one of them a product of matrices, not rows that are scaled."""
    whole = node.args[: len(node.args) - node.attr[1]]
    chains = [opened(a).chain for a in whole if a.op == "term"]
    return all(a.shape == node.shape for a in whole) and any(sum(f.role == "M" for f in chain) > 1 for chain in chains)


def _is_product(chain: Chain) -> bool:
    return len(chain) > 1 and all(f.role in "MD" for f in chain) and len({f.node for f in chain}) == len(chain)


def _is_dear(node: Node, chains: Sequence[Chain], products: Products) -> bool:
    apart = [multiplied(node, chain) for chain in chains]
    if any(len(v.chain) > WIDEST for parts in apart for v in parts):
        return False
    own = terms(node)
    formed = _sum(products, own) + sum(_multiplications(products, chain) for chain in chains)
    return sum(_sum(products, parts) for parts in apart) < CLEARLY * formed


def _sum(products: Products, parts: Sequence[Val]) -> float:
    entries = max(float(prod(min(nominal(d, products.few), LARGEST) for d in shape_of(v.chain))) for v in parts)
    return PASS * entries * len(parts) + sum(_multiplications(products, v.chain) for v in parts)


def _multiplications(products: Products, chain: Chain) -> float:
    return products.table(chain).cost[0, len(chain)] if chain else 0.0
