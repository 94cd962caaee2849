"""Σ, Π, max and min with their binders: ``\\sum_{i=1}^N``, ``\\sum_{j \\ne i}``, ``\\max_i``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcalc.notation.syntax import Ast, Binder, Token

if TYPE_CHECKING:
    from matcalc.notation.parser import Parser


def parse_bigop(p: Parser, t: Token) -> Ast:
    """The operator, its limits in either order, and its body (a product)."""
    binder, upper = Binder(()), None
    for _ in range(2):
        if p.at("op", "_"):
            p.take()
            binder = _lower(p)
        elif p.at("op", "^"):
            p.take()
            upper = p.group() if p.at("open", "{") else p.primary()
    body = p.product()
    return Ast("bigop", t.start, body.end, (body,), (t.text, binder._replace(upper=upper)))


def _lower(p: Parser) -> Binder:
    if not p.at("open", "{"):
        return Binder((p.take().text,))
    opener = p.take()
    paren = p.at("open", "(")
    if paren:
        p.take()
    names = [p.take().text]
    while p.at("op", ",") or p.at("name"):
        if p.at("op", ","):
            p.take()
        names.append(p.take().text)
    if paren:
        p.take()
    lower = unequal = member = None
    if p.at("op", "="):
        p.take()
        lower = p.expression()
    elif p.at("op", "!="):
        p.take()
        unequal = p.take().text
    elif p.at("op", "in"):
        p.take()
        member = "".join(p.take().text for _ in iter(lambda: p.at("close") or p.at("end"), True))
    p.close(opener)
    return Binder(tuple(names), lower, None, unequal, member)
