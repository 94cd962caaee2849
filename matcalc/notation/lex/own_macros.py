r"""Macros that a text defines itself, or a preamble does: ``\newcommand``, ``\def``, ``\DeclareMathOperator``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from matcalc.expr.errors import ParseError
from matcalc.notation.lex.syntax import Span

_HEAD = (  # compiled when a text is LaTeX
    r"\\(?:(?P<new>(?:re)?newcommand|providecommand)|(?P<operator>DeclareMathOperator)|(?P<plain>def|gdef))(?![A-Za-z])\*?\s*"
    r"(?:\{\s*(?P<braced>\\[A-Za-z]+)\s*\}|(?P<bare>\\[A-Za-z]+))\s*"
    r"(?:\[(?P<count>\d)\]\s*(?P<default>\[[^\]]*\])?|(?P<marks>(?:#\d)+))?\s*(?=\{)"
)
_COMMENT = re.compile(r"(?<!\\)%[^\n]*")


def taken_out(text: str) -> tuple[str, dict[str, str]]:
    r"""The text with blanks in place of its definitions, and what they say: ``{"\\norm": "\\lVert #1\\rVert"}``.

    Raises ``ParseError`` for a definition that is never closed, or has an argument that may be left out.
    """
    found: dict[str, str] = {}
    for (start, end), name, body in _definitions(text):
        found[name] = body
        text = text[:start] + " " * (end - start) + text[end:]
    return text, found


def macros_in(text: str, others: Mapping[str, str] | None) -> dict[str, str]:
    """The ``others`` and those that the text defines; where it cannot be read, the reader says so."""
    try:
        return {**(others or {}), **taken_out(text)[1]}
    except ParseError:
        return dict(others or {})


def of_preamble(text: str) -> dict[str, str]:
    """The macros of a file of definitions, whatever else stands there. Raises ``ParseError``."""
    text = _COMMENT.sub("", text)
    try:
        return taken_out(text)[1]
    except ParseError as error:
        error.source = text
        raise


def _definitions(text: str) -> Iterator[tuple[Span, str, str]]:
    at = 0
    while "\\" in text and (head := re.compile(_HEAD).search(text, at)) is not None:
        end = closed(text, head.end())
        name = head["braced"] or head["bare"]
        if end is None or head["default"]:
            what = "is never closed" if end is None else "has an argument that may be left out, which is not read"
            raise ParseError(f"the definition of {name} {what}", span=head.span(), hint=rf"write \newcommand{{{name}}}{{…}}")
        body = text[head.end() + 1 : end - 1]
        yield (head.start(), end), name, rf"\operatorname{{{body}}}" if head["operator"] else body
        at = end


def closed(text: str, start: int) -> int | None:
    """The place behind the brace that closes the one at ``start``."""
    depth = 0
    for brace in re.finditer(r"\\.|[{}]", text[start:], re.DOTALL):
        depth += (brace[0] == "{") - (brace[0] == "}")
        if depth == 0 and brace[0] == "}":
            return start + brace.end()
    return None
