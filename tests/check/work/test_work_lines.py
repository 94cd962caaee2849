"""Which line of a derivation is wrong first."""

from __future__ import annotations

import pytest

import matcalc

PROBLEM = ("norm2(A*x - b)^2", "x")


def lines(work: str) -> list[tuple[int, str]]:
    return [(line.line, line.finding.verdict) for line in matcalc.check_work(work, *PROBLEM).lines]


def test_names_differentials_and_gradients() -> None:
    work = "r = A*x - b\nf = r'*r\ndf = 2*r'*dr\ndr = A*dx\ndf/dr = 2*r\ndf/dx = 2*A'*r"
    assert lines(work) == [(k, "right") for k in range(6)]


@pytest.mark.parametrize(
    ("work", "first"),
    [
        ("r = A*x - b\ndf = r'*dr\ndf/dx = 2*A'*r", 1),
        ("r = A*x - b\ndr = A'*dx\ndf = 2*r'*dr\ndf/dx = 2*A'*r", 1),
        ("f = x'*A'*A*x - b'*A*x + b'*b\ndf/dx = 2*A'*(A*x - b)", 0),
        ("r = A*x - b\ndf/dx = 2*A'*r = 2*A'*A*x - A'*b", 1),
        ("r = A*x - b\nf = r'*r\ndf/dx = A'*r", 2),
    ],
)
def test_the_first_wrong_line(work: str, first: int) -> None:
    assert matcalc.check_work(work, *PROBLEM).first_wrong == first


def test_a_line_that_is_not_understood_is_no_right_line() -> None:
    report = matcalc.check_work("r = A*x - b\ndf/dx = frobnicate(q)", *PROBLEM)
    assert report.verdict == "not-understood" and report.lines[-1].finding.verdict == "not-understood"


def test_work_without_the_derivative_is_not_called_right() -> None:
    report = matcalc.check_work("r = A*x - b\nf = r'*r", *PROBLEM)
    assert (report.verdict, report.first_wrong) == ("not-understood", None)


@pytest.mark.parametrize(
    ("said", "answer", "verdict"),
    [
        ("u^T diag(f'(z))", "d'*x'", "right"),  # the lecture's row
        ("u .* f'(z)", "d*x'", "right"),
        ("u^T diag(f'(z))", "2*d'*x'", "factor"),
    ],
)
def test_a_name_is_laid_out_as_its_line_says(said: str, answer: str, verdict: str) -> None:
    work = f"d = d(s)/d(z) = {said}\nd(s)/d(W) = {answer}"
    report = matcalc.check_work(work, "s = u^T h; h = f(z); z = W x + b", "W")
    assert report.lines[-1].finding.verdict == verdict, report.lines
    assert (report.verdict == "right") == (verdict == "right")


@pytest.mark.slow
def test_work_that_is_wrong_all_over_is_wrong_to_the_end() -> None:
    lines = [f"ds/dx = {k}*A'*r + {k + 1}*x" for k in range(3, 33)]
    report = matcalc.check_work("r = A*x - b\n" + "\n".join(lines), "s = norm2(A*x - b)^2", "x")
    assert report.first_wrong == 1 and sum(x.finding.verdict not in ("right", "layout") for x in report.lines) == len(lines)
