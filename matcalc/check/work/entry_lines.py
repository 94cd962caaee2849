r"""Lines that speak of entries, ``\frac{\partial s}{\partial W_{ij}} = \delta_i x_j``: all entries at once, each letter an axis."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from itertools import permutations
from typing import NamedTuple

import numpy as np

from matcalc.check.work.derivative_signs import DIFFERENTIAL, Marked, Sign, in_braces, indexed
from matcalc.check.work.findings import LAYOUT, RIGHT, Asked, Finding, judged_text
from matcalc.check.work.work_names import Reader
from matcalc.check.work.world import Values, World, derivative, evaluated, named
from matcalc.expr.dims import Dim
from matcalc.expr.errors import MatcalcError, ParseError
from matcalc.expr.nodes import Expr, eye, ones, shape_of, variable_type
from matcalc.notation.lex.habits import LABEL_INDEX
from matcalc.numeric import evaluation

FREE = "l"  # for a letter that may be a name
EACH = "qqeach"  # the array of all entries
ONES, UNIT = "qqones", "qqunit"  # with a letter behind: a column of ones, and the identity matrix, as long as its axis
_KRONECKER = re.compile(r"(?:\\delta|δ|(?<![A-Za-z\\])delta)_(?:\{\s*([a-z])\s*,?\s*([a-z])\s*\}|([a-z])([a-z])(?!\w))")
_ROW_BY_ROW = re.compile(
    r"(softmax\s*\}?\s*)\(\s*([A-Z])_\{?([a-z])\}?\s*\)_\{?([a-z])\}?(?!\w)"
)  # one entry of a function of a row
_PIECES = re.compile(r"\\begin\{cases\}(.*?)\\end\{cases\}", re.DOTALL)


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

    @property
    def whole(self) -> tuple[Expr, Expr] | None:
        """The derivative of a number of which all entries are meant, each by letters of its own."""
        alone = self.of.type.kind == "s" and len(self.letters) == len(self.places)
        return (self.of, self.by) if self.by is not None and alone else None

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
            (own,) = _renamed((i,))
            more[f"{ONES}{own}"] = evaluated(world, ones(variable_type((d,))), {})
            more[f"{UNIT}{own}"] = evaluated(world, eye(d), {})
        return world._replace(names={**world.names, **more})

    def text(self, found: Marked) -> Marked:
        """A formula for one entry as one for all, in LaTeX, which has braces for indices: with an axis for each letter, and
        Kronecker's δ_ij as the identity."""
        letters, plain = self.letters, _renamed(self.letters)
        body = found.text if found.latex else in_braces(found.text)
        for own, other in zip(letters, plain, strict=True):
            body = re.sub(rf"(?<=_){own}(?![A-Za-z])|(?<=_\{{){own}(?=\}})", other, body) if own != other else body
        letters = plain
        body = _KRONECKER.sub(lambda m: _unit(m, letters), _PIECES.sub(lambda m: _by_pieces(m, letters), body))
        absent = [i for i in letters if not re.search(rf"_\{{?[a-z,\s]*{i}", body)]
        factors = "".join(rf" \mathrm{{{ONES}{i}}}_{{{i}}}" for i in absent)
        body = f"({body}){factors}" if absent else body
        return found._replace(text=rf"\mathrm{{{EACH}}}_{{{''.join(letters)}}} = {body}", latex=True)


def _renamed(letters: Sequence[str]) -> tuple[str, ...]:
    """Letters that everybody takes for indices: the c of p_c, which may be a name, is one where it stands alone."""
    return tuple([x if x in LABEL_INDEX else FREE for x in letters])


