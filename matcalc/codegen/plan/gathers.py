"""One-hot vectors of integer labels in a plan: products with them become gathers and scattered sums, so that none is made.

``Yᵀ`` of labels y selects: Y A are the rows A[y], the sums of the rows of Y ∘ F are F[arange, y], and Yᵀ V adds the row V[i] to row
y[i] of zeros. What is left at the end, such as the result -Y/n, has one entry in each row and is made by putting these in place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from typing import NamedTuple

from matcalc.codegen.ir.graph import ONE, Node, Ref, Shape
from matcalc.codegen.plan.kernel_nodes import Kernels
from matcalc.expr.nodes import postorder


class Picks(NamedTuple):
    """An array with one entry at ``labels`` in each row (of a vector: one entry), ``values``; ``turned`` is its transpose."""

    labels: Node
    values: Node
    shape: Shape  # of samples and classes, whether turned or not
    turned: bool = False

    @property
    def samples(self) -> Shape:
        return self.shape[:-1]


class Several(NamedTuple):
    """A sum of arrays, each times a number, of which each has its own labels: L[a] + L[b] is taken part by part from it."""

    parts: tuple[Picks, ...]
    coefs: tuple[Fraction, ...]


Found = Node | Picks
BY_LABELS = "as many classes as the labels have"
LINEAR = ("mm", "dot")  # what is done with such a sum part by part


def without_one_hot(k: Kernels, kernels: Sequence[Ref], labels: Collection[str]) -> tuple[list[Ref], dict[Node, Node]]:
    """The kernels on integers, and what became of each node: the symbols ``labels`` have the shape of their samples."""
    if not labels:
        return list(kernels), {}
    found: dict[Node, Found | Several] = {}
    for node in postorder([r.node for r in kernels]):
        several = [found[a] for a in node.args]
        args = [_whole(k, a) if isinstance(a, Several) else a for a in several]
        if node.op == "sym" and node.attr in labels:
            found[node] = Picks(k.make("sym", (), node.attr, node.shape[:-1]), k.number(1), node.shape)
        elif node.op in LINEAR and (parts := _by_parts(k, node, several, args)):
            found[node] = parts
        elif any(isinstance(a, Picks) for a in args):
            handler = _HANDLERS.get(node.op)
            made = handler(k, node, args) if handler else None
            found[node] = k.make(node.op, tuple([_whole(k, a) for a in args]), node.attr, node.shape) if made is None else made
        else:
            found[node] = k.make(node.op, tuple([a for a in args if isinstance(a, Node)]), node.attr, node.shape)
    return [Ref(_whole(k, found[r.node]), r.flip) for r in kernels], {a: b for a, b in found.items() if isinstance(b, Node)}


def _whole(k: Kernels, f: Found | Several) -> Node:
    """The array itself: zeros, with the values put in place."""
    if isinstance(f, Node):
        return f
    if isinstance(f, Several):
        return k.lin([_whole(k, p) for p in f.parts], f.coefs)
    made = k.make("scattered", (f.labels, f.values), None, f.shape)
    return k.make("T", (made,), None, f.shape[::-1]) if f.turned else made


def _by_parts(k: Kernels, node: Node, several: Sequence[Found | Several], args: Sequence[Found]) -> Node | None:
    """What is linear in a sum of picked arrays, as the sum of what is taken from each; None where there is none."""
    at = next((i for i, a in enumerate(several) if isinstance(a, Several)), None)
    if at is None:
        return None
    whole, rest = several[at], args[1 - at]
    assert isinstance(whole, Several)
    made = [_HANDLERS[node.op](k, node, (rest, p) if at else (p, rest)) for p in whole.parts]
    taken = [d for d in made if isinstance(d, Node)]
    return k.lin(taken, whole.coefs) if len(taken) == len(made) else None


def _gathered(k: Kernels, x: Node, p: Picks) -> Node | None:
    """The entries of x, which broadcasts to the array, where its values are; None where the shapes have no such form."""
    shape = p.shape[::-1] if p.turned else p.shape
    if not x.shape:
        return x
    if x.shape == shape:
        return k.make("gather", (x, p.labels), int(p.turned), p.samples)
    if len(shape) == 1:
        return None
    if len(x.shape) == 1:
        return x if p.turned else k.make("take", (x, p.labels), 0, p.samples)
    if x.op != "col":
        return None
    return k.make("take", (x.args[0], p.labels), 0, p.samples) if p.turned else x.args[0]


def _values(k: Kernels, p: Picks) -> Node:
    return k.expand(p.values, p.samples)


def _product(k: Kernels, node: Node, args: Sequence[Found]) -> Found | None:
    coef, signs = node.attr
    first = next(a for a in args if isinstance(a, Picks))
    parts: list[Node] = []
    for a, sign in zip(args, signs, strict=True):
        if isinstance(a, Picks):
            if sign < 0 or (a.labels, a.turned) != (first.labels, first.turned):
                return None
            parts.append(a.values)
        elif (entry := _gathered(k, a, first)) is not None:
            parts.append(entry)
        else:
            return None
    return first._replace(values=k.prod(parts, signs, coef))


def _sum_of_terms(k: Kernels, node: Node, args: Sequence[Found]) -> Found | Several | None:
    coefs: Sequence[Fraction] = node.attr
    picks = [(a, c) for a, c in zip(args, coefs, strict=True) if isinstance(a, Picks)]
    others = [(a, c) for a, c in zip(args, coefs, strict=True) if isinstance(a, Node)]
    first = picks[0][0]
    if any((a.labels, a.turned) != (first.labels, first.turned) for a, _ in picks):
        alike = not others and all((a.shape, a.turned) == (first.shape, first.turned) for a, _ in picks)
        return Several(tuple([a for a, _ in picks]), tuple([c for _, c in picks])) if alike else None
    shape = first.shape[::-1] if first.turned else first.shape
    if node.shape != shape:
        return None
    if len(picks) == 1:
        values = k.prod((first.values,), (1,), picks[0][1])
    else:
        values = k.lin([_values(k, a) for a, _ in picks], [c for _, c in picks])
    if not others:
        return first._replace(values=values)
    base = k.expand(k.lin([a for a, _ in others], [c for _, c in others]), shape)
    return k.make("plusat", (base, first.labels, values), int(first.turned), shape)


def _matrix_product(k: Kernels, node: Node, args: Sequence[Found]) -> Found | None:
    left, right = args
    flips = node.attr
    if isinstance(left, Picks) and isinstance(right, Picks):
        return _agreement(k, left, right, flips)
    if isinstance(left, Picks):
        assert isinstance(right, Node)
        return _times(k, left._replace(turned=left.turned != bool(flips[0] and len(left.shape) == 2)), right, bool(flips[1]))
    assert isinstance(right, Picks)
    if len(right.shape) == 1:
        return _times(k, right, left, not flips[0])
    p = right._replace(turned=right.turned == bool(flips[1]))  # (A Y)ᵀ = Yᵀ Aᵀ
    found = _times(k, p, left, not flips[0])
    return k.make("T", (found,), None, found.shape[::-1]) if len(found.shape) == 2 else found


def _agreement(k: Kernels, left: Picks, right: Picks, flips: Sequence[bool]) -> Node | None:
    """Y Zᵀ: 1 where labels agree."""
    if len(left.shape) < 2 or len(right.shape) < 2 or left.turned != flips[0] or right.turned == flips[1]:
        return None
    same = k.make("agree", (left.labels, right.labels), None, (*left.samples, *right.samples))
    first = k.column(left.values) if left.values.shape else left.values
    return k.prod((first, right.values, same), (1, 1, 1))


def _times(k: Kernels, p: Picks, x: Node, flip: bool) -> Node:
    """Y X, or Yᵀ X where p is turned; ``flip`` transposes X. Of one label: its row of X."""
    flip = flip and len(x.shape) == 2
    size = x.shape[0] if flip else x.shape[-1]
    width = () if len(x.shape) == 1 else (size,)
    if p.turned:  # rows are added up
        rows = k.make("T", (x,), None, x.shape[::-1]) if flip else x
        scaled = k.prod((_beside(k, p, rows), rows), (1, 1))
        return k.make("addat", (p.labels, scaled), None, (p.shape[-1], *width))
    if x.op == "addat" and x.args[0] is p.labels and not flip:  # the classes that no label names are not read
        x = k.make("addat", x.args, BY_LABELS, x.shape)
    taken = k.make("take", (x, p.labels), int(flip), (*p.samples, *width) if not flip else (*width, *p.samples))
    taken = k.make("T", (taken,), None, taken.shape[::-1]) if flip and p.samples else taken
    return k.prod((_beside(k, p, taken), taken), (1, 1))


def _beside(k: Kernels, p: Picks, rows: Node) -> Node:
    """The values, one for each row."""
    return k.column(p.values) if len(p.values.shape) == 1 and len(rows.shape) == 2 else p.values


def _dot(k: Kernels, node: Node, args: Sequence[Found]) -> Found | None:
    p = next(a for a in args if isinstance(a, Picks))
    others = [a for a in args if isinstance(a, Node)]
    if not others:
        return None
    return k.prod((p.values, k.make("gather", (others[0], p.labels), 0, p.samples)), (1, 1))


def _picked(args: Sequence[Found]) -> tuple[Picks, Node] | None:
    """The one of two factors that is picked, and the other; None where both are."""
    left, right = args
    p, x = (left, right) if isinstance(left, Picks) else (right, left)
    return (p, x) if isinstance(p, Picks) and isinstance(x, Node) else None


def _outer(k: Kernels, node: Node, args: Sequence[Found]) -> Found | None:
    if (found := _picked(args)) is None:
        return None
    p, x = found
    made = k.make("addat", (p.labels, k.prod((p.values, x), (1, 1))), None, (p.shape[-1], *x.shape))
    return made if args[0] is p else k.make("T", (made,), None, made.shape[::-1])


def _inner(k: Kernels, node: Node, args: Sequence[Found]) -> Found | None:
    """The sum of the entrywise product of two matrices, the second transposed where the attribute says so."""
    if (found := _picked(args)) is None:
        return None
    p, x = found
    entries = k.make("gather", (x, p.labels), int(p.turned != bool(node.attr)), p.samples)
    return k.total(entries) if p.values.op == "num" and p.values.attr == 1 else k.dot(_values(k, p), entries)


def _total(k: Kernels, node: Node, args: Sequence[Found]) -> Found | None:
    (p,) = args
    assert isinstance(p, Picks)
    if not p.samples:
        return p.values
    if node.attr is None:
        return k.total(_values(k, p))
    return _values(k, p) if (node.attr == 1) != p.turned else k.make("addat", (p.labels, _values(k, p)), None, p.shape[1:])


def _rowwise(k: Kernels, node: Node, args: Sequence[Found]) -> Found | None:
    """``ij,ij->i``: the sums of the rows of an entrywise product."""
    operands, _, out = node.attr.partition("->")
    letters = operands.split(",")
    picks = [(a, s) for a, s in zip(args, letters, strict=True) if isinstance(a, Picks)]
    others = [(a, s) for a, s in zip(args, letters, strict=True) if isinstance(a, Node)]
    if len(picks) != 1 or len(others) != 1 or len(picks[0][0].shape) != 2 or sorted(others[0][1]) != sorted(picks[0][1]):
        return None
    (p, mine), (x, its) = picks[0], others[0]
    sample = mine[p.turned]
    if out != sample or len(set(mine)) < 2:
        return None
    return k.prod((p.values, k.make("gather", (x, p.labels), int(its[0] != sample), p.samples)), (1, 1))


def _turned(k: Kernels, node: Node, args: Sequence[Found]) -> Found | None:
    (p,) = args
    assert isinstance(p, Picks)
    return p._replace(turned=not p.turned)


def _square(k: Kernels, node: Node, args: Sequence[Found]) -> Found | None:
    (p,) = args
    assert isinstance(p, Picks)
    one = p.values.op == "num" and p.values.attr == ONE
    return p if one else p._replace(values=k.prod((p.values, p.values), (1, 1)))


_HANDLERS: dict[str, Callable[[Kernels, Node, Sequence[Found]], Found | Several | None]] = {
    "prod": _product, "lin": _sum_of_terms, "mm": _matrix_product, "dot": _dot, "outer": _outer, "inner": _inner, "sum": _total,
    "einsum": _rowwise, "T": _turned, "square": _square,
}  # fmt: skip

__all__ = ["Picks", "without_one_hot"]
