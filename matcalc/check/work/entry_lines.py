r"""Lines that speak of entries, ``\frac{\partial s}{\partial W_{ij}} = \delta_i x_j``: all entries at once, each letter an axis."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np

from matcalc.check.work.derivative_signs import DIFFERENTIAL, Marked, Sign, in_braces, indexed
from matcalc.check.work.findings import LAYOUT, Asked, Finding, judged_text
from matcalc.check.work.work_names import Reader
from matcalc.check.work.world import Values, World, derivative, evaluated, named
from matcalc.expr.dims import Dim
from matcalc.expr.errors import ParseError
from matcalc.expr.nodes import Expr, eye, ones, shape_of, variable_type
from matcalc.numeric import evaluation

EACH = "qqeach"  # the array of all entries
ONES, UNIT = "qqones", "qqunit"  # with a letter behind: a column of ones, and the identity matrix, as long as its axis
_KRONECKER = re.compile(r"(?:\\delta|δ|(?<![A-Za-z\\])delta)_(?:\{\s*([a-z])\s*,?\s*([a-z])\s*\}|([a-z])([a-z])(?!\w))")


class Entries(NamedTuple):
    """What a line speaks of: ∂z_i/∂W_ij is the derivative of z by W at the places i and i, j. Of a value, ``by`` is None."""

    of: Expr
    by: Expr | None
    places: tuple[str, ...]  # a letter for each axis: those of the value, and those of the variable

    @property
    def letters(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.places))

    @property
    def sizes(self) -> Mapping[str, Dim]:
        """How long the axis of each letter is."""
        axes = (*shape_of(self.of.type), *(shape_of(self.by.type) if self.by is not None else ()))
        return dict(zip(self.places, axes, strict=True))

    def true(self, world: World) -> list[Values]:
        """All entries, at each point."""
        whole = evaluated(world, self.of, {}) if self.by is None else derivative(world, self.of, self.by)
        places, letters = [*map(self.letters.index, self.places)], [*range(len(self.letters))]
        type = variable_type(tuple(self.sizes[i] for i in self.letters))
        found = [np.einsum(evaluation.to_public(x, whole.type), places, letters) for x in whole.at]
        return [Values(type, tuple(evaluation.to_internal(x, type) for x in found))]

    def world(self, world: World) -> World:
        """With ones and an identity for each letter, so that what holds for each i is an array with an axis for it."""
        more = {}
        for i, d in self.sizes.items():
            more[f"{ONES}{i}"] = evaluated(world, ones(variable_type((d,))), {})
            more[f"{UNIT}{i}"] = evaluated(world, eye(d), {})
        return world._replace(names={**world.names, **more})

    def text(self, found: Marked) -> Marked:
        """A formula for one entry as one for all, in LaTeX, which has braces for indices: with an axis for each letter, and
        Kronecker's δ_ij as the identity."""
        letters = self.letters
        body = _KRONECKER.sub(lambda m: _unit(m, letters), found.text if found.latex else in_braces(found.text))
        absent = [i for i in letters if not re.search(rf"_\{{?[a-z,\s]*{i}", body)]
        factors = "".join(rf" \mathrm{{{ONES}{i}}}_{{{i}}}" for i in absent)
        body = f"({body}){factors}" if absent else body
        return found._replace(text=rf"\mathrm{{{EACH}}}_{{{''.join(letters)}}} = {body}", latex=True)


def _unit(m: re.Match[str], letters: Collection[str]) -> str:
    i, j = m[1] or m[3], m[2] or m[4]
    known = next((x for x in (i, j) if x in letters), None)
    return m[0] if known is None else rf"\mathrm{{{UNIT}{known}}}_{{{i}{j}}}"


def free_letters(world: World, left: Marked, defined: Collection[str]) -> frozenset[str]:
    """The indices of what a line speaks of, ∂s/∂W_ij, where W_ij is no name by itself."""
    sign = left.alone
    names = (sign.of, sign.by) if sign is not None else () if left.signs else (left.text.strip(),)
    return frozenset("".join(_split(world, name, defined)[1] for name in names))


def is_entry(world: World, name: str) -> bool:
    """Whether a name is that of an entry of what is known: z_i."""
    return bool(_split(world, name)[1])


def _split(world: World, name: str, defined: Collection[str] = ()) -> tuple[str, str]:
    """The array and the indices of the name of an entry; all of it where it is a name by itself."""
    base, letters = indexed(name)
    known = {*world.types, *world.formulas, *(n for n, _ in world.problem.definitions), *map(named, defined)}
    return (base, letters) if letters and named(name) not in known and named(base) in known else (name, "")


def entries_of(world: World, reader: Reader, sign: Sign) -> Entries | None:
    """What the sign of a derivative speaks of, where it is an entry."""
    (of, i), (by, j) = _split(world, sign.of), _split(world, sign.by)
    if not i + j or sign.kind == DIFFERENTIAL:
        return None
    value, variable = reader.of(world, sign._replace(of=of)), reader.by(world, sign._replace(by=by))
    axes = [len(shape_of(e.type)) for e in (value, variable) if e is not None]
    if axes != [len(i), len(j)]:
        raise ParseError(f"'{sign.of}' and '{sign.by}' are to have an index for each axis")
    return Entries(value, variable, (*i, *j))


def value_of(world: World, reader: Reader, name: str) -> Entries | None:
    """What a name speaks of, y_i, where it is an entry of a value of the problem."""
    base, letters = _split(world, name)
    if not letters:
        return None
    value = reader.of(world, Sign("", base, "", ""))
    return Entries(value, None, tuple(letters)) if len(shape_of(value.type)) == len(letters) else None


def of_entries(world: World, reader: Reader, entries: Entries, one: Marked) -> Finding:
    """What is true of a formula for one entry: it is judged for all."""
    world = entries.world(world)
    found = judged_text(Asked(world, entries.true), entries.text(one), reader.slopes(world, one))
    if found.verdict == LAYOUT:
        return Finding("transpose", f"the indices {' and '.join(entries.letters)} are exchanged")
    return found


__all__ = ["Entries", "entries_of", "free_letters", "is_entry", "of_entries", "value_of"]
