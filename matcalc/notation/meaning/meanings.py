"""What the functions of the table :mod:`matcalc.expr.formulas` mean, as expressions in their parameters, for the reader."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from matcalc.expr.nodes import Expr, size_text, sym
from matcalc.expr.table import SCALAR, Type, parse_dim
from matcalc.notation.meaning.finish import finish
from matcalc.notation.meaning.formula_calls import bodies
from matcalc.notation.meaning.formula_rows import EACH, Composite
from matcalc.notation.meaning.tape import Scope
from matcalc.notation.meaning.typing import infer
from matcalc.notation.write.program import plain


class Meaning(NamedTuple):
    """What a function in use means, for the reader."""

    name: str
    head: tuple[str, ...]
    formula: Expr
    arguments: tuple[Expr, ...]  # those with sizes; none where it acts entry by entry
    source: str


@lru_cache(maxsize=256)
def meaning(row: Composite) -> Meaning:
    """The formula of a row as an expression in its parameters."""
    declared = {name: _type(kind, sizes) for name, kind, sizes in row.parameters}
    sizes = frozenset(s for _, _, own in row.parameters for s in own)
    scope = Scope(infer, row.body, declared, sizes, frozenset())
    for name, body in bodies(row):
        i = infer(scope, body)
        if name is not None:
            scope.values[name] = i
    sized = tuple([sym(name, declared[name]) for name, _, sizes in row.parameters if sizes])
    return Meaning(row.name, row.head, finish(scope, [("#", i)], "#").output, sized, row.source)


def sentence(row: Composite) -> str:
    """``mean(x) means sum(x)/n, for x [n×1]``."""
    found = meaning(row)
    return f"{row.call} means {plain(found.formula)}, {extent(found.arguments)}"


def extent(arguments: Sequence[Expr]) -> str:
    """For what arguments a formula holds, in words."""
    return "for " + ", ".join(f"{a.attr} {size_text(a.type)}" for a in arguments) if arguments else "entry by entry"


def _type(kind: str, sizes: tuple[str, ...]) -> Type:
    if kind in (EACH, "s"):
        return SCALAR
    parsed = [parse_dim(s) for s in sizes]
    return Type("r", 1, parsed[0]) if kind == "r" else Type(kind, parsed[0], parsed[1] if kind == "m" else 1)
