"""Sums in sums, and products in products, that are computed anyway."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

from matcalc.codegen.ir.graph import ONE, Node

Items = dict[Node, Fraction]
Fit = Callable[[dict[Node, Fraction], dict[Node, Fraction]], "Fraction | None"]


class Covers:
    """Looks up the sums and entrywise products among ``nodes`` by the argument that is made last."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.by_last: dict[tuple[str, Node], list[Node]] = {}
        for node in nodes:
            items = items_of(node)
            if len(items) > 1 and len(items) == len(node.args):
                last = max(items, key=lambda a: a.number)
                self.by_last.setdefault((node.op, last), []).append(node)

    def total(self, node: Node) -> list[tuple[Node, Fraction]]:
        """The terms of a sum with their coefficients: a + b + 2c as d + 2c, where d = a + b is there."""
        return list(self.covered(node, _multiple).items())

    def product(self, node: Node) -> list[tuple[Node, Fraction]]:
        """The factors of an entrywise product with their exponents."""
        return list(self.covered(node, _divides).items())

    def covered(self, node: Node, fits: Fit) -> Items:
        items = items_of(node)
        while len(items) > 1:
            found = [
                (other, k)
                for a in items
                for other in self.by_last.get((node.op, a), ())
                if other is not node and (k := fits(items, items_of(other))) and _is_less(items, other, k, node)
            ]
            if not found:
                break
            other, k = max(found, key=lambda pair: len(pair[0].args))
            items = _without(items, items_of(other), k, other)
        return items


def _is_less(items: Items, other: Node, k: Fraction, node: Node) -> bool:
    """Whether it is a part: of two that are the same but for the order of their arguments, or a number, the first is computed."""
    whole = items == {a: k * c for a, c in items_of(other).items()}
    return not whole or other.number < node.number


def items_of(node: Node) -> Items:
    """Terms with coefficients, or factors with exponents; what goes onto the diagonal is left out."""
    if node.op == "lin":
        coefs, count = node.attr
        return dict(zip(node.args, coefs, strict=True)) if not count else dict(zip(node.args[:-count], coefs, strict=False))
    return dict(zip(node.args, node.attr, strict=True)) if node.op == "mul" else {}


def _multiple(items: Items, part: Items) -> Fraction | None:
    """By which number ``part`` is multiplied in ``items``."""
    ratio: Fraction | None = None
    for a, c in part.items():
        if a not in items or (ratio is not None and items[a] != ratio * c):
            return None
        ratio = items[a] / c
    return ratio


def _divides(items: Items, part: Items) -> Fraction | None:
    """1 where every factor of ``part`` is in ``items``, on the same side of the line."""
    for a, e in part.items():
        own = items.get(a, Fraction(0))
        if own * e <= 0 or abs(own) < abs(e):
            return None
    return ONE


def _without(items: Items, part: Items, k: Fraction, whole: Node) -> Items:
    """The items with ``part`` replaced by the node that computes it."""
    out = dict(items)
    for a, c in part.items():
        left = out[a] - (k * c)
        if left:
            out[a] = left
        else:
            del out[a]
    out[whole] = out.get(whole, Fraction(0)) + k
    return out
