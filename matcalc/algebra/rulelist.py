"""What ``matcalc rules list`` and ``matcalc rules show`` say: the rows of the rules, and the functions that are formulas."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from matcalc.algebra.identities import called
from matcalc.algebra.rule import Book, Rule
from matcalc.expr import formulas as composites
from matcalc.expr.errors import UsageError

FUNCTIONS = "functions"


def listed(book: Book, group: str | None) -> str:
    """All rows, or those of one group. Raises ``UsageError``."""
    if group not in (None, FUNCTIONS, *book.groups):
        raise UsageError(f"there is no group '{group}'", hint=f"there are: {', '.join((*book.groups, FUNCTIONS))}")
    blocks = []
    for name, rows in book.groups.items():
        if rows and group in (None, name):
            width = max(len(row.name) for row in rows)
            lines = [f"  {r.name:<{width}}  {r.equation}" + ("  (disabled)" if r.disabled else "") for r in rows]
            blocks.append("\n".join([name, *lines]))
    if group in (None, FUNCTIONS):
        blocks.append("\n".join([FUNCTIONS, *(f"  {text}" for text, _, _ in composites.ROWS)]))
    return "\n".join(blocks)


def shown(book: Book, name: str) -> str:
    """The rules of a name or of the label of a line, or one function with all its rows: equation, sizes and conditions, source.
    Raises ``UsageError``."""
    rows = called(book, name)
    if rows:
        return "\n".join(_row(book, row) for row in rows)
    formulas = "\n".join(_formulas(name))
    if formulas:
        return formulas
    near = get_close_matches(name, [*book.rows(), *book.words.values(), *composites.NAMES], 3)
    raise UsageError(f"there is no rule '{name}'", hint=f"did you mean {', '.join(near)}?" if near else "matcalc rules list")


def _row(book: Book, row: Rule) -> str:
    words = "" if row.words == row.name.replace("-", " ") else f"  {row.words}\n"
    found = f"{row.name} ({row.group})\n{words}  {row.equation}\n  where {row.where}\n  source: {book.source(row)}"
    return found + (f"\n  disabled: {row.disabled}" if row.disabled else "")


def _formulas(name: str) -> Iterator[str]:
    called = composites.composite(name)
    for text, where, source in composites.ROWS:
        if called is not None and text.startswith(f"{called}("):
            yield f"{called} (function)\n  {text}\n  where {where}\n  source: {source}"
