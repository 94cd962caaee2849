"""What the way in which a part is written says of its kind: a number, a vector under an arrow."""

from __future__ import annotations

from matcalc.notation.lex.syntax import Ast


def is_number(node: Ast) -> bool:
    """Whether it is made of numbers alone."""
    if node.kind in ("neg", "sum", "prod"):
        return all(is_number(a) for a in node.args)
    return node.kind == "num"


def is_squared_vector(node: Ast) -> bool:
    """``(\\omega\\times r)^2`` and ``\\vec v^2``, as physicists write the square of a length."""
    base, exponent = node.args
    return node.value == "^" and exponent.kind == "num" and exponent.value == 2 and is_vectorial(base)


def is_vectorial(node: Ast) -> bool:
    """Whether it is made of letters under arrows, or a cross product."""
    if node.kind == "name":
        return node.mark == "arrow"
    crossed = node.kind == "prod" and "times" in node.value and not any(map(is_number, node.args))
    return crossed or (node.kind in ("sum", "neg", "prod") and any(map(is_vectorial, node.args)))


__all__ = ["is_number", "is_squared_vector", "is_vectorial"]
