"""Functions of each entry by others: the formula that a rewrite rule or a stable form holds of an operator."""

from __future__ import annotations

import re

from matcalc.algebra.rule import Book
from matcalc.expr.table import TABLE


def formula_of(book: Book, op: str, variable: str = "z") -> str | None:
    """The formula of an operator of one entry, in plain notation; none where no row has one."""
    called = re.compile(rf"{re.escape(TABLE[op].plain)}\((\w+)\)")
    for row in (*book.groups["rewrite"], *book.groups["stable"]):
        if row.disabled or len(row.variables) != 1:
            continue
        left, _, right = row.equation.partition(" = ")
        for side, other in ((left, right), (right, left)):
            m = called.fullmatch(side)
            if m is not None and m[1] in row.variables:
                return re.sub(rf"\b{m[1]}\b", variable, _by_entry(other))
    return None


def _by_entry(text: str) -> str:
    """Operators on entries as those on one number."""
    return text.replace(" .* ", "*").replace(" ./ ", "/").replace(".^", "^")
