"""The subscripts of an einsum, with composite axes in parentheses."""

from __future__ import annotations


def parse_subscripts(text: str) -> tuple[list[list[str]], list[str]]:
    """``'(ij)k,kl->ijl'``: the axes of each operand and of the result; a group in parentheses is one axis."""
    left, _, right = text.partition("->")
    return [_axes(part) for part in left.split(",")], _axes(right)


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
