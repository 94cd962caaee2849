"""Entries, columns and runs of rows of an array, and what puts them back: operators whose attribute holds sizes.

Indices count from 1 and both ends of a range belong to it. Rows and runs of columns are those of the
transpose: X[i,:] is column i of X', and X[:,i:j] is (X'[i:j,:])'.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.nodes import Expr, make
from matcalc.expr.table import SCALAR, Type

# entry: (i,) · col: (j,) · rows: (first, last) · padrows: (first row, number of rows) · unit: (i,)
INDEXED = frozenset(("entry", "col", "rows", "padrows"))
PLACED = INDEXED | {"unit"}
TALL = frozenset(("svdvals", "svdleft", "svdright"))  # of a matrix with no more columns than rows
LIMITED = PLACED | TALL | {"corr", "hankel"}
Limit = tuple[Dim, Dim]  # the first is at most the second


def result(op: str, attr: tuple[Dim, ...], t: Type) -> Type:
    """The type of the operator on something of type ``t``. Raises ``KeyError`` where that is no column or matrix."""
    if t.kind not in {"entry": "c", "col": "m"}.get(op, "cm"):
        raise KeyError(t.kind)
    if op == "entry":
        return SCALAR
    if op == "col":
        return Type("c", t.rows, 1)
    return Type(t.kind, length(attr) if op == "rows" else attr[1], t.cols)


def length(attr: tuple[Dim, ...]) -> Dim:
    """How many rows a run from its first to its last row has."""
    first, last = attr
    return dims.add(dims.sub(last, first), 1)


def indexed(op: str, x: Expr, *attr: Dim) -> Expr:
    """The node ``op(x)`` with these indices."""
    return make(op, (x,), attr, result(op, attr, x.type))


def unit(n: Dim, i: Dim) -> Expr:
    """Column i of the identity (Petersen and Pedersen, 2012, sec. 9.7)."""
    return make("unit", (), (i,), Type("c", n, 1))


def placed(op: str, args: tuple[Expr, ...], attr: tuple[Dim, ...], t: Type) -> Expr:
    """One of these operators with another attribute; ``t`` is the type of a unit vector."""
    return indexed(op, args[0], *attr) if args else make(op, (), attr, t)


def renamed(attr: tuple[Dim, ...], sizes: Mapping[Any, Dim]) -> tuple[Dim, ...]:
    """The indices with sizes put in."""
    return tuple([dims.substitute(d, sizes) for d in attr])


def limits_of(op: str, attr: Any, own: Type, args: Sequence[Type]) -> Iterator[Limit]:
    """What must hold for the indices of an operator to be inside its array, and for a matrix to be tall, a vector to be long."""
    if op in TALL:
        yield args[0].cols, args[0].rows
        return
    if op in ("corr", "hankel"):
        yield args[1].rows if op == "corr" else own.cols, args[0].rows
        return
    first = attr[0]
    yield 1, first
    if op in ("unit", "entry"):
        yield first, own.rows if op == "unit" else args[0].rows
    elif op == "col":
        yield first, args[0].cols
    elif op == "rows":
        yield first, attr[1]
        yield attr[1], args[0].rows
    else:
        yield dims.add(first, args[0].rows), dims.add(attr[1], 1)


def _limits_of(node: Expr) -> Iterator[Limit]:
    return limits_of(node.op, node.attr, node.type, [a.type for a in node.args])


def limits(nodes: Iterable[Expr]) -> list[Limit]:
    """What the sizes must fulfil for the indices of all ``nodes``, as far as it is not plain."""
    found: dict[Limit, None] = {}
    for node in nodes:
        if node.op in LIMITED:
            found.update(dict.fromkeys(pair for pair in _limits_of(node) if dims.at_most(*pair) is not True))
    return list(found)
