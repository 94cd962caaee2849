"""The cheapest assignment and all margins, against every assignment tried one by one."""

from __future__ import annotations

import random
from itertools import product

import pytest

from matcalc.notation.kinds import elimination
from matcalc.notation.kinds.elimination import Table, TooLarge, _Pool, solve

KINDS = "scm"


def by_trying(tables: list[Table], variables: list[int]) -> tuple[int, dict[int, dict[str, int]]] | None:
    """The least cost, and the least for each kind of each variable."""
    best: int | None = None
    margins: dict[int, dict[str, int]] = {v: {} for v in variables}
    for kinds in product(KINDS, repeat=len(variables)):
        given = dict(zip(variables, kinds, strict=True))
        costs = [t.costs.get(tuple(given[v] for v in t.variables)) for t in tables]
        if None in costs:
            continue
        total = sum(c for c in costs if c is not None)
        best = total if best is None else min(best, total)
        for v, kind in given.items():
            margins[v][kind] = min(total, margins[v].get(kind, total))
    return None if best is None else (best, margins)


@pytest.mark.parametrize("seed", range(60))
def test_what_is_found_is_what_trying_finds(seed: int) -> None:
    rng = random.Random(seed)
    variables = list(range(1, rng.randint(2, 7)))
    tables = [Table((v,), {(k,): rng.randint(0, 9) for k in KINDS if rng.random() < 0.9} or {("s",): 0}) for v in variables]
    for _ in range(rng.randint(1, 6)):
        chosen = tuple(rng.sample(variables, min(len(variables), rng.randint(1, 3))))
        costs = {k: rng.randint(0, 30) for k in product(KINDS, repeat=len(chosen)) if rng.random() < 0.6}
        tables.append(Table(chosen, costs or {("s",) * len(chosen): 1}))
    rng.shuffle(tables)
    found, tried = solve(tables), by_trying(tables, variables)
    if tried is None:
        assert found is None
        return
    assert found is not None and found.cost == tried[0]
    assert {v: dict(m) for v, m in found.margins.items()} == tried[1]
    costs = [t.costs[tuple(found.kinds[v] for v in t.variables)] for t in tables]
    assert sum(costs) == found.cost


def test_nothing_fits() -> None:
    assert solve([Table((1,), {("s",): 0}), Table((1,), {("c",): 0})]) is None
    assert solve([Table((1,), {})]) is None


def test_parts_that_have_nothing_to_do_with_each_other_add_up() -> None:
    found = solve([Table((1,), {("s",): 3, ("c",): 5}), Table((2,), {("m",): 4})])
    assert found is not None and (found.cost, found.kinds) == (7, {1: "s", 2: "m"})
    assert found.margins[1] == {"s": 7, "c": 9}


def test_a_chain_is_linear_and_a_table_that_grows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    alike = {(a, b): 0 if a == b else 7 for a in KINDS for b in KINDS}
    chain = [Table((i, i + 1), alike) for i in range(1, 2000)]
    found = solve([*chain, Table((1,), {("m",): 1}), Table((2000,), {("s",): 2, ("m",): 4})])
    assert found is not None and found.cost == 5 and set(found.kinds.values()) == {"m"}
    monkeypatch.setattr(elimination, "LARGEST", 20)
    with pytest.raises(TooLarge):
        solve([Table((i, j), alike) for i in range(1, 6) for j in range(i + 1, 6)])


def test_degrees_are_those_of_the_tables_that_are_left() -> None:
    """They are kept while tables come and go: counted anew for each, a name in 10,000 places took seconds."""
    rng, pool = random.Random(0), _Pool()
    for _ in range(60):
        if pool.at and rng.random() < 0.4:
            pool.take(rng.choice(list(pool.at)), 0)
        else:
            pool.enter(Table(tuple(rng.sample(range(9), rng.randint(1, 3))), {}))
        assert {v: pool.degree[v] for v in pool.at} == {
            v: sum(len(t.variables) for t in own.values()) for v, own in pool.at.items()
        }
