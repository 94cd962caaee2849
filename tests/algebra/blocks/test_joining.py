"""Paddings in a sum become one block."""

from __future__ import annotations

import pytest

from matcalc.algebra.normal.normal_form import Normalizer
from tests.block_forms import read, require_one_form

LAWS = [
    ("padrows(x, 1, n+p) + padrows(z, n+1, n+p)", "[x; z]"),
    ("padrows(x, 2, 9) + 3*padrows(w, 2, 9)", "padrows(x + 3*w, 2, 9)"),
    ("padrows(x, 2, 2*n+1) + padrows(w, n+2, 2*n+1)", "padrows([x; w], 2, 2*n+1)"),
    ("padrows(A, 1, m+p)' + padrows(B, m+1, m+p)'", "[A; B]'"),
    ("padrows(x, 1, n+p) - padrows(x, 1, n+p)", "zeros(n+p)"),
    ("padrows(x, 1, 9) + padrows(z, n+2, 9)", "padrows(z, n+2, 9) + padrows(x, 1, 9)"),
]


@pytest.mark.parametrize(("left", "right"), LAWS)
def test_laws(left: str, right: str) -> None:
    require_one_form(left, right)


def test_blocks_with_a_gap_stay_two() -> None:
    """x in rows 1 to n, z from row n+2 on: between them is a zero."""
    n = Normalizer().normal(read("padrows(x, 1, n+p+1) + padrows(z, n+2, n+p+1)"))
    assert n.op == "add" and [a.op for a in n.args] == ["padrows", "padrows"]
