"""What stands below a name on the left of ``=``: indices of entries, or labels."""

from __future__ import annotations

from matcalc.notation.lex.syntax import Ast, Token
from matcalc.notation.parse.bigops import index_letters


def letters_of(left: Ast, bodies: list[list[Token]]) -> tuple[str, ...]:
    """The indices of ``z_i = …`` where they stand on the right as well: a definition entry by entry."""
    if left.kind != "index" or left.args[0].kind != "name":
        return ()
    letters = tuple(a.value for a in left.args[1:] if a.kind == "name" and len(str(a.value)) == 1)
    used = {c for body in bodies for t in body if t.kind == "name" for c in (t.text, *index_letters(t.text))}
    return letters if len(letters) == len(left.args) - 1 and used.issuperset(letters) else ()


def is_labelled(left: Ast, bodies: list[list[Token]]) -> bool:
    """Whether what stands below a name on the left is a value on the right."""
    named = all(a.kind == "name" for a in left.args)
    return named and any(_is_value(body, a.value) for body in bodies for a in left.args[1:])


def _is_value(body: list[Token], letter: str) -> bool:
    """Whether the letter stands outside of all subscripts, limits and conditions: a value, and no index."""
    below: list[bool] = []  # of each open bracket, whether it is part of a subscript
    for before, t in zip((body[0], *body), body, strict=False):
        if t.kind == "open":
            below.append(before.text == "_" or (bool(below) and below[-1]))
        elif t.kind == "close" and below:
            below.pop()
        elif t.kind == "name" and t.text == letter and before.text != "_" and not any(below):
            return True
    return False
