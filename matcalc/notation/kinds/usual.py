"""The usual kinds of letters, as long as they are the one reading that costs nothing: what stands for the parts of a text, so that
most texts need no search."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from matcalc.notation.kinds.elimination import Kinds
from matcalc.notation.kinds.letter_habits import is_word, letter_costs
from matcalc.notation.kinds.overloads import SIGNS
from matcalc.notation.kinds.search import Reading
from matcalc.notation.kinds.walk import DOUBTFUL, NEAR, Walk
from matcalc.notation.lex import habits


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
