"""What stands in front of a formula and says what is asked of it: a derivative sign, or a minimum over variables.

``\\nabla_x \\|Ax-b\\|^2``, ``\\frac{\\partial}{\\partial X} tr(AXB)``, ``\\frac{\\partial f}{\\partial y}`` beside ``f = …``,
``\\min_{U,V} …``, ``\\hat{w} = \\arg\\min_w …``.
"""

from __future__ import annotations

from typing import NamedTuple

from matcalc.notation.lex.habits import SUMMED
from matcalc.notation.lex.syntax import Token

SIGNS = ("nabla", "partial", "d")
EXTREMES = ("min", "max", "argmin", "argmax")


class Head(NamedTuple):
    """What is asked, and the tokens of the formula."""

    piece: list[Token]
    by: tuple[str, ...] = ()  # variables that a derivative sign names
    order: int = 0  # of the derivative
    extreme: tuple[str, str] | None = None  # the sign, and the variables in words


def read(piece: list[Token]) -> Head:
    """The head of a statement, where it has one; a sum behind a derivative sign leaves its scope open, and is left as it is."""
    named = len(piece) > 2 and piece[1].text == "="
    if piece[0].kind not in ("cmd", "fn") and not (named and piece[2].text in EXTREMES):
        return Head(piece)
    found = _extreme(piece) or _nabla(piece) or _fraction(piece)
    return Head(piece) if found is None or len(found.piece) < 2 or (found.order and _is_sum(found.piece)) else found


def _extreme(piece: list[Token]) -> Head | None:
    """``\\min_w f(w)``; of ``\\hat w = \\arg\\min_w f(w)`` the function."""
    start = 2 if piece[1].text == "=" else 0
    sign = piece[start]
    if sign.kind not in ("cmd", "fn") or sign.text not in EXTREMES or piece[start + 1].text != "_":
        return None
    if start and not sign.text.startswith("arg"):  # L = min_w …: the value of the minimum
        return None
    inside, after = _group(piece, start + 2)
    names = [t.text for t in inside if t.text != ","]
    known = all(t.kind == "name" or t.text == "," for t in inside) and names and not any(n in SUMMED for n in names)
    return Head(piece[after:], extreme=(sign.text, " and ".join(names))) if known else None


def _nabla(piece: list[Token]) -> Head | None:
    if piece[0].kind != "cmd" or piece[0].text != "nabla":
        return None
    at, order, names = 1, 1, tuple[str, ...]()
    while piece[at].text in ("_", "^"):
        sign = piece[at].text
        inside, at = _group(piece, at + 1)
        if sign == "^":
            if [t.text for t in inside] != ["2"]:
                return None
            order = 2
        else:
            names = _variables(inside)
            if not names:
                return None
    return Head(piece[at:], names, order) if names else None


def _fraction(piece: list[Token]) -> Head | None:
    """``\\frac{\\partial}{\\partial x} f``, ``\\frac{d f}{d x}``."""
    if piece[0].text != "frac" or piece[1].text != "{":
        return None
    top, at = _group(piece, 1)
    if piece[at].text != "{":
        return None
    bottom, after = _group(piece, at)
    names = _variables(bottom[1:])
    if not top or len(names) != 1 or top[0].text != bottom[0].text:
        return None
    sign = top[0]
    if sign.text not in SIGNS or sign.kind not in ("cmd", "name"):
        return None
    rest = piece[after:]
    if len(top) == 1:
        return Head(rest, names, 1)
    if len(rest) > 1:  # a product of it and something
        return None
    return Head([*top[1:], Token("end", "", top[-1].end, top[-1].end)], names, 1)


def _variables(inside: list[Token]) -> tuple[str, ...]:
    """Names between commas, each alone or with its indices, ``W_{ij}``; none where anything else stands there."""
    found: list[str] = []
    at = 0
    while at < len(inside):
        if inside[at].kind != "name" or (found and inside[at - 1].text != ","):
            return ()
        name, at = inside[at].text, at + 1
        if at + 1 < len(inside) and inside[at].text == "_":
            indices, at = _group(inside, at + 1)
            name += "_{" + "".join(["·" if t.text == "dot" else t.text for t in indices]) + "}"
        found.append(name)
        at += at < len(inside) and inside[at].text == ","
    return tuple(found)


def _group(piece: list[Token], at: int) -> tuple[list[Token], int]:
    """What stands in the braces at a place, and the place behind them."""
    if piece[at].text != "{":
        return [piece[at]], at + 1
    depth = 0
    for end in range(at, len(piece)):
        depth += (piece[end].kind == "open") - (piece[end].kind == "close")
        if not depth:
            return piece[at + 1 : end], end + 1
    return [], at


def _is_sum(piece: list[Token]) -> bool:
    depth = 0
    for at, t in enumerate(piece):
        depth += (t.kind == "open") - (t.kind == "close")
        if at and not depth and t.kind == "op" and t.text in "+-=":
            return True
    return False


__all__ = ["Head", "read"]
