"""Which words of a text are functions, and which are values."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from matcalc.expr.formulas import composite
from matcalc.expr.table import CALLS, SYNONYMS
from matcalc.notation.lex.habits import FUNCTION_LETTERS
from matcalc.notation.lex.letters import is_letter

BUILDERS = frozenset(str.split("""
    commutation convmatrix hankel svdvals unvec fill inner vector ones
    zeros eye einsum matrix vcat hcat unit padrows padcols blkdiag cross crossmatrix
"""))  # fmt: skip


class Words(NamedTuple):
    """What is known of the words of a statement."""

    values: Collection[str]
    functions: Collection[str]  # those that are declared, and those that the text defines
    latex: bool = False

    def is_function(self, name: str, adjacent: bool) -> bool:
        """Whether a name before a bracket is a function; ``adjacent``: no blank stands between them."""
        if name in self.values:
            return False
        if name in self.functions or name in CALLS or name in SYNONYMS or name in BUILDERS:
            return True
        if composite(name) is not None and len(name) > 1:
            return True
        return name in FUNCTION_LETTERS or (len(name) > 1 and adjacent and not self.latex and not is_letter(name))
