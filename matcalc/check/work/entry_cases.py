"""Lines about entries that hold in one case only: beside the diagonal or on it, of the right class or of another one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from matcalc.check.work.entry_lines import Entries
from matcalc.check.work.findings import RIGHT, Finding, of_ratio
from matcalc.check.work.relations import ratio
from matcalc.check.work.world import Values, World
from matcalc.numeric import evaluation
from matcalc.numeric.evaluation import Array


class Only(NamedTuple):
    """Entries that are meant, at each point, and how that is said: ``i ≠ j``; ``named`` where the letter itself says so: f_y."""

    words: str
    at: tuple[Array, ...]
    named: bool = False


def in_one_case(world: World, entries: Entries, finding: Finding, told: bool) -> Finding:
    """What is found of a line that is wrong for all entries: right in the case that its words name (``told``), or only there."""
    got, want = finding.got, entries.true(world)[0]
    if got is None or any(x.shape != y.shape for x, y in zip(got.at, want.at, strict=True)):
        return finding
    for only in _cases(world, entries, want):
        left, right = (Values(v.type, tuple(np.where(m, x, 0) for m, x in zip(only.at, v.at, strict=True))) for v in (got, want))
        times = ratio(left, right)
        if times is None or not times.number:
            continue
        if times.number == 1 and (told or only.named):
            return Finding(RIGHT, f"equal, for {only.words}", got=got)
        if times.number == 1:
            return finding._replace(verdict="missing-term", relation=f"it holds only for {only.words}")
        if told or only.named:
            found = of_ratio(times)
            return finding._replace(verdict=found.verdict, relation=f"{found.relation}, for {only.words}")
    return finding


def _cases(world: World, entries: Entries, want: Values) -> Iterator[Only]:
    """Two letters of axes of one length are different or the same; of a one-hot vector the entry is 0 or 1."""
    letters, sizes = entries.letters, entries.sizes
    if len(letters) == 2 and sizes[letters[0]] == sizes[letters[1]]:
        eye = tuple(np.eye(len(x), dtype=bool) for x in want.at)
        yield Only(f"{letters[0]} ≠ {letters[1]}", tuple(~m for m in eye))
        yield Only(f"{letters[0]} = {letters[1]}", eye)
    for name, s in world.problem.symbols.items():
        if len(letters) == 1 and s.type.kind == "c" and s.type.rows == sizes[letters[0]]:
            shown = [evaluation.to_internal(evaluation.to_public(p.value(s), s.type), want.type) for p in world.points]
            if all(np.isin(x, (0, 1)).all() for x in shown):
                yield Only(f"the entry where {name} is 1", tuple(x == 1 for x in shown), letters[0] == name)
                yield Only(f"entries where {name} is 0", tuple(x == 0 for x in shown))


__all__ = ["in_one_case"]
