"""Values with a size that is known to be 1: an n×1 matrix is a column, a 1×n matrix a row, and what has one entry a number.

Which of these a value is hangs on how it was written: ``A*x`` with an A of one row that nobody declared is a column with one
entry, and with A declared as 1×n, a row, it is a number. The sizes of an operator fit all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from matcalc.expr import dims
from matcalc.expr.table import TABLE, Type

Steps = tuple[str, ...]  # operators, one after the other


def meant(op: str, types: Sequence[Type]) -> tuple[str, tuple[int, ...], tuple[Steps, ...]] | None:
    """The operator that is meant where the kinds of its arguments do not fit, which argument comes first, and what is done to
    each before; none where no size of 1 helps. A size that is not known yet is taken to be none."""
    if op == "matmul":
        left, right = types
        one = [_has_one_entry(t) for t in types]
        if any(one) and dims.walk(left.cols) == dims.walk(right.rows) == 1:
            number = int(one[1])
            return "scale", (number, 1 - number), (("sum",), ())
    for found in sorted(product(*map(_routes, types)), key=lambda found: sum(len(steps) for _, steps in found)):
        if "".join(kind for kind, _ in found) in TABLE[op].alternatives:
            return op, tuple(range(len(types))), tuple([steps for _, steps in found])
    return None


def alike(types: Sequence[Type | None], kinds: str) -> list[Steps]:
    """What makes all blocks of a row or a column of the first of the ``kinds`` that one of them has and the sizes let the
    others have; nothing where there is no such kind. A block without a type is left as it is."""
    for kind in kinds:
        ways = [() if t is None else dict(_routes(t)).get(kind) for t in types]
        if any(t is not None and t.kind == kind for t in types) and None not in ways:
            return [way for way in ways if way is not None]
    return [()] * len(types)


def _routes(type: Type) -> Iterator[tuple[str, Steps]]:
    """The kinds that a value may have by its sizes, and how they are reached; its own at once."""
    kind, rows, cols = type
    yield kind, ()
    if kind == "m" and dims.walk(cols) == 1:
        yield "c", ("vec",)
    if kind == "m" and dims.walk(rows) == 1:
        yield "r", ("vec", "T")
    if kind in "cr" and _has_one_entry(type):
        yield "r" if kind == "c" else "c", ("T",)


def _has_one_entry(type: Type) -> bool:
    kind, rows, cols = type
    return kind in "crm" and dims.walk(rows) == dims.walk(cols) == 1
