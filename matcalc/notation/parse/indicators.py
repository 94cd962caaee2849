r"""``1\{y_i = k\}``, ``\mathbb{1}[y = k]``, ``\mathbb{1}_{k \ne i}``: 1 where the relation holds, else 0."""

from __future__ import annotations

from contextlib import suppress

from matcalc.expr.errors import ParseError
from matcalc.notation.lex.habits import LABEL_INDEX
from matcalc.notation.lex.syntax import RELATIONS, Ast, depths, walk
from matcalc.notation.parse.by_cases import ORDERS, Less
from matcalc.notation.parse.cursor import PAIRS, Cursor
from matcalc.notation.parse.indices import bound

LABELS = frozenset(LABEL_INDEX)
ONES = ("1", "1vec", "I", "II")  # what stands before the brackets
SIGNS = ("=", *RELATIONS)


def indicator(p: Cursor) -> Ast | None:
    """The indicator at hand, if it is one."""
    start = p.i
    depth = i = start + 1 + (p.tokens[start + 1].kind == "op" and p.tokens[start + 1].text == "_")
    while p.tokens[i].kind == "open" and p.tokens[i].text in PAIRS and p.tokens[i].text not in ("|", "||", "<"):
        i += 1
    if i == depth or not _holds_relation(p, i):
        return None
    p.i = i
    left = _side(p)
    sign = p.take().text
    right = _side(p)
    for opener in reversed(p.tokens[depth:i]):
        end = p.close(opener)
    node = Ast("indicator", p.tokens[start].start, end.end, (left, right), sign)
    if sign not in ORDERS or (_is_index(p, left) and _is_index(p, right)):
        return node
    small, large, strict = ORDERS[sign]
    return Less(node.args[small], node.args[large], strict).holds(node)  # of values: a step


def _side(p: Cursor) -> Ast:
    """An index, a label, or a value."""
    i = p.i
    with suppress(ParseError):
        index = bound(p)
        if p.here.kind == "close" or p.here.text in SIGNS:
            return index
    p.i = i
    return p.expression()


def _is_index(p: Cursor, side: Ast) -> bool:
    """Whether a side of ``i < j`` or ``i > 1`` counts something."""
    names = [n for n in walk(side) if n.kind == "name"]
    return all(n.value in p.indices or n.value in LABELS for n in names) and side.kind != "index" if names else side.kind == "num"


def _holds_relation(p: Cursor, i: int) -> bool:
    """Whether the bracket that is open at ``i`` holds one relation."""
    found = 0
    for t, depth in depths(p.tokens, i):
        if depth < 0:
            return found == 1
        if t.kind == "op" and depth == 0:
            if t.text == ",":
                return False
            found += t.text in SIGNS
        if t.kind == "end":
            return False
    return False
