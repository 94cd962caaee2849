"""A quick test for what could be zero everywhere: the value of an expression modulo a prime where every size is 1.

An expression that is zero for all sizes is zero for matrices with one entry, whose products commute; so a value that is not 0 says
that the expression is not zero everywhere. Functions that are not rational take any value of their argument. Whether a
0 is one at larger sizes is decided elsewhere (:mod:`matcalc.check.settled`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from zlib import crc32

from matcalc.expr.groups import ENTRY_POWERS, PRODUCTS, QUOTIENTS, WHOLE_POWERS
from matcalc.expr.nodes import Expr, postorder
from matcalc.expr.table import TABLE

P = 2305843009213691579

# Operators that give the one entry back; a test holds this table against the kernels.
_ALONE = (
    *("T", "tr", "sum", "vec", "unvec", "diagm", "diagv", "rowsum", "colsum", "fill", "prod", "det", "tril", "diagonalsums"),
    *("convmatrix", "hankel", "max", "min", "rowmax", "logsumexp", "logsumexpr", "eigmax", "eigvals"),
)


def _product(values: list[int]) -> int:
    total = 1
    for v in values:
        total = total * v % P
    return total


def _some(node: Expr, values: list[int]) -> int:
    """Any number that depends on the operator and its arguments alone."""
    return crc32(repr((node.op, node.attr, values)).encode()) + 1


def _power(node: Expr, values: list[int]) -> int:
    exponent = node.args[1]
    if exponent.op == "num" and exponent.attr.denominator == 1:
        k = int(exponent.attr)
        return pow(values[0], k, P) if k >= 0 or values[0] else 0
    return _some(node, values) if values[0] else 0


def _inverse(v: int) -> int:
    return pow(v, -1, P) if v else 0


def _exp(v: int) -> int:
    """Some function with exp(−v) = 1/exp(v)."""
    if not v:
        return 1
    return crc32(b"%d" % v) + 2 if 2 * v < P else _inverse(crc32(b"%d" % (P - v)) + 2)


def _through_exp(top: Callable[[int], int], bottom: Callable[[int], int]) -> Callable[[Expr, list[int]], int]:
    return lambda e, v: top(_exp(v[0])) * _inverse(bottom(_exp(v[0])) % P) % P


def _angle(v: int) -> int:
    """Some odd function: the tangent of half an angle."""
    return 0 if not v else crc32(b"%d" % v) + 1 if 2 * v < P else -crc32(b"%d" % (P - v)) - 1


def _through_angle(top: Callable[[int], int]) -> Callable[[Expr, list[int]], int]:
    return lambda e, v: top(_angle(v[0])) * _inverse((1 + _angle(v[0]) ** 2) % P) % P


VALUES: dict[str, Callable[[Expr, list[int]], int]] = {
    "num": lambda e, v: e.attr.numerator * pow(e.attr.denominator, -1, P) % P,
    **dict.fromkeys(("eye", "ones", "dim", "softmax", "softmaxr", "adj", "prodothers"), lambda e, v: 1),
    **dict.fromkeys(("zeros", "variance", "prodpairs", "logsoftmax", "logsoftmaxr"), lambda e, v: 0),
    "add": lambda e, v: (v[0] + v[1]) % P,
    "sub": lambda e, v: (v[0] - v[1]) % P,
    "neg": lambda e, v: -v[0] % P,
    **dict.fromkeys(("inv", "pinv"), lambda e, v: _inverse(v[0])),
    "sqnorm": lambda e, v: v[0] * v[0] % P,
    **dict.fromkeys(QUOTIENTS, lambda e, v: v[0] * _inverse(v[1]) % P),
    **dict.fromkeys(ENTRY_POWERS, _power),
    **dict.fromkeys(WHOLE_POWERS, lambda e, v: pow(v[0], e.attr, P) if e.attr >= 0 or v[0] else 0),
    "exp": lambda e, v: _exp(v[0]),
    "log": lambda e, v: _some(e, v) if v[0] != 1 else 0,
    "sigmoid": _through_exp(lambda x: x, lambda x: 1 + x),
    "tanh": _through_exp(lambda x: x * x - 1, lambda x: x * x + 1),
    "sinh": _through_exp(lambda x: x * x - 1, lambda x: 2 * x),
    "cosh": _through_exp(lambda x: x * x + 1, lambda x: 2 * x),
    "sin": _through_angle(lambda t: 2 * t),
    "cos": _through_angle(lambda t: 1 - t * t),
    **dict.fromkeys(_ALONE, lambda e, v: v[0]),
    **dict.fromkeys(PRODUCTS, lambda e, v: _product(v)),
}


# Functions of which only some relations are kept: that the value is not 0 says nothing.
_ANY_VALUE = frozenset(("exp", "log", "sigmoid", "tanh", "sinh", "cosh", "sin", "cos"))


def is_sure(nodes: Iterable[Expr]) -> bool:
    """Whether a value of these nodes that is not 0 says that the expression is not zero everywhere."""
    return all(n.op == "sym" or (n.op in VALUES and n.op not in _ANY_VALUE and _is_whole(n)) for n in nodes)


def _is_whole(n: Expr) -> bool:
    return VALUES[n.op] is not _power or (n.args[1].op == "num" and n.args[1].attr.denominator == 1)


def fingerprints(root: Expr) -> dict[Expr, int]:
    """The value of each node below ``root``."""
    done: dict[Expr, int] = {}
    for node in postorder((root,)):
        values = [done[a] for a in node.args]
        known = VALUES.get(node.op)
        if known is not None:
            done[node] = known(node, values)
        else:
            done[node] = 0 if TABLE[node.op].vanishes([not v for v in values]) else _some(node, values)
    return done
