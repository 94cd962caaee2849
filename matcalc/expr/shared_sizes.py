"""Sizes of names that stand in two texts, each of which leaves some open: what both together say of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from matcalc.expr.dims import Dim, Var, atoms, substitute, walk
from matcalc.expr.unification import Unifier

Sizes = Mapping[str, Sequence[Dim]]


def shared_sizes(left: Sizes, right: Sizes, declared: Collection[str] = ()) -> dict[str, tuple[Dim, ...]] | None:
    """Sizes that fit both, in the size names of ``left`` where these say it; none where there are none. ``declared`` size names
    stand for themselves."""
    unifier = Unifier()
    tables = [_unknowns(unifier, sizes, declared) for sizes in (left, right)]
    one, other = (
        {n: [substitute(d, t) for d in s] for n, s in sizes.items()} for sizes, t in zip((left, right), tables, strict=True)
    )
    for name in one.keys() & other.keys():
        if len(one[name]) != len(other[name]) or not all(map(unifier.unify, one[name], other[name])):
            return None
    names: dict[Dim, str] = {}
    for table in tables:
        for size, unknown in table.items():
            root = walk(unknown)
            if isinstance(root, Var) and root not in names:
                taken = {*names.values(), *declared}
                names[root] = next(n for n in (size, *(f"{size}{i}" for i in range(1, len(taken) + 2))) if n not in taken)
    for root, size in names.items():
        if isinstance(root, Var):
            root.ref = size
    return {name: tuple(map(walk, shape)) for name, shape in (other | one).items()}


def _unknowns(unifier: Unifier, sizes: Sizes, declared: Collection[str]) -> dict[str, Dim]:
    """An unknown for each size name of a text."""
    found = dict.fromkeys(str(a) for shape in sizes.values() for d in shape for a in atoms(d))
    return {name: unifier.fresh() for name in found if name not in declared}
