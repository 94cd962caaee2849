"""Every failure that a user can meet, as one family with a caret picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypedDict

from matcalc.expr.dims import Dim


class Arguments(TypedDict, total=False):
    """Arguments of a call that choose a meaning."""

    dims: Mapping[str, Sequence[Dim]]
    functions: Mapping[str, object]
    output: str
    index: Mapping[str, str]
    meant: Mapping[str, str]


class Reading(NamedTuple):
    """One meaning of a text that has several.

    ``text`` is what would be read, in plain notation; ``kwargs`` are arguments that, added to those of the call, choose it;
    ``command`` is the command line that does.
    """

    text: str
    kwargs: Arguments
    command: str


Edit = tuple[int, int, str]  # what stands between two places of the text is to be another text
# One meaning of what was asked about: changes of the text, or further arguments of the call.
Way = tuple[Edit, ...] | Arguments

LONGEST = 1500  # characters of a message
WINDOW = 72  # columns of the source line that a caret picture shows


class MatcalcError(Exception):
    """Base of all errors: what happened, where in the source text, and what to do next.

    ``message`` says what is wrong, with the sizes in hand; ``span`` is ``(start, end)`` in ``source``, or both are None; ``hint``
    says what to type next, or is None; ``readings`` are the meanings that could be chosen. ``str(error)`` is all of that, with
    carets below the place. ``kind`` is a word for programs, ``exit_code`` that of the command line: 2 for the input, 3 for a
    missing rule, 4 for a failed check.

    >>> import matcalc
    >>> try:
    ...     matcalc.parse("A*B", {"A": ("n", 2), "B": (3, "m")})
    ... except matcalc.MatcalcError as error:
    ...     print(error.kind, error.span, error.exit_code)
    ...     print(error)
    shape (0, 3) 2
    product: the sizes do not fit: 'A' is [n×2], 'B' is [3×m]
      A*B
      ^^^
    hint: the inner sizes must agree: 2 and 3 differ
    """

    kind = "error"
    exit_code = 2
    readings: tuple[Reading, ...] = ()  # meanings that a declaration chooses, the likeliest first
    ways: tuple[Way, ...] = ()  # what readings are made of where one place of the text is asked about

    def __init__(
        self,
        message: str,
        *,
        span: tuple[int, int] | None = None,
        hint: str | None = None,
        source: str | None = None,
    ) -> None:
        message = visible(message if len(message) <= LONGEST else f"{message[: LONGEST // 2]} … {message[-LONGEST // 2 :]}")
        super().__init__(message)
        self.message = message
        self.span = span
        self.hint = hint and visible(hint)
        self.source = source

    def __str__(self) -> str:
        parts = [self.message]
        if self.source is not None and self.span is not None:
            parts.append(caret(self.source, self.span))
        if self.hint:
            parts.append(f"hint: {self.hint}")
        return "\n".join(parts)


class ParseError(MatcalcError):
    """The text is not in the notation: ``x +``, a bracket that is not closed, a function that nobody knows."""

    kind = "parse"


class AmbiguityError(MatcalcError):
    """The text has several readings; the message names them and how to say each.

    ``readings`` lists them, the likeliest first: each with its ``text``, the ``kwargs`` that choose it and the ``command`` that
    does. ``ways`` is what they are made of where one place of the text is asked about.

    >>> import matcalc
    >>> try:
    ...     matcalc.parse("a/b c", {"a": (), "b": (), "c": ()})
    ... except matcalc.AmbiguityError as error:
    ...     first, second = error.readings
    >>> first.text, second.text
    ('a/b*c', 'a/(b*c)')
    >>> matcalc.parse("a/b c", {"a": (), "b": (), "c": ()}, **second.kwargs).plain
    'a/(b*c)'
    """

    kind = "ambiguity"

    def __init__(self, message: str, *, readings: Sequence[Reading] = (), ways: Sequence[Way] = (), **where: Any) -> None:
        super().__init__(message, **where)
        self.readings = tuple(readings)
        self.ways = tuple(ways)


def bracketed(*spans: tuple[int, int]) -> Way:
    """The text with brackets around these parts."""
    return tuple(edit for start, end in spans for edit in ((start, start, "("), (end, end, ")")))


def instead(span: tuple[int, int], text: str) -> Way:
    """The text with another one in place of this part."""
    return ((*span, text),)


def edited(text: str, edits: Iterable[Edit], start: int = 0, end: int | None = None) -> str:
    """The text, or the part of it between two places, with other texts in some places."""
    changed, at = "", start
    for first, last, new in sorted(edits, key=lambda edit: edit[:2]):
        changed += text[at:first] + new
        at = last
    return changed + text[at:end]


class ShapeError(MatcalcError):
    """Dimensions do not fit; the message names the operator and both operands with sizes."""

    kind = "shape"
    operands = ""  # the operator and the kinds that it does not take: ``div cm``


class UsageError(MatcalcError):
    """An argument of the call (a variable, a kind, a declaration) does not make sense."""

    kind = "usage"


class MissingError(UsageError, KeyError):
    """There is no result by that name: a ``KeyError`` too, as of any mapping."""

    __str__ = MatcalcError.__str__


class NoValueError(UsageError):
    """An operator has no value for its arguments: an inverse of what is singular, a division by 0."""


class LimitError(MatcalcError):
    """The input, or what would come out, is larger than a stated limit; the message has the count and what to do."""

    kind = "limit"


class NoRuleError(MatcalcError):
    """No rule covers an operand: the message names operand and missing rule."""

    kind = "no-rule"
    exit_code = 3


class CheckError(MatcalcError):
    """A line did not survive its numeric check, so it is not shown."""

    kind = "check"
    exit_code = 4


def one_of(what: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise UsageError(f"{what} '{value}' is not known", hint=f"one of {', '.join(choices)}")


def visible(text: str) -> str:
    """The text without what a terminal, TeX or a browser would obey instead of showing: control characters, marks of
    direction, separators and halves of characters become a dot; ends of lines stay."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else "·" for c in text)


def caret(source: str, span: tuple[int, int]) -> str:
    """The source line that holds ``span``, and carets below it."""
    start, end = span
    start = max(0, min(start, len(source)))
    begin = source.rfind("\n", 0, start) + 1
    stop = source.find("\n", start)
    line = source[begin : len(source) if stop < 0 else stop]
    column, width = start - begin, max(1, min(end, begin + len(line)) - start)
    first = max(0, min(column - WINDOW // 2, len(line) - WINDOW))
    shown = line[first : first + WINDOW]
    left = "…" if first else ""
    right = "…" if first + WINDOW < len(line) else ""
    pad = " " * (len(left) + column - first)
    return f"  {left}{visible(shown)}{right}\n  {pad}{'^' * min(width, max(1, WINDOW - (column - first)))}"
