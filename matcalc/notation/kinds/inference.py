"""From the statements of a text to the kinds of its names: tables of costs, one for each sign and each letter."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from matcalc.notation.kinds.elimination import Kinds, Solution, Table, TooLarge, solve
from matcalc.notation.kinds.letter_habits import base_of, is_word, letter_costs
from matcalc.notation.kinds.walk import ANY, KIND_OF_RANK, NEAR, RANK, SAME, Asked, Walk, names_in
from matcalc.notation.lex.syntax import Statement


class Reading(NamedTuple):
    """The kinds of names, and by how much more each other kind would cost (in tenths); ``groups`` share one kind."""

    kinds: Mapping[str, str]
    margins: Mapping[str, Mapping[str, int]]
    members: Mapping[tuple[str, int], tuple[str, str]]  # of each array: the kind of a member, and how it is written
    group: Mapping[str, str]
    usual: Mapping[str, str]  # the kind that its letter says, as it is written
    cost: int

    def member_kind(self, base: str) -> str | None:
        """The kind of x_i, by the name x."""
        return next((kind for (name, _), (kind, _) in self.members.items() if name == base), None)


NOTHING = Reading({}, {}, {}, {}, {}, 0)


def infer(text: Asked) -> Reading | None:
    """Kinds of all names, the cheapest together; None where nothing is consistent."""
    try:
        return Usual(text).reading()
    except Open:
        return searched(text)


def searched(text: Asked, fixed: Mapping[str, str] = MappingProxyType({})) -> Reading | None:
    """The same with margins, by a search; ``fixed`` are kinds of letters to be taken for granted."""
    search = Search(text, fixed)
    search.read()
    try:
        found = solve(search.tables)
    except TooLarge:
        return None
    return None if found is None else search.reading(found)


class Open(Exception):
    """The usual kinds are not the one reading that costs nothing."""


class Usual(Walk):
    """Parts are kinds: the usual ones, as long as they cost nothing and each letter has only one that is near."""

    def reading(self) -> Reading:
        """Raises ``Open``."""
        self.read()
        return Reading(self.names, {}, {}, {}, {}, 0)

    def fixed(self, kinds: str) -> str:
        if len(kinds) != 1:
            raise Open
        return kinds

    def choice(self, arguments: tuple[str, ...], costs: Mapping[Kinds, int]) -> str:
        found = _free(costs).get(arguments)
        if found is None:
            raise Open
        return found

    def same(self, a: str, b: str) -> None:
        if a != b:
            raise Open

    def prefer(self, part: str, costs: Mapping[Kinds, int]) -> None:
        if costs.get((part,), 1):
            raise Open

    def letter(self, text: str, bold: bool) -> str:
        kind = "" if text in self.defined else _only_kind(text, bold)
        if not kind:
            raise Open
        return kind

    def read(self) -> None:
        """Definitions before their uses, so that a defined name has the kind of its value."""
        waiting = [s for s in self.text.statements if not (s.parameters and s.name in self.own)]
        if any(s.letters or s.others for s in waiting):
            raise Open
        if len(waiting) == 1 and not self.own:
            return self.only(waiting[0])
        used = set(names_in(waiting))
        last: str | None = None
        while waiting:
            later = []
            for s in waiting:
                if any(n in self.defined and n not in self.names for n in names_in([s])):
                    later.append(s)
                    continue
                kind = self.of(s.body)
                if s.name is not None:
                    self.names[s.name] = kind
                if s.name is None or s.name not in used if self.text.output is None else s.name == self.text.output:
                    last = kind
            if len(later) == len(waiting):
                raise Open
            waiting = later
        if last is not None and self.text.scalar is not False and last != "s":
            raise Open

    def only(self, s: Statement) -> None:
        """A text of one statement."""
        kind = self.of(s.body)
        if s.name is not None:
            if s.name in self.names:
                raise Open
            self.names[s.name] = kind
        if self.text.scalar is not False and kind != "s":
            raise Open

    def of_array(self, part: str, base: str, indices: int) -> None:
        raise Open


class Search(Walk):
    """Parts are variables of tables of costs."""

    def __init__(self, text: Asked, taken: Mapping[str, str]) -> None:
        super().__init__(text)
        self.taken = taken
        self.tables: list[Table] = []
        self.count = 0
        self.of_group: dict[str, int] = {}
        self.usual: dict[str, str] = {}

    def fresh(self) -> int:
        self.count += 1
        return self.count

    def prefer(self, part: int, costs: Mapping[Kinds, int]) -> None:
        self.tables.append(Table((part,), costs))

    def fixed(self, kinds: str) -> int:
        v = self.fresh()
        self.prefer(v, {(k,): 0 for k in kinds})
        return v

    def inner(self, argument: int) -> int:
        return self.fixed(ANY)

    def choice(self, arguments: tuple[int, ...], costs: Mapping[Kinds, int]) -> int:
        out = self.fresh()
        variables = (*arguments, out)
        if len(set(arguments)) < len(arguments):  # a variable that stands twice: the diagonal
            kept = [variables.index(v) for v in dict.fromkeys(variables)]
            alike = [(i, variables.index(v)) for i, v in enumerate(variables)]
            costs = {tuple([k[i] for i in kept]): c for k, c in costs.items() if all(k[i] == k[j] for i, j in alike)}
            variables = tuple(dict.fromkeys(variables))
        self.tables.append(Table(variables, costs))
        return out

    def same(self, a: int, b: int) -> None:
        if a != b:
            self.tables.append(Table((a, b), SAME))

    def letter(self, text: str, bold: bool) -> int:
        """Siblings such as u_1 and u_2 share a variable; a defined name has its own."""
        self.usual[text] = min((cost, kind) for kind, cost in letter_costs(text, bold).items())[1]
        group = self.group[text] = text if text in self.defined else base_of(text)
        v = self.of_group.get(group) if text not in self.defined else None
        if v is None:
            v = self.fresh()
            if text not in self.defined:
                self.of_group[group] = v
            kinds = letter_costs(text, bold)
            if text in self.defined:
                kinds = {k: c // 4 for k, c in {**kinds, "r": kinds["c"]}.items()}
            self.prefer(v, {(k,): c for k, c in kinds.items()})
            if group in self.taken:
                self.prefer(v, {(self.taken[group],): 0})
        return v

    def of_array(self, part: int, base: str, indices: int) -> None:
        if base in self.whole and base not in self.bound:
            costs: dict[Kinds, int] = {(a, k): 0 for a in "scm" for k in "scm" if RANK[a] == indices + RANK[k]}
            self.tables.append(Table((self.name(base), part), costs))

    def reading(self, found: Solution) -> Reading:
        kinds = {n: found.kinds[v] for n, v in self.names.items()}
        margins = {n: {k: c - found.cost for k, c in found.margins[v].items()} for n, v in self.names.items()}
        members = {n: (found.kinds[v], self.tokens.get(n, "")) for n, v in self.members.items()}
        arrays = {base: KIND_OF_RANK[n + RANK[kind]] for (base, n), (kind, _) in members.items() if base not in kinds}
        return Reading({**arrays, **kinds}, margins, members, self.group, self.usual, found.cost)


@lru_cache(maxsize=4096)
def _only_kind(text: str, bold: bool) -> str:
    """The kind that the letter says, where it costs nothing and no other is near; else ``""``."""
    (first, kind), (second, _), *_ = sorted((cost, kind) for kind, cost in letter_costs(text, bold).items())
    return "" if second - first < NEAR or first or is_word(text) else kind


@lru_cache(maxsize=512)
def _free_of(costs: tuple[tuple[Kinds, int], ...]) -> Mapping[Kinds, str]:
    found: dict[Kinds, str] = {}
    for key, cost in costs:
        if not cost:
            found[key[:-1]] = key[-1] if key[:-1] not in found else ""
    return found


_FREE: dict[int, tuple[Mapping[Kinds, int], Mapping[Kinds, str]]] = {}


def _free(costs: Mapping[Kinds, int]) -> Mapping[Kinds, str]:
    """What costs nothing, by the kinds of the arguments."""
    known = _FREE.get(id(costs))
    if known is None or known[0] is not costs:
        known = costs, {k: v for k, v in _free_of(tuple(costs.items())).items() if v}
        _FREE[id(costs)] = known
    return known[1]
