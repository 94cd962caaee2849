"""The sign of a product, in this notation or in NumPy's."""

from __future__ import annotations

from matcalc.notation.lex.syntax import Ast
from matcalc.notation.meaning import broadcasting, operations
from matcalc.notation.meaning.tape import Scope


def product(scope: Scope, op: str, left: int, right: int, at: Ast) -> int:
    """What a product sign means for these kinds."""
    if op[:2] == "np":
        return broadcasting.product(scope, op, left, right, at)
    return operations.product(scope, op, left, right, at)
