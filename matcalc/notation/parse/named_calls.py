"""Calls that a library or a field has a form of its own for, in the terms of the syntax tree."""

from __future__ import annotations

from matcalc.expr.formulas import ENTRYWISE, composite
from matcalc.expr.table import CALLS, SYNONYMS
from matcalc.notation.lex.syntax import Ast
from matcalc.notation.parse.cursor import Cursor

REDUCERS = frozenset(("sum", "prod", "mean", "maximum", "minimum", "max", "min"))


def settled_call(p: Cursor, node: Ast) -> Ast:
    """The call as it stands, or what it is another form of."""
    name, first = node.value[0], node.args[0]
    if len(node.args) == 2 and name in REDUCERS and first.kind == "name" and _is_entrywise(p, first.value):
        inner = node._replace(args=node.args[1:], value=(f"{first.value}.", 0))
        return node._replace(args=(inner,))  # sum(abs2, x) of Julia
    if name == "diag" and len(node.args) > 1 and all(a.kind not in ("keyword", "num", "neg", "string") for a in node.args):
        return node._replace(value=("blkdiag", 0))
    return node


def _is_entrywise(p: Cursor, word: str) -> bool:
    """Whether the word is a function of each entry, and no value."""
    if p.latex or word in p.values:
        return False
    operators = CALLS.get(SYNONYMS.get(word, word), ())
    return any(op.elementwise for op in operators) or composite(word) in ENTRYWISE


__all__ = ["settled_call"]
