"""Traces that share all but one factor are one; others stay apart."""

from __future__ import annotations

import pytest

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.normal.trace_sums import joined
from tests.laws import form, read, require_law

LAWS = [
    ("tr(A*C) + tr(B*C)", "tr(C*(A + B))"),
    ("2*s*tr(A*inv(C)) - tr(B*inv(C))", "tr(inv(C)*(2*s*A - B))"),
    ("tr(A*B*C) + tr(B*C*Q) + tr(S)", "tr(B*C*(A + Q)) + tr(S)"),
    ("s*tr(A*C) + t*tr(A*C) + 1", "(s + t)*tr(A*C) + 1"),
    ("tr(A*C) + tr(B*Q)", "tr(A*C) + tr(B*Q)"),
    ("tr(A) + tr(B)", "tr(A) + tr(B)"),
    ("tr(A*C)^2 + tr(B*C)", "tr(A*C)^2 + tr(B*C)"),
]


@pytest.mark.parametrize(("text", "want"), LAWS, ids=[text for text, _ in LAWS])
def test_laws(text: str, want: str) -> None:
    require_law(text, want)


def test_traces_cancel_where_sums_are_multiplied_out() -> None:
    assert form("tr(A*C) + tr(B*C) - tr(C*B)") == "tr(A*C)"
    n = Normalizer(expand=True)
    assert n.normal(read("tr((A + B)*C) - tr(A*C) - tr(B*C)")) is n.normal(read("0*s"))
    assert joined(n, {}) == {}
