"""Statements of special form, made ready for typing; what reads them is imported only where there are any."""

from __future__ import annotations

from matcalc.notation.lex.syntax import Statement
from matcalc.notation.meaning.block_matrices import stacked_column
from matcalc.notation.meaning.tape import Scope
from matcalc.notation.meaning.typing import infer


def prepared(scope: Scope, statements: list[Statement]) -> list[Statement]:
    """Definitions by entries and chained equalities as statements like others, where there are any."""
    if scope.slices or any(s.letters for s in statements):
        from matcalc.notation.sums.entries import by_entries

        statements = [by_entries(scope, s) for s in statements]
    if any(s.others for s in statements):
        from matcalc.notation.sums.equalities import settled

        statements = settled(scope, statements)
    return statements


def value_of(scope: Scope, statement: Statement) -> int:
    """The value of a statement, on the tape."""
    if statement.letters:
        from matcalc.notation.sums.entries import read

        return read(scope, statement)
    index = stacked_column(scope, statement) if statement.body.kind == "blocks" else None
    index = infer(scope, statement.body) if index is None else index
    if statement.others and not statement.parameters:
        from matcalc.notation.sums.equalities import note_members

        note_members(scope, statement, index)
    return index
