"""Functions of each entry by simpler ones, for one number: σ(z) = 1/(1 + exp(-z)), as they stand in the rows of the rules; and the
operators that a user defines."""

from __future__ import annotations

from functools import lru_cache

from matcalc.algebra.book import book
from matcalc.algebra.written_out import formula_of
from matcalc.engine.derivation import Equation, Formula
from matcalc.expr import activations
from matcalc.expr.nodes import Expr, make, sym
from matcalc.expr.own_operators import Own
from matcalc.expr.table import SCALAR, TABLE
from matcalc.notation.meaning.readings import read_all
from matcalc.notation.meaning.resolve import resolve
from matcalc.notation.parse.statements import Names

VARIABLE = "z"


@lru_cache(maxsize=256)
def spelled_out(op: str) -> Equation | None:
    """The operator by simpler ones; None where no row says that."""
    if isinstance(op, Own):
        return Equation(Formula(make(op, op.parameters)), Formula(op.body))
    if not TABLE[op].elementwise:
        return None
    formula = formula_of(book(), op, VARIABLE)
    if not formula:
        return None
    z = sym(VARIABLE, SCALAR)
    return Equation(Formula(make(op, (z,))), Formula(_read(formula)))


def _read(formula: str) -> Expr:
    declared = {VARIABLE: SCALAR}
    return resolve(read_all(formula, (), Names(declared)), declared).output


@lru_cache(maxsize=256)
def cases(op: str) -> str:
    """The operator case by case, in words: ``1 for z > 0, 0 for z ≤ 0``; empty where no row says that."""
    rows = (row for row in activations.ROWS if row.name == op and row.arguments == (VARIABLE,))
    return "".join([row.cases.replace("<=", "≤") for row in rows])
