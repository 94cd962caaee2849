"""The terminal: whether it has colours and how wide it is, and text that is safe to send to it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from matcalc.expr.errors import visible
from matcalc.printers.formats import ALL, Shown

if TYPE_CHECKING:
    from matcalc.printers.story import Derivation

CODES = {"title": "1", "head": "1;36", "note": "2", "result": "1", "verdict": "32"}
CODES |= {"error": "1;31", "warning": "1;33"}
LONGEST = 1000  # letters of a message line


def wants_color(mode: str, stream: TextIO) -> bool:
    """``always``, ``never``, or ``auto``: on a terminal that is not dumb, unless NO_COLOR is set."""
    if mode != "auto":
        return mode == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream is not None and bool(stream.isatty())


def width_of(stream: TextIO) -> int:
    """Columns: COLUMNS, else the terminal's, else 80."""
    given = os.environ.get("COLUMNS", "")
    if given.isdigit() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (AttributeError, OSError, ValueError):  # closed, or no file
        return 80


def limit_of(stream: TextIO) -> int | None:
    """Columns that lines keep within; None where nobody has a width, as in a file."""
    return width_of(stream) if os.environ.get("COLUMNS", "").isdigit() or stream.isatty() else None


def table(rows: Sequence[tuple[str, ...]], stream: TextIO) -> str:
    """Cells below their heads, the first of the rows; where that is too wide, each row as lines of a head and a cell."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    limit = limit_of(stream)
    if limit is None or max(map(len, lines)) <= limit:
        return "\n".join(lines)
    (_, *heads), *records = rows
    label = max(map(len, heads))
    out: list[str] = []
    for name, *cells in records:
        out += ["  " + name, *(f"    {head:<{label}}  {cell}".rstrip() for head, cell in zip(heads, cells, strict=True) if cell)]
    return folded("\n".join(out), stream)


def folded(text: str, stream: TextIO) -> str:
    """Text whose long lines go on below their beginning, or below what stands after a label; as it is where nobody has a width."""
    from textwrap import wrap

    width, out = limit_of(stream), list[str]()
    if width is None:
        return text
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip())
        label = line[indent:].find("  ")
        told = len(line) - len(line[indent + label :].lstrip()) if label > 0 else 0
        hang = told if 0 < told <= width // 2 else indent + 2
        out += wrap(line, width, subsequent_indent=" " * hang, break_long_words=False, break_on_hyphens=False) or [line]
    return "\n".join(out)


def paint(text: str, style: str, coloured: bool) -> str:
    code = CODES.get(style)
    return f"\x1b[{code}m{text}\x1b[0m" if coloured and code and text else text


def printable(text: str) -> str:
    """A message without control characters and endless lines."""
    lines = visible(text).split("\n")
    return "\n".join(line if len(line) <= LONGEST else line[:LONGEST] + "…" for line in lines)


def show(d: Derivation, detail: str, width: int, coloured: bool, shown: Shown = ALL) -> str:
    """The derivation as text, in colours where wanted."""
    from matcalc.printers.text import rows

    out = []
    for row in rows(d, detail, width, shown):
        at = row.split or len(row.text)
        out.append(paint(row.text[:at], row.style, coloured) + paint(row.text[at:], "note", coloured))
    return "\n".join(out)
