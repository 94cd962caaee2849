"""What a text means that counts its entries from 0: each index is one more."""

from __future__ import annotations

from collections.abc import Iterable

from matcalc.expr.errors import Way
from matcalc.notation.lex.syntax import Ast, walk


def counted_from_zero(bodies: Iterable[Ast], source: str, latex: bool) -> tuple[Way, ...]:
    """The way that takes each number below a name for the place before; none where a run is among them, whose end has other
    meanings too."""
    nodes = [n for body in bodies for n in walk(body) if n.kind == "index" and any(a.kind != "name" for a in n.args[1:])]
    if any(a.kind not in ("name", "num") or (a.kind == "num" and a.value.denominator != 1) for n in nodes for a in n.args[1:]):
        return ()
    shifted: dict[str, str] = {}
    for node in sorted(nodes, key=_total, reverse=True):  # x_1 becomes x_2 before x_0 becomes x_1
        text, at = "", node.start
        for a in node.args[1:]:
            if a.kind == "num":
                more = str(int(a.value) + 1)
                bare = latex and len(more) > 1 and source[a.start - 1] == "_"
                text, at = text + source[at : a.start] + (f"{{{more}}}" if bare else more), a.end
        shifted[source[node.start : node.end]] = text + source[at : node.end]
    return ({"meant": shifted},)


def _total(node: Ast) -> int:
    return sum(int(a.value) for a in node.args[1:] if a.kind == "num")
