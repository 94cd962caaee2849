"""Operators that a file of rules defines: rows whose left side is a function that nothing else knows.

With a differential row of its own such an operator stays whole in a derivation; without, its formula takes its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from matcalc.algebra.rule import Rule
from matcalc.expr.errors import UsageError
from matcalc.expr.nodes import Expr, names_in, sym
from matcalc.expr.own_operators import own_operator
from matcalc.expr.shapes import Op
from matcalc.notation.parse.cursor import Words
from matcalc.rules.row import R

_ROW = re.compile(r"\s*([A-Za-z]\w*)\(([^()]*)\)\s*=(?!=)(.*)", re.DOTALL)
NAME = re.compile(r"[A-Za-z][A-Za-z0-9]+\Z")
KNOWN = Words((), frozenset(("d", "vec", "f", "g")))


def defines(row: R) -> str:
    """The name of the operator that the row defines; empty where it is a rule about what is known."""
    m = _ROW.match(row.equation)
    return m[1] if m and not KNOWN.is_function(m[1], False) else ""


def operators(rows: Iterable[R]) -> Mapping[str, tuple[Op, ...]]:
    """What the rows define, in their order: each may use those before it. Raises ``UsageError``."""
    rows = tuple(rows)
    found: dict[str, tuple[Op, ...]] = {}
    for row in rows:
        if name := defines(row):
            whole = any(re.match(rf"\s*d\({name}\(", r.equation) for r in rows)
            found[name] = (*found.get(name, ()), _operator(row, name, whole, found))
    return found


def _operator(row: R, name: str, whole: bool, earlier: Mapping[str, tuple[Op, ...]]) -> Op:
    if not NAME.match(name):
        raise UsageError(f"rule {row.name}: '{name}' cannot be the name of an operator", hint="two letters or digits, or more")
    _, head, body = _ROW.match(row.equation).groups()  # type: ignore[union-attr]
    rule = Rule(row.name, body, row.where, row.cite, operators=earlier)
    given = {n: t for n, (t, _) in rule.variables.items()}
    names = [n.strip() for n in head.split(",")]
    if sorted(names) != sorted(given):
        raise UsageError(f"rule {row.name}: where is about {', '.join(given) or 'nothing'}, and {name} has {', '.join(names)}",
                         hint=f"give each its sizes: {' '.join(f'{n}[n,n]' for n in names)}")  # fmt: skip
    if any(not isinstance(d, str) and d != 1 for t in given.values() for d in t[1:]):
        raise UsageError(f"rule {row.name}: the sizes of what {name} takes are names", hint="X[m,n], x[n], x[1,n] or a[]")
    formula: Expr = rule.sides[0]
    if unknown := sorted(names_in(rule.sides) - given.keys()):
        raise UsageError(f"rule {row.name}: '{unknown[0]}' is nothing that {name} takes", hint="a formula of what it takes alone")
    own = own_operator(name, tuple(sym(n, given[n]) for n in names), formula, f"{row.equation}\n{row.where}", whole)
    return own.row


__all__ = ["defines", "operators"]