def _by_pieces(m: re.Match[str], letters: Sequence[str]) -> str:
    """Two pieces, of which one holds where two letters are the same, as a sum with Kronecker's δ; else what stands there."""
    rows = [
        re.sub(r"\\text\{[^{}]*\}|\b(?:if|for|otherwise|else)\b", " ", row).split("&") for row in m[1].split(r"\\") if row.strip()
    ]
    if len(rows) != 2 or len(letters) != 2 or any(len(row) != 2 for row in rows):
        return m[0]
    told = [
        "".join(re.sub(r"\\quad|\\neq?(?![A-Za-z])|\\not\s*=", lambda s: "" if "quad" in s[0] else "≠", row[1]).split()).strip(".,")
        for row in rows
    ]
    same, other = [{f"{i}{sign}{j}" for i, j in permutations(letters)} for sign in "=≠"]
    unequal = next((k for k in (0, 1) if told[k] in other and told[1 - k] in {*same, ""}), None)
    equal = next((k for k in (0, 1) if told[k] in same and told[1 - k] in {*other, ""}), None)
    first = 1 - unequal if unequal is not None else equal
    if first is None:
        return m[0]
    left, right = (rows[k][0].strip(" ,;.\n") for k in (first, 1 - first))
    unit = rf"\mathrm{{{UNIT}{letters[0]}}}_{{{''.join(letters)}}}"
    return rf"({unit} ({left}) + (1 - {unit}) ({right}))"


def _unit(m: re.Match[str], letters: Collection[str]) -> str:
    i, j = m[1] or m[3], m[2] or m[4]
    known = next((x for x in (i, j) if x in letters), None)
    return m[0] if known is None else rf"\mathrm{{{UNIT}{known}}}_{{{i}{j}}}"


def with_capitals(text: str, small: Collection[str]) -> str:
    """Entries z_{ik} and rows z_i of a matrix Z by its letter, where that is no name: ``small`` are such ones."""
    pattern = r"(?<![A-Za-z\\_])(?<!_\{)([a-z])(?=_(?:\{\s*[a-z]\s*,?\s*[a-z]\s*\}|[a-z]{1,2}(?!\w)|\{\s*[a-z]\s*\}))"
    text = re.sub(pattern, lambda m: m[1].upper() if m[1] in small else m[1], text)
    return _ROW_BY_ROW.sub(r"\1(\2)_{\3\4}", text)


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


def of_entries(asked: Asked, reader: Reader, entries: Entries, one: Marked) -> Finding:
    """What is true of a formula for one entry: it is judged for all."""
    world = entries.world(asked.world)
    found = judged_text(asked._replace(world=world), entries.text(one), reader.slopes(world, one))
    if found.verdict == LAYOUT:
        return Finding("transpose", f"the indices {' and '.join(entries.letters)} are exchanged")
    own = not found.correct or UNIT in found.correct or ONES in found.correct
    return found._replace(correct="" if own else f"({found.correct})_{''.join(entries.letters)}")


def without_sum(asked: Asked, reader: Reader, one: Marked) -> Finding | None:
    """What is found of a formula with an index that nothing binds, where a sum over it makes it right, but for a number."""
    for letter in dict.fromkeys(re.findall(r"_\{?\(?([i-n])\)?\}?(?![A-Za-z])|\^\{?\(([i-n])\)", one.text)):
        i = letter[0] or letter[1]
        text = one.text if one.latex or asked.world.latex else in_braces(one.text)
        with suppress(MatcalcError):
            found = judged_text(asked._replace(effort=0), one._replace(text=rf"\sum_{{{i}}} \left( {text} \right)", latex=True),
                                reader.slopes(asked.world, one))  # fmt: skip
            if found.verdict in (RIGHT, LAYOUT, "factor", "sign"):
                more = "" if found.verdict in (RIGHT, LAYOUT) else f"; with it, {found.relation}"
                return Finding("missing-sum", f"the sum over {i} is missing{more}", correct=found.correct, got=found.got)
    return None


def for_each(name: str, body: Marked) -> tuple[str, Marked] | None:
    """``m_i = y_i w^T x_i``, a definition for each i: the array m, and a formula for all of it."""
    base, letters = indexed(name)
    if (
        not letters
        or not set(letters) <= set(LABEL_INDEX)
        or not re.search(rf"_\{{?(?:\([a-z]\)|[a-z]*{letters[0]})|\^\{{?\({letters[0]}", body.text)
    ):
        return None
    text = body.text if body.latex else in_braces(body.text)
    return base, body._replace(text=rf"\mathrm{{{EACH}}}_{{{letters}}} = {text}", latex=True)


__all__ = ["Entries", "entries_of", "for_each", "free_letters", "is_entry", "of_entries", "value_of", "without_sum"]
