"""An example in which two values differ, as rows of a label and a text."""

from __future__ import annotations

from typing import Any

DIGITS = (6, 10, 17)  # as many as tell both sides apart


def where(found: Any, sides: tuple[str, str] = ("left", "right")) -> list[tuple[str, str]]:
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
    if found.ratio is not None:
        rows += [("ratio", f"{found.ratio:.{digits}g} ({'/'.join(sides)})")]
    if found.factor is not None:
        rows += [("factor", f"left = {found.factor} right, whatever the values are")]
    if found.offset is not None:
        sign = "-" if found.offset < 0 else "+"
        rows += [("difference", f"left = right {sign} {abs(found.offset)}, whatever the values are")]
    if found.turned:
        rows += [("transpose", "left = right^T, whatever the values are")]
    return rows


def shown(x: Any, digits: int = DIGITS[0]) -> str:
    """An array as nested lists."""
    return f"{float(x):.{digits}g}" if not x.ndim else f"[{', '.join(shown(row, digits) for row in x)}]"
