"""The laws of single operators: rows of rules/laws.py, found by the operator and by what stands inside it."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from matcalc.algebra.book import book
from matcalc.algebra.match import Unfit, instantiate, match
from matcalc.algebra.normal.terms import Linear, Normal, atom
from matcalc.algebra.rule import Rule
from matcalc.expr.groups import SUMS_ALONG
from matcalc.expr.nodes import Expr, postorder
from matcalc.expr.table import TABLE

PROVED = frozenset(("positive", "nonnegative"))  # conditions that the signs of operators can prove


class Law(NamedTuple):
    """A row, ready to be applied."""

    rule: Rule
    left: Expr
    right: Expr
    inside: str  # the operator of the first argument; empty where it can be any
    asked: tuple[tuple[Expr, str], ...]  # what must be known of a variable


@cache
def laws_of(op: str) -> tuple[Law, ...]:
    """The laws of an operator."""
    return tuple(map(_law, book().about("laws", op)))


def _law(row: Rule) -> Law:
    left, right = row.sides
    inner = left.args[0]
    anything = inner.op == "sym" or inner.type[0] == "r"  # a row stands for the transpose of a column, however it is written
    return Law(row, left, right, "" if anything else inner.op, tuple(_asked(row, left)))


def _asked(row: Rule, left: Expr) -> list[tuple[Expr, str]]:
    """Conditions that are not those under which the left side has a value."""
    given = {a for n in postorder((left,)) for a in n.args if n is not left and TABLE[n.op].domain}
    variables = [n for n in postorder((left,)) if n.op == "sym" and n not in given]
    return [(v, what) for v in variables for what in sorted(PROVED & row.variables[str(v.attr)][1])]


@cache
def _candidates(op: str, inside: str, kind: str) -> tuple[Law, ...]:
    """The laws of an operator that may be about what stands inside; rows have laws of their own."""
    turned = inside == "T" and kind != "m"
    return tuple([law for law in laws_of(op) if not law.inside or (law.inside == inside and not turned)])


def by_rows(n: Normal, e: Expr) -> Linear:
    """An operator on normal forms: what a law of it makes of it, or a factor of its own."""
    found = applied(e)
    n.others |= e.op == "prodothers"
    n.along |= e.op in SUMS_ALONG
    if found is None:
        return atom(e)
    n.note(found[0])
    return n.visit(found[1])


def applied(e: Expr) -> tuple[str, Expr] | None:
    """The first law that is about ``e``, by name, and what it makes of it; None where there is none."""
    if not e.args:
        return None
    first = e.args[0]
    for law in _candidates(e.op, first.op, first.type[0]):
        bound = match(law.left, e)
        if bound is None or not all(_is_known(bound[v], what) for v, what in law.asked):
            continue
        try:
            found = instantiate(law.right, bound, e.type)
        except Unfit:
            continue
        if found.type == e.type:
            return law.rule.name, found
    return None


def _is_known(e: Expr, what: str) -> bool:
    """Whether every entry is positive, or not negative, by its operator."""
    row = TABLE[(e.args[0] if e.op == "T" else e).op]
    return row.positive if what == "positive" else row.nonnegative
