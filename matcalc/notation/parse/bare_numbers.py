"""Numbers and letters that stand where no factor does: the 1 of ``xᵀ1``, the 2 of ``‖x‖2`` and ``(x - y)2``, the e of ``e^x``."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from matcalc.expr.errors import AmbiguityError, instead
from matcalc.notation.lex.syntax import DIGIT, Ast, Token
from matcalc.notation.parse.cursor import Cursor


def turned(p: Cursor, node: Ast, sign: Token) -> Ast:
    """What is transposed: ``1ᵀx`` has the vector of ones. Raises ``AmbiguityError`` for another number, and in an exponent."""
    before = [t.text for t in p.tokens[: p.i] if t.end <= node.start][-2:] if node.kind == "num" else []
    one = ones(node)
    if node.kind != "num" or (one is not node and before not in (["{", "-"], ["(", "-"])):
        return one
    hint = "leave the transpose out, or put it behind the whole"
    raise AmbiguityError("a number is transposed", span=(node.start, sign.end), hint=hint)


def ones(node: Ast) -> Ast:
    """A 1 that stands where a vector does, as the vector of ones; in brackets it is the number."""
    one = node.kind == "num" and node.value == 1 and node.end == node.start + 1
    return node._replace(kind="name", value="1vec", mark=DIGIT) if one else node


def beside_transposes(factors: list[Ast], signs: Sequence[str]) -> list[Ast]:
    """``xᵀ1``, ``1'*A*1``, ``X - 1μᵀ``: nobody multiplies a number 1 by a row or behind it, and the vector of ones is meant.
    Behind the sign of a product it is so beside a 1 that is transposed; x'*1 and 1*x' are x'."""
    if all(f.kind != "num" for f in factors) or not any(f.kind == "T" and f.value != ".T" for f in factors):
        return factors
    outer = len(factors) == 2 and signs[0] == " " and factors[1].kind == "T" and factors[1].args[0].kind == "name"
    vectorial = (" ", "*") if any(f.kind == "T" and f.args[0].mark == DIGIT for f in factors) else (" ",)
    return [ones(f) if sign in vectorial else f for f, sign in zip(factors, (" " if outer else "", *signs), strict=True)]


def refuse_number_behind(factors: Sequence[Ast]) -> None:
    """``(x - y)2``: the square, or twice? Raises ``AmbiguityError``."""
    for left, number in pairwise(factors):
        bare = number.kind == "num" and number.end - number.start == len(str(number.value))  # (2) is a factor
        if bare and left.end == number.start and left.kind != "num":
            n, place = number.value, number.span
            raise AmbiguityError(
                f"the number {n} right behind a bracket has two readings: a power, or a factor", span=(left.start, number.end),
                hint=f"write ^{n} for the power; a factor stands in front", ways=[instead(place, f"{sign}{n}") for sign in "^*"],
            )  # fmt: skip


def lowered(p: Cursor, bar: Token) -> str:
    """The label of ``‖x‖2`` and ``‖A‖F``, which lost its place below the line; empty where there is none."""
    t = p.here
    known = t.text in p.values or [x.text for x in p.tokens].count(t.text) > 1
    if t.start != bar.end or not ((t.kind == "num" and t.text in ("1", "2")) or (t.kind == "name" and t.text == "F" and not known)):
        return ""
    return p.take().text


def is_euler(p: Cursor, base: Ast, sign: Token, exponent: Ast) -> bool:
    """Whether ``e^x`` has Euler's number: nothing else is called e, and e^2 may be the square of an error."""
    if p.latex or base.kind != "name" or base.value != "e" or "e" in p.values or sign.mark or exponent.kind == "num":
        return False
    return all(after.text == "^" for t, after in pairwise(p.tokens) if t.text == "e")
