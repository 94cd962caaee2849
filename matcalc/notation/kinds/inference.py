"""From the statements of a text to the kinds of its names: tables of costs, one for each sign and each letter."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from matcalc.notation.kinds.elimination import Kinds
from matcalc.notation.kinds.letter_habits import is_word, letter_costs
from matcalc.notation.kinds.overloads import SIGNS
from matcalc.notation.kinds.search import Reading, searched
from matcalc.notation.kinds.walk import DOUBTFUL, NEAR, Asked, Walk, names_in
from matcalc.notation.lex import habits
from matcalc.notation.lex.syntax import Statement


def infer(text: Asked) -> Reading | None:
    """Kinds of all names, the cheapest together; None where nothing is consistent."""
    try:
        return Usual(text).reading()
    except Open:
        for most in LEVELS:
            found = searched(text, most=most)
            if found is not None and found.cost + NEAR <= most + 1:  # with all that is near
                return found
        return searched(text)


LEVELS = 19, 29  # tenths: readings that are looked for first


class Open(Exception):
    """The usual kinds are not the one reading that costs nothing."""


class Usual(Walk[str]):
    """Parts are kinds: the usual ones, as long as they cost nothing and each letter has only one that is near."""

    gap = habits.OUTPUT + NEAR  # by how much at least another kind of a letter would cost more

    def reading(self) -> Reading:
        """Raises ``Open``."""
        self.read()
        raised = {n: (p, self.tokens[n]) for n, p in self.members.items() if "^" in self.tokens.get(n, "")}  # y^{(i)}
        return Reading(self.names, {}, raised, {}, {}, 0)

    def fixed(self, kinds: str) -> str:
        if len(kinds) != 1:
            raise Open
        return kinds

    def choice(self, arguments: tuple[str, ...], costs: Mapping[Kinds, int]) -> str:
        found = _free(costs).get(arguments)
        if found is None:
            raise Open
        return found

    def binary(self, sign: str, a: str, b: str) -> str:
        found = FREE_SIGNS[sign].get((a, b))
        if found is None or (sign == "np+" and self.gap < DOUBTFUL and found != "s"):
            raise Open
        return found

    def same(self, a: str, b: str) -> None:
        if a != b:
            raise Open

    def prefer(self, part: str, costs: Mapping[Kinds, int]) -> None:
        if costs.get((part,), 1):
            raise Open

    def letter(self, text: str, bold: bool) -> str:
        kind, gap = ("", 0) if text in self.defined else _only_kind(text, bold)
        if not kind:
            raise Open
        self.gap = min(self.gap, gap, habits.ROW) if self.rows else min(self.gap, gap)
        return kind

    def read(self) -> None:
        """Definitions before their uses, so that a defined name has the kind of its value."""
        statements = [s for s in self.text.statements if not (s.parameters and s.name in self.own)]
        if any(s.letters or s.others for s in statements):
            raise Open
        if len(statements) == 1 and not self.own:
            return self.only(statements[0])
        waiting = [(s, self.defined.intersection(names_in((s,)))) for s in statements]
        used = {n for _, needs in waiting for n in needs}
        last: tuple[str, str | None] | None = None
        while waiting:
            later = []
            for s, needs in waiting:
                if not needs <= self.names.keys():
                    later.append((s, needs))
                    continue
                kind = self.of(s.body)
                if s.name is not None:
                    self.names[s.name] = kind
                if s.name is None or s.name not in used if self.text.output is None else s.name == self.text.output:
                    last = kind, s.name
            if len(later) == len(waiting):
                raise Open
            waiting = later
        if last is not None:
            self.end(*last)

    def end(self, kind: str, name: str | None) -> None:
        """An output that is no scalar costs something: no other reading may be near for all that."""
        if kind == "s" or self.text.scalar is False:
            return
        if self.text.scalar or self.gap < habits.OUTPUT + NEAR or name in habits.LOSSES:
            raise Open

    def only(self, s: Statement) -> None:
        """A text of one statement."""
        kind = self.of(s.body)
        if s.name is not None:
            if s.name in self.names:
                raise Open
            self.names[s.name] = kind
        self.end(kind, s.name)

    def of_array(self, part: str, base: str, indices: int) -> None:
        raise Open


@lru_cache(maxsize=4096)
def _only_kind(text: str, bold: bool) -> tuple[str, int]:
    """The kind that the letter says, where it costs nothing and no other is near, else ``""``; and how far the next is."""
    (first, kind), (second, _), *_ = sorted((cost, kind) for kind, cost in letter_costs(text, bold).items())
    return "" if second - first < NEAR or first or is_word(text) else kind, second - first


@lru_cache(maxsize=512)
def _free_of(costs: tuple[tuple[Kinds, int], ...]) -> Mapping[Kinds, str]:
    found: dict[Kinds, str] = {}
    for key, cost in costs:
        if not cost:
            found[key[:-1]] = key[-1] if key[:-1] not in found else ""
    return found


FREE_SIGNS = {sign: {k: v for k, v in _free_of(tuple(costs.items())).items() if v} for sign, costs in SIGNS.items()}
_FREE: dict[int, tuple[Mapping[Kinds, int], Mapping[Kinds, str]]] = {}


def _free(costs: Mapping[Kinds, int]) -> Mapping[Kinds, str]:
    """What costs nothing, by the kinds of the arguments."""
    known = _FREE.get(id(costs))
    if known is None or known[0] is not costs:
        known = costs, {k: v for k, v in _free_of(tuple(costs.items())).items() if v}
        _FREE[id(costs)] = known
    return known[1]
