"""What a text means that counts its entries from 0: each index is one more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matcalc.expr.errors import AmbiguityError, Way
from matcalc.notation.lex.syntax import Ast, walk
from matcalc.notation.meaning.tape import Scope

COUNTING = "indices count from 1 and both ends of a range belong to it: x[1:3] is the first three entries"


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


def refuse_other_counting(scope: Scope, node: Ast, places: Sequence[object]) -> None:
    """In a text that is spelled as in NumPy, x[1] may be meant as NumPy counts, and x_1 as a sum from 0 does."""
    if not any(places):
        return
    if scope.latex:
        return _refuse_beside_zero(scope, node)
    if scope.numpy:
        text = scope.source[node.start : node.end].strip()
        raise AmbiguityError(
            f"'{text}' beside '{scope.numpy}' has two readings: counted from 0 as in NumPy, or from 1 as in mathematics",
            span=node.span, hint="use * and ' instead of NumPy's signs; then indices count from 1, ends included",
        )  # fmt: skip
    notice(scope, COUNTING)


def _refuse_beside_zero(scope: Scope, node: Ast) -> None:
    for at in (n for s in scope.statements for n in walk(s.body)):
        lower = at.value[1].lower if at.kind == "bigop" else None
        if lower is not None and lower.kind == "num" and lower.value == 0:
            text, first = scope.source[node.start : node.end].strip(), at.value[1].names[0]
            raise AmbiguityError(
                f"'{text}' beside a sum from {first} = 0 has two readings: counted from 0 as in the sum, or from 1",
                span=node.span, hint="let the sum begin at 1: entries count from 1",
            )  # fmt: skip


def notice(scope: Scope, text: str) -> None:
    if text not in scope.warnings:
        scope.warnings.append(text)
