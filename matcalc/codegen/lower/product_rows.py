"""Rows about products and sums of functions of one variable, found among the factors and terms of what code computes.

``exp(X) .* sigmoid(-X) = sigmoid(X)`` fits whatever other factors there are, in any order and to any power.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from matcalc.algebra.rule import Rule
from matcalc.codegen.ir.graph import ONE, Node, Powers, Ref, opened
from matcalc.codegen.ir.values import Values
from matcalc.codegen.lower.stable_forms import stable_rows
from matcalc.expr.errors import UsageError
from matcalc.expr.nodes import Expr, is_one, postorder
from matcalc.expr.table import TABLE

SIGNED = frozenset(("sigmoid", "softplus"))  # the attribute of these nodes is the sign of their argument
SIGN_OF_SECOND = {"hadamard": 1, "hdiv": -1, "sub": -1}  # the operators that are looked for: what stands with the other part
Value = tuple[Node, int]  # of the variable of a row: a node, and a sign


class Row(NamedTuple):
    """The left side as factors with the signs of their exponents, or as terms with their signs; the right side."""

    parts: tuple[tuple[Expr, int], ...]
    right: Expr


@lru_cache(maxsize=256)
def _rows(head: str, names: frozenset[str]) -> tuple[Row, ...]:
    """Rows with this operator on their left, and no functions but those; others are not even read. Raises ``UsageError`` for a
    row of rules/stable.py that would never be found."""
    rows = [(row, row_of(row)) for row in stable_rows(head, names)]
    unused = next((row for row, found in rows if found is None and row.group == "stable"), None)
    if unused is not None:
        raise UsageError(
            f"rule {unused.name}: code never finds '{unused.equation}'",
            hint="a stable product or quotient has functions of one variable on its left, a difference is 1 - f(X); "
            "on the right is one function of X or -X",
        )
    return tuple([found for _, found in rows if found is not None])


def row_of(rule: Rule) -> Row | None:
    """The row as it is looked for; None where it cannot be."""
    left, right = rule.sides
    if left.op not in SIGN_OF_SECOND:
        return None
    parts = [(p, k) for p, k in zip(left.args, (1, SIGN_OF_SECOND[left.op]), strict=True) if not _is_one(p)]
    one_function = len(right.args) == 1 and (right.args[0].op == "sym" or right.args[0].op == "neg")
    difference = left.op != "sub" or [k for _, k in parts] == [-1]
    one_variable = len({n for n in postorder((left,)) if n.op == "sym"}) == 1
    found = one_function and difference and one_variable and all(_is_pattern(p) for p, _ in parts)
    return Row(tuple(parts), right) if found else None


def _is_pattern(e: Expr) -> bool:
    """Whether :func:`_fitted` can find it: functions, signs and 1 + … around the variable."""
    while e.op != "sym":
        if e.op == "add" and _is_one(e.args[0]):
            e = e.args[1]
        elif e.op == "neg" or (TABLE[e.op].elementwise and len(e.args) == 1):
            e = e.args[0]
        else:
            return False
    return True


def _is_one(e: Expr) -> bool:
    return e.op == "fill" and is_one(e.args[0])


def folded(algebra: Values, powers: Powers) -> None:
    """Right sides of rows in place of left ones in an entrywise product; ``powers`` is changed."""
    for head in ("hdiv", "hadamard"):
        names = frozenset([n.op for r in powers for n in (r.node, *(r.node.args if r.node.op == "lin" else ()))])
        for row in _rows(head, names):
            (first, sign), *others = row.parts
            op = "lin" if first.op == "add" else first.op
            for r in [r for r, e in powers.items() if r.node.op == op and e * sign > 0]:
                x = _fitted(algebra, first, r.node)
                factors = [(r, sign), *((_factor(algebra, powers, p, k, x, r.flip), k) for p, k in others)]
                if x is not None and all(f for f, _ in factors):
                    _exchange(powers, [(f, k) for f, k in factors if f], Ref(_made(algebra, row.right, x), r.flip))


def _exchange(powers: Powers, factors: Sequence[tuple[Ref, int]], new: Ref) -> None:
    count = min(powers[f] * k for f, k in factors)
    for f, k in (*factors, (new, -1)):
        multiply(powers, f, -k * count)


def _factor(algebra: Values, powers: Powers, pattern: Expr, k: int, x: Value | None, flip: bool) -> Ref | None:
    """The factor that the pattern is, for this value of its variable."""
    near = (r for r, e in powers.items() if e * k > 0 and r.flip == flip)
    return next((r for r in near if _fitted(algebra, pattern, r.node) == x), None)


def complement(algebra: Values, node: Node) -> Node | None:
    """1 - f(z) as a function of its own."""
    rows = _rows("sub", frozenset((node.op,)))
    fitting = ((x, row) for row in rows if (x := _fitted(algebra, row.parts[0][0], node)) is not None)
    return next((_made(algebra, row.right, x) for x, row in fitting), None)


def _fitted(algebra: Values, pattern: Expr, node: Node) -> Value | None:
    """What the variable of the pattern is where the pattern is this node."""
    if pattern.op == "sym":
        return signed(algebra, node)
    if pattern.op == "neg":
        found = _fitted(algebra, pattern.args[0], node)
        return found and (found[0], -found[1])
    if pattern.op == "add":
        other = _one_plus(node) if _is_one(pattern.args[0]) else None
        return None if other is None else _fitted(algebra, pattern.args[1], other)
    if pattern.op != node.op or (node.attr is not None and node.op not in SIGNED):
        return None
    found = _fitted(algebra, pattern.args[0], node.args[0])
    return found and (found[0], found[1] * node.attr) if node.op in SIGNED else found


def _one_plus(node: Node) -> Node | None:
    """y, where the node is 1 + y."""
    if node.op != "lin" or len(node.args) != 2 or node.attr != ((ONE, ONE), 0):
        return None
    a, b = node.args if node.args[0].op == "num" else node.args[::-1]
    return b if a.op == "num" and a.attr == 1 else None


def _made(algebra: Values, right: Expr, x: Value) -> Node:
    """The right side, a function of the variable or of its negative."""
    base, sign = x
    sign = -sign if right.args[0].op == "neg" else sign
    if right.op in SIGNED:
        return algebra.graph.make(right.op, (base,), sign, base.shape)
    v = opened(base)
    return algebra.graph.make(right.op, (algebra.node(v._replace(coef=sign * v.coef)),), None, base.shape)


def signed(algebra: Values, node: Node) -> Value:
    """(z, -1) for a node that is -z, else (node, 1)."""
    if node.op == "num" and node.attr < 0:
        return algebra.graph.make("num", attr=-node.attr), -1
    if node.op != "term" or node.attr[0] > 0:
        return node, 1
    v = opened(node)
    return algebra.node(v._replace(coef=-v.coef)), -1


def multiply(powers: Powers, r: Ref, e: Fraction) -> None:
    total = powers.get(r, Fraction(0)) + e
    if total:
        powers[r] = total
    else:
        powers.pop(r, None)
