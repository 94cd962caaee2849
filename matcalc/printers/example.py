"""An example in which two values differ, as rows of a label and a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Protocol

DIGITS = (6, 10, 17)  # as many as tell both sides apart


class Array(Protocol):
    """An array, or a number of one."""

    @property
    def ndim(self) -> int: ...
    def __iter__(self) -> Iterator[Array]: ...
    def __float__(self) -> float: ...
    def __getitem__(self, place: tuple[int, ...], /) -> Array: ...


class Differing(Protocol):
    """Values of the variables and of two sides that differ there."""

    @property
    def values(self) -> Mapping[str, Array]: ...
    @property
    def left(self) -> Array: ...
    @property
    def right(self) -> Array: ...
    @property
    def entry(self) -> tuple[int, ...]: ...
    @property
    def ratio(self) -> float | None: ...
    @property
    def sampled(self) -> Sequence[str]: ...
    @property
    def factor(self) -> Fraction | str | None: ...
    @property
    def offset(self) -> Fraction | str | None: ...
    @property
    def turned(self) -> bool: ...


def where(found: Differing, sides: tuple[str, str] = ("left", "right")) -> list[tuple[str, str]]:
    """The values of the variables and of both sides, by what they are called, and what one side is of the other."""
    rows = [("where" if not i else "", f"{name} = {shown(x)}") for i, (name, x) in enumerate(found.values.items())]
    one, two = (float(x[found.entry]) for x in (found.left, found.right))
    digits = next((n for n in DIGITS if f"{one:.{n}g}" != f"{two:.{n}g}"), DIGITS[-1])
    if found.sampled:
        rows += [("", f"{' and '.join(found.sampled)}: any function, here a sample")]
    rows += [(name, shown(x, digits)) for name, x in zip(sides, (found.left, found.right), strict=True)]
    if found.entry:
        place = ",".join(str(i + 1) for i in found.entry)
        rows += [("entry", f"[{place}]: {one:.{digits}g} and {two:.{digits}g}")]
    if found.ratio is not None and found.offset is None:  # of two that differ by a number it means nothing
        rows += [("ratio", f"{found.ratio:.{digits}g} ({'/'.join(sides)})")]
    if found.factor is not None:
        rows += [("factor", f"left = {found.factor} right, whatever the values are")]
    if found.offset is not None:
        sign, number = ("-", str(found.offset)[1:]) if str(found.offset).startswith("-") else ("+", str(found.offset))
        rows += [("difference", f"left = right {sign} {number}, whatever the values are")]
    if found.turned:
        rows += [("transpose", "left = right^T, whatever the values are")]
    return rows


def shown(x: Array, digits: int = DIGITS[0]) -> str:
    """An array as nested lists."""
    return f"{float(x):.{digits}g}" if not x.ndim else f"[{', '.join(shown(row, digits) for row in x)}]"
