"""Expressions in the forms that overflow, cancel or lose digits least: the rewrite and stable rows, carried out before lowering.

Rows about functions; those about products and sums are looked for in the canonical form of these (stable_products.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache, partial
from typing import NamedTuple

from matcalc.algebra.book import book
from matcalc.algebra.rewriting import Use, carried_out, rewritten, taken_inside
from matcalc.algebra.rule import Rule
from matcalc.expr.groups import SUMS
from matcalc.expr.nodes import Expr, fill, make, num, postorder, rebuild
from matcalc.expr.table import TABLE

SIGNED = "log-of-det"  # the row has log |det|; code says NaN where the determinant is negative (see operators.log)

_CALL = re.compile(r"([a-z]\w*)\(")
BUILDERS = frozenset(("fill", "ones", "vector"))


class _Named(NamedTuple):
    """A row with the functions on its left and on its right."""

    row: Rule
    left: frozenset[str]
    right: frozenset[str]


@cache
def _rows() -> tuple[_Named, ...]:
    rows = [row for row in (*book().groups["rewrite"], *book().groups["stable"]) if row.name != SIGNED]
    return tuple([_Named(row, *[frozenset(_CALL.findall(side)) for side in row.equation.split(" = ")]) for row in rows])


@lru_cache(maxsize=256)
def stable_rows(op: str, names: frozenset[str]) -> tuple[Rule, ...]:
    """The rows with this operator on their left and no functions there but those: to read all takes as long as to generate code."""
    return tuple([row for row, left, _ in _rows() if left <= names and row.sides[0].op == op])


def _names(ops: Iterable[str]) -> frozenset[str]:
    """The functions by their names in rows, with those that rows put in their place."""
    names = BUILDERS.union([TABLE[op].plain for op in ops])
    for _, left, right in _rows():
        names |= right if left <= names else frozenset()
    return names


def stable_forms(roots: Sequence[Expr], properties: Mapping[str, frozenset[str]]) -> tuple[Expr, ...]:
    """The roots with every function that a row is about in its stable form."""
    nodes, done = postorder(roots), dict[Expr, Expr]()
    ops = {e.op: len(e.args) for e in nodes}
    names = _names(ops)
    heads = {op for op, arity in ops.items() if arity == 1 and stable_rows(op, names)}
    if not heads:
        return tuple(roots)
    for e in nodes:
        args = tuple([_filled(done[a]) if e.op in SUMS else done[a] for a in e.args])
        new = e if args == e.args else rebuild(e, args)
        done[e] = (_log(new, names, properties) if new.op == "log" else _by_row(new, names)) if new.op in heads else new
    return tuple([done[r] for r in roots])


def _filled(e: Expr) -> Expr:
    """Ones as rows write them in sums."""
    return fill(num(1), e.type) if e.op == "ones" else e


def _by_row(e: Expr, names: frozenset[str]) -> Expr:
    found = rewritten(stable_rows(e.op, names), e)
    return e if found is None else found[1]


def _log(e: Expr, names: frozenset[str], properties: Mapping[str, frozenset[str]]) -> Expr:
    """By the rows, for the argument in its stable form; log(cx) = log(c) + log(x) for a number or size c, where log(x) has one.
    What picks entries picks them from the logarithms, where these have one."""
    x = _by_row(e.args[0], names)
    log = make("log", (x,))
    better = partial(_stable_log, names)
    uses = better(log) or taken_inside(book().groups["inward"], log, properties, better)
    form = carried_out(log, uses) if uses else _by_row(log, names)
    if form is not log or x.op not in ("scale", "div") or x.type.kind != "s":
        return form
    for c, rest in (x.args, x.args[::-1]) if x.op == "scale" else (x.args[::-1],):
        if c.op == "dim" or (c.op == "num" and c.attr > 0):
            inner = make("log", (rest,))
            form = _log(inner, names, properties)
            if form is not inner or rest.op == "det":
                return make("add" if x.op == "scale" else "sub", (form, make("log", (c,))))
    return log


def _stable_log(names: frozenset[str], log: Expr) -> list[Use] | None:
    """What a logarithm is where it has a form that is stable for all values."""
    better = make("log", (_by_row(log.args[0], names),))
    found = rewritten([row for row in stable_rows("log", names) if row.holds_always], better)
    return None if found is None else [Use(found[0], log, found[1])]
