"""The rows of the table :mod:`matcalc.expr.formulas`, read: functions that are formulas in the tool's own notation."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from matcalc.expr.formulas import ROWS

_ROW = re.compile(r"(?P<name>\w+)\((?P<head>[^)]*)\) = (?P<body>.*)")
_PLACE = re.compile(r"(\w+)(?:\[([^\]]*)\])?")
EACH = "each"  # the kind of a parameter that stands for each entry


class Composite(NamedTuple):
    """A row, read."""

    name: str
    head: tuple[str, ...]  # parameters, and keywords that must stand there: ``axis=0``
    parameters: tuple[tuple[str, str, tuple[str, ...]], ...]  # name, kind and sizes
    body: str
    source: str

    @property
    def entries(self) -> bool:
        """Whether it acts on each entry."""
        return all(kind == EACH for _, kind, _ in self.parameters)

    @property
    def call(self) -> str:
        return f"{self.name}({', '.join(self.head)})"


@lru_cache(maxsize=1)
def table() -> dict[str, tuple[Composite, ...]]:
    """The rows by name."""
    out: dict[str, tuple[Composite, ...]] = {}
    for text, where, source in ROWS:
        m = _ROW.fullmatch(text)
        assert m is not None, text
        head = tuple(a.strip() for a in m["head"].split(","))
        parameters = tuple([(p[1], EACH, ()) if p[2] is None else (p[1], *_kind(p[2])) for p in _PLACE.finditer(where)])
        row = Composite(m["name"], head, parameters, m["body"], source)
        out[row.name] = (*out.get(row.name, ()), row)
    return out


def _kind(sizes: str) -> tuple[str, tuple[str, ...]]:
    parts = tuple(s.strip() for s in sizes.split(",") if s.strip())
    if len(parts) == 2 and parts[0] == "1":
        return "r", parts[1:]
    return "scm"[len(parts)], parts
