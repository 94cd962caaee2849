"""Arrays with one index too few, X_i: a row as a column, as a row, or a column. The one that fits is meant: no convention says."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import islice, product

from matcalc.expr.shapes import Type
from matcalc.notation.lex.syntax import Ast, walk

MOST = 9  # ways in which the arrays of one formula are read


def has_rows(body: Ast, types: Mapping[str, Type]) -> bool:
    return bool(_arrays(body, types))


def by_rows(body: Ast, types: Mapping[str, Type]) -> Iterator[Ast]:
    """The formula with X_i and X_{i.} written out, in each way; all rows lie or stand alike."""
    arrays = _arrays(body, types)
    if not arrays:
        return
    for columns in islice(product((False, True), repeat=len(arrays)), MOST - 1):
        yield _written(body, types, {a for a, is_column in zip(arrays, columns, strict=True) if is_column}, False)
    yield _written(body, types, (), True)


def _arrays(body: Ast, types: Mapping[str, Type]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n.args[0].value for n in walk(body) if _is_row(n, types)))


def _is_row(node: Ast, types: Mapping[str, Type]) -> bool:
    """X_i, X_{i.}: of a matrix, by a letter."""
    if node.kind != "index" or node.args[0].kind != "name" or node.args[0].value not in types:
        return False
    array, *places = node.args
    one = len(places) == 1 or (len(places) == 2 and places[1].value == ":")
    return types[array.value].kind == "m" and one and places[0].kind == "name" and places[0].value != ":"


def _written(body: Ast, types: Mapping[str, Type], columns: Collection[str], lying: bool) -> Ast:
    if _is_row(body, types):
        array, i = body.args[:2]
        rest = Ast("name", i.end, i.end, (), ":", "dot")
        whole = body._replace(args=(array, rest, i) if array.value in columns else (array, i, rest))
        return Ast("T", body.start, body.end, (whole,), "^") if lying else whole
    return body._replace(args=tuple(_written(a, types, columns, lying) if isinstance(a, Ast) else a for a in body.args))
