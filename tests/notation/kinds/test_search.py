"""The search for the cheapest kinds, with what other kinds would cost."""

from __future__ import annotations

from itertools import product

import pytest

from matcalc.notation.kinds.inference import searched
from matcalc.notation.kinds.search import Impossible, Search
from matcalc.notation.kinds.walk import Asked
from matcalc.notation.parse.statements import Names, read


def asked(text: str, scalar: bool | None = True) -> Asked:
    return Asked(read(text, Names()).statements, {}, frozenset(), scalar)


def test_what_is_taken_for_granted() -> None:
    free, forced = (searched(asked("d*x", False), {"d": kind}) for kind in "sc")
    assert free is not None and forced is not None
    assert (free.kinds["d"], forced.kinds["d"]) == ("s", "c") and forced.cost > free.cost


TEXTS = ["x'*A*x + b", "a*x", "norm2(X*beta - y)^2 + c*norm2(beta)^2", "tr(A*Sigma) + m'*A*m", "x'*x", "exp(t*a) .* b"]


@pytest.mark.parametrize("text", TEXTS)
def test_against_all_assignments(text: str) -> None:
    """The least cost, and that of each kind of each letter, as trying all kinds of all letters finds them."""
    found = searched(asked(text, None))
    assert found is not None
    letters = list(found.group)
    costs: dict[tuple[str, ...], int] = {}
    for kinds in product("scm", repeat=len(letters)):
        one = searched(asked(text, None), {found.group[n]: k for n, k in zip(letters, kinds, strict=True)})
        if one is not None:
            costs[kinds] = one.cost
    assert found.cost == min(costs.values())
    for i, name in enumerate(letters):
        least = {k: min([c for kinds, c in costs.items() if kinds[i] == k], default=None) for k in "scm"}
        assert {k: found.margins[name].get(k) for k in "scm"} == {k: c if c is None else c - found.cost for k, c in least.items()}


def test_dear_kinds_are_left_out() -> None:
    assert searched(asked("x'*A*x"), {"A": "s"}, most=10) is None
    few = searched(asked("x'*A*x"), most=10)
    assert few is not None and few.margins == {"x": {"c": 0}, "A": {"m": 0}} and few.cost == 0


def test_parts_of_one_kind_are_no_variables() -> None:
    search = Search(asked("x'*A*x"), {}, 10)
    search.read()
    assert search.tables == [] and search.constant == 0
    assert search.fixed("s") == "s" and isinstance(search.fixed("sc"), int)
    with pytest.raises(Impossible):
        search.same("s", "c")
    with pytest.raises(Impossible):
        search.prefer("s", {("c",): 0})
    both = search.fixed("sc")
    search.same(both, "c")
    assert search.tables[-1].costs == {("c",): 0}


def test_beside_a_declared_row_vectors_may_be_rows() -> None:
    text = asked("h*W + b", None)
    beside = searched(text._replace(declared={"h": "r"}))
    assert beside is not None and {n: beside.kinds[n] for n in "Wb"} == {"W": "m", "b": "r"}
    without = searched(text)
    assert without is not None and "r" not in {k for m in without.margins.values() for k in m}
