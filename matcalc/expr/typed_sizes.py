"""Sizes as they are typed: ``n,m``, ``(n, m)``, ``3x3``."""

from __future__ import annotations

import re
from math import prod

from matcalc.expr.errors import UsageError

_CROSSED = re.compile(r"(?:\d+|[^\W\d_])(?:[xX](?:\d+|[^\W\d_]))+\Z")  # 3x3, nxm
_PRODUCT = re.compile(r"\w+(?:\*\w+)+\Z")  # 3*3, n*m


def axes(text: str) -> tuple[str, ...]:
    """The sizes in ``n,m``, ``(n, m)``, ``n×m`` and ``3x3``; in words an x is a letter. A product alone is a ``UsageError``."""
    parts = re.split(r"[,\s×]+", text.strip().strip("()[]"))
    if len(parts) == 1 and _PRODUCT.match(parts[0]):
        sizes = parts[0].split("*")
        one = str(prod(map(int, sizes))) if all(map(str.isdecimal, sizes)) else f"{parts[0]},1"
        raise UsageError(f"'{parts[0]}' has two readings: {len(sizes)} sizes, or their product as one size",
                         hint=f"write {','.join(sizes)} or {one}")  # fmt: skip
    return tuple(a for part in parts for a in (re.split("[xX]", part) if _CROSSED.match(part) else (part,)) if a)
