"""Assignments to several names at once, ``n, d = X.shape`` and ``sign, value = np.linalg.slogdet(S)``: one for each name that is
read later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matcalc.expr.errors import ParseError
from matcalc.notation.lex.syntax import Token

PARTS = ("shape", "slogdet")  # what has parts


def apart(tokens: list[Token]) -> list[Token]:
    """The tokens with one assignment a name. Raises ``ParseError`` where the sign of a determinant is read."""
    if "attr" not in [t.kind for t in tokens]:
        return tokens
    out: list[Token] = []
    for line in _lines(tokens):
        count = next((k for k, t in enumerate(line) if t.text == "="), 0)
        part = next((t for t in line[count:] if t.kind == "attr" and t.text in PARTS), None)
        if part is None or count < 3 or {t.text for t in line[1:count:2]} != {","}:
            out += line
            continue
        later = {t.text for t in tokens if t.start > line[-1].start and t.kind == "name"}
        for k, name in enumerate(line[:count:2]):
            if name.text in later:
                out += _of_part(name, k, part, line[count:])
    return out


def _of_part(name: Token, k: int, part: Token, value: Sequence[Token]) -> Iterator[Token]:
    """``name = value[k];``"""
    if part.text == "slogdet" and k != 1:
        raise ParseError(f"'{name.text}' is the sign of a determinant, and is not read as a value", span=name.span,
                         hint="leave it out, where the determinant is positive")  # fmt: skip
    *inside, end = value if value[-1].text == ";" else [*value, Token("op", ";", value[-1].end, value[-1].end)]
    yield name
    yield from inside
    yield from (Token(kind, text, part.start, part.end) for kind, text in (("open", "["), ("num", str(k)), ("close", "]")))
    yield end


def _lines(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The statements, each with what ends it."""
    line: list[Token] = []
    for t in tokens:
        line.append(t)
        if t[:2] == ("op", ";") or t.kind == "end":
            yield line
            line = []
