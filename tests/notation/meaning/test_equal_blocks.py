"""Blocks of which only the sum is known: equal where it is a multiple of their number, and said so."""

from __future__ import annotations

import re

import pytest

from matcalc.api import read_problem
from matcalc.expr.dims import Dim, atoms

TEXT = "u'*tanh(W*[x1; x2; x3])"
NAMES = ("x1", "x2", "x3")


def rows(text: str, **dims: tuple[Dim, ...]) -> tuple[list[Dim], tuple[str, ...]]:
    found = read_problem(text, dims)
    return [found.dims[n][0] for n in NAMES], found.warnings


def test_three_blocks_of_three_times_d() -> None:
    found, warnings = rows(TEXT, W=("n", "3*d"))
    assert found == ["d", "d", "d"]
    (said,) = (w for w in warnings if "assumed" in w)
    assert "x1, x2, x3 have 3·d rows together, and d each is assumed" in said


def test_the_hint_of_the_notice_works() -> None:
    _, warnings = rows(TEXT, W=("n", "3*d"))
    (hint,) = re.findall(r"--dim (\w+)=(\w+)", " ".join(warnings))
    found, warnings = rows(TEXT, W=("n", "3*d"), **{hint[0]: (hint[1],)})
    assert found[0] == hint[1] and found[1] != "d" and not any("assumed" in w for w in warnings)


def test_what_is_declared_counts() -> None:
    assert rows(TEXT, W=("n", "3*d"), x2=("d",))[0] == ["d", "d", "d"]
    assert rows("u'*tanh(W*[x1; x2; x3; q])", W=("n", "3*d+k"), q=("k",))[0] == ["d", "d", "d"]


@pytest.mark.parametrize("columns", [9, "2*d", "3*d+1", "d", "d*k"])
def test_nothing_is_guessed_where_nothing_is_said(columns: Dim) -> None:
    """9 rows may be 2 + 3 + 4, and d rows say nothing of three blocks."""
    found, warnings = rows(TEXT, W=("n", columns))
    assert len(set(found)) == 3 and all(atoms(d) for d in found) and not any("assumed" in w for w in warnings)


def test_blocks_that_something_else_ties() -> None:
    """Also [x1; x2; y] has 3·d rows together: that is another equation for the same sizes."""
    found, _ = rows(TEXT + " + v'*V*[x1; x2; y] + x3'*x3", W=("n", "3*d"), V=("m", "p"), y=("k",))
    assert found[0] != "d"


def test_columns_of_matrices() -> None:
    found = read_problem("sum((W*[A, B]').^2)", {"W": ("n", "2*d")})
    assert found.dims["A"][1] == found.dims["B"][1] == "d" and any("columns together" in w for w in found.warnings)
