r"""``1\{y_i = k\}``, ``\mathbb{1}[y = k]``, ``\mathbb{1}_{k \ne i}``: 1 where the relation holds, else 0."""

from __future__ import annotations

from matcalc.notation.lex.syntax import RELATIONS, Ast
from matcalc.notation.parse.cursor import PAIRS, Cursor
from matcalc.notation.parse.indices import bound

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
    left = bound(p)
    sign = p.take().text
    right = bound(p)
    for opener in reversed(p.tokens[depth:i]):
        end = p.close(opener)
    return Ast("indicator", p.tokens[start].start, end.end, (left, right), sign)


def _holds_relation(p: Cursor, i: int) -> bool:
    """Whether the bracket that is open at ``i`` holds one relation."""
    depth, found = 0, 0
    for t in p.tokens[i:]:
        depth += (t.kind == "open") - (t.kind == "close")
        if depth < 0:
            return found == 1
        if t.kind == "op" and depth == 0:
            if t.text == ",":
                return False
            found += t.text in SIGNS
        if t.kind == "end":
            return False
    return False
