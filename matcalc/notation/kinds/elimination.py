"""The cheapest assignment of kinds under tables of costs, and what each other kind of a variable would cost.

Variables are eliminated one by one, that with the fewest neighbours first; a pass back over the same tables gives the least cost
of each kind of each variable. Source: Dechter, Bucket elimination: a unifying framework for reasoning, Artificial Intelligence
113 (1999), section 4, with (min, +) in place of (max, ·). Tables are sparse: what they do not list is impossible.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import NamedTuple

Kinds = tuple[str, ...]
INFINITE = 10**9
LARGEST = 20_000  # entries of a table


class Table(NamedTuple):
    """Costs of the kinds of a few variables together; ``why`` says what a cost stands for."""

    variables: tuple[int, ...]
    costs: Mapping[Kinds, int]


class Solution(NamedTuple):
    """The least cost, an assignment that has it, and for each variable the least cost of all assignments with each kind."""

    cost: int
    kinds: dict[int, str]
    margins: dict[int, dict[str, int]]


class TooLarge(Exception):
    """A table of more entries than the limit."""


def solve(tables: Iterable[Table]) -> Solution | None:
    """The cheapest assignment; None where nothing is consistent. Raises ``TooLarge``."""
    buckets, constant = _eliminated(tables)
    if buckets is None:
        return None
    kinds: dict[int, str] = {}
    margins: dict[int, dict[str, int]] = {}
    beliefs: dict[int, dict[Kinds, int]] = {}
    for at, bucket in reversed(list(enumerate(buckets))):
        belief = _belief(bucket, buckets, beliefs, constant)
        beliefs[at] = belief
        kinds[bucket.variable] = _chosen(bucket, kinds)
        place = bucket.joined.variables.index(bucket.variable)
        found = margins[bucket.variable] = {}
        for key, cost in belief.items():
            if cost < found.get(key[place], INFINITE):
                found[key[place]] = cost
    return Solution(constant, kinds, margins)


class _Bucket(NamedTuple):
    """What was joined when a variable was eliminated, what was left for the others, and the bucket that took it."""

    variable: int
    joined: Table
    message: Table
    taker: list[int]  # its one entry: the place of the bucket; empty where the message is a constant


class _Pool:
    """The tables that are left, by the variables that they mention, and who made them."""

    def __init__(self) -> None:
        self.at: dict[int, dict[int, Table]] = {}  # variable -> the tables that mention it, by number
        self.degree: dict[int, int] = {}  # variable -> at most so many neighbours, counted once for each table
        self.takers: dict[int, list[int]] = {}  # number of a message -> where its bucket notes who took it
        self.numbers = count()

    def enter(self, table: Table, taker: list[int] | None = None) -> None:
        me = next(self.numbers)
        if taker is not None:
            self.takers[me] = taker
        for v in table.variables:
            self.at.setdefault(v, {})[me] = table
            self.degree[v] = self.degree.get(v, 0) + len(table.variables)

    def take(self, v: int, bucket: int) -> list[Table]:
        """All tables that mention a variable, for the bucket with this number."""
        mine = self.at.pop(v)
        del self.degree[v]
        for me, table in mine.items():
            if me in self.takers:
                self.takers[me].append(bucket)
            for other in table.variables:
                if other != v and self.at[other].pop(me, None) is not None:
                    self.degree[other] -= len(table.variables)
        return list(mine.values())


def _eliminated(tables: Iterable[Table]) -> tuple[list[_Bucket] | None, int]:
    """The buckets in the order of elimination, and the least cost."""
    pool, constant = _Pool(), 0
    for table in tables:
        if not table.costs:
            return None, 0
        if table.variables:
            pool.enter(table)
        else:
            constant += table.costs[()]
    queue = [(pool.degree[v], v) for v in pool.at]
    heapq.heapify(queue)
    buckets: list[_Bucket] = []
    while queue:
        degree, v = heapq.heappop(queue)
        if v not in pool.at:
            continue
        if (now := pool.degree[v]) > degree:
            heapq.heappush(queue, (now, v))
            continue
        joined = _joined(pool.take(v, len(buckets)))
        message = _without(joined, v)
        if not message.costs:
            return None, 0
        buckets.append(_Bucket(v, joined, message, []))
        if message.variables:
            pool.enter(message, buckets[-1].taker)
            for other in message.variables:
                heapq.heappush(queue, (pool.degree[other], other))
        else:
            constant += message.costs[()]
    return buckets, constant


def _joined(tables: Sequence[Table]) -> Table:
    """The sum of tables, over all their variables."""
    total, *others = sorted(tables, key=lambda t: len(t.costs))
    for table in others:
        total = _join(total, table)
    return total


def _join(a: Table, b: Table) -> Table:
    if len(a.variables) == 1 and a.variables[0] in b.variables:
        a, b = b, a
    if len(b.variables) == 1 and b.variables[0] in a.variables:
        place = a.variables.index(b.variables[0])
        return Table(a.variables, {k: c + b.costs[(k[place],)] for k, c in a.costs.items() if (k[place],) in b.costs})
    shared = [v for v in b.variables if v in a.variables]
    in_a, in_b = [a.variables.index(v) for v in shared], [b.variables.index(v) for v in shared]
    new = [i for i, v in enumerate(b.variables) if v not in a.variables]
    rows: dict[Kinds, list[tuple[Kinds, int]]] = {}
    for key, cost in b.costs.items():
        rows.setdefault(tuple([key[i] for i in in_b]), []).append((tuple([key[i] for i in new]), cost))
    costs: dict[Kinds, int] = {}
    for key, cost in a.costs.items():
        for more, further in rows.get(tuple([key[i] for i in in_a]), ()):
            costs[key + more] = cost + further
    if len(costs) > LARGEST:
        raise TooLarge
    return Table(a.variables + tuple([b.variables[i] for i in new]), costs)


def _without(table: Table, v: int) -> Table:
    """The least cost over the kinds of one variable."""
    place = table.variables.index(v)
    costs: dict[Kinds, int] = {}
    for key, cost in table.costs.items():
        rest = key[:place] + key[place + 1 :]
        if cost < costs.get(rest, INFINITE):
            costs[rest] = cost
    return Table(table.variables[:place] + table.variables[place + 1 :], costs)


def _chosen(bucket: _Bucket, kinds: Mapping[int, str]) -> str:
    """The cheapest kind of the bucket's variable beside the kinds of what was eliminated later; of equals the first by name."""
    variables, costs = bucket.joined
    known = [(i, kinds[v]) for i, v in enumerate(variables) if v != bucket.variable]
    place = variables.index(bucket.variable)
    return min((cost, key[place]) for key, cost in costs.items() if all(key[i] == k for i, k in known))[1]


def _belief(bucket: _Bucket, buckets: Sequence[_Bucket], beliefs: Mapping[int, dict[Kinds, int]], least: int) -> dict[Kinds, int]:
    """The least cost of everything, for each entry of what the bucket joined."""
    variables, costs = bucket.joined
    rest = bucket.message.variables
    if not bucket.taker:
        lowest = min(costs.values())
        return {key: least + cost - lowest for key, cost in costs.items()}
    above = buckets[bucket.taker[0]].joined.variables
    places = [above.index(v) for v in rest]
    outside: dict[Kinds, int] = {}
    for key, cost in beliefs[bucket.taker[0]].items():
        part = tuple([key[i] for i in places])
        if cost < outside.get(part, INFINITE):
            outside[part] = cost
    mine = [variables.index(v) for v in rest]
    found: dict[Kinds, int] = {}
    for key, cost in costs.items():
        part = tuple([key[i] for i in mine])
        if part in outside:
            found[key] = cost + outside[part] - bucket.message.costs[part]
    return found
