"""Rows in square brackets whose entries stand between blanks, ``[2 1; 1 3]`` as MATLAB and Julia have them, and lists of lists."""

from __future__ import annotations

from itertools import pairwise

from matcalc.expr.errors import AmbiguityError, Edit
from matcalc.notation.lex.syntax import Ast, Token
from matcalc.notation.parse.cursor import Cursor

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


def refuse_lists(node: Ast) -> None:
    """``[[A, B], [C, D]]``: two rows, as in Python, or all in one? Raises ``AmbiguityError``."""
    inner = node.args
    lists = all(a.kind == "blocks" and a.mark == "[" and a.value == len(a.args) for a in inner)
    if node.value == 1 or node.value < len(inner) or not lists:
        return
    bare: list[Edit] = [(k, k + 1, "") for a in inner for k in (a.start, a.end - 1)]
    rows: list[Edit] = [(a.end - 1, b.start + 1, "; ") for a, b in pairwise(inner)]
    raise AmbiguityError(
        "brackets in brackets have two readings: rows below each other, as in Python, or all beside each other", span=node.span,
        hint="write [A, B; C, D] for rows, [A, B, C, D] for one",
        ways=[(bare[0], *rows, bare[-1]), tuple(bare)],
    )  # fmt: skip
