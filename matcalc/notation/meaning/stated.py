r"""Sizes that the text states: ``A \in \mathbb{R}^{m \times n}`` beside the formula."""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.expr.dims import Dim
from matcalc.expr.errors import ParseError, ShapeError, UsageError
from matcalc.expr.nodes import size_text, variable_type
from matcalc.expr.table import Type
from matcalc.notation.lex.syntax import Ast, Statement, Token

Pieces = list[list[Token]]  # of the text, each with an ``end`` token


def set_apart(pieces: Pieces) -> tuple[Pieces, list[Statement]]:
    r"""The pieces that are formulas, and what ``x, y \in \mathbb{R}^n`` among them states. Raises ``ParseError``."""
    rest: Pieces = []
    found: list[Statement] = []
    for piece in pieces:
        if piece[0].kind == "cmd" and [t.text for t in piece[1:3]] == ["_", "{"] and _is_membership(piece[3:]):
            close = _closing(piece, 2)  # under a minimum
            found.append(_fact(piece[3], [*piece[3:close], piece[-1]._replace(end=piece[close].start)]))
            rest.append(piece[:4] + piece[close:])
        elif not _is_membership(piece):
            rest.append(piece)
        else:
            names = [piece[0]]
            while rest and len(rest[-1]) == 2 and rest[-1][0].kind == "name":  # x, y ∈ …
                names.append(rest.pop()[0])
            found += [_fact(t, piece) for t in names]
    return rest, found


def _is_membership(piece: list[Token]) -> bool:
    return len(piece) > 3 and piece[0].kind == "name" and [t.text for t in piece[1:3]] == ["in", "RR"]


def _closing(piece: list[Token], start: int) -> int:
    depth = 0
    for i, t in enumerate(piece[start:], start):
        depth += (t.kind == "open") - (t.kind == "close")
        if depth == 0:
            return i
    return len(piece) - 1


def _fact(name: Token, piece: list[Token]) -> Statement:
    span = (piece[0].start, piece[-1].end)
    return Statement(name.text, (), Ast("stated", *span, (), _shape(piece)), span, (name.start, name.end))


def _shape(piece: list[Token]) -> tuple[Dim, ...]:
    r"""The sizes after ``\mathbb{R}``: nothing, ``^n``, ``^{m \times n}``."""
    marks = piece[3:-1]
    if not marks:
        return ()
    closed = [t.text for t in (*marks[:2], marks[-1])] == ["^", "{", "}"]
    sizes, signs = marks[2:-1:2], marks[3:-1:2]
    known = bool(sizes) and all(t.kind in ("name", "num") for t in sizes) and all(t.text in ("*", "times") for t in signs)
    if not closed or not known or len(signs) != len(sizes) - 1:
        raise ParseError(
            "this set of numbers is not understood",
            span=(piece[2].start, piece[-1].end),
            hint=r"write x \in \mathbb{R}^n or A \in \mathbb{R}^{m \times n}; properties are said with assume=…",
        )
    return tuple(int(t.text) if t.kind == "num" else t.text for t in sizes)


def names_of(stated: list[Statement]) -> set[str]:
    """The objects and the size symbols that the text states."""
    sizes = {d for s in stated for d in s.body.value if isinstance(d, str)}
    return {str(s.name) for s in stated} | sizes


def taken_in(statements: list[Statement], declared: Mapping[str, Type]) -> tuple[list[Statement], dict[str, Type]]:
    """The formulas alone, and the types that the text states. Raises ``UsageError`` where a declaration says something else."""
    stated: dict[str, Type] = {}
    for s in statements:
        if s.body.kind == "stated" and s.name is not None:
            t = variable_type(s.body.value)
            other = stated.get(s.name, declared.get(s.name, t))
            if other != t:
                raise UsageError(
                    f"'{s.name}' is {size_text(t)} in the text, and declared as {size_text(other)}",
                    span=s.span, hint="declare it once",
                )  # fmt: skip
            stated[s.name] = t
    return [s for s in statements if s.body.kind != "stated"], stated


def disagreement(name: str, t: Type, found: str, span: tuple[int, int]) -> ShapeError:
    message = f"'{name}' is stated to be {size_text(t)}, and its definition is {found}"
    return ShapeError(message, span=span, hint="correct one of them")
