"""What a text means that counts its entries from 0: each index is one more."""

from __future__ import annotations

from collections.abc import Iterable

from matcalc.expr.errors import Way
from matcalc.notation.lex.syntax import Ast, walk


def counted_from_zero(bodies: Iterable[Ast], latex: bool) -> tuple[Way, ...]:
    """The way that takes each number below a name for the place before; none where a run is among them, whose end has other
    meanings too."""
    nodes = [n for body in bodies for n in walk(body) if n.kind == "index" and any(a.kind != "name" for a in n.args[1:])]
    if any(a.kind not in ("name", "num") or (a.kind == "num" and a.value.denominator != 1) for n in nodes for a in n.args[1:]):
        return ()
    places = dict.fromkeys((a.start, a.end, _next(a, node, latex)) for node in nodes for a in node.args[1:] if a.kind == "num")
    return (tuple(places),)


def _next(place: Ast, node: Ast, latex: bool) -> str:
    """The number after; in braces where x_9 has none: with these the index ends behind its number."""
    more = str(int(place.value) + 1)
    return f"{{{more}}}" if latex and len(more) > 1 and place.end == node.end else more
