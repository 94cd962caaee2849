"""The cheapest kinds by a search: parts of a text are kinds where only one is possible, else variables of tables of costs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from matcalc.notation.kinds.elimination import INFINITE, Kinds, Solution, Table
from matcalc.notation.kinds.letter_habits import base_of, is_word, letter_costs
from matcalc.notation.kinds.named_functions import ANY
from matcalc.notation.kinds.overloads import SIGNS
from matcalc.notation.kinds.walk import DOUBTFUL, KIND_OF_RANK, NEAR, RANK, SAME, Asked, Walk
from matcalc.notation.lex import habits

Part = str | int  # a kind, or the number of a variable


class Reading(NamedTuple):
    """The kinds of names, and by how much more each other kind would cost (in tenths), that of members as well; ``groups``
    share one kind."""

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


class Impossible(Exception):
    """No kinds are consistent."""


class Search(Walk[Part]):
    """A kind of a part is left out where it costs more than ``most`` with the dearest part that it is made of."""

    def __init__(self, text: Asked, taken: Mapping[str, str], most: int) -> None:
        super().__init__(text)
        self.taken, self.most = taken, most
        self.tables: list[Table] = []
        self.constant = 0
        self.domains: list[dict[str, int]] = []  # of each variable: its kinds, and what each costs at least
        self.of_group: dict[str, Part] = {}
        self.usual: dict[str, str] = {}

    def part(self, domain: dict[str, int]) -> Part:
        if not domain:
            raise Impossible
        if len(domain) == 1:
            return next(iter(domain))
        self.domains.append(domain)
        return len(self.domains) - 1

    def enter(self, parts: tuple[Part, ...], costs: Mapping[Kinds, int]) -> None:
        """A table over those of the parts that are open, each once."""
        variables = tuple(dict.fromkeys([p for p in parts if p.__class__ is int]))
        if len(variables) < len(parts):
            places = [parts.index(v) for v in variables]
            known = [(i, parts.index(p)) for i, p in enumerate(parts) if p.__class__ is int and parts.index(p) != i]
            kinds = [(i, p) for i, p in enumerate(parts) if p.__class__ is str]
            costs = {
                tuple([key[i] for i in places]): cost
                for key, cost in costs.items()
                if all([key[i] == p for i, p in kinds]) and all([key[i] == key[j] for i, j in known])
            }
        if not costs:
            raise Impossible
        if variables:
            self.tables.append(Table(variables, costs))
        else:
            self.constant += costs[()]

    def prefer(self, part: Part, costs: Mapping[Kinds, int]) -> None:
        if isinstance(part, int):
            domain = self.domains[part]
            for kind in [k for k in domain if (k,) not in costs]:
                del domain[kind]
        self.enter((part,), costs)

    def fixed(self, kinds: str) -> Part:
        part = self.part(dict.fromkeys(kinds, 0))
        if isinstance(part, int):
            self.enter((part,), {(k,): 0 for k in kinds})
        return part

    def inner(self, argument: Part) -> Part:
        return self.fixed(ANY)

    def choice(self, arguments: tuple[Part, ...], costs: Mapping[Kinds, int]) -> Part:
        rows = _by_arguments(costs)
        if not any([a.__class__ is int for a in arguments]):
            fitting = [r for r in rows.get(arguments, ()) if r[1] <= self.most]  # type: ignore[arg-type]
            if len(fitting) == 1:
                self.constant += fitting[0][1]
                return fitting[0][0]
        known = [self.domains[a] if isinstance(a, int) else {a: 0} for a in arguments]
        found: dict[Kinds, int] = {}
        domain: dict[str, int] = {}
        for kinds in product(*known):
            results = rows.get(kinds)
            if results is None:
                continue
            before = max([d[k] for d, k in zip(known, kinds, strict=True)])  # not their sum: they may share letters
            for kind, cost in results:
                if before + cost <= self.most:
                    found[(*kinds, kind)] = cost
                    domain[kind] = min(domain.get(kind, INFINITE), before + cost)
        out = self.part(domain)
        self.enter((*arguments, out), found)
        return out

    def same(self, a: Part, b: Part) -> None:
        if a != b:
            self.enter((a, b), SAME)

    def letter(self, text: str, bold: bool) -> Part:
        """Siblings such as u_1 and u_2 share a variable; a defined name has its own."""
        costs = letter_costs(text, bold)
        self.usual[text] = min((cost, kind) for kind, cost in costs.items())[1]
        costs = {**costs, "r": costs["c"] + habits.ROW} if self.rows else costs
        group = self.group[text] = text if text in self.defined else base_of(text)
        if text not in self.defined and group in self.of_group:
            return self.of_group[group]
        if text in self.defined:
            costs = {k: c // 4 for k, c in {**costs, "r": costs["c"]}.items()}
            if text in habits.FUNCTION_LETTERS:  # f = …: as often a number as a vector
                costs["s"] = min(costs.values())
            if text in habits.LOSSES:
                costs = {k: 0 if k == "s" else habits.OUTPUT for k in costs}
        costs = {k: c for k, c in costs.items() if c <= self.most and self.taken.get(group, k) == k}
        part = self.part(dict(costs))
        if len(costs) == 1:
            self.constant += costs[str(part)]
        else:
            self.tables.append(Table((int(part),), {(k,): c for k, c in costs.items()}))
        if text not in self.defined:
            self.of_group[group] = part
        return part

    def of_array(self, part: Part, base: str, indices: int) -> None:
        if base in self.whole and base not in self.bound:
            costs: dict[Kinds, int] = {(a, k): 0 for a in "scm" for k in "scm" if RANK[a] == indices + RANK[k]}
            self.enter((self.name(base), part), costs)

    def labels_and_members(self) -> None:
        """``k_+`` beside the members k_i of a sum is likely one of them."""
        labelled = {group for name, group in self.group.items() if name != group}
        for (base, _), part in self.members.items():
            if base in labelled and base not in self.group:
                costs: dict[Kinds, int] = {(a, b): 0 if a == b else habits.SIBLING for a in ANY for b in ANY}
                self.enter((self.of_group[base], part), costs)

    def reading(self, found: Solution) -> Reading:
        def kind(part: Part) -> str:
            return found.kinds[part] if isinstance(part, int) else part

        def margins(part: Part) -> dict[str, int]:
            return {k: c - found.cost for k, c in found.margins[part].items()} if isinstance(part, int) else {part: 0}

        kinds = {n: kind(p) for n, p in self.names.items()}
        members = {n: (kind(p), self.tokens.get(n, "")) for n, p in self.members.items()}
        arrays = {base: KIND_OF_RANK[n + RANK[kind]] for (base, n), (kind, _) in members.items() if base not in kinds}
        found_margins = {self.tokens.get(n, ""): margins(p) for n, p in self.members.items()}
        found_margins.update({n: margins(p) for n, p in self.names.items()})
        return Reading({**arrays, **kinds}, found_margins, members, self.group, self.usual, found.cost + self.constant)


_ROWS: dict[int, tuple[Mapping[Kinds, int], Mapping[Kinds, list[tuple[str, int]]]]] = {}


def _by_arguments(costs: Mapping[Kinds, int]) -> Mapping[Kinds, list[tuple[str, int]]]:
    """What the rows give, with its cost, by the kinds of the arguments."""
    known = _ROWS.get(id(costs))
    if known is None or known[0] is not costs:
        rows: dict[Kinds, list[tuple[str, int]]] = {}
        for key, cost in costs.items():
            rows.setdefault(key[:-1], []).append((key[-1], cost))
        known = _ROWS[id(costs)] = costs, rows
    return known[1]


# The usual kinds of letters, as long as they are the one reading that costs nothing: what stands for the parts of a text, so that


class Open(Exception):
    """The usual kinds are not the one reading that costs nothing."""


class Usual(Walk[str]):
    """Parts are kinds: the usual ones, as long as they cost nothing and each letter has only one that is near."""

    gap = habits.OUTPUT + NEAR  # by how much at least another kind of a letter would cost more

    def reading(self) -> Reading:
        """What was found."""
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
