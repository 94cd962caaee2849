"""The table of the two passes: every line a line of the derivation, counts as people write them, in the width that there is."""

from __future__ import annotations

import re

import pytest

import matcalc
from matcalc.expr.dims import add, mul
from matcalc.expr.errors import UsageError
from matcalc.printers.pass_table import count_text, to_text
from matcalc.printers.text import columns


def test_numbered_lines_are_those_of_the_derivation() -> None:
    d = matcalc.derive("s = u^T f(W x + b)")
    text = to_text(d.passes())
    numbered = re.findall(r"^ +(\d+)  (.*?)  +\[", text, re.M)
    assert [int(i) for i, _ in numbered] == list(range(1, 10))
    lines = {f"{left} = {s.rhs.text}" for s in d.steps for left in (s.lhs.text, f"δ = {s.lhs._replace(names={}).text}")}
    assert {line for _, line in numbered} <= lines and "5  δ = ∂s/∂z = (u ∘ f′(z))ᵀ" in text
    assert "Kept for the backward pass: u [n], W [n×m], x [m], df, z [n], h [n]" in text
    assert "together m n + m + 3 n numbers" in text


def test_counts() -> None:
    assert count_text(add(mul(2, mul("m", mul("m", "n"))), 12345)) == "2 m² n + 12,345"
    assert count_text(1234567) == "1,234,567" and count_text("n") == "n"


@pytest.mark.parametrize("width", [40, 60, 200])
def test_no_wider_than_it_may_be(width: int) -> None:
    d = matcalc.derive("J = -y'*log(softmax(W2*tanh(W1*x+b1)+b2))", check=False)
    assert max(map(columns, to_text(d.passes(), width).splitlines())) <= width


def test_times_only_where_asked_and_possible() -> None:
    d = matcalc.derive("x'*A*x", wrt="x", dims={"A": (4, 4)})
    assert "Measured" not in to_text(d.passes()) and "Measured here" in to_text(d.passes(measured=True))
    assert "Measured" not in to_text(matcalc.derive("x'*A*x", wrt="x").passes(measured=True))


def test_other_derivatives_have_no_passes() -> None:
    for options in ({"kind": "hessian"}, {"style": "differential"}, {"layout": "numerator"}):
        with pytest.raises(UsageError, match="only gradients by backpropagation have two passes"):
            matcalc.derive("x'*A*x", wrt="x", **options).passes()
