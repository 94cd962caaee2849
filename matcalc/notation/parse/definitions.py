"""The statements of a text together with definitions that were given beside it (``--define``)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from matcalc.expr.errors import MatcalcError, ParseError, UsageError
from matcalc.notation.lex.syntax import Ast, Statement
from matcalc.notation.parse.statements import Names, looks_like_latex, read

# name(z) = …, up to the end of the statement, in LaTeX.
_DEFINITION = re.compile(
    r"(?:^|[;\n]|\\\\)\s*(?P<name>\\?[A-Za-z]+)\s*(?:\\left)?\(\s*\\?[A-Za-z]+\s*(?:\\right)?\)\s*="
    r"(?P<body>(?:[^;\n\\]|\\[^\\])*)"
)


def read_all(text: str, define: Sequence[str], names: Names, notation: str | None = None) -> tuple[list[Statement], str]:
    """The statements, and the text that their spans point into."""
    define = (define,) if isinstance(define, str) else tuple(define)
    if not define:
        return _read(text, names, notation), text
    source = "; ".join((text, *define))
    later: list[Statement] = []
    offset = len(text) + 2
    try:
        for one in define:
            later += _read(" " * offset + one, names._replace(defines=True), None)
            offset += len(one) + 2
        heads = frozenset(s.name for s in later if s.name and s.parameters)
        if any(s.name is None for s in later):
            raise UsageError(f"'{define[-1]}' defines nothing", hint="write name(z) = formula, such as g(z) = z*tanh(z)")
        return _read(text, names._replace(functions={*names.functions, *heads}), notation) + later, source
    except MatcalcError as error:
        error.source = source
        raise


def _read(text: str, names: Names, notation: str | None) -> list[Statement]:
    """The statements; the body of a defined function that our parser cannot read is set aside for another."""
    shown, aside = text, dict[tuple[int, int], ParseError]()
    while True:
        try:
            statements = read(shown, names, notation)
            break
        except ParseError as error:
            body = _body_around(text, error) if looks_like_latex(text) and notation != "plain" else None
            if body is None or body in aside:
                error.source = text
                raise
            aside[body] = error
            shown = shown[: body[0]] + "0".ljust(body[1] - body[0]) + shown[body[1] :]
    for (start, end), why in aside.items():
        statements = [_unread(s, start, end, why) for s in statements]
    return statements


def _body_around(text: str, error: ParseError) -> tuple[int, int] | None:
    """Where the body lies in which the error is."""
    place = error.span[0] if error.span else -1
    for match in _DEFINITION.finditer(text):
        if match.start("body") <= place < match.end("body") and match["body"].strip():
            return match.span("body")
    return None


def _unread(statement: Statement, start: int, end: int, error: ParseError) -> Statement:
    if not statement.span[0] < start <= statement.body.start < statement.span[1]:
        return statement
    if not statement.parameters:
        raise error
    body = Ast("unread", start, end, (), error)
    return statement._replace(body=body, span=(statement.span[0], end))


__all__ = ["read_all"]
