"""Functions of each entry by others: what the rows of the rules write in place of an operator of one argument."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from matcalc.algebra.rule import Book, Rule
from matcalc.expr.table import CALLS

GROUPS = ("identity", "rewrite", "stable")  # in which equations have a function of one variable on one side
_CALL = re.compile(r"(\w+)\((\w+)\)")


def written_out(book: Book) -> Mapping[str, tuple[Rule, ...]]:
    """Rows ``f(x) = …`` by their operator, the first of the groups first; what stands the other way round is turned."""
    found: dict[str, tuple[Rule, ...]] = {}
    for row in (row for group in GROUPS for row in book.groups[group]):
        left, _, right = row.equation.partition(" = ")
        for one in (left, right):
            call = _CALL.fullmatch(one)
            if call is None or row.disabled or set(row.variables) != {call[2]}:
                continue
            for op in CALLS.get(call[1], ()):
                if op.elementwise:
                    found[op.name] = (*found.get(op.name, ()), row if one is left else turned(row))
    return found


def turned(row: Rule) -> Rule:
    """The row from right to left."""
    left, _, right = row.equation.partition(" = ")
    return replace(row, equation=f"{right} = {left}")


def formula_of(book: Book, op: str, variable: str = "z") -> str | None:
    """The formula of an operator of one entry, in plain notation; none where no row has one."""
    for row in written_out(book).get(op, ()):
        call, _, formula = row.equation.partition(" = ")
        return re.sub(rf"\b{call[call.index('(') + 1 : -1]}\b", variable, _by_entry(formula))
    return None


def _by_entry(text: str) -> str:
    """Operators on entries as those on one number."""
    return text.replace(" .* ", "*").replace(" ./ ", "/").replace(".^", "^")
