"""What each line of the NumPy code costs: operations, and bytes that are read and written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from matcalc.codegen.ir.graph import Node
from matcalc.codegen.products.calling import task_of
from matcalc.codegen.products.counting import cost, entries
from matcalc.codegen.targets import dask_target
from matcalc.codegen.targets.numpy_target import written
from matcalc.expr import dims
from matcalc.expr.dims import Dim, add, mul
from matcalc.expr.nodes import reached

DOUBLE = 8  # bytes of a number
Row = tuple[str, Dim, Dim]


def rows_of(derivation: Any, value: bool = True) -> list[Row]:
    """(line, operations, bytes); the last one is what is returned. A line with no array of its own stands with the next one."""
    made = written(task_of(derivation, None, value))
    body, named = made.body, set(made.body.made.values())
    rows = [_row(line, [body.made[i]] if i in body.made else [], named) for i, line in enumerate(body.lines)]
    return [*rows, _row(f"return {', '.join(made.returned)}", [r for r in made.roots if r not in named], named)]


def _row(line: str, ends: Sequence[Node], named: set[Node]) -> Row:
    """Of the arrays that a line makes, those inside it included."""
    inside = reached(ends, lambda node: [a for a in node.args if a not in named])  # those of no names of their own, and these
    flops, moved = _sum(cost(n) for n in inside), [n for n in inside if n in ends]
    read = dict.fromkeys(a for n in inside for a in n.args if a in named or a.op == "sym")
    return line, flops, mul(DOUBLE, _sum(entries(n.shape) for n in [*read, *moved]))


def _sum(amounts: Iterable[Dim]) -> Dim:
    total: Dim = 0
    for amount in amounts:
        total = add(total, amount)
    return total


def total(rows: Sequence[Row]) -> tuple[Dim, Dim]:
    """Operations and bytes of all lines."""
    return _sum(r[1] for r in rows), _sum(r[2] for r in rows)


def sent(derivation: Any, value: bool = True) -> tuple[str, str, str]:
    """What a call sends between the machines of a cluster: the size that comes in blocks, bytes to each block, bytes from each."""
    size, given, back = dask_target.round_of(task_of(derivation, None, value))
    return str(size), dims.text(given, "*"), dims.text(back, "*")
