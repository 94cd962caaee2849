"""Definitions whose sizes do not fit: they are the fault, and what follows is judged with what they are meant to be."""

from __future__ import annotations

import pytest

import matcalc

PROBLEM = ("(A*x - b)'*(A*x - b)", "x")
REST = "f = r'*r\ndf = 2*r'*dr\ndr = A*dx\n∇f = 2*A'*r"


@pytest.mark.parametrize(("definition", "verdict", "correct"), [
    ("r = A'*x - b", "transpose", "A*x - b"), ("r = x*A - b", "wrong-order", "A*x - b"), ("r = A*x - b'", "transpose", "A*x - b"),
])  # fmt: skip
def test_the_definition_is_the_fault(definition: str, verdict: str, correct: str) -> None:
    """All lines behind it were not understood."""
    report = matcalc.check_work(f"{definition}\n{REST}", *PROBLEM, dims={"A": ("m", "n")})
    first, *rest = report.lines
    assert (report.verdict, first.finding.verdict, first.finding.correct) == (verdict, verdict, correct)
    assert [line.finding.verdict for line in rest] == ["right"] * 4


def test_a_definition_that_cannot_be_mended_is_named() -> None:
    """It was said that 'r' is not defined, or is a vector or a scalar."""
    report = matcalc.check_work(f"r = A A x - b\n{REST}", *PROBLEM, dims={"A": ("m", "n")})
    assert report.verdict == "not-understood" and "line 1, A A x - b: product: the sizes do not fit" in report.relation
    assert all("the definition of 'r' in line 1" in line.finding.relation for line in report.lines[1:])


def test_a_definition_that_fits_is_the_works_own() -> None:
    """A wrong one is no other value of the problem for that: the lines behind it say what is wrong."""
    report = matcalc.check_work(f"r = A*x + b\n{REST}", *PROBLEM, dims={"A": ("m", "n")})
    assert report.verdict not in ("right", "layout", "not-understood")
