"""Widths of LaTeX formulas, and rows of those that are too wide for the page.

Widths are in em of the text font, from the letters of Computer Modern; an estimate errs on the wide side. A
formula is broken before the signs of a sum, else before those of an entrywise product, else between factors,
outside of brackets where that is possible; never inside braces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}^_]|.", re.DOTALL)
_WIDE = dict.fromkeys("()", 0.4) | dict.fromkeys("[]|!.:;'", 0.29) | dict.fromkeys("+-", 1.25)
_WIDE |= {"M": 1.0, "W": 1.0, "m": 0.88, "w": 0.72, "=": 1.35, ",": 0.45, " ": 0.0}
_THIN = (r"\mathrm", r"\mathbf", r"\text", r"\mathbb", r"\mathcal", r"\,", r"\displaystyle")
_MACROS = dict.fromkeys(_THIN, 0.17) | dict.fromkeys((r"\left", r"\right"), 0.35) | dict.fromkeys((r"\bigl", r"\bigr"), 0.08)
_MACROS |= dict.fromkeys((r"\odot", r"\oslash", r"\otimes", r"\times"), 1.25) | {r"\cdot": 0.75, r"\sum": 1.6}
_MACROS |= dict.fromkeys((r"\lVert", r"\rVert"), 0.5) | {r"\top": 0.8, r"\partial": 0.55}
_MACROS |= {r"\quad": 1.0, r"\qquad": 2.0, r"\log": 1.4, r"\exp": 1.6, r"\det": 1.5, r"\tanh": 2.1}
_MACROS |= dict.fromkeys((r"\sin", r"\cos", r"\tan"), 1.5)
SMALL = 0.72  # of scripts
SUM, ENTRYWISE, FACTOR = 0, 1, 2  # what stands at a break, best first
_SIGNS = {"+": SUM, "-": SUM, r"\odot": ENTRYWISE, r"\oslash": ENTRYWISE, r"\otimes": ENTRYWISE}
_CLOSING = (r"\rVert", r"\rangle", r"\bigr", r"\right", ")", "]", ",", "=", r"\cdot", "^", "_", "}", "'", r"\}")


def em(latex: str) -> float:
    """Estimated width of a formula."""
    return _remembered(latex) if len(latex) <= REMEMBERED else _measured(latex)


def _measured(latex: str) -> float:
    stack: list[tuple[str, float, float, float]] = []  # whose brace; width, size, numerator before
    width, size, numerator = 0.0, 1.0, 0.0
    pending = ""
    for t in _TOKEN.findall(latex):
        if t == "{":
            stack.append((pending, width, size, numerator))
            width, size = 0.0, size * (SMALL if pending in ("^", "_") else 1.0)
            pending = ""
        elif t == "}" and stack:
            kind, before, size, above = stack.pop()
            if kind == r"\frac":
                width, numerator, pending = before, width, "denominator"
            else:
                width = before + (max(above, width) + 0.3 if kind == "denominator" else width)
        elif t == r"\scriptstyle":
            size *= SMALL
        elif t in ("^", "_", r"\frac", r"\tfrac"):
            pending = t.replace("tfrac", "frac")
        else:
            width += size * (SMALL if pending in ("^", "_") else 1.0) * _one(t)
            pending = ""
    return width


REMEMBERED = 300  # characters of a formula whose width is kept: all details and pages of a derivation ask for it
_remembered = lru_cache(maxsize=16_384)(_measured)


@lru_cache(maxsize=4096)
def _one(token: str) -> float:
    if token[0] == "\\":
        return _MACROS.get(token, 0.62)
    return _WIDE.get(token, 0.78 if token.isupper() else 0.51)


class Segment(NamedTuple):
    """A part of a formula between two places where it may be broken; ``rank`` says how well, before it."""

    text: str
    rank: int
    width: float


def broken(latex: str, room: float) -> list[str]:
    """The formula in rows at most ``room`` em wide, where it has places to break."""
    if em(latex) <= room:
        return [latex]
    parts = list(segments(opened(latex, room)))
    rows: list[str] = []
    while parts:
        taken = _row(parts, room - (2 if rows else 0))
        text = "".join(part.text for part in parts[:taken]).strip()
        if rows:
            text = rf"\quad {{}} {text}"
        rows.append(text)
        parts = parts[taken:]
    return rows


def _row(parts: Sequence[Segment], room: float) -> int:
    """How many segments go on the next row: to the best break in its second half."""
    width, fitting = 0.0, 0
    starts = []
    for part in parts:
        if fitting and width + part.width > room:
            break
        starts.append(width)
        width += part.width
        fitting += 1
    if fitting == len(parts):
        return fitting
    starts.append(width)
    late = [i for i in range(1, fitting + 1) if starts[i] >= 0.4 * room] or [fitting]
    return min(late, key=lambda i: (parts[i].rank, -i))


def segments(latex: str) -> Iterator[Segment]:
    """Split at the blanks where a row may end: outside of braces, before a sign or a factor."""
    tokens = _TOKEN.findall(latex)
    braces = brackets = rank = start = 0
    for i, t in enumerate(tokens):
        if t in ("{", r"\left", r"\begin"):
            braces += 1
        elif t in ("}", r"\right", r"\end"):
            braces -= 1
        elif t in ("(", "[", r"\{"):
            brackets += 1
        elif t in (")", "]", r"\}"):
            brackets -= 1
        if t == " " and not braces and i > start:
            kind = _break_here(tokens, i)
            if kind is not None:
                text = "".join(tokens[start : i + 1])
                yield Segment(text, rank, em(text))
                start, rank = i + 1, 3 * brackets + kind
    text = "".join(tokens[start:])
    yield Segment(text, rank, em(text))


def _break_here(tokens: Sequence[str], i: int) -> int | None:
    """What a break at this blank would be; None where a formula may not be broken."""
    before, after = tokens[i - 1], tokens[i + 1] if i + 1 < len(tokens) else ""
    if before in ("=", "(", "[", ",", *_SIGNS) or after in ("", " ") or after in _CLOSING:
        return None
    if after in _SIGNS:
        return _SIGNS[after]
    if before[0] == "\\" and before not in (r"\rVert", r"\rangle", r"\pi"):
        return None  # a macro and its argument
    return None if _is_sum(tokens, i - 1) else FACTOR


def _is_sum(tokens: Sequence[str], end: int) -> bool:
    r"""Whether ``\sum_{k}`` ends there: what is summed stays with it."""
    start = end
    while start > 1 and tokens[end] == "}" and tokens[start] != "{":
        start -= 1
    return tokens[start - 2 : start] == [r"\sum", "_"]


def opened(latex: str, room: float) -> str:
    """Growing brackets and fractions that are too wide for one row, in a form that can be broken."""
    latex = re.sub(r"\\left(\(|\\\{)", r"\\bigl\1", re.sub(r"\\right(\)|\\\})", r"\\bigr\1", latex))
    at = latex.find(r"\frac{")
    while at >= 0:
        middle = _closing(latex, at + 5)
        end = _closing(latex, middle + 1)
        top, bottom = latex[at + 6 : middle], latex[middle + 2 : end]
        outside = latex.count("{", 0, at) == latex.count("}", 0, at)
        if outside and em(top) > room - 3:
            latex = rf"{latex[:at]}\frac{{1}}{{{bottom}}} \bigl({top}\bigr){latex[end + 1 :]}"
        at = latex.find(r"\frac{", at + 6)
    return latex


def _closing(text: str, at: int) -> int:
    """The place of the brace that closes the one at ``at``."""
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] == "{") - (text[i] == "}")
        if not depth:
            return i
    return len(text) - 1
