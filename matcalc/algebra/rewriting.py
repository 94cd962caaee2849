"""Rows used as rewrites: the first whose left side an expression is, and the right side in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from matcalc.algebra.match import Bound, Unfit, instantiate, matches, same_sizes, without_stand_ins
from matcalc.algebra.rule import Rule
from matcalc.expr.nodes import Expr, postorder, substitute

PICKING = {"one-hot": "one-hot-columns", "one-hot-columns": "one-hot"}  # properties that nothing but a declaration gives, turned


class Use(NamedTuple):
    """One use of a row."""

    row: Rule
    left: Expr
    right: Expr


def rewritten(rows: Iterable[Rule], node: Expr, properties: Mapping[str, frozenset[str]] | None = None) -> tuple[Rule, Expr] | None:
    """The first row that fits, and what the expression becomes by it. Where properties are given, what the row calls one-hot is."""
    for row, bound in fitting(rows, node, properties):
        with suppress(Unfit):  # log det(x'Ax): a determinant, and of no matrix
            return row, instantiate(row.sides[1], without_stand_ins(bound), None)
    return None


def fitting(
    rows: Iterable[Rule], node: Expr, properties: Mapping[str, frozenset[str]] | None = None
) -> Iterator[tuple[Rule, dict[Expr, Expr]]]:
    """The rows whose left side the expression is, and what their variables are there."""
    for row in rows:
        if not row.disabled and row.sides[0].op == node.op:
            for bound in matches(row.sides[0], node):
                if same_sizes(bound) and (properties is None or _picks(row, bound, properties)):
                    yield row, bound


def _picks(row: Rule, bound: Bound, properties: Mapping[str, frozenset[str]]) -> bool:
    asked = [(v, what) for v in bound if str(v.attr) in row.variables for what in row.variables[str(v.attr)][1] & PICKING.keys()]
    return all(_is_one_hot(bound[v], "one-hot-columns" if v.type.kind == "c" else what, properties) for v, what in asked)


def _is_one_hot(e: Expr, what: str, properties: Mapping[str, frozenset[str]]) -> bool:
    """Whether each row, or column, is one-hot. Of a vector the property is that it is, as a whole."""
    if e.op == "T":
        return _is_one_hot(e.args[0], PICKING[what], properties)
    if e.op == "unit":
        return what == "one-hot-columns"
    if e.op != "sym" or (e.type.kind != "m" and what != {"c": "one-hot-columns", "r": "one-hot"}.get(e.type.kind)):
        return False
    return (what if e.type.kind == "m" else "one-hot") in properties.get(str(e.attr), ())


def taken_inside(
    rows: Sequence[Rule], node: Expr, properties: Mapping[str, frozenset[str]], better: Callable[[Expr], Sequence[Use] | None]
) -> list[Use] | None:
    """The uses by which log(S f(x)) is log(f(S x)), or else log(S x) is S log(x), and those that ``better`` has for that logarithm;
    None where it knows nothing better."""
    within = postorder(node.args)
    moved = [Use(found[0], n, found[1]) for n in within if n.op != node.op and (found := rewritten(rows, n, properties))]
    if moved and (inner := better(carried_out(node, moved))) is not None:
        return [*moved, *inner]
    for row in rows:
        found = rewritten((row,), node, properties)
        if found is None:
            continue
        for log in (n for n in postorder((found[1],)) if n.op == node.op and n not in set(within)):
            inner = better(log)
            inner = taken_inside(rows, log, properties, better) if inner is None else inner
            if inner is not None:
                return [Use(row, node, found[1]), *inner]
    return None


def carried_out(e: Expr, uses: Iterable[Use]) -> Expr:
    """The expression after these uses, one after the other."""
    for use in uses:
        e = substitute((e,), {use.left: use.right})[0]
    return e
