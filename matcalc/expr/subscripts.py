"""The subscripts of an einsum, with composite axes in parentheses."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matcalc.expr import dims
from matcalc.expr.dims import Dim


def parse_subscripts(text: str) -> tuple[list[list[str]], list[str]]:
    """``'(ij)k,kl->ijl'``: the axes of each operand and of the result; a group in parentheses is one axis."""
    left, _, right = text.partition("->")
    return [_axes(part) for part in left.split(",")], _axes(right)


def letter_sizes(
    inputs: Sequence[Sequence[str]], shapes: Sequence[Sequence[Dim]], divided: Callable[[Dim, Dim], Dim] = dims.quotient
) -> dict[str, Dim]:
    """The size of each index: the parts of a composite axis come from the other operands, the last one by division."""
    pairs = [p for names, shape in zip(inputs, shapes, strict=True) for p in zip(names, shape, strict=True)]
    sizes: dict[str, Dim] = {name: d for name, d in pairs if len(name) == 1}
    for name, d in pairs:
        unknown = [c for c in name if c not in sizes]
        if len(unknown) == 1:
            known: Dim = 1
            for c in name:
                known = dims.mul(known, sizes.get(c, 1))
            sizes[unknown[0]] = divided(d, known)
    return sizes


def _axes(text: str) -> list[str]:
    out: list[str] = []
    i = 0
    while i < len(text):
        if text[i] == "(":
            end = text.index(")", i)
            out.append(text[i + 1 : end])
            i = end + 1
        else:
            out.append(text[i])
            i += 1
    return out
