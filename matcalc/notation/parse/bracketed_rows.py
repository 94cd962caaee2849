"""Rows in square brackets whose entries stand between blanks, ``[2 1; 1 3]`` as MATLAB and Julia have them, and lists of lists."""

from __future__ import annotations

from itertools import pairwise

from matcalc.expr.errors import AmbiguityError, Edit, ParseError
from matcalc.notation.kinds.written import is_number
from matcalc.notation.lex.syntax import Ast, Token
from matcalc.notation.parse.cursor import Cursor

KEYWORDS = frozenset(("dtype", "requires_grad"))  # of arrays: they say nothing of the values

_ENDS = frozenset(("name", "num", "close", "T"))  # of an operand
_BEGINS = frozenset(("name", "num", "fn", "np"))


def with_commas(p: Cursor) -> None:
    """Commas where blanks stand between the entries of the bracket that was just opened.

    Nobody multiplies by a number from the right, or puts a blank before a minus sign alone: ``[1 -1]`` has two entries. Raises
    ``AmbiguityError`` for ``[A x; B y]``.
    """
    tokens, depth, blanks, rows, sure = p.tokens, 0, list[int](), [1], False
    for i in range(p.i, len(tokens)):
        t, before = tokens[i], tokens[i - 1]
        if depth == 0 and (t.kind in ("close", "end") or t.text == ","):
            break
        ended = i > p.i and depth == 0 and t.space and (before.kind in _ENDS or before.text == "'")
        signed = t.kind == "op" and t.text in "+-" and not tokens[i + 1].space
        if ended and (t.kind in _BEGINS or (t.kind == "open" and t.text in "([") or signed):
            blanks.append(i)
            rows[-1] += 1
            sure = sure or t.kind == "num" or signed
        depth += (t.kind == "open") - (t.kind == "close")
        if depth == 0 and t.text == ";":
            rows.append(1)
    if not blanks or tokens[i].text == "," or len(set(rows)) > 1 or not (sure or len(rows) > 1):
        return
    places = [tokens[k].start for k in blanks]
    if not sure:
        raise AmbiguityError(
            "blanks between the entries of a row have two readings: products, or several columns as in MATLAB and Julia",
            span=(tokens[p.i - 1].start, tokens[i].end), hint="write * between factors, or commas between columns",
            ways=[tuple([(k, k, sign) for k in places]) for sign in (", ", "* ")],
        )  # fmt: skip
    for k in reversed(blanks):
        tokens.insert(k, Token("op", ",", tokens[k].start, tokens[k].start))


def of_lists(node: Ast, nested: bool) -> Ast:
    """``[[2, 1], [1, 3]]`` of numbers as two rows. ``[[A, B], [C, D]]``: two rows, as in Python, or all in one? Raises
    ``AmbiguityError``."""
    inner = node.args
    if nested and node.value == len(inner) and all(map(is_number, inner)):  # [[1], [2]]
        return node._replace(value=1)
    lists = all(a.kind == "blocks" and a.mark == "[" and a.value == len(a.args) for a in inner)
    if node.value == 1 or node.value < len(inner) or not lists:
        return node
    if len({a.value for a in inner}) == 1 and all(map(is_number, (entries := [b for a in inner for b in a.args]))):
        return Ast("blocks", node.start, node.end, tuple(entries), inner[0].value, node.mark)
    bare: list[Edit] = [(k, k + 1, "") for a in inner for k in (a.start, a.end - 1)]
    rows: list[Edit] = [(a.end - 1, b.start + 1, "; ") for a, b in pairwise(inner)]
    raise AmbiguityError(
        "brackets in brackets have two readings: rows below each other, as in Python, or all beside each other", span=node.span,
        hint="write [A, B; C, D] for rows, [A, B, C, D] for one",
        ways=[(bare[0], *rows, bare[-1]), tuple(bare)],
    )  # fmt: skip


def array(p: Cursor, node: Ast) -> Ast:
    """``np.array([[2, 1], [1, 3]])``, with its token the last of its name: a list is a column, a list of lists its rows. Raises
    ``ParseError`` for arrays of other things than numbers."""
    rows: Ast = node.args[0]
    at = next(i for i, t in enumerate(p.tokens) if t.start == node.start)
    nested = [t.text for t in p.tokens[at + 2 : at + 4]] == ["[", "["]
    others = node.args[1:]
    if is_number(rows) and not others:
        return rows
    if (
        rows.kind != "blocks"
        or rows.mark != "["
        or not all(map(is_number, rows.args))
        or any(a.value not in KEYWORDS for a in others)
    ):
        name = node.value[0].rpartition(".")[2]
        raise ParseError(f"{name}(…) is read of lists of numbers", span=node.span,
                         hint="write [a, b; c, d] for rows of others, or give the array a name")  # fmt: skip
    thin = "np.column" if rows.value == 1 else "np.row" if rows.value == len(rows.args) else ""
    rows = rows._replace(start=node.start, end=node.end, value=rows.value if nested and not thin else 1)
    if not thin or not nested or p.tokens[at].kind == "name":
        return rows._replace(value=len(rows.args)) if nested and thin == "np.row" else rows
    return node._replace(args=(rows,), value=(thin, "method"))  # n×1 or 1×n, which NumPy tells from 1-D
